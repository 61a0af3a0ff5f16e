# SPDX-License-Identifier: Apache-2.0
"""All programs at once, as on one box: the agent hears the controller, the DPDK gate hears the agent. Each runs as its
unit says, in network, mount and process namespaces of its own; only the files of the root are common to them."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from root import Root
from service import Service
from shell import Failed, run
from syscalls import Calls
from unit import Unit

_PATIENCE_SECONDS = 60.0
# The inside port replays two packets for ever; the outside one is a sink.
_BOARD = """
id = "packages-test"
name = "Software ports"
[cpu]
main_lcore = 0
lcores = [1]
[memory]
no_huge = true
memory_mb = 128
[[pair]]
inside = { name = "in", device = "in", pmd = "net_pcap", arguments = "rx_pcap=/run/replayed.pcap,infinite_rx=1" }
outside = { name = "out", device = "out", pmd = "net_null", arguments = "no-rx=1" }
"""
# Telegram has published prefixes of its own, so no name needs to be looked up.
_POLICY = """
[defaults]
action = "pass"
[systems]
telegram = "block"
"""
_BLOCKED, _FREE = "149.154.167.50", "203.0.113.80"
# In the agent's network namespace: a link that leads nowhere, and a packet through it. The kernel tells
# the sender of a packet that its output hook dropped.
_WAY_OUT = """
ip link add out0 type veth peer name out1
ip link set out1 up
ip address add 192.0.2.10/24 dev out0
ip link set out0 up
ip route add default dev out0
"""
_SEND = """
import socket, sys
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (sys.argv[1], 443))
    print("sent")
except PermissionError:
    print("stopped")
