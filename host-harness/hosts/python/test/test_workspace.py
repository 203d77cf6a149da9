"""What a workspace promises around the calls of a component.

    python -m unittest discover test
"""

import json
import os
import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from contact_host import secrets
from contact_host.database import Database
from contact_host.failure import StoreFailure, answering
from contact_host.lease import Lease, now_ms
from contact_host.workspace import Workspace

ENTRY = "INSERT INTO state (key, value) VALUES ('key', x'00')"


class AroundCalls(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def opened(self, **more) -> Database:
        database = Database(self.folder, **more)
        self.addCleanup(database.close)
        return database

    def workspace(self) -> Workspace:
        # Nothing here asks the component anything.
        with patch("contact_host.workspace.Connector"):
            workspace = Workspace(self.folder, Path("component"), False)
        self.addCleanup(workspace.close)
        return workspace

    def test_a_full_disk_is_told_as_unavailable_and_leaves_nothing(self):
        database = self.opened()
        database.flush()
        database.run("PRAGMA max_page_count = 1")

        def writes():
            with database.writing():
                database.run(ENTRY)
                database.run("INSERT INTO state (key, value) VALUES ('large', zeroblob(1000000))")

        self.assertEqual(answering(writes)(None).tag, "unavailable")
        database.run("PRAGMA max_page_count = 1000000")
        self.assertEqual(database.all("SELECT * FROM state"), [])
        writes()
        self.assertEqual(len(database.all("SELECT * FROM state")), 2)

    def test_a_transaction_that_cannot_be_committed_leaves_nothing_and_is_not_left_open(self):
        database = self.opened()
        with self.assertRaises(sqlite3.IntegrityError), database.writing():
            database.run("PRAGMA defer_foreign_keys = ON")
            database.run(ENTRY)
            database.run("INSERT INTO memberships (contact, source, list) VALUES (1, '', 1)")
        self.assertEqual(database.all("SELECT * FROM state"), [])
        with database.writing():
            database.run(ENTRY)

    def test_a_disk_that_does_not_have_everything_yet_because_of_others_is_told_as_unavailable(self):
        database, reader = self.opened(patience_s=0.1), self.opened()
        reader.run("BEGIN")
        reader.all("SELECT * FROM contacts")
        database.run(ENTRY)
        with self.assertRaisesRegex(StoreFailure, "unavailable"):
            database.flush()
        reader.run("COMMIT")
        database.flush()

    def test_why_a_call_failed_is_told_also_where_nothing_more_can_be_written(self):
        workspace = self.workspace()

        def fails(*_arguments, **_more):
            workspace.close()
            raise LookupError("the first error")

        workspace.connector.call = fails
        with self.assertRaisesRegex(LookupError, "the first error"), workspace.alone("sync"):
            workspace.call("sync")

    def test_a_run_that_rests_between_two_slices_keeps_its_lease_and_hears_where_it_lost_it(self):
        workspace = self.workspace()
        database = workspace.database
        with workspace.alone("sync"):
            database.run("UPDATE lease SET expires_at_ms = 0")
            workspace.rest(1)
            self.assertGreater(database.one("SELECT expires_at_ms FROM lease")["expires_at_ms"], now_ms())
            database.run("UPDATE lease SET token = token + 1")
            with self.assertRaisesRegex(StoreFailure, "lease-lost"):
                workspace.rest(1)

    def test_a_run_is_at_work_while_somebody_holds_a_lease_for_it(self):
        database = self.opened()
        now = now_ms()
        for task, is_running in (("plan", False), ("sync", True), ("connect", False), ("undo", True)):
            lease = Lease.acquire(database, task, now)
            self.assertEqual(Lease.is_running(database, now), is_running, task)
            self.assertFalse(Lease.is_running(database, now + 61_000), "an expired lease is nobody's")
            lease.release(database)
            self.assertFalse(Lease.is_running(database, now))

    def test_a_secret_is_kept_in_a_new_file_that_its_owner_alone_can_read(self):
        kept = self.folder / "secrets" / "name"
        kept.parent.mkdir()
        kept.write_text("former")
        kept.chmod(0o644)
        with closing(kept.open()) as former:
            secrets.keep(self.folder, "name", "new")
            self.assertEqual(former.read(), "former", "whoever had the former file open reads the new secret")
        self.assertEqual(kept.read_text(), "new")
        if os.name == "posix":
            self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.assertEqual(list(kept.parent.iterdir()), [kept])

    def test_a_secret_that_is_offered_comes_before_the_one_that_is_kept_and_only_names_of_secrets_are_read(self):
        secrets.keep(self.folder, "name", "\ufeffkept\r\n")
        self.assertEqual(secrets.give(self.folder, "name", {}), "kept")
        self.assertEqual(secrets.give(self.folder, "name", {"name": "offered\n"}), "offered")
        for name in ("../audit.jsonl", ".name", "unknown"):
            with self.assertRaisesRegex(secrets.SecretFailure, "not-found"):
                secrets.give(self.folder, name, {})

    def test_a_file_that_begins_with_a_mark_of_its_encoding_gives_the_secret_alone(self):
        workspace = self.workspace()
        file = self.folder / "secret.txt"
        file.write_bytes(b"\xef\xbb\xbfsecret\r\n")
        workspace.offer_secret("name", file)
        workspace.save(json.dumps({}))
        self.assertEqual(secrets.give(self.folder, "name", {}), "secret")
        self.assertEqual(workspace.document, "{}")


if __name__ == "__main__":
    unittest.main()
