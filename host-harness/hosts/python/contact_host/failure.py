"""How an import fails: by giving the error back. An exception would end the call of the component."""

import functools
import sqlite3

from .boundary import Variant


class StoreFailure(Exception):
    """An error of the contract's `store-error`."""

    def __init__(self, tag: str, payload=None):
        super().__init__(tag if payload is None else f"{tag}: {payload}")
        self.answer = Variant(tag, payload)


def refuse(why: str):
    """Refuses a call that asks for what the contract does not allow."""
    raise StoreFailure("other", why)


def limit(asked: int, most: int) -> None:
    """Refuses more than the store said that it takes at once."""
    if asked > most:
        raise StoreFailure("batch-too-large", most)


def answering(function):
    """An import: without the first argument, which is wasmtime's, and with its failures as answers."""

    @functools.wraps(function)
    def answer(_store, *arguments):
        try:
            return function(*arguments)
        except StoreFailure as failure:
            return failure.answer
        except sqlite3.Error as error:
            return named(getattr(error, "sqlite_errorname", None) or "SQLITE_ERROR")

    return answer


def named(code: str) -> Variant:
    """The code says enough: a message of SQLite could repeat what somebody wrote."""
    kind = "_".join(code.split("_")[:2])
    if kind in {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM"}:
        return Variant("unavailable", code)
    if kind in {"SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH"}:
        return Variant("access-denied")
    if kind in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return Variant("damaged", code)
    return Variant("other", code)
