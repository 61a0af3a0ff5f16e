# SPDX-License-Identifier: Apache-2.0
"""Real DNS servers on one loopback: two authorities, a recursor, a filter, and what only a script can play.

    nsd 127.53.0.1 (nsd.test)      \\
    knot 127.53.0.2 (knot.test)     >-- unbound 127.53.0.3 --+-- dnsmasq 127.53.0.4, a filtering resolver
    scripted 127.53.0.5 (fault.test) /                       +-- lossy_forwarder 127.53.0.7: 30 ms, 5 % lost
    127.53.0.6 takes packets and says nothing
    unbound 127.53.0.8 asks them too, validates knot.test with a key that it does not have, and repeats what it once
    heard when nobody answers (RFC 8767)
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent)]

from dns_servers import Servers  # noqa: E402
from shell import run  # noqa: E402

NSD, KNOT, UNBOUND, DNSMASQ, SCRIPTED, SILENT, LOSSY, STRICT = (f"127.53.0.{n}" for n in range(1, 9))
SINKHOLED = "im.nsd.test"  # what dnsmasq answers with 0.0.0.0
FILTERED = "blocked.nsd.test"  # its A record: dnsmasq says that there is none, and that it blocks it (RFC 8914)

_NSD_ZONE = [
    "www A 198.18.0.1", "www AAAA 2001:db8:18::1", "www A 198.18.0.2",
    "alias CNAME www.knot.test.", "text TXT x",
    "im 1 A 198.18.0.10", "bank A 198.18.0.99", "blocked A 198.18.0.66",
    "_xmpp._tcp SRV 0 5 5222 im", "_xmpp-server._tcp SRV 0 5 5269 www.knot.test.",
    'svc HTTPS 1 . alpn="h2" ipv4hint=198.18.0.7 ipv6hint=2001:db8:18::7',
    "xn--bcher-kva A 198.18.0.20", "*.many A 198.18.0.30",
    *(f"big A 198.18.1.{n}" for n in range(1, 101)),
]
_KNOT_ZONE = ["www A 198.18.2.1", "www AAAA 2001:db8:18:2::1", "deep CNAME deeper", "deeper CNAME www"]
_SCRIPT = ["pool.fault.test 1 ROTATE 10 4 198.18.3.0/24 cyclic", "far.fault.test 1 CNAME www.knot.test",
           "www.knot.test 1 A 198.18.2.1", "forged.fault.test 1 A 198.18.4.4", "forged.fault.test 1 EDE 4",
           "stays.fault.test 1 A 198.18.4.5"]
_STRICT = f"""  module-config: "validator iterator"
  trust-anchor: "knot.test. DS 1 13 2 {"AB" * 32}"
  ede: yes
  serve-expired: yes
  ede-serve-expired: yes
  serve-expired-reply-ttl: 1
  serve-expired-client-timeout: 100
"""
_FAULTS = ("servfail", "refused", "silent", "loop", "foreign", "cut", "other")


class World(Servers):
    def __init__(self, folder: Path) -> None:
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._silent.bind((SILENT, 53))
        super().__init__(folder)

    def stop(self) -> None:
        super().stop()
        self._silent.close()

    def write_nsd(self, *more: str, without: str = "") -> None:
        """The zone as it is from now on; records of the name `without` are left out."""
        kept = [line for line in _NSD_ZONE if line.split()[0] != without]
        self._write_zone("nsd", kept + list(more))
        if self.programs:
            run("nsd-control", "-c", str(self.folder / "nsd.conf"), "reload", "nsd.test")

    def _write_zone(self, name: str, records: list[str]) -> None:
        serial = int(time.time() * 10) % 2**32
        self.write_zone(name, ["$TTL 300", f"@ SOA ns host {serial} 60 60 600 5", "@ NS ns", "ns A 198.18.0.53"],
                        records)

    def start(self) -> None:
        self.write_nsd()
        self._write_zone("knot", _KNOT_ZONE)
        self.write_faults()
        remote = f'remote-control:\n  control-enable: yes\n  control-interface: "{self.folder}/nsd.control"\n'
        self.run_configured("nsd", NSD, self.nsd(NSD, ["nsd"], remote), "nsd", "-d", "-c")
        self.run_configured("knot", KNOT, self._knot(), "knotd", "-c")
        self.run("scripted", SCRIPTED, sys.executable, "-B", str(_HERE / "scripted_authority.py"),
                 f"{self.folder}/fault.zone", SCRIPTED)
        stubs = {"nsd": NSD, "knot": KNOT, "fault": SCRIPTED, "lame": KNOT}
        self.run_configured("unbound", UNBOUND, self.unbound(UNBOUND, stubs, "  rrset-roundrobin: yes\n"),
                            "unbound", "-d", "-p", "-c")
        self.run_configured("strict", STRICT, self.unbound(STRICT, stubs, _STRICT), "unbound", "-d", "-p", "-c")
        # Out of its cache dnsmasq 2.90 gives the denial alone. unbound 1.17 never says that it filters.
        forged = [f"address=/{SINKHOLED}/0.0.0.0", f"address=/{SINKHOLED}/::", "bogus-nxdomain=198.18.0.66",
                  "cache-size=0"]
        self.run_configured("dnsmasq", DNSMASQ, self.dnsmasq(DNSMASQ, UNBOUND, forged),
                            "dnsmasq", "--keep-in-foreground", "-C")
        self.run("lossy", LOSSY, sys.executable, "-B", str(_HERE / "lossy_forwarder.py"), LOSSY, UNBOUND,
                 "--delay", "30", "--loss", "5", "--seed", "7")

    def write_faults(self, *more: str) -> None:
        """What the scripted authority says from now on; it knows it at once."""
        faults = [f"{word}.fault.test 1 FAULT {word}" for word in _FAULTS]
        fresh = self.folder / "fault.new"
        fresh.write_text("\n".join([*faults, *_SCRIPT, *more]) + "\n", encoding="utf-8")
        fresh.replace(self.folder / "fault.zone")

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
