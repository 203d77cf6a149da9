-- Active contacts by the set of fields they hold, then by id: whom a class of the tallies counts. A
-- first sync appends to a few dozen ends of it.
CREATE INDEX contacts_by_class ON contacts (filled) WHERE active = 1;
