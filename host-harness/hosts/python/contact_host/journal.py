"""The journal: every change that was applied, with what it replaced."""

import json

from . import evidence
from .boundary import Record, record
from .contacts import number_of
from .lists import spelt
from .spelling import match_key

# What a change replaced is a dictionary, as its column holds it:
#   fields           name, value before, value after; of what was written, ordered by name
#   joins, leaves    names of lists
#   active           whether the contact was active, where that changed
#   base             of the link that there was
#   former           whose the contact was, where it had no link
#   leavesUnlinked   it has no link afterwards, and the effect does not tell
#   whole            all of a contact that was deleted
#   given            what the directory was given with it: attribute, value before, value after, field, whether it answered


def replaced(fields=(), joins=(), leaves=(), **more) -> dict:
    """What a change replaced; what is `None` is left out."""
    known = {name: value for name, value in more.items() if value is not None}
    return {"fields": sorted(fields), "joins": list(joins), "leaves": list(leaves), **known}


def enter(page, user: str, contact: int, version: int, effect: str, reason: str, what: dict, why=None, address=None):
    """Notes a change that was applied; `address` is that of a contact that is deleted."""
    page.database.run(
        """INSERT INTO journal (source, run, at_ms, object_id, contact, effect, reason, evidence, version, replaced, match_key)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        page.source, page.run, page.now, user, contact, effect, reason, evidence.to_text(why), version,
        json.dumps(what, ensure_ascii=False), None if address is None else match_key(address),
    )


def of_run(database, source: str, run: str, after: str, limit: int) -> list[Record]:
    """What one run did to each of the next users, newest first for each."""
    entries = database.all(
        """SELECT * FROM journal WHERE run = ?1 AND source = ?2 AND object_id IN
             (SELECT DISTINCT object_id FROM journal WHERE run = ?1 AND source = ?2 AND object_id > ?3
              ORDER BY object_id LIMIT ?4)
           ORDER BY object_id, number DESC""",
        run, source, after, limit,
    )
    return [told(database, entry) for entry in entries]


def about(database, source: str, who, limit: int) -> list[Record]:
    """The last changes to somebody, newest first."""
    condition, value = {
        "user": ("object_id = ?2", who.payload),
        "contact": ("contact = ?2", number_of(who.payload)),
        "address": (
            """contact IN (SELECT id FROM contacts WHERE match_key = ?2
                 UNION SELECT contact FROM journal WHERE match_key = ?2)""",
            match_key(who.payload),
        ),
    }[who.tag]
    entries = database.all(
        f"SELECT * FROM journal WHERE source = ?1 AND {condition} ORDER BY number DESC LIMIT ?3",
        source, value, limit,
    )
    return [told(database, entry) for entry in entries]


def told(database, entry) -> Record:
    what = json.loads(entry["replaced"])
    return record({
        "number": record({"number": entry["number"]}),
        "run": entry["run"],
        "at-ms": entry["at_ms"],
        "contact": str(entry["contact"]),
        "version": entry["version"],
        "what": record({
            "object-id": entry["object_id"],
            "effect": entry["effect"],
            "reason": entry["reason"],
            "evidence": evidence.from_text(entry["evidence"]),
            "fields": [as_change(moved) for moved in what["fields"]],
            "joins": spelt(database, what["joins"]),
            "leaves": spelt(database, what["leaves"]),
        }),
        "directory": [as_given(given) for given in what.get("given", [])],
    })


def given_of(change) -> dict:
    """What the directory was given with a change, as its dictionary has it."""
    given = [
        (each.change.attribute, each.change.before, each.change.after, each.field, each.answered)
        for each in change.directory
    ]
    return {"given": given} if given else {}


def as_given(given) -> Record:
    attribute, before, after, field, answered = given
    change = record({"attribute": attribute, "before": before, "after": after})
    return record({"change": change, "field": field, "answered": answered})


def as_change(moved) -> Record:
    field, before, after = moved
    return record({"field": field, "before": before, "after": after})
