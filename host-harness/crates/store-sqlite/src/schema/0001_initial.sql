-- The first schema. A published file is never edited: a change of the schema is a new file.

-- "ECST". Tells this store's file from any other SQLite database.
PRAGMA application_id = 0x45435354;

-- Connections that put links and memberships here. Row 0 is no connection: it stands for people
-- and other programs, and no source can be named like it, because a source is never empty.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO sources (id, name) VALUES (0, '');

-- AUTOINCREMENT: an id is never given to another contact, not even after a deletion; with a version
-- that only counts up, no (id, version) can ever mean two states.
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL DEFAULT 1,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Which fields hold a value, one bit each: described fields by their place in the table of
    -- fields, custom fields from bit 16 on.
    filled INTEGER NOT NULL,
    -- The e-mail address trimmed and in lower case, as Unicode knows it and SQLite does not.
    email_key TEXT,
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
    "group" TEXT
) STRICT;
CREATE INDEX contacts_by_email_key ON contacts (email_key) WHERE email_key IS NOT NULL;

-- Labels of custom fields, made on first use. The bit of a field in contacts.filled is 16 + id.
CREATE TABLE custom_fields (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 46),
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE custom_values (
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    field_id INTEGER NOT NULL REFERENCES custom_fields (id),
    value TEXT NOT NULL,
    PRIMARY KEY (contact_id, field_id)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the sequence says which links existed when a round was opened, so a number must
-- not come back. The base is a JSON object, field to value.
CREATE TABLE links (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    object_id TEXT NOT NULL,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    base TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX links_by_object_id ON links (source_id, object_id);
CREATE UNIQUE INDEX links_by_contact ON links (contact_id, source_id);

CREATE TABLE lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL
) STRICT;

-- Who put a contact on a list is part of the key: a connection and a person can both want the same
-- contact there, and each takes away only what is its own.
CREATE TABLE memberships (
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    list_id INTEGER NOT NULL REFERENCES lists (id),
    manager INTEGER NOT NULL REFERENCES sources (id),
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
    round_id INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    link INTEGER NOT NULL,
    PRIMARY KEY (round_id, link)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    summary TEXT NOT NULL
) STRICT;

-- detail: JSON of what has no column, null where there is nothing.
CREATE TABLE plan_entries (
    object_id TEXT NOT NULL PRIMARY KEY,
    effect TEXT NOT NULL,
    reason TEXT NOT NULL,
    contact_id TEXT,
    version INTEGER,
    detail TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_changes ON plan_entries (object_id) WHERE effect NOT IN ('unchanged', 'skip');
CREATE INDEX plan_claims ON plan_entries (contact_id) WHERE effect = 'link';

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    call TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,
    status TEXT NOT NULL,
    summary TEXT,
    error TEXT
) STRICT;

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