"""
# Who may connect to which socket below /run/sweepgate: by unit.
_DOORS = {
    "controller/updates": {"sweepgated.service"},
    "controller/requests": {"sweepgated.service"},
    "upstream/updates": {"sweepgated.service", "sweepgate-agent.service"},
    "upstream/requests": {"sweepgated.service", "sweepgate-agent.service"},
    "gates/updates": {"sweepgate-agent.service", "sweepgate-dataplane.service"},
    "gates/requests": {"sweepgate-agent.service", "sweepgate-dataplane.service"},
}


def _say(text: str) -> None:
    print(f"    {text}", flush=True)


def _wait(what: str, holds: Callable[[], bool]) -> float:
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > _PATIENCE_SECONDS:
            raise Failed(f"{what}: not within {_PATIENCE_SECONDS:g} s")
        time.sleep(0.3)
    return time.monotonic() - started


class Box:
    def __init__(self, root: Root, units: dict[str, Unit], logs: Path) -> None:
        self._root, self._units, self._logs = root, units, logs
        self._running: dict[str, Service] = {}
        self._made: list[Path] = []
        self._write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self._write("etc/sweepgate/board.toml", _BOARD)
        self._write("run/policy.toml", _POLICY)
        replayed = self._write("run/replayed.pcap", "")
        wrpcap(str(replayed), [Ether() / IP(src="192.0.2.10", dst=to) / UDP(sport=4000, dport=443)
                               for to in (_BLOCKED, _FREE)])

    def start(self) -> None:
        calls = Calls(self._root.run("systemd-analyze", "syscall-filter"))
        for name, unit in self._units.items():
            runtime = unit.get("RuntimeDirectory")
            if runtime:
                self._root.run("install", "-d", "-m", "0700", "-o", unit.get("User"), f"/run/{runtime}")
            service = self._running[name] = Service(self._root, unit, calls, self._logs)
            seconds = service.be_ready()
            if service.user() == 0:
                raise Failed(f"{name} runs as root")
            _say(f"{name}: ready after {seconds:.2f} s, bounding set {service.capabilities():#x}")

    def part_the_sockets(self) -> None:
        for socket, welcome in _DOORS.items():
            for name, unit in self._units.items():
                may = self._root.run(*unit.privileges(), "sh", "-c",
                                     f"if [ -w /run/sweepgate/{socket} ]; then echo yes; else echo no; fi").strip()
                if (may == "yes") != (name in welcome):
                    raise Failed(f"may {unit.get('User')} connect to {socket}? {may}")
        _say("sockets: the agent reaches the controller's for gates and not the admins', the DPDK gate the agent's")

    def take_policy(self) -> None:
        """As installed nothing is enforced; what is pushed then reaches both gates."""
        self._sweepgate("push", "/run/policy.toml", "--yes", "--wait", "0")
        seconds = _wait("both gates are current", lambda: self._current() == {"dpdk", "nftables"})
        status = self._sweepgate("status")
        if status.count("current") < 2:
            raise Failed(f"sweepgate status does not show two current gates:\n{status}")
        _say(f"policy: both gates hold generation {self._status()['generation']} after {seconds:.1f} s")

    def enforce(self) -> None:
        agent = ["nsenter", "--target", str(self._running["sweepgate-agent.service"].process()), "--net"]
        run([*agent, "sh", "-ec", _WAY_OUT])
        for address, action in ((_BLOCKED, "drop"), (_FREE, "pass")):
            answers = json.loads(self._sweepgate("why", address, "--json"))["gates"]
            said = {answer["kind"]: answer["action"] for answer in answers}
            sent = run([*agent, sys.executable, "-c", _SEND, address]).strip()
            if said != {"dpdk": action, "nftables": action} or (sent == "sent") != (action == "pass"):
                raise Failed(f"{address} should {action} in both gates: {said}; a packet to it: {sent}")
        _wait("the DPDK gate drops what is replayed", lambda: self._dropped() > 0)
        _say(f"enforced: nftables stops what is sent to {_BLOCKED}, the DPDK gate dropped {self._dropped()} packets")

    def accept_shipped_files(self) -> None:
        """The configurations are in use already; policies and boards are tried by the programs that read them."""
        self._sweepgate("plan", "/usr/share/doc/sweepgate-controller/examples/policy.toml")
        self._sweepgate("plan", "/etc/sweepgate/policy.toml")
        said = self._root.run("sh", "-c", """
            for board in /usr/share/sweepgate/boards/*.toml; do
                { sweepgate doctor --board "$board" >/dev/null; [ $? -ne 2 ] && echo "good $board"; } 2>&1 &
            done
            wait""").splitlines()
        boards = list((self._root.path / "usr/share/sweepgate/boards").glob("*.toml"))
        if len(boards) < 2 or sum(line.startswith("good ") for line in said) != len(boards):
            raise Failed("a board of the package is refused:\n" + "\n".join(said))
        _say(f"files: 2 configurations, 2 policies and {len(boards)} boards are accepted")

    def stop(self) -> None:
        for service in self._running.values():
            service.feed_watchdog()
        for service in reversed(list(self._running.values())):
            service.stop()
        _say("all fed their watchdogs and ended on SIGTERM")

    def clear(self) -> None:
        for service in self._running.values():
            service.discard()
        for path in self._made:
            path.unlink(missing_ok=True)
        for folder in (self._root.path / "run").glob("sweepgate-*"):
            shutil.rmtree(folder)  # what systemd makes and removes with the unit

    def _write(self, name: str, text: str) -> Path:
        path = self._root.path / name
        path.write_text(text, encoding="utf-8")
        self._made.append(path)
        return path

    def _sweepgate(self, *words: str) -> str:
        return self._root.run("sweepgate", *words)

    def _status(self) -> dict:
        return dict(json.loads(self._sweepgate("status", "--json")))

    def _current(self) -> set[str]:
        return {gate["kind"] for gate in self._status()["gates"] if gate["current"] and not gate["error"]}

    def _dropped(self) -> int:
        return sum(system["dropped"] for gate in self._status()["gates"] if gate["kind"] == "dpdk"
                   for system in gate["systems"] if system["system"] == "telegram")


def tell(root: Root, units: dict[str, Unit], logs: Path) -> None:
    box = Box(root, units, logs)
    try:
        for claim in (box.start, box.part_the_sockets, box.take_policy, box.enforce, box.accept_shipped_files,
                      box.stop):
            claim()
    finally:
        box.clear()
