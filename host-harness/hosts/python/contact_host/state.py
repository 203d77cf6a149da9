"""The connector's small durable state: keys and bytes, written only together with a commit."""

import json

from .boundary import Record, record
from .failure import StoreFailure, limit, refuse
from .fields import MAX_BATCH

MAX_KEY = 256
MAX_VALUE = 1 << 20
MAX_STATE = 512 << 20


def get(database, key: str) -> bytes | None:
    """`found` has no `Variant`: bytes are a `value`, and `None` is `absent`."""
    row = database.one("SELECT value FROM state WHERE key = ?", key)
    return None if row is None else row["value"]


def get_many(database, keys: list[str]) -> list[Record]:
    limit(len(keys), MAX_BATCH)
    rows = database.all(
        "SELECT key, value FROM state WHERE key IN (SELECT value FROM json_each(?))", json.dumps(keys)
    )
    return [record(dict(row)) for row in rows]


def list_(database, prefix: str, after: str | None, most: int) -> list[Record]:
    # Keys with a prefix stand together, the first at the prefix itself.
    rows = database.all(
        """SELECT key, value FROM state
           WHERE key >= ?1 AND key > coalesce(?2, '') AND substr(key, 1, length(?1)) = ?1 ORDER BY key LIMIT ?3""",
        prefix, after, min(most, MAX_BATCH),
    )
    return [record(dict(row)) for row in rows]


def accept(key: str, value: bytes | None) -> None:
    """Refuses what is too long, before anything of the commit is done."""
    if len(key.encode()) > MAX_KEY or len(value or b"") > MAX_VALUE:
        refuse(f"an entry of the state has at most {MAX_KEY} bytes of key and {MAX_VALUE} bytes of value")


def write(database, writes: list[tuple[str, bytes | None]]) -> None:
    """Writes and deletes entries, in order; part of a commit."""
    for key, value in writes:
        if value is None:
            database.run("DELETE FROM state WHERE key = ?", key)
        else:
            database.run(
                "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                key, value,
            )
    if writes:
        row = database.one("SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) AS bytes FROM state")
        if row["bytes"] > MAX_STATE:
            raise StoreFailure("unavailable", f"the state has at most {MAX_STATE} bytes")
