"""Rows of contacts, with the link of one source."""

import json
import re
from dataclasses import dataclass

from .boundary import Record, record
from .fields import EMAIL
from .spelling import match_key

SELECT = """
  SELECT c.id, c.version, c.active, c.fields, l.object_id, l.base, f.object_id AS former,
    (SELECT json_group_array(name) FROM (SELECT i.name FROM memberships m JOIN lists i ON i.id = m.list
       WHERE m.contact = c.id AND m.source = ?1 ORDER BY i.name)) AS lists
  FROM json_each(?2) asked CROSS JOIN contacts c ON c.id = asked.value
    LEFT JOIN links l ON l.contact = c.id AND l.source = ?1
    LEFT JOIN former_links f ON f.contact = c.id AND f.source = ?1"""


@dataclass
class Held:
    """A contact as one source sees it."""

    id: int
    version: int
    active: bool
    fields: dict[str, str]
    user: str | None
    """To whom it is linked."""
    base: dict[str, str] | None
    """Of the link, where there is one."""
    former: str | None
    """Whose it was until the link was taken away."""
    lists: list[str]
    """Those that the source put it on, as they are spelt, ordered."""


class Contacts:
    def __init__(self, database, source: str):
        self.database = database
        self.source = source

    def read(self, ids: list[int]) -> list[Held]:
        """Those of the contacts that are there, in the order in which they are named."""
        return [
            Held(
                id=row["id"],
                version=row["version"],
                active=row["active"] == 1,
                fields=json.loads(row["fields"]),
                user=row["object_id"],
                base=None if row["base"] is None else json.loads(row["base"]),
                former=row["former"],
                lists=json.loads(row["lists"]),
            )
            for row in self.database.all(SELECT, self.source, json.dumps(ids))
        ]

    def insert(self, id_: int | None, version: int, active: bool, fields: dict[str, str]) -> int:
        """A new contact, or one that is made again under its id."""
        return self.database.run(
            "INSERT INTO contacts (id, version, active, fields, match_key) VALUES (?, ?, ?, ?, ?)",
            id_, version, active, text(fields), key_of(fields),
        ).lastrowid

    def update(self, contact: Held, active: bool, fields: dict[str, str]) -> int:
        """What it holds from now on; the version it has then."""
        self.database.run(
            "UPDATE contacts SET version = ?, active = ?, fields = ?, match_key = ? WHERE id = ?",
            contact.version + 1, active, text(fields), key_of(fields), contact.id,
        )
        return contact.version + 1

    def delete(self, contact: int) -> None:
        for table in ("links", "former_links", "memberships"):
            self.database.run(f"DELETE FROM {table} WHERE contact = ?", contact)
        self.database.run("DELETE FROM contacts WHERE id = ?", contact)

    def link(self, contact: int, user: str, base: dict[str, str], source: str | None = None) -> None:
        """Who is linked is nobody's former user, and no former user's contact."""
        source = source or self.source
        self.database.run(
            "DELETE FROM former_links WHERE source = ? AND (object_id = ? OR contact = ?)", source, user, contact
        )
        self.database.run(
            "INSERT INTO links (source, object_id, contact, base) VALUES (?, ?, ?, ?)",
            source, user, contact, text(base),
        )

    def rebase(self, contact: int, base: dict[str, str]) -> None:
        self.database.run(
            "UPDATE links SET base = ? WHERE contact = ? AND source = ?", text(base), contact, self.source
        )

    def unlink(self, contact: int, user: str) -> None:
        self.database.run("DELETE FROM links WHERE contact = ? AND source = ?", contact, self.source)
        self.remember(contact, user, self.source)

    def restore_former(self, contact: int, user: str | None, source: str | None = None) -> None:
        """Makes a contact without a link nobody's, or that of a user who has no other by now."""
        source = source or self.source
        self.database.run("DELETE FROM former_links WHERE contact = ? AND source = ?", contact, source)
        if user is not None and not self.has_another(user, contact, source):
            self.remember(contact, user, source)

    def remember(self, contact: int, user: str, source: str) -> None:
        self.database.run(
            "INSERT OR REPLACE INTO former_links (contact, source, object_id) VALUES (?, ?, ?)",
            contact, source, user,
        )

    def is_linked(self, user: str) -> bool:
        return self.database.one("SELECT 1 FROM links WHERE source = ? AND object_id = ?", self.source, user) is not None

    def has_another(self, user: str, than: int, source: str | None = None) -> bool:
        """Whether the user has another contact: linked, or theirs until the link was taken away."""
        other = "source = ?1 AND object_id = ?2 AND contact <> ?3"
        return self.database.one(
            f"SELECT 1 FROM links WHERE {other} UNION ALL SELECT 1 FROM former_links WHERE {other}",
            source or self.source, user, than,
        ) is not None


def told(held: Held, names: list[str]) -> Record:
    """The contract's form of a contact, with those of its fields that were asked for."""
    link = record({"object-id": held.user, "base": as_fields(held.base)}) if held.user is not None else None
    return record({
        "id": str(held.id),
        "version": held.version,
        "active": held.active,
        "fields": [record({"name": name, "value": held.fields[name]}) for name in names if name in held.fields],
        "link": link,
        "former": held.former,
        "lists": held.lists,
    })


def number_of(contact: str) -> int:
    """The number of a contact; 0, which no contact has, where the text is none of this host."""
    return int(contact) if re.fullmatch(r"[1-9][0-9]{0,14}", contact, re.ASCII) else 0


def written(fields: dict[str, str], writes: list) -> dict[str, str]:
    after = dict(fields)
    for write in writes:
        if write.value is None:
            after.pop(write.name, None)
        else:
            after[write.name] = write.value
    return after


def as_values(fields: list) -> dict[str, str]:
    return {field.name: field.value for field in fields}


def as_fields(values: dict[str, str]) -> list[Record]:
    return [record({"name": name, "value": value}) for name, value in values.items()]


def text(values: dict[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)


def key_of(fields: dict[str, str]) -> str | None:
    return match_key(fields[EMAIL]) if EMAIL in fields else None
