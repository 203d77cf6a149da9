"""Ends this process where a call of the component shows no life for too long.

While the component waits for an answer, no signal handler of Python runs, so another thread looks.
"""

import json
import os
import threading
import time

CONNECTING_S = 150
"""Within so long there is a first answer: an exchange takes 120 s at most, but that for a token has no bound."""

WORKING_S = 600
"""Within so long there is another report of progress, throttling included."""


class Watchdog:
    def __init__(self, connecting_s: float = CONNECTING_S, working_s: float = WORKING_S):
        self.connecting_s = connecting_s
        self.working_s = working_s
        self.alive("connecting")
        threading.Thread(target=self.look, daemon=True).start()

    def alive(self, phase: str) -> None:
        """A sign of life."""
        patience_s = self.connecting_s if phase == "connecting" else self.working_s
        self.until = time.monotonic() + patience_s

    def look(self) -> None:
        while time.monotonic() <= self.until:
            time.sleep(0.5)
        error = {"tag": "host", "val": "The connector shows no life any more: its process is ended."}
        print(json.dumps({"error": error}), flush=True)
        os._exit(1)
