# SPDX-License-Identifier: Apache-2.0
"""What the talking clients write: one JSON line an event, stamped with the machine's monotonic clock.

All namespaces share that clock, so lines of different clients and of the lab itself compare.
  open    the session is up
  beat    round trip number `sequence` came back
  lost    the session or request failed; `why` says how
"""

from __future__ import annotations

import json
import threading
import time
from typing import TextIO


class TalkLog:
    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def open(self, session: str) -> None:
        self._write({"event": "open", "session": session})

    def beat(self, session: str, sequence: int) -> None:
        self._write({"event": "beat", "session": session, "sequence": sequence})

    def lost(self, session: str, why: str) -> None:
        self._write({"event": "lost", "session": session, "why": why})

    def _write(self, event: dict[str, object]) -> None:
        line = json.dumps({"at": time.monotonic(), **event})
        with self._lock:
            print(line, file=self._file, flush=True)
