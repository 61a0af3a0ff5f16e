# SPDX-License-Identifier: Apache-2.0
"""Sweepgate on this machine's real ports: what `./run --ports` starts, until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import signal
import socket
import sys
import time
from pathlib import Path

from process import Program, ProgramFailed
from product import Place, Product
from shell import CommandFailed

_HOME = Path("/var/lib/sweepgate")
_SOCKETS = Path("/run/sweepgate")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--policy", type=Path, required=True)
    parser.add_argument("--ports", help="INSIDE,OUTSIDE")
    parser.add_argument("--board", type=Path)
    return parser.parse_args()


def _place(order: argparse.Namespace) -> Place:
    ports = order.ports.split(",") if order.ports else None
    return Place(
        name=socket.gethostname(), namespace=None, build=order.build.resolve(),
        catalog=[order.catalog.resolve(), Path("/etc/sweepgate/catalog.d")],
        home=_HOME, sockets=_SOCKETS, policy=order.policy.read_text(encoding="utf-8"),
        ports=(ports[0], ports[1]) if ports else None, board=order.board and order.board.resolve())


def _start(product: Product, policy: str) -> None:
    product.start_controller()
    # A state folder that was used before holds an older policy.
    product.push(policy)
    product.start_agent()
    product.start_dataplane()


def _explain(product: Product) -> None:
    driver = f" through {product.driver}" if product.driver else ""
    print(f"""
The DPDK gate forwards{driver}. Logs and state: {_HOME}; Ctrl-C stops.

  {shlex.join([*product.cli_command(), "status"])}
""", flush=True)


def _watch(started: list[Program]) -> int:
    """Until a signal, or until one of the programs ends by itself."""
    while True:
        for program in started:
            if not program.alive():
                print(f"{program.name} has ended:\n{program.tail()}", file=sys.stderr)
                return 1
        time.sleep(0.5)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    order = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    programs: list[Program] = []
    try:
        place = _place(order)
        product = Product(place)
        programs = product.programs
        _start(product, place.policy)
        _explain(product)
        return _watch([product.controller, product.agent, product.dataplane])
    except (CommandFailed, ProgramFailed, OSError) as failure:
        print(f"run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopping. The kernel keeps the nftables gate's rules until\n"
              f"  {order.build}/bin/sweepgate-agent --config {_HOME}/agent.toml --flush")
        return 130
    finally:
        for program in reversed(programs):
            program.stop()


if __name__ == "__main__":
    sys.exit(main())
