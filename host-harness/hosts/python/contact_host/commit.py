"""What all changes of one commit share: whose contacts, in which run, and when."""

from .boundary import Variant, record
from .contacts import Contacts, Held, number_of
from .journal import enter
from .lease import now_ms
from .lists import Lists


class Page:
    def __init__(self, database, source: str, run: str | None):
        self.database = database
        self.source = source
        self.run = run
        self.now = now_ms()
        self.contacts = Contacts(database, source)
        self.lists = Lists(database, source, run)

    def held(self, precondition) -> Held | None:
        """The contact of a change, as it stands now."""
        return next(iter(self.contacts.read([number_of(precondition.contact)])), None)

    def done(self, change, contact: int, version: int, effect: str, what: dict, why=None, address=None) -> Variant:
        """Notes a change that was applied."""
        enter(self, user_of(change), contact, version, effect, change.reason, what, why, address)
        return Variant("applied", record({"contact": str(contact), "version": version}))


def user_of(change) -> str:
    return getattr(change, "object-id")


def conflict(kind: str) -> Variant:
    return Variant("conflict", kind)


def refused(refusal) -> Variant:
    return Variant("refused", refusal)
