# SPDX-License-Identifier: Apache-2.0
"""The receiving end of sd_notify(3), in systemd's place. A thread keeps reading, for a full socket holds up the sender."""

from __future__ import annotations

import queue
import socket
import threading
from pathlib import Path


class Notifications:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._words: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.2)
        path.chmod(0o777)
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def next(self, seconds: float) -> str | None:
        """The next word not yet taken, or nothing within that time."""
        try:
            return self._words.get(timeout=seconds)
        except queue.Empty:
            return None

    def forget(self) -> None:
        while not self._words.empty():
            self._words.get()

    def close(self) -> None:
        self._over.set()
        self._reader.join()
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        while not self._over.is_set():
            try:
                for word in self._socket.recv(4096).decode(errors="replace").splitlines():
                    self._words.put(word)
            except TimeoutError:
                pass
