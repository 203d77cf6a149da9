"""Who may write in a workspace: one process at a time.

What makes it safe is the token, not the clock: it counts up with every holder, and each write looks in its
own transaction whether its token is the newest.
"""

import os
import socket
import time
from datetime import datetime, timezone

from .failure import StoreFailure

GOOD_FOR_MS = 60_000


class LeaseHeld(Exception):
    """Somebody else is at work."""


class Lease:
    def __init__(self, token: int):
        self.token = token

    @classmethod
    def acquire(cls, database, task: str, now: int | None = None) -> "Lease":
        """Takes the lease where it is free, expired, or left by a process of this machine that is no more."""
        now = now_ms() if now is None else now
        with database.writing():
            row = read(database)
            if is_live(row, now):
                raise LeaseHeld(f"Somebody else works here: {holder(row)}.")
            database.run(
                "UPDATE lease SET token = ?, task = ?, process = ?, machine = ?, since_ms = ?, expires_at_ms = ?",
                row["token"] + 1, task, os.getpid(), socket.gethostname(), now, now + GOOD_FOR_MS,
            )
            return cls(row["token"] + 1)

    @staticmethod
    def is_running(database, now: int | None = None) -> bool:
        """Whether a run, or one that takes another back, is at work now, in whatever process."""
        row = read(database)
        return is_live(row, now_ms() if now is None else now) and row["task"] in {"sync", "undo"}

    def renew(self, database) -> None:
        """Refuses whoever lost the lease; holds it for longer. Part of every write."""
        row = read(database)
        if row["token"] != self.token:
            raise StoreFailure("lease-lost", holder(row))
        database.run("UPDATE lease SET expires_at_ms = ?", now_ms() + GOOD_FOR_MS)

    def release(self, database) -> None:
        database.run("UPDATE lease SET task = NULL, expires_at_ms = NULL WHERE token = ?", self.token)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def read(database):
    return database.one("SELECT * FROM lease")


def holder(row) -> str:
    since = datetime.fromtimestamp((row["since_ms"] or 0) / 1000, timezone.utc).isoformat(timespec="milliseconds")
    return f"`{row['task'] or 'nobody'}` in process {row['process']} on {row['machine']}, since {since}"


def is_live(row, now: int) -> bool:
    """Whether somebody holds the lease."""
    return row["task"] is not None and now < row["expires_at_ms"] and not is_dead(row)


def is_dead(row) -> bool:
    if row["machine"] != socket.gethostname() or row["process"] is None:
        return False
    try:
        os.kill(row["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
