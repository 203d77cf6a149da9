"""Plans: maps from directory user to decision.

One is in the making; the last ten are kept under their digest.
"""

import json

from . import evidence
from .boundary import Record, record
from .commit import user_of
from .failure import limit, refuse
from .fields import MAX_BATCH
from .journal import as_change
from .lists import spelt
from .spelling import list_key

KEPT = 10


def begin(database) -> None:
    """Begins a plan, before `plan` or `plan-undo` is called; one that was not finished is forgotten."""
    with database.writing():
        forget(database, "digest IS NULL")
        database.run("INSERT INTO plans DEFAULT VALUES")


def keep(database, digest: str, summary: str) -> None:
    """Keeps the plan in the making under its digest."""
    with database.writing():
        forget(database, "digest = ?", digest)
        plan = in_the_making(database)
        database.run("UPDATE plans SET digest = ?, summary = ? WHERE id = ?", digest, summary, plan)
        forget(database, "id NOT IN (SELECT id FROM plans ORDER BY id DESC LIMIT ?)", KEPT)


def kept(database, digest: str) -> str | None:
    """What was told of a plan that is kept."""
    row = database.one("SELECT summary FROM plans WHERE digest = ?", digest)
    return None if row is None else row["summary"]


def put(database, entries: list) -> None:
    limit(len(entries), MAX_BATCH)
    with database.writing():
        plan = in_the_making(database)
        for entry in entries:
            what = entry.what
            note_lists(database, plan, what)
            detail = {
                "fields": [(change.field, change.before, change.after) for change in what.fields],
                "joins": what.joins,
                "leaves": what.leaves,
                "evidence": evidence.to_text(what.evidence),
                "directory": [(change.attribute, change.before, change.after) for change in entry.directory],
            }
            database.run(
                """INSERT OR REPLACE INTO plan_entries (plan, object_id, effect, reason, contact, version, detail)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                plan, user_of(what), what.effect, what.reason, entry.contact, entry.version,
                json.dumps(detail, ensure_ascii=False),
            )


def claimed(database, contacts: list[str]) -> list[Record]:
    limit(len(contacts), MAX_BATCH)
    rows = database.all(
        """SELECT contact, object_id FROM plan_entries WHERE plan = ? AND effect = 'link'
             AND contact IN (SELECT value FROM json_each(?))""",
        in_the_making(database), json.dumps(contacts),
    )
    return [record({"contact": row["contact"], "object-id": row["object_id"]}) for row in rows]


def changes(database, plan: str | None, after: str | None, most: int) -> list[Record]:
    return read(database, plan, "object_id > ? ORDER BY object_id LIMIT ?", after or "", min(most, MAX_BATCH))


def entries(database, plan: str | None, users: list[str]) -> list[Record]:
    limit(len(users), MAX_BATCH)
    return read(database, plan, "object_id IN (SELECT value FROM json_each(?))", json.dumps(users))


def count(database) -> list[Record]:
    rows = database.all(
        "SELECT effect, reason, count(*) AS entries FROM plan_entries WHERE plan = ? GROUP BY effect, reason",
        in_the_making(database),
    )
    return [record(dict(row)) for row in rows]


def read(database, digest: str | None, condition: str, *values) -> list[Record]:
    plan = number_of(database, digest)
    rows = database.all(
        f"SELECT * FROM plan_entries WHERE plan = ? AND effect NOT IN ('unchanged', 'skip') AND {condition}",
        plan, *values,
    )
    return [told(database, plan, row) for row in rows]


def told(database, plan: int, row) -> Record:
    detail = json.loads(row["detail"])
    return record({
        "contact": row["contact"],
        "version": row["version"],
        "directory": [
            record({"attribute": attribute, "before": before, "after": after})
            for attribute, before, after in detail.get("directory", [])
        ],
        "what": record({
            "object-id": row["object_id"],
            "effect": row["effect"],
            "reason": row["reason"],
            "evidence": evidence.from_text(detail["evidence"]),
            "fields": [as_change(moved) for moved in detail["fields"]],
            "joins": spelt(database, detail["joins"], plan),
            "leaves": spelt(database, detail["leaves"], plan),
        }),
    })


def note_lists(database, plan: int, what) -> None:
    """Keeps how the smallest user of those who would join a list spells it."""
    for name in what.joins:
        database.run(
            """INSERT INTO plan_lists (plan, key, name, named_by) VALUES (?, ?, ?, ?) ON CONFLICT (plan, key)
               DO UPDATE SET name = excluded.name, named_by = excluded.named_by WHERE excluded.named_by < named_by""",
            plan, list_key(name), name, user_of(what),
        )


def number_of(database, digest: str | None) -> int:
    """The plan that is kept under a digest, or the one in the making; 0, which no plan has, where there is none."""
    return database.one("SELECT coalesce(max(id), 0) AS id FROM plans WHERE digest IS ?", digest)["id"]


def in_the_making(database) -> int:
    return number_of(database, None) or refuse("no plan is in the making")


def forget(database, condition: str, *values) -> None:
    for row in database.all(f"SELECT id FROM plans WHERE {condition}", *values):
        for table in ("plan_entries", "plan_lists"):
            database.run(f"DELETE FROM {table} WHERE plan = ?", row["id"])
        database.run("DELETE FROM plans WHERE id = ?", row["id"])
