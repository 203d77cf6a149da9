-- The schema. Files of earlier versions are rewritten into it, see `migration`.
--
-- What a first sync writes for everybody has no foreign keys and no indexes in the order of object ids or
-- addresses: `writing.rs` deletes what hangs on a contact, and `levels.rs` keeps the indexes.

-- "ECST". Tells this store's file from any other SQLite database.
PRAGMA application_id = 0x45435354;

-- Connections that put links and memberships here. Row 0 is no connection: it stands for people
-- and other programs, and no source can be named like it, because a source is never empty.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO sources (id, name) VALUES (0, '');

-- The last number that was given out, of what is counted up and never comes back.
CREATE TABLE sequences (
    name TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sequences (name, last) VALUES ('link', 0), ('journal', 0);

-- AUTOINCREMENT: an id is never given to another contact, not even after a deletion; with a version
-- that only counts up, no (id, version) can ever mean two states.
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL DEFAULT 1,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Which fields hold a value, one bit each: described fields by their place in the table of
    -- fields, custom fields from bit 16 on.
    filled INTEGER NOT NULL,
    -- The link of the contact: of several that with the smallest source, the others are in `links`.
    source_id INTEGER,
    -- 16 bytes where it is a UUID, else its text.
    object_id ANY,
    -- The number of the link. It says which links existed when a round was opened.
    link INTEGER,
    -- A JSON object, field to value; null while it is what the fields hold.
    base TEXT,
    first_name TEXT,
    last_name TEXT,
    display_name TEXT,
    email TEXT,
    mobile_phone TEXT,
    company TEXT,
    job_title TEXT,
    department TEXT,
    office_location TEXT,
    contact_name TEXT,
    phone_number TEXT,
    "group" TEXT,
    -- The mark of the connection whose link stands here, 16 bytes, and the version of the contact that has
    -- it. Another version has none.
    mark BLOB,
    marked INTEGER
) STRICT;
-- Active contacts by the set of fields they hold, then by id: whom a class of the tallies counts. A
-- first sync appends to a few dozen ends of it.
CREATE INDEX contacts_by_class ON contacts (filled) WHERE active = 1;

-- Further links of a contact that several connections have.
CREATE TABLE links (
    contact_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    object_id ANY NOT NULL,
    link INTEGER NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (contact_id, source_id)
) STRICT, WITHOUT ROWID;

