"""All of a contact, kept in the journal before it is deleted: with what other connections know of it."""

import json

from .contacts import Held


def whole(page, held: Held) -> dict:
    def of(columns: str, table: str) -> list[dict]:
        return [dict(row) for row in page.database.all(f"SELECT {columns} FROM {table} WHERE contact = ?", held.id)]

    return {
        "active": held.active,
        "fields": held.fields,
        "links": of("source, object_id, base", "links"),
        "formers": of("source, object_id", "former_links"),
        "memberships": of("source, list", "memberships"),
    }


def restore_others(page, contact: int, kept: dict) -> None:
    """Gives a contact that was made again what the other connections had there."""
    for link in kept["links"]:
        if link["source"] != page.source:
            page.contacts.link(contact, link["object_id"], json.loads(link["base"]), link["source"])
    for former in kept["formers"]:
        if former["source"] != page.source:
            page.contacts.restore_former(contact, former["object_id"], former["source"])
    for membership in kept["memberships"]:
        if membership["source"] != page.source:
            page.database.run(
                "INSERT INTO memberships (contact, source, list) VALUES (?, ?, ?)",
                contact, membership["source"], membership["list"],
            )
