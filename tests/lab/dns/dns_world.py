# SPDX-License-Identifier: Apache-2.0
"""Real DNS servers on one loopback: two authorities, a recursor, a filter, and what only a script can play.

    nsd 127.53.0.1 (nsd.test)      \\
    knot 127.53.0.2 (knot.test)     >-- unbound 127.53.0.3 --+-- dnsmasq 127.53.0.4, a filtering resolver
    scripted 127.53.0.5 (fault.test) /                       +-- lossy_forwarder 127.53.0.7: 30 ms, 5 % lost
    127.53.0.6 takes packets and says nothing

Enter a network and process namespace of its own first: enter(). The kernel ends what runs inside when it is left.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent)]

from process import Program  # noqa: E402
from shell import run  # noqa: E402

NSD, KNOT, UNBOUND, DNSMASQ, SCRIPTED, SILENT, LOSSY = (f"127.53.0.{n}" for n in range(1, 8))
SINKHOLED = "im.nsd.test"  # what dnsmasq answers with 0.0.0.0
_READY_SECONDS = 20.0
_INSIDE = "SWEEPGATE_DNS_LAB"

_NSD_ZONE = [
    "www A 198.18.0.1", "www AAAA 2001:db8:18::1", "www A 198.18.0.2",
    "alias CNAME www.knot.test.", "text TXT x",
    "im 1 A 198.18.0.10", "bank A 198.18.0.99",
    "_xmpp._tcp SRV 0 5 5222 im", "_xmpp-server._tcp SRV 0 5 5269 www.knot.test.",
    'svc HTTPS 1 . alpn="h2" ipv4hint=198.18.0.7 ipv6hint=2001:db8:18::7',
    "xn--bcher-kva A 198.18.0.20", "*.many A 198.18.0.30",
    *(f"big A 198.18.1.{n}" for n in range(1, 101)),
]
_KNOT_ZONE = ["www A 198.18.2.1", "www AAAA 2001:db8:18:2::1", "deep CNAME deeper", "deeper CNAME www"]
_FAULTS = ("servfail", "refused", "silent", "loop", "foreign", "cut", "other")


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
        time.sleep(0.02)


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self._programs: list[Program] = []
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._silent.bind((SILENT, 53))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop()
        self._silent.close()

    def write_nsd(self, *more: str, without: str = "") -> None:
        """The zone as it is from now on; records of the name `without` are left out."""
        kept = [line for line in _NSD_ZONE if line.split()[0] != without]
        self._write_zone("nsd", kept + list(more))
        if self._programs:
            run("nsd-control", "-c", str(self.folder / "nsd.conf"), "reload", "nsd.test")

    def _write_zone(self, name: str, records: list[str]) -> None:
        serial = int(time.time() * 10) % 2**32
        fresh = self.folder / f"{name}.new"
        fresh.write_text("\n".join([f"$ORIGIN {name}.test.", "$TTL 300",
                                    f"@ SOA ns host {serial} 60 60 600 5", "@ NS ns", "ns A 198.18.0.53",
                                    *records]) + "\n", encoding="utf-8")
        fresh.replace(self.folder / f"{name}.zone")

    def _start(self) -> None:
        self.write_nsd()
        self._write_zone("knot", _KNOT_ZONE)
        faults = [f"{word}.fault.test 1 FAULT {word}" for word in _FAULTS]
        (self.folder / "fault.zone").write_text(
            "\n".join([*faults, "pool.fault.test 1 ROTATE 10 4 198.18.3.0/24 cyclic",
                       "far.fault.test 1 CNAME www.knot.test", "www.knot.test 1 A 198.18.2.1"]) + "\n",
            encoding="utf-8")
        for name, text in (("nsd", self._nsd()), ("knot", self._knot()), ("unbound", self._unbound()),
                           ("dnsmasq", self._dnsmasq())):
            (self.folder / f"{name}.conf").write_text(text, encoding="utf-8")
        conf = str(self.folder)
        self._run("nsd", NSD, "nsd", "-d", "-c", f"{conf}/nsd.conf")
        self._run("knot", KNOT, "knotd", "-c", f"{conf}/knot.conf")
        self._run("scripted", SCRIPTED, sys.executable, "-B", str(_HERE / "scripted_authority.py"),
                  f"{conf}/fault.zone", SCRIPTED)
        self._run("unbound", UNBOUND, "unbound", "-d", "-p", "-c", f"{conf}/unbound.conf")
        self._run("dnsmasq", DNSMASQ, "dnsmasq", "--keep-in-foreground", f"--conf-file={conf}/dnsmasq.conf")
        self._run("lossy", LOSSY, sys.executable, "-B", str(_HERE / "lossy_forwarder.py"), LOSSY, UNBOUND,
                  "--delay", "30", "--loss", "5", "--seed", "7")

    def _run(self, name: str, address: str, *command: str) -> None:
        program = Program(name, None, list(command), self.folder)
        self._programs.append(program)
        program.wait_for("open port", lambda: _is_open(address), _READY_SECONDS)

    def _nsd(self) -> str:
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
remote-control:
  control-enable: yes
  control-interface: "{self.folder}/nsd.control"
zone:
  name: "nsd.test."
  zonefile: "{self.folder}/nsd.zone"
"""

    def _knot(self) -> str:
        return f"""server:
  rundir: {self.folder}
  listen: {KNOT}@53
database:
  storage: {self.folder}/knot
zone:
  - domain: knot.test
    file: {self.folder}/knot.zone
    zonefile-sync: -1
log:
  - target: stderr
    any: warning
"""

    def _unbound(self) -> str:
        # "test." and loopback are refused unless said otherwise: RFC 6761, and unbound's own caution.
        stubs = "".join(f'stub-zone:\n  name: "{zone}.test."\n  stub-addr: {address}\n'
                        for zone, address in (("nsd", NSD), ("knot", KNOT), ("fault", SCRIPTED),
                                              ("lame", KNOT)))
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
  rrset-roundrobin: yes
{stubs}"""

    def _dnsmasq(self) -> str:
        return f"""no-resolv
no-hosts
user=root
pid-file
listen-address={DNSMASQ}
bind-interfaces
server={UNBOUND}
address=/{SINKHOLED}/0.0.0.0
address=/{SINKHOLED}/::
"""


def _is_open(address: str) -> bool:
    """All of them speak TCP too, and open it last."""
    with socket.socket() as probe:
        return probe.connect_ex((address, 53)) == 0
