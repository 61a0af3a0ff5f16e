# SPDX-License-Identifier: Apache-2.0
"""The lab's address plan: one place that says which address is whose.

Only documentation and benchmark space is used (RFC 5737, RFC 2544, RFC 3849), so a lab packet that ever
left its namespace would reach nobody.
"""

from __future__ import annotations

from typing import NamedTuple


class Host(NamedTuple):
    """One name of the lab with its address in each family."""

    name: str
    v4: str
    v6: str

    def address(self, family: int) -> str:
        return self.v4 if family == 4 else self.v6


FAMILIES = (4, 6)

DNS = Host("ns.lab.example", "203.0.113.53", "2001:db8:113::53")
IRC = Host("irc.libera.chat", "203.0.113.10", "2001:db8:113::10")
# Where its vendor moves it, one after the other.
IRC_MOVED = tuple(
    Host(IRC.name, f"198.51.100.{number}", f"2001:db8:51::{number}") for number in range(10, 19))
XMPP = Host("jabber.org", "203.0.113.20", "2001:db8:113::20")
CORPORATE = Host("chat.corp.example", "203.0.113.30", "2001:db8:113::30")
# A blocked provider whose published prefixes (catalog/jabber-hosting.toml) hold CORPORATE as well.
HOSTING = Host("im.hosting.example", "203.0.113.25", "2001:db8:113::35")
WEB = Host("www.example.org", "203.0.113.80", "2001:db8:113::80")

NAMED = (DNS, IRC, XMPP, CORPORATE, HOSTING, WEB)

IRC_PORT = 6667
XMPP_PORT = 5222
WEB_PORT = 80
# Where clients go when their own port is shut: HTTP, FTP, SMTP, HTTPS and DNS.
FALLBACK_PORTS = (80, 21, 25, 443, 53)

# The rest of the catalog lives in `world`, which owns these prefixes whole.
WORLD_PREFIXES = ("198.18.0.0/15", "2001:db8:18::/48", "2001:db8:19::/48")


def system_host(name: str, system: int, number: int) -> Host:
    """Host `number` (from 1) of the catalog's system `system` (from 0)."""
    return Host(name, f"198.18.{system}.{number}", f"2001:db8:18:{system:x}::{number:x}")


def neighbour_host(name: str, block: int, number: int) -> Host:
    """A host beside the blocked ones: protected (block 0) or a shared front end (block 1)."""
    return Host(name, f"198.19.{block}.{number}", f"2001:db8:19:{block:x}::{number:x}")




# client-a stands behind a bump in the wire: its gateway is the internet's own router.
CLIENT_A_GATEWAY = ("192.0.2.1", "2001:db8:a::1")
CLIENT_A = ("192.0.2.2", "2001:db8:a::2")
# client-b stands behind the appliance as a router.
CLIENT_B_GATEWAY = ("192.0.2.65", "2001:db8:b::1")
CLIENT_B = ("192.0.2.66", "2001:db8:b::2")
UPLINK_INTERNET = ("192.0.2.129", "2001:db8:c::1")
UPLINK_APPLIANCE = ("192.0.2.130", "2001:db8:c::2")
WORLD_ROUTER = ("192.0.2.193", "2001:db8:d::1")
WORLD = ("192.0.2.194", "2001:db8:d::2")
PREFIX_LENGTHS = ("26", "64")
CLIENT_B_PREFIXES = ("192.0.2.64/26", "2001:db8:b::/64")
