# SPDX-License-Identifier: Apache-2.0
"""The story the lab tells: a messenger is kept out, whatever its vendor, the network or we ourselves break.

Every step states claims, finds out whether they hold, and prints them with the times it measured.
"""

from __future__ import annotations

import statistics
import time

import plan
import policies
import zones
from clients import Clients
from plan import Host
from product import Product
from report import Report, milliseconds
from servers import Servers
from tally import print_verdicts, stopped_packets
from witness import BLOCKED, SILENCE_SECONDS, Witness, eventually

_OBSERVED_SECONDS = 3.0
_SHUT_PORTS = ", ".join(str(port) for port in plan.FALLBACK_PORTS)


class Story:
    def __init__(self, servers: Servers, product: Product, clients: Clients, names: zones.Names,
                 witness: Witness, report: Report) -> None:
        self._servers = servers
        self._product = product
        self._clients = clients
        self._names = names
        self._witness = witness
        self._report = report
        self._cut_at = float("inf")
        self._status: dict = {"gates": []}
        self._moved: list[Host] = []

    def tell(self, moves: int) -> None:
        self.traffic_flows()
        self.policy_is_pushed()
        self.new_connections_fail()
        self.the_rest_is_untouched()
        self.vendor_moves(moves)
        self.controller_is_killed()
        self.everything_restarts_without_dns()
        self.nothing_leaked()

    def traffic_flows(self) -> None:
        self._report.step("Before any policy, traffic flows")
        talking = eventually(lambda: all(h.beats for h in self._clients.histories().values()))
        sessions = self._clients.histories()
        self._report.expect(
            talking, "IRC, XMPP, corporate XMPP and the web answer both clients over IPv4 and IPv6",
            f"{sum(bool(history.beats) for history in sessions.values())} of {len(sessions)} sessions")
        for system, host, own_port in BLOCKED:
            for gate in self._witness.gates:
                self._witness.expect_doors(gate, system, host, own_port, shut=False)
        self._witness.expect_catalog("every system of the catalog answers on 443", self._names,
                                     lambda system: True, counted=False)

    def policy_is_pushed(self) -> None:
        self._report.step("The policy is pushed: sessions that were open are cut")
        pushed_at = time.monotonic()
        self._product.push(policies.blocking_policy())
        self._report.say(f"`sweepgate push` took {milliseconds(time.monotonic() - pushed_at)}")
        eventually(lambda: self._clients.silent(SILENCE_SECONDS, "irc", "xmpp"))
        for gate in self._witness.gates:
            for system, _, _ in BLOCKED:
                claim = f"open {system} sessions are cut by the {gate} gate"
                self._witness.expect_cut(claim, gate, system, pushed_at)
        generation = self._product.status()["generation"]
        self._report.expect(eventually(lambda: self._product.gates_hold(generation)),
                            "both gates have acknowledged it", f"generation {generation}")
        self._cut_at = time.monotonic()
        self._clients.knock_at((host, port) for _, host, own in BLOCKED for port in (own, 443))

    def new_connections_fail(self) -> None:
        self._report.step(f"New connections fail on their own port and on {_SHUT_PORTS}")
        for system, host, own_port in BLOCKED:
            for gate in self._witness.gates:
                self._witness.expect_doors(gate, system, host, own_port, shut=True)
        self._witness.expect_catalog(
            "every system of the catalog is treated as the policy says", self._names,
            lambda system: not policies.is_stopped(system, self._names), counted=True)

    def the_rest_is_untouched(self) -> None:
        self._report.step("The sanctioned server, the web and protected hosts are untouched")
        self._witness.expect_untouched()
        self._witness.expect_open("protected hosts", self._names.protected, 443)
        self._report.say(f"{plan.CORPORATE.name} stands within a prefix of a blocked provider")
        self._witness.expect_open(plan.CORPORATE.name, [plan.CORPORATE], plan.XMPP_PORT)
        self._witness.expect_open(plan.WEB.name, [plan.WEB], plan.WEB_PORT)

    def vendor_moves(self, times: int) -> None:
        self._report.step(f"The vendor moves {plan.IRC.name} to new addresses")
        enforced: dict[str, list[float]] = {gate: [] for gate in self._witness.gates}
        for host in plan.IRC_MOVED[:times]:
            self._move_to(host, enforced)
            self._moved.append(host)
        if times > 1:
            for gate, found in enforced.items():
                self._report.say(f"median of {times} moves, {gate}: {milliseconds(statistics.median(found))}")
        self._witness.expect_all_shut("old and new addresses are shut", self._moved)
        self._witness.expect_untouched()
        self._status = self._product.status()

    def _move_to(self, host: Host, enforced: dict[str, list[float]]) -> None:
        what = f"moved{len(self._moved)}"
        self._clients.talk_to(what, host)
        ready = eventually(lambda: all(h.beats for h in self._clients.histories(what).values()))
        self._report.expect(ready, f"{host.v4} and {host.v6} work as long as no name leads there")
        moved_at = time.monotonic()
        self._servers.move(host)
        eventually(lambda: self._clients.silent(SILENCE_SECONDS, what))
        for gate, found in enforced.items():
            claim = f"the DNS change is enforced by the {gate} gate"
            found.append(max(self._witness.expect_cut(claim, gate, what, moved_at)))

    def controller_is_killed(self) -> None:
        self._report.step("sweepgated is killed with SIGKILL: the block stands")
        self._product.controller.kill()
        time.sleep(_OBSERVED_SECONDS)
        self._witness.expect_all_shut("blocked servers stay shut", self._moved)
        self._witness.expect_untouched()

    def everything_restarts_without_dns(self) -> None:
        self._report.step("The rest is killed, DNS dies, everything restarts from disk: the block stands")
        self._product.agent.kill()
        self._product.dataplane.kill()
        self._servers.dns.stop()
        self._witness.expect_all_shut("with every program dead, all stays shut", self._moved)
        started_at = time.monotonic()
        self._product.start_agent()
        self._product.start_dataplane()
        talking = eventually(lambda: self._clients.talking(SILENCE_SECONDS, "corporate"))
        self._report.expect(talking, "corporate chat talks again",
                            f"{milliseconds(time.monotonic() - started_at)} after the restart began")
        self._product.start_controller()
        time.sleep(_OBSERVED_SECONDS)
        self._witness.expect_all_shut("blocked servers stay shut", self._moved)
        self._witness.expect_unbroken("corporate", "sanctioned sessions of the very start live on")
        self._witness.expect_open(plan.WEB.name, [plan.WEB], plan.WEB_PORT)

    def nothing_leaked(self) -> None:
        self._report.step("From the cut to this moment nothing got through")
        knocks = self._clients.histories("knock").values()
        leaks = sum(len(history.beats) for history in knocks)
        tried = sum(len(history.losses) for history in knocks) + leaks
        self._report.expect(tried > 0 and leaks == 0, "no knock at a shut door was answered",
                            f"{leaks} of {tried}")
        spoke = [name for name, history in self._clients.histories("irc", "xmpp").items()
                 if history.last_beat() > self._cut_at]
        self._report.expect(not spoke, "no session that was cut ever spoke again", ", ".join(spoke))
        counted = stopped_packets(self._status)
        for gate in self._witness.gates:
            silent = [system for system in ("irc", "xmpp", "telegram") if not counted[gate][system]]
            self._report.expect(not silent, f"the {gate} gate's own counters know of it",
                                ", ".join(silent))
        print("\nConnections the clients tried under the policy, and packets the gates stopped:\n")
        print_verdicts(self._witness.tally, self._names, counted)
