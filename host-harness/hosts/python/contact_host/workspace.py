"""One workspace: a directory with contacts, secrets and a document, and the connector with what it may use there."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from .connector import Connector
from .database import Database
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
        self.watchdog = Watchdog()
        self.is_to_stop = False
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self.stop)

    def stop(self, *_signal) -> None:
        self.is_to_stop = True

    @property
    def document(self) -> str:
        """The configuration document, as it was saved."""
        row = self.database.one("SELECT value FROM settings WHERE name = 'document'")
        if row is None:
            raise NotConnected("Nothing is connected here yet: connect first.")
        return row["value"]

    @document.setter
    def document(self, document: str) -> None:
        self.database.run(
            """INSERT INTO settings (name, value) VALUES ('document', ?)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
            document,
        )

    @contextmanager
    def alone(self, task: str):
        """While nobody else writes here."""
        lease = Lease.acquire(self.database, task)
        self.database.hold(lease)
        try:
            yield
        finally:
            lease.release(self.database)

    def rest(self, milliseconds: int) -> None:
        """Waits before the next slice, unless somebody wants the run to end."""
        until = time.monotonic() + milliseconds / 1000
        while time.monotonic() < until and not self.is_to_stop:
            self.watchdog.alive("resting")
            time.sleep(min(1, max(0, until - time.monotonic())))

    def call(self, function: str, *arguments, interface: str = "connector"):
        """Asks the connector something, in a fresh instance. What it led to is on the disk when this gives back."""
        self.watchdog.alive("connecting")
        self.run_control = RunControl(self.watchdog.alive, lambda: self.is_to_stop)
        try:
            return self.connector.call(self, function, *arguments, interface=interface)
        finally:
            self.database.flush()

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
