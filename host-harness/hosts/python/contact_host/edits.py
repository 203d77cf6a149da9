"""Whose contacts others wrote: the triggers of `contacts.sql` note them, a token is the last number that was told."""

import re
from contextlib import contextmanager

from .boundary import Record, record


@contextmanager
def in_the_name_of(database, source: str):
    """What is written here is written by a source, and no edit of its contacts."""
    database.run("UPDATE writer SET source = ?", source)
    yield
    database.run("UPDATE writer SET source = NULL")


def since(database, source: str, token: str | None, most: int) -> Record | None:
    """`edits-since` has no `Variant`: a record is `edits`, and `None` is `token-lost`."""
    last = database.one("SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'edits'")["last"]
    if token is None:
        return record({"users": [], "next": str(last)})
    if not re.fullmatch("0|[1-9][0-9]{0,14}", token) or int(token) > last:
        return None
    rows = database.all(
        "SELECT number, object_id FROM edits WHERE source = ? AND number > ? ORDER BY number LIMIT ?",
        source, int(token), most,
    )
    return record({"users": [row["object_id"] for row in rows], "next": str(rows[-1]["number"]) if rows else token})
