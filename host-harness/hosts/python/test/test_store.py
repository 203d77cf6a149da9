"""What the store promises, without a component: what goes wrong, and what is taken back.

    python -m unittest discover test
"""

import json
import tempfile
import unittest
from pathlib import Path

from contact_host import contact_store, edits, journal, notes, plan_sink, rounds, state
from contact_host.boundary import Variant, record
from contact_host.database import Database
from contact_host.failure import StoreFailure, answering
from contact_host.lease import Lease, LeaseHeld, now_ms
from contact_host.spelling import list_key, match_key
from contact_host.token_cache import TokenCache

SOURCE = "entra:test"
FIELDS = ["first_name", "email", "company", "Shoe size"]
NOTHING = {"otherwise": [], "notes": [], "settled": [], "sightings": None, "marks": [], "state": []}


def fields(values: dict) -> list:
    return [record({"name": name, "value": value}) for name, value in values.items()]


def lists(*names: str) -> list:
    return [record({"name": name, "description": ""}) for name in names]


def membership(join=(), leave=()):
    return record({"join": lists(*join), "leave": list(leave)})


def commit(changes=(), run="run", **more):
    return record({"source": SOURCE, "run": run, "changes": list(changes)} | NOTHING | more)


def create(user: str, values: dict | None = None, on=()) -> Variant:
    held = fields(values or {})
    return Variant("create", record({
        "object-id": user, "fields": held, "base": held, "active": True, "lists": lists(*on), "reason": "new-user",
    }))


def update(contact, writes: dict, user: str | None = None, base: dict | None = None, moves=None) -> Variant:
    return Variant("update", record({
        "contact": at(contact), "object-id": user or user_of(contact), "writes": fields(writes),
        "base": None if base is None else fields(base), "membership": moves or membership(), "active": None,
        "directory": [], "reason": "changed",
    }))


def link(contact, user: str) -> Variant:
    return Variant("link", record({
        "contact": at(contact), "object-id": user, "writes": [], "base": [], "membership": membership(),
        "active": None, "reason": "matched-by-address",
    }))


def remove(contact, kind: str) -> Variant:
    return Variant("remove", record({
        "contact": at(contact), "object-id": user_of(contact), "kind": kind, "evidence": Variant("deleted-soft"),
        "reason": "gone",
    }))


def at(contact):
    return record({"contact": contact.id, "version": contact.version})


def user_of(contact) -> str:
    return getattr(contact.link, "object-id") if contact.link else "nobody"


def changed(contact, **values):
    return record(vars(contact) | values)


def words(outcomes: list) -> list[str]:
    told = {"conflict": lambda payload: payload, "refused": lambda payload: payload.code}
    return [told.get(outcome.tag, lambda _: outcome.tag)(outcome.payload) for outcome in outcomes]


