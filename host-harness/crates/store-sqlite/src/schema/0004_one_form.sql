-- What an identity is known by has one form. The program brings what is kept in others into it, after
-- these statements: it knows Unicode, and SQLite does not.

-- A list is known by its key, and told by its name. named_by, named_in: the user whom the connector put
-- there with this spelling, and in which run; null where the spelling stands.
ALTER TABLE lists ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE lists ADD COLUMN named_by TEXT;
ALTER TABLE lists ADD COLUMN named_in INTEGER;

-- How a plan spells lists that are not there yet.
CREATE TABLE plan_lists (
    plan_id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    named_by TEXT NOT NULL,
    PRIMARY KEY (plan_id, key)
) STRICT, WITHOUT ROWID;
