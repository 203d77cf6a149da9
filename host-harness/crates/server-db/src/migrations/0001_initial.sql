-- The server's own records, one file for all workspaces. A published file is never edited: a change of
-- the schema is a new file.

-- "ECSB". Tells this file from any other SQLite database.
PRAGMA application_id = 0x45435342;

-- What the server says of itself, one row: the address at which it was found when it ran last.
CREATE TABLE server (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    public_url TEXT NOT NULL
) STRICT;

CREATE TABLE workspaces (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- What the host sold: standard or plus.
    plan TEXT NOT NULL,
    -- setting-up, connected, disconnecting or disconnected.
    state TEXT NOT NULL,
    -- Of a set-up: connect, map, review or done.
    step TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    connected_at_ms INTEGER,
    -- The configuration document, without endpoints and without any secret.
    settings TEXT NOT NULL,
    -- Counts up with every change of the settings.
    version INTEGER NOT NULL DEFAULT 1,
    changed_by TEXT NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    -- What the last connection test found, as JSON of the host's own shape.
    tested TEXT,
    -- What the connector makes of the settings of this version, as JSON of the host's own shape.
    in_force TEXT,
    -- The digest that the review shows, the version of the settings that it was planned with, and why
    -- there is none.
    plan_digest TEXT,
    plan_version INTEGER,
    plan_failure TEXT,
    -- The scheduler's memory.
    last_started_ms INTEGER,
    -- The moment for which the last run was scheduled; null where a person started it.
    last_scheduled_ms INTEGER,
    last_success_ms INTEGER,
    -- How the last run ended: succeeded, stopped or failed; null before the first.
    outcome TEXT,
    -- Why the last run could not even begin.
    failure TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    next_run_ms INTEGER,
    -- The run that goes on, as JSON: what is to be gone on with after a crash.
    job TEXT
) STRICT;
CREATE INDEX workspaces_by_next_run ON workspaces (next_run_ms) WHERE next_run_ms IS NOT NULL;
CREATE INDEX workspaces_with_job ON workspaces (id) WHERE job IS NOT NULL;

-- Sealed for this workspace and this name; see the vault.
CREATE TABLE secrets (
    workspace TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    set_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

-- Each entry seals the one before it, so that taking one out or altering one shows.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    workspace TEXT,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    seal BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_workspace ON audit (workspace, number);
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is not edited'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is not shortened'); END;

-- Codes of sign-in links and tokens of sessions are kept as hashes: who reads this file signs in as
-- nobody.
CREATE TABLE sign_in_codes (
    hash BLOB NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspaces (id),
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash BLOB NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspaces (id),
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    csrf TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Round trips to Microsoft's consent page that have not come back, each bound to a session.
CREATE TABLE consents (
    state_hash BLOB NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspaces (id),
    session_hash BLOB NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Forms that were carried out, and where each led. The mark tells a form from others, and nothing of what
-- it said.
CREATE TABLE submissions (
    workspace TEXT NOT NULL,
    mark TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    location TEXT NOT NULL,
    PRIMARY KEY (workspace, mark)
) STRICT, WITHOUT ROWID;
