# SPDX-License-Identifier: Apache-2.0
"""What a lab run owns, on disk, so that it can be removed after any kind of end.

Each run holds a lock on its own record for as long as it lives. The kernel drops the lock with the process,
even after SIGKILL; so a record whose lock is free belongs to nobody, and the next run clears it away.
Records of living runs keep their lock: parallel runs never touch each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from shell import run, succeeds

RECORDS = Path("/run/sweepgate-lab")
NETNS_ETC = Path("/etc/netns")
PREFIX = "sg"
_FOLDER_PREFIX = "sweepgate-lab-"


@contextlib.contextmanager
def _registry() -> Iterator[None]:
    """Held while records are made or cleared: nobody sees a record that has no lock yet."""
    RECORDS.mkdir(mode=0o700, exist_ok=True)
    with open(RECORDS / "registry.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Estate:
    """The namespaces and the folder of one run."""

    def __init__(self) -> None:
        self.run_id = secrets.token_hex(3)
        self.folder = Path(tempfile.gettempdir()) / f"{_FOLDER_PREFIX}{self.run_id}"
        self._namespaces: list[str] = []
        with _registry():
            self._record = RECORDS / f"{self.run_id}.json"
            self._lock = open(self._record, "w", encoding="utf-8")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._write()
        self.folder.mkdir(mode=0o755)

    def namespace(self, role: str) -> str:
        """A new, empty namespace; recorded before it exists, so that no moment can leak one."""
        name = f"{PREFIX}{self.run_id}-{role}"
        self._namespaces.append(name)
        self._write()
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def remove(self) -> None:
        _remove(self._namespaces, self.folder)
        self._record.unlink(missing_ok=True)
        self._lock.close()

    def _write(self) -> None:
        self._lock.seek(0)
        self._lock.truncate()
        json.dump({"pid": os.getpid(), "namespaces": self._namespaces, "folder": str(self.folder)},
                  self._lock)
        self._lock.flush()


def clear_leftovers() -> list[str]:
    """Removes what runs that are no more left behind; returns the names of their namespaces."""
    removed: list[str] = []
    with _registry():
        for record in sorted(RECORDS.glob("*.json")):
            with open(record, encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                removed += _clear_record(record, file.read())
    return removed


def _clear_record(record: Path, text: str) -> list[str]:
    try:
        left = json.loads(text)
    except json.JSONDecodeError:
        left = {"namespaces": [], "folder": ""}
    _remove(left["namespaces"], Path(left["folder"]) if left["folder"] else None)
    record.unlink(missing_ok=True)
    return list(left["namespaces"])


def _remove(namespaces: list[str], folder: Path | None) -> None:
    _end_processes(namespaces)
    for name in reversed(namespaces):
        succeeds("ip", "netns", "del", name)
        shutil.rmtree(NETNS_ETC / name, ignore_errors=True)
    if folder is not None and folder.name.startswith(_FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def processes_in(namespace: str) -> list[int]:
    """Ids of the processes that run inside the namespace; none when it does not exist."""
    if not (Path("/run/netns") / namespace).exists():
        return []
    return [int(pid) for pid in run("ip", "netns", "pids", namespace).split()]


def _end_processes(namespaces: list[str]) -> None:
    for sign, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
        deadline = time.monotonic() + patience
        pids = _signal_all(namespaces, sign)
        while pids and time.monotonic() < deadline:
            time.sleep(0.02)
            pids = [pid for name in namespaces for pid in processes_in(name)]
        if not pids:
            return


def _signal_all(namespaces: list[str], sign: signal.Signals) -> list[int]:
    pids = [pid for name in namespaces for pid in processes_in(name)]
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            pass
    return pids
