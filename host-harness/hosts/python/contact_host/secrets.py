"""Secrets: files that only their owner can read, and a log of which was given when."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from .boundary import Variant


class SecretFailure(Exception):
    """An error of the contract's `secret-error`."""

    def __init__(self, tag: str, payload: str | None = None):
        super().__init__(tag)
        self.answer = Variant(tag, payload)


def is_name(name: str) -> bool:
    """Whether a secret can have that name: one that could lead elsewhere cannot."""
    return re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name) is not None


def secret_file(folder: Path, name: str) -> Path:
    return folder / "secrets" / name


def keep(folder: Path, name: str, value: str) -> None:
    """Keeps a secret in the place of the one that had its name."""
    file = secret_file(folder, name)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    # A new file, whose name no secret can have: nobody else has it open, whatever the rights of the former one.
    opened, made = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with open(opened, "w", encoding="utf-8") as written:
            written.write(value)
            written.flush()
            os.fsync(opened)
        os.replace(made, file)
    except BaseException:
        os.unlink(made)
        raise


def give(folder: Path, name: str, offered: Mapping[str, str]) -> str:
    """The value, once it is noted that it is given: what cannot be noted is not given.

    What is offered with a document, and not kept yet, comes before what is kept.
    """
    value = offered[name].strip() if name in offered else read(folder, name)
    note(folder, name)
    return value


def read(folder: Path, name: str) -> str:
    file = secret_file(folder, name)
    if not is_name(name) or not file.exists():
        raise SecretFailure("not-found")
    try:
        # Editors on Windows begin a file with a mark, which is no part of the secret.
        return file.read_text("utf-8-sig").strip()
    except OSError as error:
        raise SecretFailure("unavailable", error.strerror) from None


def note(folder: Path, name: str) -> None:
    line = json.dumps({"at": datetime.now(timezone.utc).isoformat(), "process": os.getpid(), "given": name})
    try:
        log = os.open(folder / "audit.jsonl", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.write(log, f"{line}\n".encode())
        finally:
            os.close(log)
    except OSError:
        raise SecretFailure("unavailable", "the audit log cannot be written") from None
