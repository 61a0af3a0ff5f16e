# SPDX-License-Identifier: Apache-2.0
"""The people at the desks: behind each gate the same sessions, in both families, talking all the time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import plan
from plan import Host
from process import Program
from servers import PASSWORD
from shell import run
from topology import Topology

_HERE = Path(__file__).resolve().parent
_PROBE_PATIENCE_SECONDS = 1.5
_FAST_MS = 20


class Beat(NamedTuple):
    at: float  # seconds on the monotonic clock
    sequence: int


class History(NamedTuple):
    """All that one session has written so far."""

    opened: bool
    beats: list[Beat]
    losses: list[str]

    def last_beat(self) -> float:
        """When the last round trip came back; minus infinity when none did."""
        return self.beats[-1].at if self.beats else float("-inf")

    def unbroken(self) -> bool:
        """Every round trip came back, in order, on the session that was opened first."""
        return not self.losses and all(
            beat.sequence == number for number, beat in enumerate(self.beats, 1))

    def longest_silence(self, since: float) -> float:
        """Seconds between two round trips, at worst, counting from `since` to the last one."""
        times = [beat.at for beat in self.beats if beat.at >= since]
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0.0)


class Talker:
    """One client process in one namespace, with some sessions."""

    def __init__(self, protocol: str, name: str, namespace: str, orders: list[dict],
                 folder: Path) -> None:
        command = [sys.executable, "-B", str(_HERE / f"talk_{protocol}.py"), json.dumps(orders)]
        self.program = Program(name, namespace, command, folder)
        self.sessions = [order["session"] for order in orders]

        self._histories = {session: History(False, [], []) for session in self.sessions}
        self._read_bytes = 0

    def histories(self) -> dict[str, History]:
        """All that was written so far; a line still being written waits for the next call."""
        with open(self.program.output, "rb") as output:
            output.seek(self._read_bytes)
            text = output.read()
        whole = text[:text.rfind(b"\n") + 1]
        self._read_bytes += len(whole)
        for line in whole.splitlines():
            if line.startswith(b"{"):
                self._note(json.loads(line))
        return self._histories

    def _note(self, event: dict) -> None:
        history = self._histories[event["session"]]
        if event["event"] == "beat":
            history.beats.append(Beat(event["at"], event["sequence"]))
        elif event["event"] == "lost":
            history.losses.append(event["why"])
        else:
            self._histories[event["session"]] = history._replace(opened=True)


class Clients:
    """Everyone behind both gates. A session is named gate/what/family, as in `dpdk/irc/6`."""

    def __init__(self, lab: Topology, folder: Path) -> None:
        self._lab = lab
        self._folder = folder
        self._talkers: list[Talker] = []
        for gate in lab.clients:
            self._talk("irc", gate, [
                _order(gate, "irc", plan.IRC, plan.IRC_PORT, family) for family in plan.FAMILIES])
            self._talk("xmpp", gate, [
                _order(gate, what, host, plan.XMPP_PORT, family)
                for what, host in (("xmpp", plan.XMPP), ("corporate", plan.CORPORATE))
                for family in plan.FAMILIES])
            self._talk("web", gate, [
                _order(gate, "web", plan.WEB, plan.WEB_PORT, family) for family in plan.FAMILIES])

    def talk_to(self, what: str, host: Host) -> None:
        """Opens fast IRC sessions at the host's addresses, whatever its name resolves to."""
        for gate in self._lab.clients:
            self._talk("irc", gate, [
                _order(gate, what, host._replace(name=host.address(family)), plan.IRC_PORT, family)
                | {"interval_ms": _FAST_MS} for family in plan.FAMILIES])

    def knock_at(self, hosts: Iterable[tuple[Host, int]]) -> None:
        """Tries fresh connections to (host, port) from behind each gate until the lab ends."""
        doors = list(hosts)
        for gate in self._lab.clients:
            self._talk("knock", gate, [
                _order(gate, "knock", host._replace(name=host.address(family)), port, family, number)
                for number, (host, port) in enumerate(doors) for family in plan.FAMILIES])

    def histories(self, *whats: str) -> dict[str, History]:
        """By session name; only of the given kinds (`irc`, `web`...), or all of them."""
        return {session: history for talker in self._talkers
                for session, history in talker.histories().items()
                if not whats or session.split("/")[1] in whats}

    def silent(self, seconds: float, *whats: str) -> bool:
        """None of these sessions had a round trip for that long."""
        now = time.monotonic()
        return all(now - history.last_beat() >= seconds
                   for history in self.histories(*whats).values())

    def talking(self, seconds: float, *whats: str) -> bool:
        """Each of these sessions had a round trip within that time."""
        now = time.monotonic()
        return all(now - history.last_beat() <= seconds
                   for history in self.histories(*whats).values())

    def probe(self, gate: str, targets: Iterable[tuple[str, int]]) -> list[str]:
        """What became of a fresh TCP connection to each (address, port) from behind the gate."""
        command = [sys.executable, "-B", str(_HERE / "probe_ports.py"), str(_PROBE_PATIENCE_SECONDS),
                   json.dumps(list(targets))]
        return list(json.loads(run("ip", "netns", "exec", self._lab.clients[gate], *command)))

    def _talk(self, protocol: str, gate: str, orders: list[dict]) -> None:
        what = orders[0]["session"].split("/")[1]
        self._talkers.append(
            Talker(protocol, f"{gate}-{what}", self._lab.clients[gate], orders, self._folder))


def _order(gate: str, what: str, host: Host, port: int, family: int,
           number: int | None = None) -> dict:
    which = "" if number is None else f"/{number}"
    return {"session": f"{gate}/{what}/{family}{which}", "name": host.name, "domain": host.name, "port": port,
            "family": family, "account": gate, "password": PASSWORD}
