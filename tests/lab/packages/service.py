# SPDX-License-Identifier: Apache-2.0
"""One program of the packages running as its unit would run it, with us in systemd's place on its notify socket."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from notifications import Notifications
from root import Root, end
from shell import Failed
from syscalls import Calls
from unit import Unit

_READY_SECONDS = 60.0
_WATCHDOG_SECONDS = 15.0  # half of WatchdogSec, as sd_watchdog_enabled(3) advises
_STOP_SECONDS = 20.0


class Service:
    def __init__(self, root: Root, unit: Unit, calls: Calls, logs: Path) -> None:
        self.name = unit.name
        self._log = logs / f"{unit.name}.log"
        inside = f"/run/notify-{unit.name}"
        self._notifications = Notifications(Path(f"{root.path}{inside}"))
        filter_inside = f"/run/filter-{unit.name}"
        self._filter = Path(f"{root.path}{filter_inside}")
        self._filter.write_bytes(calls.program(unit))
        self._filter.chmod(0o644)
        environment = [f"NOTIFY_SOCKET={inside}", "WATCHDOG_USEC=30000000"]
        if unit.get("RuntimeDirectory"):
            environment.append(f"RUNTIME_DIRECTORY=/run/{unit.get('RuntimeDirectory')}")
        self._process = root.start(["env", *environment, *unit.privileges(), *calls.launcher(filter_inside),
                                    *unit.command()], self._log)

    def wait_for(self, word: str, seconds: float) -> float:
        """Seconds until the program said `word`. Failed when it ended or stayed silent."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if self._notifications.next(0.2) == word:
                return time.monotonic() - started
            if self._process.poll() is not None:
                raise Failed(f"{self.name} ended with {self._process.returncode}:\n{self.said()}")
        raise Failed(f"{self.name} did not say {word} within {seconds:g} s:\n{self.said()}")

    def be_ready(self) -> float:
        return self.wait_for("READY=1", _READY_SECONDS)

    def feed_watchdog(self) -> None:
        self._notifications.forget()
        self.wait_for("WATCHDOG=1", _WATCHDOG_SECONDS)

    def user(self) -> int:
        return os.stat(f"/proc/{self.process()}").st_uid

    def capabilities(self) -> int:
        status = Path(f"/proc/{self.process()}/status").read_text(encoding="utf-8")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapBnd")), 16)

    def stop(self) -> None:
        """SIGTERM, and the clean end that systemd expects of it."""
        os.kill(self.process(), signal.SIGTERM)
        try:
            code = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not stop within {_STOP_SECONDS:g} s:\n{self.said()}") from None
        if code != 0:
            raise Failed(f"{self.name} ended with {code} after SIGTERM:\n{self.said()}")

    def discard(self) -> None:
        """Whatever still runs ends here."""
        end(self._process)
        self._notifications.close()
        self._filter.unlink(missing_ok=True)

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def process(self) -> int:
        """The program's own process: the first child of unshare, which setpriv has become."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="utf-8")
        if not children.split():
            raise Failed(f"{self.name} has no process:\n{self.said()}")
        return int(children.split()[0])
