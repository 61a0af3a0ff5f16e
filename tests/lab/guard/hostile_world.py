# SPDX-License-Identifier: Apache-2.0
"""A vendor that has turned hostile, and the resolvers that pass on or forge what it says; on one loopback.

    nsd 127.54.0.1: vendor.test, the site's own company.test, and two banks
      ^-- unbound 127.54.0.2, honest
            ^-- dnsmasq 127.54.0.3, filters: a block page for one vendor name and for every .com
            ^-- dnsmasq 127.54.0.4, poisoned: knows a name that does not exist

Enter a network and process namespace of its own first: enter(). The kernel ends what runs inside when it is left.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from process import Program  # noqa: E402

NSD, UNBOUND, FILTER, POISONED = (f"127.54.0.{n}" for n in range(1, 5))
BLOCK_PAGE = "198.18.66.6"
POISON = "198.18.99.9"
BANK, OTHER_BANK, COMPANY = "198.18.50.1", "198.18.51.1", "198.18.60.1"
FLOOD = 4000  # more do not fit into a DNS message
_INSIDE = "SWEEPGATE_GUARD_LAB"
_SECONDS = 20.0

_CHAIN = [f"c{n} CNAME c{n + 1}" for n in range(30)] + ["c30 A 198.18.0.30"]
_VENDOR = [
    "im 1 A 198.18.0.10", "zero 0 A 198.18.0.20", "six AAAA fd00::6", "grow 1 A 198.18.1.0",
    "filtered A 198.18.0.40", "alias CNAME www.otherbank.test.",
    "loop CNAME pool", "pool CNAME loop", *_CHAIN,
    *(f"flood A 198.19.{n // 250}.{n % 250 + 1}" for n in range(FLOOD)),
]
_OTHERS = {"bank": [f"www A {BANK}"], "otherbank": [f"www A {OTHER_BANK}"], "company": [f"xmpp A {COMPANY}"]}


def enter() -> None:
    """Runs this program again inside namespaces of its own; returns there."""
    if os.environ.get(_INSIDE) != "inside":
        os.environ[_INSIDE] = "inside"
        # The first process inside has id 1: with it the kernel ends all others.
        os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                              sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def until(what: str, holds: Callable[[], bool], seconds: float = _SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self._serial = 0
        self._programs: list[Program] = []
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop()

    def turn_vendor(self, *records: str) -> None:
        """From now on these as well."""
        self._write("vendor", _VENDOR + list(records))
        os.kill(self._programs[0].pid, signal.SIGHUP)

    def _write(self, zone: str, records: list[str]) -> None:
        self._serial += 1
        fresh = self.folder / f"{zone}.new"
        fresh.write_text("\n".join([f"$ORIGIN {zone}.test.", "$TTL 60",
                                    f"@ SOA ns host {self._serial} 60 60 600 1", "@ NS ns", f"ns A {NSD}",
                                    *records]) + "\n", encoding="utf-8")
        fresh.replace(self.folder / f"{zone}.zone")

    def _start(self) -> None:
        self._write("vendor", _VENDOR)
        for zone, records in _OTHERS.items():
            self._write(zone, records)
        self._run("nsd", NSD, self._nsd(), "nsd", "-d", "-c")
        self._run("unbound", UNBOUND, self._unbound(), "unbound", "-d", "-p", "-c")
        forged = [f"address=/filtered.vendor.test/{BLOCK_PAGE}", f"address=/com/{BLOCK_PAGE}"]
        self._run("filter", FILTER, self._dnsmasq(FILTER, forged), "dnsmasq", "--keep-in-foreground", "-C")
        forged = [f"address=/poison.vendor.test/{POISON}"]
        self._run("poisoned", POISONED, self._dnsmasq(POISONED, forged), "dnsmasq", "--keep-in-foreground", "-C")

    def _run(self, name: str, address: str, text: str, *command: str) -> None:
        conf = self.folder / f"{name}.conf"
        conf.write_text(text, encoding="utf-8")
        program = Program(name, None, [*command, str(conf)], self.folder)
        self._programs.append(program)
        program.wait_for("open port", lambda: _is_open(address), _SECONDS)

    def _nsd(self) -> str:
        zones = "".join(f'zone:\n  name: "{zone}.test."\n  zonefile: "{self.folder}/{zone}.zone"\n'
                        for zone in ("vendor", *_OTHERS))
        return f"""server:
  ip-address: {NSD}
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
{zones}"""

    def _unbound(self) -> str:
        stubs = "".join(f'stub-zone:\n  name: "{zone}.test."\n  stub-addr: {NSD}\n'
                        for zone in ("vendor", *_OTHERS))
        # There is no internet in here: what is not ours does not exist.
        nowhere = "".join(f'  local-zone: "{zone}." static\n' for zone in ("com", "net", "org", "arpa"))
        return f"""server:
  interface: {UNBOUND}
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
{nowhere}  local-data-ptr: "198.18.0.10 im-1.vendor.test"
{stubs}"""

    @staticmethod
    def _dnsmasq(address: str, forged: list[str]) -> str:
        lines = ["no-resolv", "no-hosts", "user=root", "pid-file", f"listen-address={address}",
                 "bind-interfaces", f"server={UNBOUND}", "max-ttl=1", "no-negcache", "cache-size=0"]
        return "\n".join(lines + forged) + "\n"


def _is_open(address: str) -> bool:
    """All of them speak TCP too, and open it last."""
    with socket.socket() as probe:
        return probe.connect_ex((address, 53)) == 0
