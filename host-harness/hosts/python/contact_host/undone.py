"""What a run did to a contact, as its reversal needs it: the entries, and where they leave activity and lists."""

import json
from dataclasses import dataclass

from .commit import Page, user_of
from .contacts import Held, number_of
from .lists import spelt


@dataclass
class Undone:
    """An entry of the journal that is taken back."""

    number: int
    effect: str
    version: int
    replaced: dict


def entries_of(page: Page, change) -> list[Undone]:
    """The entries, newest first; none unless they are all that one run did to this contact of this user."""
    numbers = [entry.number for entry in change.entries]
    newest = page.database.one("SELECT run FROM journal WHERE number = ?", numbers[0] if numbers else 0)
    if newest is None:
        return []
    entries = page.database.all(
        "SELECT * FROM journal WHERE contact = ? AND source = ? AND run IS ? ORDER BY number DESC",
        number_of(change.contact.contact), page.source, newest["run"],
    )
    of_user = all(entry["object_id"] == user_of(change) for entry in entries)
    if not of_user or [entry["number"] for entry in entries] != numbers:
        return []
    return [undone(page, entry) for entry in entries]


def undone(page: Page, entry) -> Undone:
    what = json.loads(entry["replaced"])
    for lists in ("joins", "leaves"):
        what[lists] = spelt(page.database, what[lists])
    return Undone(entry["number"], entry["effect"], entry["version"], what)


def activity_before(undone: list[Undone], now: bool) -> bool:
    """Whether the contact is to be active, given whether it is: as the changes left it, it goes back."""
    touched = [entry.replaced["active"] for entry in undone if "active" in entry.replaced]
    # A change that tells what it replaced has made the opposite of it.
    return touched[-1] if touched and now != touched[0] else now


def lists_before(undone: list[Undone]) -> list[str]:
    """The lists that the contact was on before, as far as the changes tell."""
    return sorted(name for name, (before, _) in moved(undone).items() if before)


def lists_after(page: Page, undone: list[Undone], now: Held, untouched: bool, active: bool, linked: bool) -> list[str]:
    """The lists that a contact is to be on: those of before, unless somebody changed them since."""
    if (now.active and not active) or (now.user is not None and not linked):
        return []
    moves = moved(undone)
    is_as_left = all((name in now.lists) == after for name, (_, after) in moves.items())
    if not is_as_left or moved_since(page, undone, now):
        return now.lists
    lists = set(now.lists)
    for name, (before, _) in moves.items():
        (lists.add if before else lists.discard)(name)
    may_join = untouched or (active and linked) or lists <= set(now.lists)
    return sorted(lists) if may_join else now.lists


def moved_since(page: Page, undone: list[Undone], now: Held) -> bool:
    """Whether later changes come to other lists than the contact was left on."""
    later = page.database.all(
        "SELECT replaced FROM journal WHERE contact = ? AND source = ? AND number > ? ORDER BY number DESC",
        now.id, page.source, undone[0].number,
    )
    then = set(now.lists)
    for entry in later:
        what = json.loads(entry["replaced"])
        then -= set(spelt(page.database, what["joins"]))
        then |= set(spelt(page.database, what["leaves"]))
    return then != set(now.lists)


def moved(undone: list[Undone]) -> dict[str, tuple[bool, bool]]:
    """Each list that the changes moved: whether the contact was on it before them, and after them."""
    moved: dict[str, tuple[bool, bool]] = {}
    for entry in reversed(undone):
        for names, on in ((entry.replaced["leaves"], False), (entry.replaced["joins"], True)):
            for name in names:
                before, _ = moved.get(name, (not on, on))
                moved[name] = (before, on)
    return moved
