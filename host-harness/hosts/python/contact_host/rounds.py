"""Which linked users a full round has read: known by the numbers of their links, which are never given twice."""

import json

from .boundary import Record, record
from .contacts import Contacts, told
from .failure import refuse


def open_round(database, source: str, name: str, resume: bool) -> Record:
    with database.writing():
        row = find(database, source, name) if resume else None
        if row is None:
            forget(database, source, name)
            database.run(
                """INSERT INTO rounds (source, name, last_link, known_links) VALUES (?1, ?2,
                     (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'links'),
                     (SELECT count(*) FROM links WHERE source = ?1))""",
                source, name,
            )
            row = opened(database, source, name)
        return record({"known-links": row["known_links"]})


def close_round(database, source: str, name: str) -> None:
    with database.writing():
        forget(database, source, name)


def see(database, source: str, sightings) -> None:
    """Notes users that a round has read; part of a commit."""
    row = opened(database, source, sightings.round)
    database.run(
        """INSERT OR IGNORE INTO sightings (round, link) SELECT ?1, l.number FROM json_each(?2) seen
             CROSS JOIN links l ON l.source = ?3 AND l.object_id = seen.value WHERE l.number <= ?4""",
        row["id"], json.dumps(getattr(sightings, "object-ids")), source, row["last_link"],
    )
    database.run(
        "INSERT OR IGNORE INTO sightings (round, link) SELECT ?1, value FROM json_each(?2) WHERE value <= ?3",
        row["id"], json.dumps([link.number for link in sightings.links]), row["last_link"],
    )


def unseen(database, source: str, name: str, after: str, limit: int, fields: list[str]) -> list[Record]:
    """Contacts whose link is as old as the round and whose user it has not read, by object id."""
    row = opened(database, source, name)
    ids = database.all(
        """SELECT contact FROM links l WHERE source = ? AND object_id > ? AND number <= ?
             AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.round = ? AND s.link = l.number)
           ORDER BY object_id LIMIT ?""",
        source, after, row["last_link"], row["id"], limit,
    )
    held = Contacts(database, source).read([each["contact"] for each in ids])
    return [told(contact, fields) for contact in held]


def opened(database, source: str, name: str):
    return find(database, source, name) or refuse(f"the round {name} is not open")


def find(database, source: str, name: str):
    return database.one("SELECT * FROM rounds WHERE source = ? AND name = ?", source, name)


def forget(database, source: str, name: str) -> None:
    row = find(database, source, name)
    if row is not None:
        database.run("DELETE FROM sightings WHERE round = ?", row["id"])
        database.run("DELETE FROM rounds WHERE id = ?", row["id"])
