"""The contacts of one workspace, as the import `contact-store` has them."""

import json

from . import edits, notes, rounds, state
from .apply import perform
from .boundary import Record, Variant, record
from .commit import Page, user_of
from .contacts import Contacts, number_of, told
from .failure import limit, refuse
from .fields import MAX_BATCH
from .spelling import match_key


def lookup(database, query) -> list[Record]:
    users, keys = getattr(query, "object-ids"), getattr(query, "match-keys")
    limit(len(users) + len(keys) + len(query.contacts), MAX_BATCH)
    ids = database.all(
        """SELECT l.contact AS id FROM json_each(?2) asked CROSS JOIN links l ON l.source = ?1 AND l.object_id = asked.value
           UNION SELECT f.contact FROM json_each(?2) asked
             CROSS JOIN former_links f ON f.source = ?1 AND f.object_id = asked.value
           UNION SELECT c.id FROM json_each(?3) asked CROSS JOIN contacts c ON c.match_key = asked.value
           UNION SELECT value FROM json_each(?4)""",
        query.source, json.dumps(users), json.dumps([match_key(key) for key in keys]),
        json.dumps([number_of(contact) for contact in query.contacts]),
    )
    held = Contacts(database, query.source).read([row["id"] for row in ids])
    return [told(contact, query.fields) for contact in held]


def unlinked(database, source: str, after: str | None, limit: int, fields: list[str]) -> list[Record]:
    """Contacts that are nobody's, by their ids. What is no id of this store comes before all of them."""
    ids = database.all(
        """SELECT id FROM contacts c WHERE id > ? AND active AND match_key IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM links l WHERE l.contact = c.id AND l.source = ?)
             AND NOT EXISTS (SELECT 1 FROM former_links f WHERE f.contact = c.id AND f.source = ?)
           ORDER BY id LIMIT ?""",
        0 if after is None else number_of(after), source, source, limit,
    )
    held = Contacts(database, source).read([row["id"] for row in ids])
    return [told(contact, fields) for contact in held]


def apply(database, commit) -> list[Variant]:
    """One commit: everything that one page leads to, or nothing of it."""
    limit(len(commit.changes), MAX_BATCH)
    if not commit.source:
        refuse("a commit names no source")
    writes = [(write.key, write.value) for write in commit.state]
    otherwise = list(contingencies(commit))
    for key, value in writes + [write for _, write in otherwise]:
        state.accept(key, value)
    with database.writing(), edits.in_the_name_of(database, commit.source):
        page = Page(database, commit.source, commit.run)
        outcomes = [perform(page, change) for change in commit.changes]
        notes.write(page, commit.notes, commit.settled)
        if commit.sightings is not None:
            rounds.see(database, commit.source, commit.sightings)
        met = [write for change, write in otherwise if outcomes[change].tag != "applied"]
        state.write(database, writes + met)
    return outcomes


def contingencies(commit):
    """What is to be written for which change, where it is not applied."""
    for contingency in commit.otherwise:
        for change in contingency.changes:
            if change >= len(commit.changes):
                refuse("a contingency names a change that is not there")
            user = user_of(commit.changes[change].payload)
            yield change, (getattr(contingency, "key-prefix") + user, contingency.value)


def statistics(database, source: str, fields: list[str]) -> Record:
    rows = database.all(
        "SELECT c.active, c.fields FROM links l CROSS JOIN contacts c ON c.id = l.contact WHERE l.source = ?", source
    )
    active = [json.loads(row["fields"]) for row in rows if row["active"]]
    return record({
        "active": len(active),
        "linked": len(rows),
        "missing": [
            record({"field": field, "contacts": sum(field not in held for held in active)}) for field in fields
        ],
        "incomplete": sum(any(field not in held for field in fields) for held in active),
    })
