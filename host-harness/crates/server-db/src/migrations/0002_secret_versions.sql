-- Which of the secrets of that name it is, counted from one, as it was sealed; 0: sealed before they were
-- counted.
ALTER TABLE secrets ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- For the newest entry about a secret.
CREATE INDEX audit_by_action ON audit (workspace, action, number);
