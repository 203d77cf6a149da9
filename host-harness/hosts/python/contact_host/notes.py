"""Notes: why a directory user led to no change. Of an address only a keyed hash is kept."""

import hmac
import json

from .boundary import Record, record
from .commit import Page, user_of
from .spelling import match_key


def write(page: Page, notes: list, settled: list[str]) -> None:
    """Writes the notes of a commit, and forgets those that no longer hold."""
    if settled:
        page.database.run(
            "DELETE FROM notes WHERE source = ? AND object_id IN (SELECT value FROM json_each(?))",
            page.source, json.dumps(settled),
        )
    for note in notes:
        # As long as the reason is the same, its run and its moment stay.
        page.database.run(
            """INSERT INTO notes (source, object_id, address, contact, reason, run, since_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (source, object_id) DO UPDATE SET address = excluded.address, contact = excluded.contact,
                 run = CASE WHEN reason = excluded.reason THEN run ELSE excluded.run END,
                 since_ms = CASE WHEN reason = excluded.reason THEN since_ms ELSE excluded.since_ms END,
                 reason = excluded.reason""",
            page.source, user_of(note), None if note.address is None else hashed(page.database, note.address),
            note.contact, note.reason, page.run, page.now,
        )


def about(database, source: str, who) -> list[Record]:
    column = {"user": "object_id", "contact": "contact", "address": "address"}[who.tag]
    value = hashed(database, who.payload) if who.tag == "address" else who.payload
    rows = database.all(f"SELECT * FROM notes WHERE source = ? AND {column} = ? ORDER BY object_id", source, value)
    return [
        record({
            "object-id": row["object_id"],
            "contact": row["contact"],
            "reason": row["reason"],
            "run": row["run"],
            "since-ms": row["since_ms"],
        })
        for row in rows
    ]


def hashed(database, address: str) -> bytes:
    key = database.one("SELECT value FROM settings WHERE name = 'address-key'")["value"]
    return hmac.digest(key, match_key(address).encode(), "sha256")
