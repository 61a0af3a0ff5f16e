# SPDX-License-Identifier: Apache-2.0
"""Sweepgate's lab: real servers, real clients and both gates in network namespaces.

  python3 tests/lab --build build            tells the whole story; exit code 0 when every claim held
  python3 tests/lab --build build --stay     then leaves the lab up until Ctrl-C
  python3 tests/lab --world                  the lab's own parts only, a plain bridge for the DPDK gate
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

import plan
import policies
import state
import stay
import topology
import zones
from clients import Clients
from process import ProgramFailed
from product import Place, Product
from report import Report
from servers import Servers
from shell import CommandFailed
from steps import Story
from witness import BLOCKED, Witness, eventually

# The lab shares its processors with servers and clients: the gate does not poll an idle wire all the time.
_IDLE_SLEEP_US = 50
_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lab", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=_ROOT / "build", help="default: %(default)s")
    parser.add_argument("--catalog", type=Path, default=_ROOT / "catalog", help="default: %(default)s")
    parser.add_argument("--moves", type=int, default=1, choices=range(1, len(plan.IRC_MOVED) + 1),
                        help="how often the vendor moves; medians need several (default: %(default)s)")
    parser.add_argument("--stay", action="store_true", help="leave the lab up and say how to play with it")
    parser.add_argument("--world", action="store_true", help="test the lab's own parts, without Sweepgate")
    return parser.parse_args()


def _catalog(order: argparse.Namespace) -> list[Path]:
    """The product's catalog and the lab's own addition to it."""
    return [order.catalog.resolve(), _HERE / "catalog"]


def _end_on_signals() -> None:
    """Every usual end runs through the same clean-up."""
    def leave(number: int, frame: object) -> None:
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)


def _remove(estate: state.Estate) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    estate.remove()


def _check_world(lab: topology.Topology, estate: state.Estate, names: zones.Names, report: Report) -> None:
    """The lab alone: everything answers, and a move in DNS arrives."""
    report.step("The lab's own world, with nothing of Sweepgate in it")
    topology.bridge_pair(lab)
    servers = Servers(lab, names, estate.folder)
    clients = Clients(lab, estate.folder)
    witness = Witness(list(lab.clients), clients, report)
    talking = eventually(lambda: all(history.beats for history in clients.histories().values()))
    report.expect(talking, "every session talks", f"{len(clients.histories())} sessions")
    for system, host, own_port in BLOCKED:
        for gate in witness.gates:
            witness.expect_doors(gate, system, host, own_port, shut=False)
    witness.expect_catalog("every system answers", names, lambda system: True, counted=False)
    witness.expect_open("protected hosts", names.protected, 443)
    moved_to = plan.IRC_MOVED[0]
    servers.move(moved_to)
    for gate, namespace in lab.clients.items():
        moved = eventually(lambda: servers.lookup(namespace, plan.IRC.name) == moved_to, 5)
        report.expect(moved, f"a move in DNS reaches the client behind {gate}")
    witness.expect_untouched()


def _tell_story(lab: topology.Topology, estate: state.Estate, names: zones.Names, report: Report,
                order: argparse.Namespace) -> None:
    servers = Servers(lab, names, estate.folder)
    product = Product(Place(
        name="lab", namespace=lab.appliance, build=order.build.resolve(), catalog=_catalog(order),
        home=estate.folder / "appliance", sockets=estate.folder / "sockets", policy=policies.open_policy(),
        ports=("lan0", "wan0"), resolvers=[plan.DNS.v4],
        idle_sleep_us=_IDLE_SLEEP_US))
    product.start_controller()
    product.start_agent()
    product.start_dataplane()
    print(f"The DPDK gate drives its ports through {product.driver}.", flush=True)
    if not eventually(lambda: product.gates_hold(1)):
        raise ProgramFailed(f"the gates never took the first generation: {product.cli('status')}")
    clients = Clients(lab, estate.folder)
    witness = Witness(list(lab.clients), clients, report)
    Story(servers, product, clients, names, witness, report).tell(order.moves)
    if order.stay:
        servers.restart_dns()
        report.verdict()
        stay.explain(lab, product)
        signal.pause()


def _run(order: argparse.Namespace) -> int:
    removed = state.clear_leftovers()
    if removed:
        print(f"Removed what an earlier run left behind: {', '.join(removed)}")
    started = time.monotonic()
    report = Report()
    estate = state.Estate()
    try:
        names = zones.read_catalog(_catalog(order))
        lab = topology.build(estate)
        print(f"Lab {estate.run_id} is up.", flush=True)
        if order.world:
            _check_world(lab, estate, names, report)
        else:
            _tell_story(lab, estate, names, report, order)
    except (CommandFailed, ProgramFailed, OSError) as failure:
        report.failures.append(str(failure))
    except KeyboardInterrupt:
        print("\nInterrupted: taking the lab down.", flush=True)
        return 130 if not order.stay else report.verdict()
    finally:
        _remove(estate)
    print(f"\nThe lab is gone again; it lived {time.monotonic() - started:.0f} s.")
    return report.verdict()


def main() -> int:
    order = _arguments()
    if os.geteuid() != 0:
        print("lab: network namespaces need root", file=sys.stderr)
        return 2
    _end_on_signals()
    return _run(order)


if __name__ == "__main__":
    sys.exit(main())
