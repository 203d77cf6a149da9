"""Taking changes back: the journal's entries of one contact, newest first, undone together.

What the contact is to be is worked out before the first write.
"""

import json
from dataclasses import dataclass

from . import fields
from .boundary import Variant
from .commit import Page, conflict, refused, user_of
from .contacts import Held, number_of, written
from .journal import given_of, replaced
from .undone import Undone, activity_before, entries_of, lists_after, lists_before
from .whole import restore_others, whole

REMOVALS = {"unlink", "deactivate", "delete"}


@dataclass
class Target:
    """The contact as it is to be."""

    active: bool
    base: dict[str, str] | None
    """Of its link, where it is to be linked."""
    former: str | None
    exists: bool = True
    """`False` where the changes made it."""


def revert(page: Page, change) -> Variant:
    if change.evidence.tag != "undone":
        return refused(fields.refusal("needs-undone"))
    undone = entries_of(page, change)
    if not undone:
        return refused(fields.refusal("unknown-entry"))
    written_before = {name for entry in undone for name, *_ in entry.replaced["fields"]}
    written_before |= {field for entry in undone for *_, field, _ in entry.replaced.get("given", [])}
    if not all(write.name in written_before for write in change.writes):
        return refused(fields.refusal("not-journaled"))
    refusal = fields.refused_writes(change.writes)
    if refusal:
        return refused(refusal)
    current = page.held(change.contact)
    newest = undone[0]
    if newest.effect == "delete":
        if current is not None or newest.version != change.contact.version:
            return conflict("version")
        return make_again(page, change, undone, newest.replaced["whole"])
    if current is None:
        return conflict("gone")
    if current.version != change.contact.version:
        return conflict("version")
    return put_back(page, change, undone, current)


def put_back(page: Page, change, undone: list[Undone], before: Held) -> Variant:
    newest = undone[0]
    was_linked = before.user is not None
    if was_linked and before.user != user_of(change):
        return conflict("linked")
    untouched = newest.version == before.version
    # Where somebody took the link away since, the contact is not this user's any more.
    left_unlinked = newest.replaced.get("leavesUnlinked", False)
    if newest.effect != "unlink" and not untouched and was_linked == left_unlinked:
        return conflict("linked")
    target = Target(activity_before(undone, before.active), before.base, before.former)
    restored = None if untouched else [write.name for write in change.writes]
    for entry in undone:
        go_behind(target, entry, restored)
    agree(target, change)
    if not target.exists:
        return unmake(page, change, before)
    is_linked = target.base is not None
    if is_linked and not was_linked and page.contacts.has_another(user_of(change), before.id):
        return conflict("linked")
    lists = lists_after(page, undone, before, untouched, target.active, is_linked)
    what = replaced(
        [(write.name, before.fields.get(write.name), write.value) for write in change.writes],
        [name for name in lists if name not in before.lists],
        [name for name in before.lists if name not in lists],
        active=None if target.active == before.active else before.active,
        base=before.base,
        former=before.former,
        leavesUnlinked=not is_linked and not was_linked,
    )
    version = page.contacts.update(before, target.active, written(before.fields, change.writes))
    if is_linked and was_linked:
        page.contacts.rebase(before.id, target.base)
    elif is_linked:
        page.contacts.link(before.id, user_of(change), target.base)
    else:
        if was_linked:
            page.contacts.unlink(before.id, user_of(change))
        page.contacts.restore_former(before.id, target.former)
    for name in what["leaves"]:
        page.lists.leave(before.id, name)
    for name in what["joins"]:
        page.lists.join(before.id, name, "", user_of(change))
    if is_linked != was_linked:
        effect = "link" if is_linked else "unlink"
    elif target.active != before.active:
        effect = "reactivate" if target.active else "deactivate"
    else:
        effect = "update"
    return entered(page, change, before.id, version, effect, what)


def unmake(page: Page, change, before: Held) -> Variant:
    """Deletes what the changes made."""
    lost = [(name, value, None) for name, value in before.fields.items()]
    what = replaced(lost, leaves=before.lists, whole=whole(page, before))
    page.contacts.delete(before.id)
    return entered(page, change, before.id, before.version + 1, "delete", what, before.fields.get(fields.EMAIL))


def make_again(page: Page, change, undone: list[Undone], kept: dict) -> Variant:
    """Makes what the changes deleted, under its old id and with a version that it never had."""
    newest, *older = undone
    own = next((link for link in kept["links"] if link["source"] == page.source), None)
    formers = {former["source"]: former["object_id"] for former in kept["formers"]}
    target = Target(
        activity_before(older, kept["active"]), own and json.loads(own["base"]), formers.get(page.source)
    )
    for entry in older:
        go_behind(target, entry, None)
    if not target.exists:
        # Made and deleted by the same run: nothing is to be there, and nothing is.
        return conflict("gone")
    contact = number_of(change.contact.contact)
    others = [link for link in kept["links"] if link["source"] != page.source]
    if page.contacts.has_another(user_of(change), contact) or any(
        page.contacts.has_another(link["object_id"], contact, link["source"]) for link in others
    ):
        return conflict("linked")
    held = written(kept["fields"], change.writes)
    version = newest.version + 1
    page.contacts.insert(contact, version, target.active, held)
    if target.base is not None:
        page.contacts.link(contact, user_of(change), target.base)
    else:
        page.contacts.restore_former(contact, target.former)
    restore_others(page, contact, kept)
    joins = lists_before(undone)
    for name in joins:
        page.lists.join(contact, name, "", user_of(change))
    what = replaced(
        [(name, None, value) for name, value in held.items()], joins, leavesUnlinked=target.base is None
    )
    return entered(page, change, contact, version, "create", what)


def go_behind(target: Target, entry: Undone, restored: list[str] | None) -> None:
    """Goes back behind one change: the base for the restored fields, or as a whole where nothing was written since."""
    base = entry.replaced.get("base")
    if entry.effect == "create":
        target.exists = False
    elif entry.effect == "link":
        target.base = None
        target.former = entry.replaced.get("former")
    elif entry.effect == "unlink":
        target.base = base or {}
    elif target.base is None:
        # A reversal that found no link, and left none.
        target.former = entry.replaced.get("former")
    elif base is not None and restored is None:
        target.base = base
    elif base is not None:
        kept = {name: value for name, value in target.base.items() if name not in restored}
        target.base = kept | {name: base[name] for name in restored if name in base}


def agree(target: Target, change) -> None:
    """Of what the directory was given back, the base is what both sides hold."""
    for given in change.directory:
        if given.answered and target.base is not None:
            target.base = {name: value for name, value in target.base.items() if name != given.field}
            if given.change.after is not None:
                target.base[given.field] = given.change.after


def entered(page: Page, change, contact: int, version: int, effect: str, what: dict, address=None) -> Variant:
    why = change.evidence if effect in REMOVALS else None
    return page.done(change, contact, version, effect, what | given_of(change), why, address)