-- Every link by its user, in three levels.
CREATE TABLE objects_0 (
    source_id INTEGER NOT NULL,
    object_id ANY NOT NULL,
    contact_id INTEGER NOT NULL,
    link INTEGER NOT NULL,
    PRIMARY KEY (source_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE objects_1 (
    source_id INTEGER NOT NULL,
    object_id ANY NOT NULL,
    contact_id INTEGER NOT NULL,
    link INTEGER NOT NULL,
    PRIMARY KEY (source_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE objects_2 (
    source_id INTEGER NOT NULL,
    object_id ANY NOT NULL,
    contact_id INTEGER NOT NULL,
    link INTEGER NOT NULL,
    PRIMARY KEY (source_id, object_id)
) STRICT, WITHOUT ROWID;

-- Every contact that has an address, by the hash of the address, in three levels.
CREATE TABLE addresses_0 (
    hash INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (hash, contact_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE addresses_1 (
    hash INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (hash, contact_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE addresses_2 (
    hash INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (hash, contact_id)
) STRICT, WITHOUT ROWID;

-- Labels of custom fields, made on first use. The bit of a field in contacts.filled is 16 + id.
CREATE TABLE custom_fields (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 46),
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE custom_values (
    contact_id INTEGER NOT NULL,
    field_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (contact_id, field_id)
) STRICT, WITHOUT ROWID;

-- A list is known by its key, and told by its name. named_by, named_in: the user whom the connector put
-- there with this spelling, and in which run; null where the spelling stands.
CREATE TABLE lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    key TEXT NOT NULL,
    named_by TEXT,
    named_in INTEGER
) STRICT;
CREATE UNIQUE INDEX lists_by_key ON lists (key);

-- Who put a contact on a list is part of the key: a connection and a person can both want the same
-- contact there, and each takes away only what is its own.
CREATE TABLE memberships (
    contact_id INTEGER NOT NULL,
    list_id INTEGER NOT NULL,
    manager INTEGER NOT NULL,
    PRIMARY KEY (contact_id, list_id, manager)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_list ON memberships (list_id);

-- How many linked contacts are active or not, and which fields they hold. Derived from contacts and
-- links, moved in the transaction that changes them.
CREATE TABLE tallies (
    source_id INTEGER NOT NULL REFERENCES sources (id),
    active INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    contacts INTEGER NOT NULL,
    PRIMARY KEY (source_id, active, filled)
) STRICT, WITHOUT ROWID;

-- To whom a contact without a link was linked last. An address must not hand it to somebody else.
CREATE TABLE former_links (
    contact_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    object_id TEXT NOT NULL,
    PRIMARY KEY (contact_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX former_links_by_object_id ON former_links (source_id, object_id);

CREATE TABLE state (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    name TEXT NOT NULL,
    -- The last link that existed when the round was opened, and how many there were.
    high_water INTEGER NOT NULL,
    known_links INTEGER NOT NULL,
    UNIQUE (source_id, name)
) STRICT;

CREATE TABLE sightings (
    round_id INTEGER NOT NULL,
    link INTEGER NOT NULL,
    PRIMARY KEY (round_id, link)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: entries that are being read must not become another plan's.
CREATE TABLE plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Null while the plan is in the making; then unique.
    digest TEXT UNIQUE,
    mode TEXT,
    created_at_ms INTEGER,
    summary TEXT
) STRICT;

-- In the order in which they were put: the number of the plan, times 2^32, and a number within the plan.
-- detail: JSON of what has no column, null where there is nothing.
CREATE TABLE plan_entries (
    id INTEGER PRIMARY KEY,
    object_id TEXT NOT NULL,
    effect TEXT NOT NULL,
    reason TEXT NOT NULL,
    contact_id TEXT,
    version INTEGER,
    detail TEXT
) STRICT;
CREATE INDEX plan_claims ON plan_entries (contact_id, id) WHERE effect = 'link';

-- Entries by their user, in three levels; whether they change something.
CREATE TABLE plan_users_0 (
    plan_id INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (plan_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE plan_users_1 (
    plan_id INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (plan_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE plan_users_2 (
    plan_id INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (plan_id, object_id)
) STRICT, WITHOUT ROWID;

-- How a plan spells lists that are not there yet.
CREATE TABLE plan_lists (
    plan_id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    named_by TEXT NOT NULL,
    PRIMARY KEY (plan_id, key)
) STRICT, WITHOUT ROWID;

-- The connector's names of its runs, once each.
CREATE TABLE run_names (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    began_ms INTEGER NOT NULL
) STRICT;

-- Every change that was applied, but for the creations that stand in `creations`. before: JSON of what it
-- replaced, null where it replaced nothing.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
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

-- Creations: contacts whose ids follow each other, made by one commit for one reason. Their entries in the
-- journal have the numbers from `number` on. What an entry says beyond that is read from the contact; one
-- whose contact is about to lose it is written into `journal` first, see `creations.rs`.
CREATE TABLE creations (
    number INTEGER PRIMARY KEY,
    first_contact INTEGER NOT NULL,
    contacts INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER,
    at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    before TEXT
) STRICT;
CREATE UNIQUE INDEX creations_by_contact ON creations (first_contact);
CREATE INDEX creations_by_run ON creations (run_id);

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
-- Whoever is not synced, by reason: for their numbers, and for the people behind each.
CREATE INDEX notes_by_reason ON notes (reason, object_id, source_id, contact_id);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
-- The key of the hashes of addresses.
INSERT INTO settings (name, value) VALUES ('address-key', lower(hex(randomblob(32))));

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
