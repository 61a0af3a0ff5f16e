# SPDX-License-Identifier: Apache-2.0
"""Real DNS servers of a test, on a loopback of its own: how they are configured, started, awaited and ended.

Enter a network and process namespace first: enter(). The kernel ends what runs inside when it is left.
"""

from __future__ import annotations

import abc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from process import Program

_INSIDE = "SWEEPGATE_DNS_LAB"
_READY_SECONDS = 20.0


def enter() -> None:
    """Runs this program again inside namespaces of its own; returns there."""
    if os.environ.get(_INSIDE) != "inside":
        os.environ[_INSIDE] = "inside"
        # The first process inside has id 1: with it the kernel ends all others.
        os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                              sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def until(what: str, holds: Callable[[], bool], seconds: float = _READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Servers(abc.ABC):
    """Those of one folder. A subclass says in start() which; stop() ends them, also when start() fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.programs: list[Program] = []
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    @abc.abstractmethod
    def start(self) -> None:
        """Calls run() for each."""

    def stop(self) -> None:
        for program in reversed(self.programs):
            program.stop()

    def run(self, name: str, address: str, *command: str) -> None:
        program = Program(name, None, list(command), self.folder)
        self.programs.append(program)
        program.wait_for("open port", lambda: _is_open(address), _READY_SECONDS)

    def run_configured(self, name: str, address: str, text: str, *command: str) -> None:
        """The same with a configuration file as the last word."""
        conf = self.folder / f"{name}.conf"
        conf.write_text(text, encoding="utf-8")
        self.run(name, address, *command, str(conf))

    def write_zone(self, name: str, head: list[str], records: list[str]) -> None:
        """NAME.zone, of NAME.test., whole at any time."""
        fresh = self.folder / f"{name}.new"
        fresh.write_text("\n".join([f"$ORIGIN {name}.test.", *head, *records]) + "\n", encoding="utf-8")
        fresh.replace(self.folder / f"{name}.zone")

    def nsd(self, address: str, zones: list[str], more: str = "") -> str:
        """Serves NAME.zone for each of the zones."""
        served = "".join(f'zone:\n  name: "{zone}.test."\n  zonefile: "{self.folder}/{zone}.zone"\n' for zone in zones)
        return f"""server:
  ip-address: {address}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  pidfile: ""
  rrl-ratelimit: 0
{more}{served}"""

    def unbound(self, address: str, stubs: dict[str, str], more: str = "") -> str:
        """Asks `stubs`, zone to address. "test." and loopback are refused unless said otherwise: RFC 6761, and
        unbound's own caution."""
        asked = "".join(f'stub-zone:\n  name: "{zone}.test."\n  stub-addr: {server}\n'
                        for zone, server in stubs.items())
        return f"""server:
  interface: {address}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "{self.folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  module-config: "iterator"
  do-not-query-localhost: no
  local-zone: "test." nodefault
{more}{asked}"""

    @staticmethod
    def dnsmasq(address: str, upstream: str, more: list[str]) -> str:
        return "\n".join(["no-resolv", "no-hosts", "user=root", "pid-file", f"listen-address={address}",
                          "bind-interfaces", f"server={upstream}", *more]) + "\n"


def _is_open(address: str) -> bool:
    """All of them speak TCP too, and open it last."""
    with socket.socket() as probe:
        return probe.connect_ex((address, 53)) == 0
