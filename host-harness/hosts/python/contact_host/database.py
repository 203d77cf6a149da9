"""The database of one workspace, and transactions that only the holder of the lease commits."""

import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path

from .failure import StoreFailure

SCHEMA = Path(__file__).parents[2] / "contacts.sql"


PATIENCE_S = 5
"""How long to wait for another process that uses the database."""


class Database:
    def __init__(self, folder: Path, patience_s: float = PATIENCE_S):
        self.patience_s = patience_s
        self.connection = sqlite3.connect(
            folder / "contacts.db", timeout=patience_s, isolation_level=None, cached_statements=256
        )
        self.connection.row_factory = sqlite3.Row
        self.run("PRAGMA journal_mode = WAL")
        # A failure of the power takes the last commits at most, in their order, until `flush`.
        self.run("PRAGMA synchronous = NORMAL")
        self.run("PRAGMA wal_autocheckpoint = 8000")
        self.run("PRAGMA cache_size = -16000")
        self.run("PRAGMA foreign_keys = ON")
        self.connection.executescript(SCHEMA.read_text("utf-8"))
        self.lease = None

    def hold(self, lease) -> None:
        """Writes of this connection are in the name of a lease from here on."""
        self.lease = lease

    @contextmanager
    def writing(self):
        """All of it, or nothing; nothing where the lease was lost."""
        self.run("BEGIN IMMEDIATE")
        try:
            if self.lease is not None:
                self.lease.renew(self)
            yield
            self.run("COMMIT")
        except BaseException:
            # Of some errors, a full disk among them, SQLite rolls back by itself.
            if self.connection.in_transaction:
                self.run("ROLLBACK")
            raise

    def renew(self) -> None:
        """Holds the lease for longer where nothing is to be written; refuses where it was lost."""
        with self.writing():
            pass

    def flush(self) -> None:
        """Waits until the disk has what was committed: `unavailable` where others are in the way for long."""
        until = time.monotonic() + self.patience_s
        # SQLite waits for readers and writers by itself, but not for a checkpoint of another process.
        while self.one("PRAGMA wal_checkpoint(FULL)")["busy"]:
            if time.monotonic() >= until:
                raise StoreFailure("unavailable", "SQLITE_BUSY")
            time.sleep(0.05)

    def run(self, sql: str, *values) -> sqlite3.Cursor:
        return self.connection.execute(sql, values)

    def all(self, sql: str, *values) -> list[sqlite3.Row]:
        return self.run(sql, *values).fetchall()

    def one(self, sql: str, *values) -> sqlite3.Row | None:
        return self.run(sql, *values).fetchone()

    def close(self) -> None:
        self.connection.close()
