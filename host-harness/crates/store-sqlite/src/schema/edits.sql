-- Users whose contacts others wrote than their own connection, each once, by the number of the last such write.
-- AUTOINCREMENT: a number that was told never comes back. What a connection writes leaves nothing here.
CREATE TABLE edits (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL,
    object_id ANY NOT NULL,
    UNIQUE (source_id, object_id)
) STRICT;
