-- Whoever is not synced, by reason: for their numbers, and for the people behind each.
CREATE INDEX notes_by_reason ON notes (reason, object_id, source_id, contact_id);
