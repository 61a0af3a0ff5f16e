# SPDX-License-Identifier: Apache-2.0
"""A vendor that has turned hostile, and the resolvers that pass on or forge what it says; on one loopback.

    nsd 127.54.0.1: vendor.test, the site's own company.test, and two banks
      ^-- unbound 127.54.0.2, honest
            ^-- dnsmasq 127.54.0.3, filters: a block page for one vendor name and what is below it, and for every .com;
            |                                another one for three names and nothing below them
            ^-- dnsmasq 127.54.0.4, poisoned: knows a name that does not exist
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from dns_servers import Servers  # noqa: E402

NSD, UNBOUND, FILTER, POISONED = (f"127.54.0.{n}" for n in range(1, 5))
BLOCK_PAGE = "198.18.66.6"
QUIET_PAGE = "198.18.67.7"  # the filter's as well, for three names and nothing else
POISON = "198.18.99.9"
BANK, OTHER_BANK, COMPANY = "198.18.50.1", "198.18.51.1", "198.18.60.1"
FLOOD = 4000  # more do not fit into a DNS message

_CHAIN = [f"c{n} CNAME c{n + 1}" for n in range(30)] + ["c30 A 198.18.0.30"]
_VENDOR = [
    "im 1 A 198.18.0.10", "zero 0 A 198.18.0.20", "six AAAA fd00::6", "grow 1 A 198.18.1.0",
    "filtered A 198.18.0.40", "alias CNAME www.otherbank.test.",
    "loop CNAME pool", "pool CNAME loop", *_CHAIN,
    *(f"{name} 1 A 198.18.70.{n}" for n, name in enumerate(("one", "two", "three"), 1)),
    *(f"flood A 198.19.{n // 250}.{n % 250 + 1}" for n in range(FLOOD)),
]
_OTHERS = {"bank": [f"www A {BANK}"], "otherbank": [f"www A {OTHER_BANK}"], "company": [f"xmpp A {COMPANY}"]}


class World(Servers):
    def __init__(self, folder: Path) -> None:
        self._serial = 0
        super().__init__(folder)

    def turn_vendor(self, *records: str) -> None:
        """From now on these as well."""
        self._write("vendor", _VENDOR + list(records))
        os.kill(self.programs[0].pid, signal.SIGHUP)

    def _write(self, zone: str, records: list[str]) -> None:
        self._serial += 1
        self.write_zone(zone, ["$TTL 60", f"@ SOA ns host {self._serial} 60 60 600 1", "@ NS ns", f"ns A {NSD}"],
                        records)

    def start(self) -> None:
        self._write("vendor", _VENDOR)
        for zone, records in _OTHERS.items():
            self._write(zone, records)
        zones = ["vendor", *_OTHERS]
        self.run_configured("nsd", NSD, self.nsd(NSD, zones), "nsd", "-d", "-c")
        # There is no internet in here: what is not ours does not exist.
        nowhere = "".join(f'  local-zone: "{zone}." static\n' for zone in ("com", "net", "org", "arpa"))
        reverse = '  local-data-ptr: "198.18.0.10 im-1.vendor.test"\n'
        self.run_configured("unbound", UNBOUND, self.unbound(UNBOUND, dict.fromkeys(zones, NSD), nowhere + reverse),
                            "unbound", "-d", "-p", "-c")
        exact = [f"host-record={name}.vendor.test,{QUIET_PAGE}" for name in ("one", "two", "three")]
        forged = exact + [f"address=/filtered.vendor.test/{BLOCK_PAGE}", f"address=/com/{BLOCK_PAGE}"]
        self._run_filter("filter", FILTER, forged)
        self._run_filter("poisoned", POISONED, [f"address=/poison.vendor.test/{POISON}"])

    def _run_filter(self, name: str, address: str, forged: list[str]) -> None:
        text = self.dnsmasq(address, UNBOUND, ["max-ttl=1", "no-negcache", "cache-size=0", *forged])
        self.run_configured(name, address, text, "dnsmasq", "--keep-in-foreground", "-C")
