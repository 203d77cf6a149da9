"""Ends this process where a call of the component shows no life for too long.

While the component waits for an answer, no signal handler of Python runs, so another thread looks.
"""

import os
import signal
import threading
import time


class Watchdog:
    def __init__(self, patience_s: float):
        self.patience_s = patience_s
        self.alive()
        threading.Thread(target=self.look, daemon=True).start()

    def alive(self) -> None:
        self.seen = time.monotonic()

    def look(self) -> None:
        while time.monotonic() - self.seen <= self.patience_s:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
