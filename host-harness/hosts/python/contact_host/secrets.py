"""Secrets: files that only their owner can read, and a log of which was given when."""

import json
import os
import re
from datetime import datetime, timezone
from pathlib import Path

from .boundary import Variant


class SecretFailure(Exception):
    """An error of the contract's `secret-error`."""

    def __init__(self, tag: str, payload: str | None = None):
        super().__init__(tag)
        self.answer = Variant(tag, payload)


def secret_file(folder: Path, name: str) -> Path | None:
    """Where a secret of that name is kept; none where the name could lead elsewhere."""
    return folder / "secrets" / name if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name) else None


def keep(folder: Path, name: str, value: str) -> None:
    file = secret_file(folder, name)
    if file is None:
        raise ValueError(f"{name} cannot be the name of a secret: it has letters, digits and -_. alone.")
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(value, "utf-8")


def give(folder: Path, name: str) -> str:
    """The value, once it is noted that it is given: what cannot be noted is not given."""
    file = secret_file(folder, name)
    if file is None or not file.exists():
        raise SecretFailure("not-found")
    try:
        value = file.read_text("utf-8").strip()
    except OSError as error:
        raise SecretFailure("unavailable", error.strerror) from None
    note(folder, name)
    return value


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
