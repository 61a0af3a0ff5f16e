# SPDX-License-Identifier: Apache-2.0
"""The wires of the lab.

    client-a --- lan0 [ appliance: DPDK port pair ] wan0 --- internet --- world
    client-b --- lan1 [ appliance: kernel router  ] wan1 ---/

client-a's gateway is the internet's router: the DPDK gate is a bump in its wire. client-b's gateway is the
appliance: the kernel routes it and nftables judges. The appliance's own daemons reach DNS over wan1.
`internet` has the servers with protocols of their own, `world` answers for the rest of the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import plan
from shell import run
from state import NETNS_ETC, Estate


@dataclass(frozen=True)
class Topology:
    """Namespace names by role."""

    internet: str
    world: str
    appliance: str
    client_a: str
    client_b: str

    @property
    def clients(self) -> dict[str, str]:
        """The clients by the gate they stand behind."""
        return {"dpdk": self.client_a, "nftables": self.client_b}


def build(estate: Estate) -> Topology:
    lab = Topology(*(estate.namespace(role) for role in ("net", "world", "app", "ca", "cb")))
    _set_kernel_options(lab)
    connect(lab.appliance, "lan0", lab.client_a, "eth0")
    connect(lab.appliance, "wan0", lab.internet, "up0")
    connect(lab.appliance, "lan1", lab.client_b, "eth0")
    connect(lab.appliance, "wan1", lab.internet, "up1")
    connect(lab.internet, "down0", lab.world, "eth0")
    _silence_pair(lab.appliance)
    _address_all(lab)
    _route_all(lab)
    for namespace in (lab.appliance, lab.client_a, lab.client_b):
        _write_resolver(namespace)
    return lab


def bridge_pair(lab: Topology) -> None:
    """A plain Linux bridge in the place of the DPDK gate: for tests of the lab itself."""
    _ip(lab.appliance, "link", "add", "pair", "type", "bridge")
    for port in ("lan0", "wan0"):
        _ip(lab.appliance, "link", "set", port, "master", "pair")
    _ip(lab.appliance, "link", "set", "pair", "up")


def _ip(namespace: str, *words: str) -> None:
    run("ip", "-n", namespace, *words)


def _sysctl(namespace: str, key: str, value: int) -> None:
    run("ip", "netns", "exec", namespace, "sysctl", "-qw", f"{key}={value}")


def _set_kernel_options(lab: Topology) -> None:
    for namespace in (lab.appliance, lab.internet):
        _sysctl(namespace, "net.ipv4.ip_forward", 1)
        _sysctl(namespace, "net.ipv6.conf.all.forwarding", 1)
    # The servers run without root's rights and still stand on ports below 1024.
    for namespace in (lab.internet, lab.world):
        _sysctl(namespace, "net.ipv4.ip_unprivileged_port_start", 0)


def connect(near: str, near_port: str, far: str, far_port: str) -> None:
    """A wire between two namespaces, up, with no address at either end and the kernel's own offloads."""
    run("ip", "link", "add", near_port, "netns", near, "numtxqueues", "1", "numrxqueues", "1",
        "type", "veth", "peer", "name", far_port, "netns", far,
        "numtxqueues", "1", "numrxqueues", "1")
    for namespace, port in ((near, near_port), (far, far_port)):
        _ip(namespace, "link", "set", port, "up")


def _silence_pair(appliance: str) -> None:
    """The kernel has no address on the pair and answers nothing there: those frames are the gate's."""
    for port in ("lan0", "wan0"):
        _sysctl(appliance, f"net.ipv6.conf.{port}.disable_ipv6", 1)
        _sysctl(appliance, f"net.ipv4.conf.{port}.arp_ignore", 8)


def _address(namespace: str, port: str, pair: tuple[str, str]) -> None:
    for address, length in zip(pair, plan.PREFIX_LENGTHS):
        nodad = ("nodad",) if ":" in address else ()
        _ip(namespace, "addr", "add", f"{address}/{length}", "dev", port, *nodad)


def _address_all(lab: Topology) -> None:
    _address(lab.internet, "up0", plan.CLIENT_A_GATEWAY)
    _address(lab.client_a, "eth0", plan.CLIENT_A)
    _address(lab.appliance, "lan1", plan.CLIENT_B_GATEWAY)
    _address(lab.client_b, "eth0", plan.CLIENT_B)
    _address(lab.internet, "up1", plan.UPLINK_INTERNET)
    _address(lab.appliance, "wan1", plan.UPLINK_APPLIANCE)
    _address(lab.internet, "down0", plan.WORLD_ROUTER)
    _address(lab.world, "eth0", plan.WORLD)
    for host in (*plan.NAMED, *plan.IRC_MOVED):
        _ip(lab.internet, "addr", "add", f"{host.v4}/32", "dev", "lo")
        _ip(lab.internet, "addr", "add", f"{host.v6}/128", "dev", "lo", "nodad")


def _default_route(namespace: str, gateway: tuple[str, str]) -> None:
    for address in gateway:
        family = "-6" if ":" in address else "-4"
        _ip(namespace, family, "route", "add", "default", "via", address)


def _route_all(lab: Topology) -> None:
    _default_route(lab.client_a, plan.CLIENT_A_GATEWAY)
    _default_route(lab.client_b, plan.CLIENT_B_GATEWAY)
    _default_route(lab.appliance, plan.UPLINK_INTERNET)
    _default_route(lab.world, plan.WORLD_ROUTER)
    for prefix, via in zip(plan.CLIENT_B_PREFIXES, plan.UPLINK_APPLIANCE):
        _ip(lab.internet, "route", "add", prefix, "via", via)
    for prefix in plan.WORLD_PREFIXES:
        via = plan.WORLD[1] if ":" in prefix else plan.WORLD[0]
        _ip(lab.internet, "route", "add", prefix, "via", via)
        _ip(lab.world, "route", "add", "local", prefix, "dev", "lo")


def _write_resolver(namespace: str) -> None:
    """`ip netns exec` shows this file as /etc/resolv.conf inside the namespace."""
    folder: Path = NETNS_ETC / namespace
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resolv.conf").write_text(
        f"nameserver {plan.DNS.v4}\noptions timeout:1 attempts:5\n", encoding="utf-8")
