-- Settings that change whom a sync touches are saved beside those in force, until somebody has approved a
-- plan of them. The document, and what goes with it; null where there is none.
ALTER TABLE workspaces ADD COLUMN proposed TEXT;
ALTER TABLE workspaces ADD COLUMN proposed_time_zone TEXT;
ALTER TABLE workspaces ADD COLUMN proposed_in_force TEXT;
ALTER TABLE workspaces ADD COLUMN proposed_by TEXT;
ALTER TABLE workspaces ADD COLUMN proposed_at_ms INTEGER;

-- Of the last run that could not even begin: what kind of failure that was.
ALTER TABLE workspaces ADD COLUMN failure_kind TEXT;
-- When the first of the runs that failed one after another ended; null where the last one did not fail.
ALTER TABLE workspaces ADD COLUMN failing_since_ms INTEGER;

-- Since when the schedule waits for a person, because a run was taken back; null where it does not.
ALTER TABLE workspaces ADD COLUMN held_since_ms INTEGER;
