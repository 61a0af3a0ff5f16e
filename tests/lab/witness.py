# SPDX-License-Identifier: Apache-2.0
"""Looks at the lab from the clients' side and reports what it sees as claims that hold or do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import plan
import zones
from clients import Clients, History
from plan import Host
from report import Report, milliseconds
from tally import Tally

# A session counts as cut when no round trip came back for this long: thirty times its usual rhythm.
SILENCE_SECONDS = 1.5
_PATIENCE_SECONDS = 30.0
_CALM_SECONDS = 5.0
# System, server and own port of what the story keeps out.
BLOCKED = (("irc", plan.IRC, plan.IRC_PORT), ("xmpp", plan.XMPP, plan.XMPP_PORT))
ALLOWED = ("corporate", "web")


class Witness:
    def __init__(self, gates: list[str], clients: Clients, report: Report) -> None:
        self.gates = gates
        self._clients = clients
        self._report = report
        self.tally = Tally()

    def expect_cut(self, claim: str, gate: str, what: str, since: float) -> list[float]:
        """Both families of one kind of session behind one gate are silent; returns and says since when."""
        sessions = self._behind(gate, what)
        now = time.monotonic()
        cut = all(now - history.last_beat() >= SILENCE_SECONDS for history in sessions.values())
        times = [max(history.last_beat() - since, 0.0) for history in sessions.values()]
        spoken = ", ".join(f"IPv{name.split('/')[2]} {milliseconds(seconds)}"
                           for name, seconds in zip(sessions, times))
        talked = all(history.beats for history in sessions.values())
        self._report.expect(cut and talked, claim,
                            "nobody talked who could be cut" if not talked
                            else f"last round trip after {spoken}" if cut else "they still talk")
        return times

    def expect_doors(self, gate: str, system: str, host: Host, own_port: int, shut: bool) -> None:
        """The host's own port and every fallback port, both families, are open or shut."""
        outcomes = self._probe(gate, [(host, port, system if shut else "")
                                      for port in (own_port, *plan.FALLBACK_PORTS)])
        opened = outcomes.count("open")
        self._report.expect(opened == (0 if shut else len(outcomes)),
                            f"{host.name} is {'shut' if shut else 'open'} behind {gate}",
                            f"{opened} of {len(outcomes)} connections open")

    def expect_catalog(self, claim: str, names: zones.Names, may_open: Callable[[str], bool],
                       counted: bool) -> None:
        """One server of every system, both families, on 443: open or shut as `may_open` says."""
        doors = [(hosts[0], 443, system) for system, hosts in names.systems.items() if hosts]
        for gate in self.gates:
            outcomes = iter(self._probe(gate, doors, counted))
            wrong = [f"{system} {outcome}" for _, _, system in doors for _ in plan.FAMILIES
                     if ((outcome := next(outcomes)) == "open") != may_open(system)]
            self._report.expect(not wrong, f"{claim}, behind {gate}",
                                "; ".join(wrong[:5]) if wrong else f"{len(doors)} systems")

    def expect_open(self, label: str, hosts: list[Host], port: int) -> None:
        for gate in self.gates:
            outcomes = self._probe(gate, [(host, port, label) for host in hosts])
            opened = outcomes.count("open")
            self._report.expect(opened == len(outcomes), f"{label}: reachable behind {gate}",
                                f"{opened} of {len(outcomes)} connections")

    def expect_untouched(self) -> None:
        """Sessions opened before the policy still talk and lost nothing; no page failed to load."""
        for gate in self.gates:
            # A page waits for its DNS answer, and a server that reloads its zones may owe one.
            eventually(lambda: all(map(_is_well, self._behind(gate, *ALLOWED).values())), _CALM_SECONDS)
            sessions = self._behind(gate, *ALLOWED)
            broken = [f"{name} {history.losses[:1] or 'silent'}" for name, history in sessions.items()
                      if not _is_well(history)]
            beats = sum(len(history.beats) for history in sessions.values())
            self._report.expect(not broken, f"corporate chat and web lost no round trip behind {gate}",
                                ", ".join(broken) if broken else f"{beats} since the start")

    def expect_unbroken(self, what: str, claim: str) -> None:
        for gate in self.gates:
            broken = [name for name, history in self._behind(gate, what).items()
                      if not history.unbroken()]
            self._report.expect(not broken, f"{claim} behind {gate}", ", ".join(broken))

    def expect_all_shut(self, claim: str, moved: Sequence[Host]) -> None:
        """Every address the blocked servers had so far, on every port they listen on."""
        doors = [(host, port, system)
                 for system, host, own in (*BLOCKED, *(("irc", host, plan.IRC_PORT) for host in moved))
                 for port in (own, *plan.FALLBACK_PORTS)]
        for gate in self.gates:
            outcomes = self._probe(gate, doors)
            self._report.expect("open" not in outcomes, f"{claim} behind {gate}",
                                f"{outcomes.count('open')} of {len(outcomes)} connections open")

    def _behind(self, gate: str, *whats: str) -> dict[str, History]:
        return {name: history for name, history in self._clients.histories(*whats).items()
                if name.startswith(f"{gate}/")}

    def _probe(self, gate: str, doors: list[tuple[Host, int, str]],
               counted: bool = True) -> list[str]:
        """Each (host, port, name in the table) in both families; an empty name is not counted."""
        targets = [(host.address(family), port) for host, port, _ in doors for family in plan.FAMILIES]
        outcomes = self._clients.probe(gate, targets)
        for number, outcome in enumerate(outcomes):
            system = doors[number // len(plan.FAMILIES)][2]
            if counted and system:
                self.tally.add(system, gate, outcome)
        return outcomes


def _is_well(history: History) -> bool:
    return history.unbroken() and time.monotonic() - history.last_beat() < SILENCE_SECONDS


def eventually(condition: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> bool:
    """True as soon as the condition holds, False when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
