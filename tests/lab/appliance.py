# SPDX-License-Identifier: Apache-2.0
"""Sweepgate on this machine's real ports: what `./run --ports` starts, until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from process import Program, ProgramFailed
from product import DRIVERS, Place, Product
from shell import CommandFailed, succeeds

_HOME = Path("/var/lib/sweepgate")
_SOCKETS = Path("/run/sweepgate")
_SOFTWARE_PORTS = ("net_", "pcap:", "null:")
_DOCTOR_REFUSED = 2
_FAILURES = (CommandFailed, ProgramFailed, OSError, UnicodeDecodeError, subprocess.TimeoutExpired)


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


def _bare(port: str) -> str:
    """The port without a driver in front."""
    kind, _, rest = port.partition(":")
    return rest if kind in DRIVERS else port


def _judge_ports(order: argparse.Namespace) -> None:
    """Refuses wrong ports and boards, and the port of the default route, before anything is made."""
    ports = [_bare(port) for port in order.ports.split(",")] if order.ports else []
    ours = [port for port in ports if not port.startswith(_SOFTWARE_PORTS)]
    for port in ours:
        folder = "/sys/bus/pci/devices" if ":" in port else "/sys/class/net"
        if not Path(folder, port).exists():
            raise CommandFailed(f"no port {port}: there is nothing of that name in {folder}")
    question = ["--board", str(order.board)] if order.board else []
    # What becomes of a PCI device is for its driver to say.
    if ours and ours == ports and not any(":" in port for port in ports):
        question += ["--ports", ",".join(ports)]
    if question:
        _ask_doctor(order, question)


def _ask_doctor(order: argparse.Namespace, question: list[str]) -> None:
    answer = subprocess.run([str(order.build / "bin" / "sweepgate"), "doctor", *question],
                            capture_output=True, text=True, timeout=60)
    if answer.returncode == _DOCTOR_REFUSED:
        raise CommandFailed(answer.stderr.strip())


def _refuse_a_second(order: argparse.Namespace) -> None:
    """Whoever answers there would be given our policy, and its files would be overwritten."""
    requests = _SOCKETS / "controller" / "requests"
    if requests.exists() and succeeds(str(order.build / "bin" / "sweepgate"), "--connect", f"ipc://{requests}",
                                      "--timeout", "1000", "status"):
        raise CommandFailed(f"a controller already answers at {requests}: stop it first")


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


def _flush_command(order: argparse.Namespace) -> list[str]:
    return [str(order.build.resolve() / "bin" / "sweepgate-agent"), "--config", str(_HOME / "agent.toml"),
            "--flush"]


def _remove_sockets() -> None:
    """Files of sockets that nobody listens to, and our folders; an installed package's keep their groups."""
    for folder in (_SOCKETS / "controller", _SOCKETS / "gates"):
        for name in ("updates", "requests"):
            (folder / name).unlink(missing_ok=True)
    for folder in (_SOCKETS / "controller", _SOCKETS / "gates", _SOCKETS):
        if folder.exists() and folder.stat().st_gid == 0 and not any(folder.iterdir()):
            folder.rmdir()


def _run(order: argparse.Namespace, place: Place) -> int:
    first_time = not _HOME.exists()
    forwards = False
    programs: list[Program] = []
    try:
        product = Product(place)
        programs = product.programs
        _start(product, place.policy)
        forwards = True
        _explain(product)
        return _watch([product.controller, product.agent, product.dataplane])
    except _FAILURES as failure:
        print(f"run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        # A second Ctrl-C must not leave half of it running.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for program in reversed(programs):
            program.stop()
        _remove_sockets()
        if first_time and not forwards:
            succeeds(*_flush_command(order))
            shutil.rmtree(_HOME, ignore_errors=True)
        else:
            print(f"\nStopped. The kernel keeps the nftables gate's rules until\n"
                  f"  {shlex.join(_flush_command(order))}")


def main() -> int:
    order = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        place = _place(order)
        _judge_ports(order)
        _refuse_a_second(order)
    except _FAILURES as failure:
        print(f"run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return _run(order, place)


if __name__ == "__main__":
    sys.exit(main())
