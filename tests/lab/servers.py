# SPDX-License-Identifier: Apache-2.0
"""The internet's servers, all real: nsd, ngircd, two prosodys and plain web servers.

Each runs as an ordinary user. The blocked ones listen on the ports that clients fall back to as well, so that
"it fails on 80, 21, 25, 53 and 443" is a fact about the gates and not about a shut port.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from pathlib import Path

import plan
import zones
from plan import Host
from process import Program
from shell import CommandFailed, run, succeeds
from topology import Topology

_HERE = Path(__file__).resolve().parent
_READY_SECONDS = 20.0
PASSWORD = "lab"
# One XMPP account for each client namespace.
ACCOUNTS = ("dpdk", "nftables")


class Servers:
    def __init__(self, lab: Topology, names: zones.Names, folder: Path) -> None:
        self._lab = lab
        self._folder = folder
        self._zones = folder / "zones"
        self._prepare_dns(names)
        self.restart_dns()
        self.irc = self._start_irc()
        self.xmpp = self._start_xmpp("xmpp", plan.XMPP, (plan.XMPP_PORT, *plan.FALLBACK_PORTS))
        self.corporate = self._start_xmpp("corporate", plan.CORPORATE, (plan.XMPP_PORT,))
        self.web = self._start_web("web", lab.internet, (plan.WEB_PORT,), plan.WEB)
        self.hosting = self._start_web("hosting", lab.internet, plan.FALLBACK_PORTS, plan.HOSTING)
        self.world = self._start_web("world", lab.world, plan.FALLBACK_PORTS, None)
        self._wait_until_ready()

    def move(self, moved: Host) -> None:
        """The vendor gives the name new addresses. Returns when the DNS server has read them."""
        zone = zones.move_host(self._zones, moved)
        run("ip", "netns", "exec", self._lab.internet, "nsd-control", "-c",
            str(self._folder / "nsd.conf"), "reload", zone)

    def restart_dns(self) -> None:
        self.dns = self._start("nsd", "nsd", ["nsd", "-d", "-c", str(self._folder / "nsd.conf")])
        self.dns.wait_for("answer over its control socket", self._dns_is_up, _READY_SECONDS)

    def lookup(self, namespace: str, name: str) -> Host:
        """The name's addresses as a program inside the namespace gets them; empty where none came."""
        code = "import sys, resolve; print(resolve.first_address(sys.argv[1], int(sys.argv[2])))"
        found = []
        for family in plan.FAMILIES:
            try:
                found.append(run("ip", "netns", "exec", namespace, "env", f"PYTHONPATH={_HERE}",
                                 sys.executable, "-B", "-c", code, name, str(family)).strip())
            except CommandFailed:
                found.append("")
        return Host(name, *found)

    def _prepare_dns(self, names: zones.Names) -> None:
        listed = zones.write_zones(names, self._zones)
        (self._folder / "nsd.conf").write_text(self._dns_configuration(listed), encoding="utf-8")
        _give_to("nsd", self._folder)

    def _dns_configuration(self, listed: list[str]) -> str:
        stanzas = "".join(
            f'zone:\n  name: "{zone}."\n  zonefile: "{zones.zone_path(self._zones, zone)}"\n'
            for zone in listed)
        return f"""server:
  ip-address: {plan.DNS.v4}
  ip-address: {plan.DNS.v6}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{self._zones}"
  zonelistfile: "{self._folder}/zone.list"
  xfrdfile: "{self._folder}/xfrd.state"
  xfrdir: "{self._folder}"
  pidfile: ""
  rrl-ratelimit: 0
  zonefiles-check: no
remote-control:
  control-enable: yes
  control-interface: "{self._folder}/nsd.control"
{stanzas}"""

    def _start_irc(self) -> Program:
        listen = ",".join(host.address(family) for host in (plan.IRC, *plan.IRC_MOVED)
                          for family in plan.FAMILIES)
        ports = ",".join(str(port) for port in (plan.IRC_PORT, *plan.FALLBACK_PORTS))
        configuration = self._folder / "ngircd.conf"
        configuration.write_text(f"""[Global]
Name = {plan.IRC.name}
Info = Sweepgate lab
Listen = {listen}
Ports = {ports}
[Limits]
MaxConnectionsIP = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
""", encoding="utf-8")
        return self._start("ngircd", "irc", ["ngircd", "-n", "-f", str(configuration)])

    def _start_xmpp(self, name: str, host: Host, ports: tuple[int, ...]) -> Program:
        home = self._folder / name
        home.mkdir()
        configuration = home / "prosody.cfg.lua"
        configuration.write_text(_xmpp_configuration(home, host, ports), encoding="utf-8")
        _give_to("prosody", home)
        for account in ACCOUNTS:
            run(*_as_user("prosody"), "prosodyctl", "--config", str(configuration), "register",
                account, host.name, PASSWORD)
        return self._start(name, "prosody", ["prosody", "--config", str(configuration), "-F"])

    def _start_web(self, name: str, namespace: str, ports: tuple[int, ...],
                   host: Host | None) -> Program:
        addresses = [host.address(f) for f in plan.FAMILIES] if host else ["0.0.0.0", "::"]
        order = {"addresses": addresses, "ports": ports}
        # The text, not the file: nobody may not look into root's home, where the tree may lie.
        code = (_HERE / "web_server.py").read_text(encoding="utf-8")
        command = [*_as_user("nobody"), sys.executable, "-B", "-c", code, json.dumps(order)]
        return Program(name, namespace, command, self._folder)

    def _start(self, name: str, user: str, command: list[str]) -> Program:
        return Program(name, self._lab.internet, [*_as_user(user), *command], self._folder)

    def _wait_until_ready(self) -> None:
        probed = ((self.irc, plan.IRC, plan.IRC_PORT), (self.irc, plan.IRC_MOVED[-1], plan.IRC_PORT),
                  (self.xmpp, plan.XMPP, plan.XMPP_PORT), (self.xmpp, plan.XMPP, 53),
                  (self.corporate, plan.CORPORATE, plan.XMPP_PORT), (self.web, plan.WEB, plan.WEB_PORT),
                  (self.hosting, plan.HOSTING, 443))
        for program, host, port in probed:
            for family in plan.FAMILIES:
                address = host.address(family)
                program.wait_for(f"answer on {address} port {port}",
                                 lambda: self._listens(address, port), _READY_SECONDS)
        for address in ("0.0.0.0", "::"):
            self.world.wait_for(f"answer on {address} port {plan.FALLBACK_PORTS[-1]}",
                                lambda: self._listens(address, plan.FALLBACK_PORTS[-1], self._lab.world),
                                _READY_SECONDS)

    def _listens(self, address: str, port: int, namespace: str | None = None) -> bool:
        where = f"[{address}]" if ":" in address else address
        listed = run("ip", "netns", "exec", namespace or self._lab.internet, "ss", "-Hltn",
                     f"sport = {port}")
        return any(line.split()[3] == f"{where}:{port}" for line in listed.splitlines())

    def _dns_is_up(self) -> bool:
        return succeeds("ip", "netns", "exec", self._lab.internet, "nsd-control", "-c",
                        str(self._folder / "nsd.conf"), "status")


def _as_user(user: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]


def _give_to(user: str, folder: Path) -> None:
    owner = pwd.getpwnam(user)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    for path in folder.rglob("*"):
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _xmpp_configuration(home: Path, host: Host, ports: tuple[int, ...]) -> str:
    interfaces = ", ".join(f'"{host.address(family)}"' for family in plan.FAMILIES)
    return f"""data_path = "{home}"
pidfile = "{home}/prosody.pid"
interfaces = {{ {interfaces} }}
c2s_ports = {{ {", ".join(str(port) for port in ports)} }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping" }}
modules_disabled = {{ "s2s", "tls", "http", "offline" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
storage = "internal"
limits = {{ }}
log = {{ info = "*console" }}
VirtualHost "{host.name}"
"""
