-- The contacts of one workspace, in plain tables: both hosts beside this file keep theirs so.
--
-- What a call of the contract needs at once stands together; nothing is packed, and nothing is counted
-- beforehand. Texts are compared byte by byte. Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE IF NOT EXISTS contacts (
  -- Never given twice, also after the contact is deleted.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  active INTEGER NOT NULL,
  -- JSON: name of the field to its value. What is empty is left out.
  fields TEXT NOT NULL,
  -- The address in the form in which addresses are compared.
  match_key TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS contacts_by_match_key ON contacts (match_key) WHERE match_key IS NOT NULL;

CREATE TABLE IF NOT EXISTS links (
  -- Never given twice: a round knows by it which links are older than itself.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  object_id TEXT NOT NULL,
  contact INTEGER NOT NULL REFERENCES contacts (id),
  -- JSON, as `contacts.fields`: the directory's values at the last reconciliation.
  base TEXT NOT NULL,
  UNIQUE (source, object_id),
  UNIQUE (contact, source)
) STRICT;

-- Whose a contact was until the link was taken away, while it has no other.
CREATE TABLE IF NOT EXISTS former_links (
  contact INTEGER NOT NULL REFERENCES contacts (id),
  source TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (contact, source)
) STRICT;
CREATE INDEX IF NOT EXISTS former_links_by_user ON former_links (source, object_id);

-- Whose contacts others wrote than their own connection, each once, by the number of the last such write, which is
-- never given twice. The triggers see to it whoever writes: another connection, or a program of the platform.
CREATE TABLE IF NOT EXISTS edits (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  object_id TEXT NOT NULL,
  UNIQUE (source, object_id)
) STRICT;

-- One row: the connection whose commit is being written; between commits none.
CREATE TABLE IF NOT EXISTS writer (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  source TEXT
) STRICT;
INSERT INTO writer (one) VALUES (1) ON CONFLICT DO NOTHING;

CREATE TRIGGER IF NOT EXISTS contact_edited AFTER UPDATE ON contacts BEGIN
  INSERT OR REPLACE INTO edits (source, object_id) SELECT source, object_id FROM links
    WHERE contact = NEW.id AND source IS NOT (SELECT source FROM writer);
END;
CREATE TRIGGER IF NOT EXISTS link_made AFTER INSERT ON links WHEN NEW.source IS NOT (SELECT source FROM writer) BEGIN
  INSERT OR REPLACE INTO edits (source, object_id) VALUES (NEW.source, NEW.object_id);
END;
CREATE TRIGGER IF NOT EXISTS link_gone AFTER DELETE ON links WHEN OLD.source IS NOT (SELECT source FROM writer) BEGIN
  INSERT OR REPLACE INTO edits (source, object_id) VALUES (OLD.source, OLD.object_id);
END;

CREATE TABLE IF NOT EXISTS lists (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The name in the form in which names of lists are compared.
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  -- The user from whose change the spelling is, and the run: while it goes on, a smaller user may change it.
  named_by TEXT,
  named_in TEXT
) STRICT;

-- Which connection put a contact on which list.
CREATE TABLE IF NOT EXISTS memberships (
  contact INTEGER NOT NULL REFERENCES contacts (id),
  source TEXT NOT NULL,
  list INTEGER NOT NULL REFERENCES lists (id),
  PRIMARY KEY (contact, source, list)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  run TEXT,
  at_ms INTEGER NOT NULL,
  object_id TEXT NOT NULL,
  contact INTEGER NOT NULL,
  effect TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- JSON: `tag` and `val`.
  evidence TEXT,
  version INTEGER NOT NULL,
  -- JSON: what the change replaced, enough to take it back.
  replaced TEXT NOT NULL,
  -- Of a contact that was deleted, for whoever asks by its address.
  match_key TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS journal_by_run ON journal (run, source, object_id);
CREATE INDEX IF NOT EXISTS journal_by_user ON journal (source, object_id);
CREATE INDEX IF NOT EXISTS journal_by_contact ON journal (contact);
CREATE INDEX IF NOT EXISTS journal_by_match_key ON journal (match_key) WHERE match_key IS NOT NULL;

CREATE TABLE IF NOT EXISTS notes (
  source TEXT NOT NULL,
  object_id TEXT NOT NULL,
  -- A keyed hash of the address: whoever knows it finds the note, and nobody reads it there.
  address BLOB,
  contact TEXT,
  reason TEXT NOT NULL,
  run TEXT,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (source, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notes_by_address ON notes (address) WHERE address IS NOT NULL;
CREATE INDEX IF NOT EXISTS notes_by_contact ON notes (contact) WHERE contact IS NOT NULL;

CREATE TABLE IF NOT EXISTS rounds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The youngest link when the round was opened, and how many there were.
  last_link INTEGER NOT NULL,
  known_links INTEGER NOT NULL,
  UNIQUE (source, name)
) STRICT;

CREATE TABLE IF NOT EXISTS sightings (
  round INTEGER NOT NULL REFERENCES rounds (id),
  link INTEGER NOT NULL,
  PRIMARY KEY (round, link)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS state (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of one in the making: none.
  digest TEXT,
  -- JSON: what the command printed.
  summary TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS plan_entries (
  plan INTEGER NOT NULL REFERENCES plans (id),
  object_id TEXT NOT NULL,
  effect TEXT NOT NULL,
  reason TEXT NOT NULL,
  contact TEXT,
  version INTEGER,
  -- JSON: fields, lists and evidence.
  detail TEXT NOT NULL,
  PRIMARY KEY (plan, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS plan_entries_by_link ON plan_entries (plan, contact) WHERE effect = 'link';

-- How lists that a plan would make are spelt.
CREATE TABLE IF NOT EXISTS plan_lists (
  plan INTEGER NOT NULL REFERENCES plans (id),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  named_by TEXT NOT NULL,
  PRIMARY KEY (plan, key)
) STRICT, WITHOUT ROWID;

-- One row: who may write. The token counts up with every holder.
CREATE TABLE IF NOT EXISTS lease (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  token INTEGER NOT NULL,
  task TEXT,
  process INTEGER,
  machine TEXT,
  since_ms INTEGER,
  expires_at_ms INTEGER
) STRICT;
INSERT INTO lease (one, token) VALUES (1, 0) ON CONFLICT DO NOTHING;

-- The configuration document, and the key of the hashes in `notes`.
CREATE TABLE IF NOT EXISTS settings (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO settings (name, value) VALUES ('address-key', randomblob(32)) ON CONFLICT DO NOTHING;
