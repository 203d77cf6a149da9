"""Access tokens, for as long as this process lives: the import `token-cache`, which not every component has."""

import time

from .boundary import Record, record

MAX_TOKENS = 8
MAX_LENGTH = 64 << 10


class TokenCache:
    """The slices of a run share one sign-in; nothing of it reaches the disk."""

    def __init__(self):
        self.kept: dict[str, tuple[str, float]] = {}

    def get(self, issued_for: str) -> Record | None:
        value, until = self.kept.get(issued_for, ("", 0.0))
        good_for_ms = int((until - time.monotonic()) * 1000)
        return record({"value": value, "good-for-ms": good_for_ms}) if value and good_for_ms > 0 else None

    def put(self, issued_for: str, token) -> None:
        self.kept.pop(issued_for, None)
        good_for_ms = getattr(token, "good-for-ms")
        if good_for_ms == 0 or len(token.value) > MAX_LENGTH:
            return
        self.kept[issued_for] = (token.value, time.monotonic() + good_for_ms / 1000)
        if len(self.kept) > MAX_TOKENS:
            del self.kept[next(iter(self.kept))]
