-- Plans are kept by their digest, and what each run changed is kept with what it replaced.

DROP TABLE plan;
DROP INDEX plan_changes;
DROP INDEX plan_claims;
DROP TABLE plan_entries;

-- AUTOINCREMENT: entries that are being read must not become another plan's.
CREATE TABLE plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Null while the plan is in the making; then unique.
    digest TEXT UNIQUE,
    mode TEXT,
    created_at_ms INTEGER,
    summary TEXT
) STRICT;

-- detail: JSON of what has no column, null where there is nothing.
CREATE TABLE plan_entries (
    plan_id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    object_id TEXT NOT NULL,
    effect TEXT NOT NULL,
    reason TEXT NOT NULL,
    contact_id TEXT,
    version INTEGER,
    detail TEXT,
    PRIMARY KEY (plan_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_changes ON plan_entries (plan_id, object_id)
    WHERE effect NOT IN ('unchanged', 'skip');
CREATE INDEX plan_claims ON plan_entries (plan_id, contact_id) WHERE effect = 'link';

-- The connector's names of its runs, once each.
CREATE TABLE run_names (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    began_ms INTEGER NOT NULL
) STRICT;

-- Every change that was applied. before: JSON of what it replaced, null where it replaced nothing.
-- A first sync writes an entry for everybody, so there is no foreign key to look up and no index in
-- the order of object ids, except for the few entries that are no creation.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL,
    run_id INTEGER,
    at_ms INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    effect TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT,
    version INTEGER NOT NULL,
    before TEXT,
    -- Of a deleted contact: its address, hashed like that of a note.
    address BLOB
) STRICT;
CREATE INDEX journal_by_address ON journal (address) WHERE address IS NOT NULL;
CREATE INDEX journal_by_run ON journal (run_id);
CREATE INDEX journal_by_user ON journal (object_id, number) WHERE effect <> 'create';
CREATE INDEX journal_by_contact ON journal (contact_id, number);

-- Why a user led to no change. The address is kept as a keyed hash: people who are out of scope leave
-- no address here, and whoever knows theirs finds the note.
CREATE TABLE notes (
    object_id TEXT NOT NULL PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    address BLOB,
    contact_id TEXT,
    reason TEXT NOT NULL,
    run_id INTEGER REFERENCES run_names (id) ON DELETE SET NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notes_by_address ON notes (address) WHERE address IS NOT NULL;
CREATE INDEX notes_by_contact ON notes (contact_id) WHERE contact_id IS NOT NULL;

-- The key of the hashes.
INSERT INTO settings (name, value) VALUES ('address-key', lower(hex(randomblob(32))));

-- To whom a contact without a link was linked last. An address must not hand it to somebody else.
CREATE TABLE former_links (
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    object_id TEXT NOT NULL,
    PRIMARY KEY (contact_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX former_links_by_object_id ON former_links (source_id, object_id);

-- Who works on the contacts. The token only counts up.
CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token INTEGER NOT NULL,
    -- Null once it was released.
    task TEXT,
    process INTEGER,
    machine TEXT,
    since_ms INTEGER,
    expires_at_ms INTEGER
) STRICT;
INSERT INTO lease (id, token) VALUES (1, 0);