class Store(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.database = self.opened()

    def opened(self) -> Database:
        database = Database(Path(self.folder.name))
        self.addCleanup(database.close)
        return database

    def apply(self, *changes, **more):
        return contact_store.apply(self.database, commit(changes, **more))

    def find(self, users=(), contacts=()):
        return contact_store.lookup(self.database, record({
            "source": SOURCE, "object-ids": list(users), "match-keys": [], "contacts": list(contacts), "fields": FIELDS,
        }))

    def of(self, user: str):
        [contact] = self.find([user])
        return contact

    def created(self, user: str, values: dict | None = None, on=()):
        self.assertEqual(words(self.apply(create(user, values, on))), ["applied"])
        return self.of(user)

    def done_in(self, run: str):
        return journal.of_run(self.database, SOURCE, run, "", 99)

    def undo(self, run: str, by: str) -> list[str]:
        """Takes back all that a run did, as a connector decides it where nothing was edited since."""
        reversals = {}
        for entry in self.done_in(run):
            now = self.find(contacts=[entry.contact])
            version = now[0].version if now else entry.version
            reversal = reversals.setdefault(entry.contact, record({
                "contact": record({"contact": entry.contact, "version": version}),
                "object-id": getattr(entry.what, "object-id"), "entries": [], "writes": [], "directory": [],
                "evidence": Variant("undone", run), "reason": "undone",
            }))
            reversal.entries.append(entry.number)
            if entry.what.effect not in {"create", "delete"}:
                reversal.writes += fields({change.field: change.before for change in entry.what.fields})
        return words(self.apply(*(Variant("revert", reversal) for reversal in reversals.values()), run=by))

    def everything(self) -> list[dict]:
        """All contacts, but for their versions."""
        rows = self.database.all("SELECT id FROM contacts ORDER BY id")
        return [
            {
                "id": contact.id, "active": contact.active, "former": contact.former, "lists": contact.lists,
                "fields": {field.name: field.value for field in contact.fields},
                "link": contact.link and (user_of(contact), {field.name: field.value for field in contact.link.base}),
            }
            for contact in self.find(contacts=[str(row["id"]) for row in rows])
        ]

    def test_contacts_that_are_nobodys_are_told_and_no_others(self):
        def nobodys(after=None, limit=10):
            return [each.id for each in contact_store.unlinked(self.database, SOURCE, after, limit, FIELDS)]

        for user in ["a", "b", "c"]:
            self.apply(create(user, {"email": f"{user}@x.org"}), source="entra:other")
        self.apply(create("d", {"company": "without an address"}), source="entra:other")
        self.created("linked", {"email": "linked@x.org"})
        self.apply(remove(self.created("former", {"email": "former@x.org"}), "unlink"))
        self.apply(remove(self.created("inactive", {"email": "inactive@x.org"}), "deactivate"))
        everybody = nobodys()
        self.assertEqual(len(everybody), 3)
        first = nobodys(limit=2)
        self.assertEqual(first + nobodys(first[1], 2), everybody)
        self.assertEqual(nobodys(everybody[2]), [])

    def test_whoever_others_write_is_told_also_after_an_own_write(self):
        users = ["user-1", "user-2", "user-3"]
        for user in users:
            self.created(user, {"company": "A"})
        begin = edits.since(self.database, SOURCE, None, 10).next
        self.assertEqual(edits.since(self.database, SOURCE, begin, 10).users, [])
        self.database.run("UPDATE contacts SET version = version + 1 WHERE id = ?", int(self.of("user-1").id))
        self.apply(update(self.of("user-1"), {"company": "B"}))
        self.apply(update(self.of("user-2"), {"company": "B"}))
        self.apply(link(self.of("user-3"), "theirs"), source="entra:other")
        first = edits.since(self.database, SOURCE, begin, 1)
        second = edits.since(self.database, SOURCE, first.next, 1)
        self.assertEqual(first.users + second.users, ["user-1", "user-3"])
        self.assertEqual(edits.since(self.database, SOURCE, second.next, 1).users, [])
        [theirs] = contact_store.lookup(self.database, record({
            "source": "entra:other", "object-ids": ["theirs"], "match-keys": [], "contacts": [], "fields": [],
        }))
        self.apply(remove(theirs, "delete"), source="entra:other")
        self.assertEqual(edits.since(self.database, SOURCE, second.next, 9).users, ["user-3"])
        for token in ["", "-1", "1" * 16, "no token"]:
            self.assertIsNone(edits.since(self.database, SOURCE, token, 9))

    def test_conflicts_are_told_apart(self):
        linked = self.created("user-1", {"email": "a@x.org"})
        unlinked = self.created("user-2")
        self.apply(remove(unlinked, "unlink"))
        [free] = self.find(contacts=[unlinked.id])
        self.assertEqual(free.former, "user-2")
        outcomes = self.apply(
            create("user-1"),
            link(linked, "user-3"),
            link(free, "user-1"),
            update(linked, {}, user="user-3"),
            link(changed(free, id="4711"), "user-3"),
            link(changed(free, id="no id of this store"), "user-3"),
            link(changed(free, version=2**64 - 1), "user-3"),
            update(unlinked, {}),
        )
        expected = ["linked", "linked", "linked", "linked", "gone", "gone", "version", "version"]
        self.assertEqual(words(outcomes), expected)

    def test_a_change_that_was_decided_on_an_older_version_has_no_effect(self):
        contact = self.created("user-1", {"company": "A"})
        self.assertEqual(words(self.apply(update(contact, {"company": "Mine"}))), ["applied"])
        self.assertEqual(words(self.apply(update(contact, {"company": "B"}, moves=membership(["L"])))), ["version"])
        [held] = self.everything()
        self.assertEqual((held["fields"], held["lists"]), ({"company": "Mine"}, []))

    def test_what_is_refused_stops_no_other_and_names_the_field_and_never_the_value(self):
        outcomes = self.apply(
            create("user-1", {"email": "no address"}),
            create("user-2", {"first_name": "x" * 65}),
            create(""),
            create("user-3", {"company": ""}),
            create("user-4", {"company": "A"}, [" "]),
            create("user-5", {"company": "A"}),
        )
        expected = ["invalid-email", "too-long", "invalid-object-id", "empty-value", "invalid-list", "applied"]
        self.assertEqual(words(outcomes), expected)
        self.assertEqual(vars(outcomes[0].payload), {"field": "email", "code": "invalid-email"})

    def test_a_commit_that_fails_leaves_nothing_of_itself(self):
        cursor = record({"key": "cursor", "value": b"1"})
        sightings = record({"round": "never opened", "object-ids": [], "links": []})
        otherwise = record({"changes": [1], "key-prefix": "ledger/", "value": b"1"})
        for more in (
            {"state": [cursor, record({"key": "k" * 257, "value": b"1"})]},
            {"state": [cursor], "sightings": sightings},
            {"state": [cursor], "otherwise": [otherwise]},
            {"state": [cursor], "source": ""},
        ):
            page = commit([create("user-1")], **more)
            answer = answering(contact_store.apply)(None, self.database, page)
            self.assertEqual(answer.tag, "other", more)
        self.assertEqual(self.find(["user-1"]), [])
        self.assertIsNone(state.get(self.database, "cursor"))

    def test_state_is_written_for_changes_that_were_not_applied_in_place_of_what_else_was_written(self):
        self.apply(
            create("user-1", {"email": "no address"}),
            create("user-2"),
            otherwise=[record({"changes": [0, 1], "key-prefix": "ledger/", "value": b"otherwise"})],
            state=[record({"key": f"ledger/user-{n}", "value": b"state"}) for n in (1, 2)],
        )
        kept = state.list_(self.database, "ledger/", None, 9)
        self.assertEqual([entry.value for entry in kept], [b"otherwise", b"state"])

    def test_a_round_sees_its_own_links_known_read_by_nobody_and_not_made_anew(self):
        for user in ("d", "b", "a", "c"):
            self.created(user)

        def opened(resume: bool) -> int:
            return getattr(rounds.open_round(self.database, SOURCE, "round", resume), "known-links")

        def unseen(after: str = "") -> list[str]:
            return [user_of(contact) for contact in rounds.unseen(self.database, SOURCE, "round", after, 9, [])]

        self.assertEqual(opened(False), 4)
        self.created("e")
        self.apply(
            remove(self.of("d"), "unlink"),
            sightings=record({"round": "round", "object-ids": ["b", "nobody"], "links": []}),
        )
        self.assertEqual((unseen(), unseen("a")), (["a", "c"], ["c"]))
        self.assertEqual(opened(True), 4)
        rounds.close_round(self.database, SOURCE, "round")
        rounds.close_round(self.database, SOURCE, "round")
        self.assertRaises(StoreFailure, unseen)

    def test_a_list_is_spelt_as_the_change_with_the_smallest_object_id_of_its_run_has_it(self):
        self.created("user-2", on=["SALES"])
        self.created("user-1", on=["Sales"])
        self.apply(create("user-0", on=["sales"]), run="later")
        self.assertEqual([self.of(user).lists for user in ("user-0", "user-1", "user-2")], [["Sales"]] * 3)
        [entry] = journal.about(self.database, SOURCE, Variant("user", "user-2"), 1)
        self.assertEqual(entry.what.joins, ["Sales"])

    def test_spellings_of_one_address_and_of_one_list_are_one(self):
        for spelling in ("KIM@BÜCHER.EXAMPLE", " kim@xn--bcher-kva.example", "k\u200bim@bu\u0308cher.example"):
            self.assertEqual(match_key(spelling), "kim@bücher.example")
        self.assertNotEqual(match_key("ılk@x.org"), match_key("ilk@x.org"))
        self.assertEqual(match_key("ΟΔΥΣΣΕΥΣ@x.org"), match_key("οδυσσευς@x.org"))
        self.assertEqual(list_key(" Sa\u00adles \t EMEA"), "sales emea")

    def test_a_note_keeps_its_run_as_long_as_the_reason_is_the_same_and_is_found_by_the_address(self):
        def note(run: str, reason: str) -> None:
            noted = {"object-id": "user-1", "address": " Jane@Example.org ", "contact": None, "reason": reason}
            self.apply(run=run, notes=[record(noted)])

        def runs(who: Variant) -> list[str]:
            return [noted.run for noted in notes.about(self.database, SOURCE, who)]

        note("r1", "out-of-scope")
        note("r2", "out-of-scope")
        self.assertEqual(runs(Variant("address", "jane@example.ORG")), ["r1"])
        note("r3", "no-address")
        self.assertEqual(runs(Variant("user", "user-1")), ["r3"])
        self.apply(settled=["user-1"])
        self.assertEqual(runs(Variant("user", "user-1")), [])

    def test_what_a_run_did_is_taken_back_and_the_taking_back_too(self):
        made = self.created("user-1", {"email": "a@x.org", "company": "A", "Shoe size": "42"}, ["Ours"])
        second = self.created("user-2", {"email": "b@x.org"}, ["Ours"])
        third = self.created("user-3", {"email": "c@x.org"})
        before = self.everything()
        base = {"email": "a@x.org", "company": "B"}
        self.apply(
            update(made, {"company": "B", "Shoe size": None}, base=base, moves=membership(["New"], ["Ours"])),
            remove(second, "delete"),
            remove(third, "unlink"),
            create("user-4", {"email": "d@x.org"}, ["New"]),
            run="r1",
        )
        done = self.everything()
        self.assertNotEqual(done, before)
        for run, by, expected in (("r1", "undo", before), ("undo", "redo", done), ("redo", "again", before)):
            self.assertEqual(self.undo(run, by), ["applied"] * 4, by)
            self.assertEqual(self.everything(), expected, by)
        effects = [entry.what.effect for entry in self.done_in("undo")]
        self.assertEqual(effects, ["update", "create", "link", "delete"])

    def test_a_deleted_contact_does_not_come_back_over_another_one_of_its_user(self):
        contact = self.created("user-1", {"company": "A"})
        self.apply(remove(contact, "delete"), run="r1")
        replacement = self.created("user-1")
        self.assertNotEqual(replacement.id, contact.id)
        self.assertEqual(self.undo("r1", "undo"), ["linked"])
        self.apply(remove(replacement, "delete"))
        self.assertEqual(self.undo("r1", "undo"), ["applied"])
        self.assertEqual(self.undo("r1", "undo"), ["version"])

    def test_a_plan_is_a_map_from_user_to_decision_and_the_last_ten_are_kept(self):
        def entry(user: str, effect: str):
            return record({"contact": None, "version": None, "directory": [], "what": record({
                "object-id": user, "effect": effect, "reason": "because", "evidence": None, "fields": [],
                "joins": ["Sales"], "leaves": [],
            })})

        def changes(plan: str) -> list[str]:
            found = plan_sink.changes(self.database, plan, None, 9)
            return [getattr(each.what, "object-id") for each in found]

        self.assertRaises(StoreFailure, plan_sink.count, self.database)
        for number in range(11):
            plan_sink.begin(self.database)
            plan_sink.put(self.database, [entry("a", "create"), entry("b", "create")])
            plan_sink.put(self.database, [entry("b", "skip")])
            plan_sink.keep(self.database, f"digest-{number}", json.dumps({}))
        self.assertEqual([changes(f"digest-{number}") for number in (10, 1, 0)], [["a"], ["a"], []])

    def test_a_lease_that_somebody_else_holds_is_refused_with_who_it_is_and_who_lost_it_writes_nothing(self):
        lease = Lease.acquire(self.database, "sync", 1_000)
        self.database.hold(lease)
        self.created("user-1")
        other = self.opened()
        with self.assertRaisesRegex(LeaseHeld, "`sync`"):
            Lease.acquire(other, "plan", 1_000)
        Lease.acquire(other, "plan", now_ms() + 61_000)
        with self.assertRaisesRegex(StoreFailure, "lease-lost.*`plan`"):
            self.apply(create("user-2"))
        self.assertEqual(self.find(["user-2"]), [])
        lease.release(self.database)
        with self.assertRaises(LeaseHeld, msg="a stale holder gives back nothing"):
            Lease.acquire(self.opened(), "sync")

    def test_what_was_committed_is_there_after_the_process_is_gone(self):
        self.created("user-1", {"company": "A"})
        self.database = self.opened()
        self.assertEqual(len(self.find(["user-1"])), 1)

    def test_a_token_is_given_back_while_it_is_good_and_no_more_than_eight_are_kept(self):
        tokens = TokenCache()
        for use in range(9):
            tokens.put(f"use {use}", record({"value": "token", "good-for-ms": 60_000}))
        self.assertIsNone(tokens.get("use 0"))
        self.assertEqual(tokens.get("use 8").value, "token")
        tokens.put("use 8", record({"value": "token", "good-for-ms": 0}))
        self.assertIsNone(tokens.get("use 8"))


if __name__ == "__main__":
    unittest.main()
