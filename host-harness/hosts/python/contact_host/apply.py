"""Making, updating, linking and taking away.

Each change is checked whole before its first write, so that one that is refused or in conflict has had no effect.
"""

from . import fields
from .boundary import Variant
from .commit import Page, conflict, refused, user_of
from .contacts import Held, as_values, written
from .journal import given_of, replaced
from .revert import revert
from .spelling import list_key
from .whole import whole


def perform(page: Page, change: Variant) -> Variant:
    action = {"create": create, "update": update, "link": link, "remove": remove, "revert": revert}[change.tag]
    return action(page, change.payload)


def create(page: Page, change) -> Variant:
    refusal = (
        fields.refused_object_id(user_of(change))
        or fields.refused_lists(change.lists)
        or fields.refused_base(change.base)
        or fields.refused_writes(change.fields)
    )
    if refusal:
        return refused(refusal)
    if page.contacts.is_linked(user_of(change)):
        return conflict("linked")
    contact = page.contacts.insert(None, 1, change.active, as_values(change.fields))
    page.contacts.link(contact, user_of(change), as_values(change.base))
    for each in change.lists:
        page.lists.join(contact, each.name, each.description, user_of(change))
    what = replaced(
        [(field.name, None, field.value) for field in change.fields], sorted(each.name for each in change.lists)
    )
    return page.done(change, contact, 1, "create", what)


def update(page: Page, change) -> Variant:
    refusal = (
        fields.refused_writes(change.writes)
        or fields.refused_lists(change.membership.join)
        or fields.refused_base(change.base or [])
        or fields.refused_activity(change.active)
    )
    if refusal:
        return refused(refusal)
    before = linked(page, change)
    if isinstance(before, Variant):
        return before
    active = before.active or change.active is True
    version = page.contacts.update(before, active, written(before.fields, change.writes))
    what = image(before, active, change)
    if change.base is not None:
        page.contacts.rebase(before.id, as_values(change.base))
        what["base"] = before.base
    what |= given_of(change)
    move(page, before.id, change)
    return page.done(change, before.id, version, "update" if active == before.active else "reactivate", what)


def link(page: Page, change) -> Variant:
    refusal = (
        fields.refused_object_id(user_of(change))
        or fields.refused_writes(change.writes)
        or fields.refused_lists(change.membership.join)
        or fields.refused_base(change.base)
        or fields.refused_activity(change.active)
    )
    if refusal:
        return refused(refusal)
    before = page.held(change.contact)
    if before is None:
        return conflict("gone")
    if before.user is not None or page.contacts.is_linked(user_of(change)):
        return conflict("linked")
    if before.version != change.contact.version:
        return conflict("version")
    active = before.active or change.active is True
    version = page.contacts.update(before, active, written(before.fields, change.writes))
    page.contacts.link(before.id, user_of(change), as_values(change.base))
    move(page, before.id, change)
    what = image(before, active, change)
    if before.former is not None:
        what["former"] = before.former
    return page.done(change, before.id, version, "link", what)


def remove(page: Page, change) -> Variant:
    before = linked(page, change)
    if isinstance(before, Variant):
        return before
    version = before.version + 1
    if change.kind == "delete":
        lost = [(name, value, None) for name, value in before.fields.items()]
        what = replaced(lost, leaves=before.lists, whole=whole(page, before))
        address = before.fields.get(fields.EMAIL)
        page.contacts.delete(before.id)
        return page.done(change, before.id, version, "delete", what, change.evidence, address)
    active = before.active and change.kind == "unlink"
    what = replaced(leaves=before.lists, active=before.active if active != before.active else None)
    page.contacts.update(before, active, before.fields)
    if change.kind == "unlink":
        what["base"] = before.base
        page.contacts.unlink(before.id, user_of(change))
    page.lists.leave_all(before.id)
    return page.done(change, before.id, version, change.kind, what, change.evidence)


def linked(page: Page, change) -> Held | Variant:
    """The contact of a change that is only right while the contact is linked to the user."""
    held = page.held(change.contact)
    if held is None:
        return conflict("gone")
    if held.user is not None and held.user != user_of(change):
        return conflict("linked")
    # One that has lost its link has been written since the change was decided.
    return held if held.user is not None and held.version == change.contact.version else conflict("version")


def move(page: Page, contact: int, change) -> None:
    """Leaves before it joins: a list that is named in both is one that the contact is to be on."""
    for name in change.membership.leave:
        page.lists.leave(contact, name)
    for each in change.membership.join:
        page.lists.join(contact, each.name, each.description, user_of(change))


def image(before: Held, active: bool, change) -> dict:
    """What an update or a link replaces."""
    moved = [(write.name, before.fields.get(write.name), write.value) for write in change.writes]
    on = set(map(list_key, before.lists))
    joined = {list_key(each.name) for each in change.membership.join}
    return replaced(
        [(name, former, value) for name, former, value in moved if former != value],
        [each.name for each in change.membership.join if list_key(each.name) not in on],
        [name for name in change.membership.leave if list_key(name) in on and list_key(name) not in joined],
        active=None if active == before.active else before.active,
    )
