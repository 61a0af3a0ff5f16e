# SPDX-License-Identifier: Apache-2.0
"""What the clients saw of each system, and the table that sets it beside the gates' own counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import plan
import policies
import zones
from report import print_table

# Systems with a line of their own; the rest is summed by treatment.
_SHOWN = ("irc", "xmpp", "telegram", "mumble", "steam-chat")

# What the policy says of hosts that belong to no system.
_OUTSIDE = {plan.CORPORATE.name: "sanctioned", "protected hosts": "protected", plan.WEB.name: "not named"}


class Tally:
    """Connections opened and refused behind each gate, by system."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, bool]] = Counter()

    def add(self, system: str, gate: str, outcome: str) -> None:
        self._seen[system, gate, outcome == "open"] += 1

    def count(self, systems: list[str], gate: str, opened: bool) -> int:
        return sum(self._seen[system, gate, opened] for system in systems)

    def systems(self) -> set[str]:
        return {system for system, _, _ in self._seen}


def stopped_packets(status: Mapping) -> dict[str, Counter[str]]:
    """By gate kind and system: packets dropped or rejected, as the gates count them."""
    counted: dict[str, Counter[str]] = {}
    for gate in status["gates"]:
        counter = counted.setdefault(gate["kind"], Counter())
        for system in gate["systems"]:
            counter[system["system"]] += system["dropped"] + system["rejected"]
    return counted


def print_verdicts(tally: Tally, names: zones.Names, packets: Mapping[str, Counter[str]]) -> None:
    head = ("system", "policy", "dpdk: opened", "shut", "packets stopped",
            "nftables: opened", "shut", "packets stopped")
    rows = [_row(label, word, systems, tally, packets) for label, word, systems in _lines(tally, names)]
    print_table(head, rows)


def _lines(tally: Tally, names: zones.Names) -> list[tuple[str, str, list[str]]]:
    lines = [(system, policies.treatment(system, names), [system]) for system in _SHOWN]
    rest: dict[str, list[str]] = {}
    for system in names.systems:
        if system not in _SHOWN:
            rest.setdefault(policies.treatment(system, names), []).append(system)
    lines += [(f"{len(systems)} other systems", word, systems) for word, systems in sorted(rest.items())]
    outside = sorted(tally.systems() - set(names.systems))
    return lines + [(label, _OUTSIDE.get(label, ""), [label]) for label in outside]


def _row(label: str, word: str, systems: list[str], tally: Tally,
         packets: Mapping[str, Counter[str]]) -> list[str]:
    cells = [label, word]
    for gate in ("dpdk", "nftables"):
        cells += [str(tally.count(systems, gate, True)), str(tally.count(systems, gate, False)),
                  str(sum(packets.get(gate, Counter())[system] for system in systems))]
    return cells
