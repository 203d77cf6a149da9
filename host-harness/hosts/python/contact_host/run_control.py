"""What a call tells while it goes on: one JSON object a line on standard error."""

import json
import sys

MAX_EVENTS = 10_000
MAX_TEXT = 1 << 20
MAX_EVENT = 4 << 10
"""As many events as a call may log, and as much text, in all and in one."""


class RunControl:
    def __init__(self, alive, is_to_stop):
        self.alive = alive
        """Hears of each report."""
        self.is_to_stop = is_to_stop
        self.events = 0
        self.text = 0

    def log(self, level: str, event: str, fields: list[tuple[str, str]]) -> None:
        line = json.dumps({"level": level, "event": event, **dict(fields)})
        self.events += 1
        self.text += len(line)
        if self.events <= MAX_EVENTS and self.text <= MAX_TEXT and len(line) <= MAX_EVENT:
            print(line, file=sys.stderr, flush=True)

    def report_progress(self, progress) -> str:
        self.alive(progress.phase)
        told = {"phase": progress.phase, "done": progress.done}
        if progress.total is not None:
            told["total"] = progress.total
        remaining = getattr(progress, "remaining-ms")
        if remaining is not None:
            told["remainingMs"] = remaining
        print(json.dumps(told), file=sys.stderr, flush=True)
        return "stop" if self.is_to_stop() else "go-on"
