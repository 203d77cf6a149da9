"""A small host of the directory connector: contacts in SQLite, and five commands."""
