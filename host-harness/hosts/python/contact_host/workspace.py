"""One workspace: a directory with contacts, secrets and a document, and the connector with what it may use there."""

import signal
import sqlite3
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from . import secrets
from .connector import Connector
from .database import Database
from .failure import StoreFailure
from .lease import Lease
from .run_control import RunControl
from .token_cache import TokenCache
from .watchdog import Watchdog


class NotConnected(Exception):
    """There is no document yet."""


class Workspace:
    def __init__(self, folder: Path, component: Path, allow_loopback: bool):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.database = Database(folder)
        self.allow_loopback = allow_loopback
        self.connector = Connector(component)
        self.tokens = TokenCache()
        self.offered: dict[str, str] = {}
        self.watchdog = Watchdog()
        self.is_to_stop = False
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self.stop)

    def stop(self, *_signal) -> None:
        self.is_to_stop = True

    @property
    def document(self) -> str:
        """The configuration document, as it was saved."""
        saved = self.saved()
        if saved is None:
            raise NotConnected("Nothing is connected here yet: connect first.")
        return saved

    def saved(self) -> str | None:
        row = self.database.one("SELECT value FROM settings WHERE name = 'document'")
        return None if row is None else row["value"]

    def save(self, document: str) -> None:
        """Saves a document, with the secrets that were offered for it."""
        with self.database.writing():
            for name, value in self.offered.items():
                secrets.keep(self.folder, name, value)
            self.database.run(
                """INSERT INTO settings (name, value) VALUES ('document', ?)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
                document,
            )

    def offer_secret(self, name: str, file: Path) -> None:
        """Has calls of this process use a secret in the place of the one that is kept."""
        if not secrets.is_name(name):
            raise ValueError(f"{name} cannot be the name of a secret: it has letters, digits and -_. alone.")
        self.offered[name] = file.read_text("utf-8-sig")

    @contextmanager
    def alone(self, task: str):
        """While nobody else writes here."""
        lease = Lease.acquire(self.database, task)
        self.database.hold(lease)
        try:
            yield
        finally:
            # What was done, or why it failed, is what is to be told. The lease of a process that is gone is free.
            with suppress(sqlite3.Error):
                lease.release(self.database)

    def rest(self, milliseconds: int) -> None:
        """Waits before the next slice, and keeps the lease meanwhile, unless somebody wants the run to end."""
        until = time.monotonic() + milliseconds / 1000
        while time.monotonic() < until and not self.is_to_stop:
            self.watchdog.alive("resting")
            self.database.renew()
            time.sleep(min(1, max(0, until - time.monotonic())))

    def call(self, function: str, *arguments, interface: str = "connector"):
        """Asks the connector something, in a fresh instance. What it led to is on the disk when this gives back."""
        self.watchdog.alive("connecting")
        self.run_control = RunControl(self.watchdog.alive, lambda: self.is_to_stop)
        try:
            answer = self.connector.call(self, function, *arguments, interface=interface)
        except BaseException:
            # What was committed before goes to the disk, too; where it cannot, the first error is the one to tell.
            with suppress(sqlite3.Error, StoreFailure):
                self.database.flush()
            raise
        self.database.flush()
        return answer

    def close(self) -> None:
        self.database.close()

    def consents(self, root: str) -> bool:
        """Other servers than Microsoft's only on this machine, and only with the operator's leave."""
        try:
            url = urlsplit(root)
        except ValueError:
            return False
        is_here = url.hostname in {"localhost", "127.0.0.1", "::1"} and url.username is None
        return self.allow_loopback and is_here
