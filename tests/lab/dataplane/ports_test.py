# SPDX-License-Identifier: Apache-2.0
"""Ports of the real gate between a client and a server: links, sizes, queues, and how it leaves.

    client 192.0.2.1 -- veth -- lan0 [ sweepgate-dataplane ] wan0 -- veth -- server 192.0.2.2

Usage: ports_test.py af_packet|af_xdp GATE. Exit code 77: the driver cannot start here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gate_test import FREE, SKIPPED, Lab, check, inside, ping, run

CARRIED_WITHIN = 1.0  # seconds; looks each 50 ms, and 100 ms of patience
FLOWS, EACH = 100, 50


class Gate:
    """The gate while it runs; with --bypass no snapshot is needed."""

    def __init__(self, lab: Lab, program: str, ports: str, folder: str, *options: str,
                 bypasses: bool = True) -> None:
        self.log = Path(folder, "gate.log")
        self.log.unlink(missing_ok=True)
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", lab.gate, program, "--ports", ports, "--no-huge", "--memory",
                 "256", "--idle-sleep-us", "50", *(["--bypass"] if bypasses else []), *options],
                stdout=output, stderr=output, env=os.environ | {"RUNTIME_DIRECTORY": folder})

    def __enter__(self) -> Gate:
        deadline = time.monotonic() + 20
        while "forwarding\n" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"the gate does not start:\n{self.said()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def counter(self, name: str) -> int:
        """As it was logged at the end."""
        found = [line.split()[-1] for line in self.said().splitlines() if line.startswith(f"I {name} ")]
        return int(found[0]) if found else 0


def has_carrier(namespace: str) -> bool:
    told = subprocess.run(["ip", "-n", namespace, "-br", "link", "show", "eth0"], check=True,
                          capture_output=True, text=True).stdout
    return "LOWER_UP" in told


def until(condition: Callable[[], bool], seconds: float) -> float | None:
    """How long it took; nothing when it did not come."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.005)
    return None


def told(what: str, times: list[float | None]) -> bool:
    print(f"     {what} after " + ", ".join("never" if t is None else f"{t * 1000:.0f} ms" for t in times))
    return all(t is not None for t in times)


def settled(lab: Lab) -> bool:
    return until(lambda: has_carrier(lab.client) and has_carrier(lab.server), 5) is not None


def links_are_carried(lab: Lab) -> bool:
    lost, back = [], []
    for here, there in ((lab.client, lab.server), (lab.server, lab.client)) * 2:
        if not settled(lab):
            return False
        time.sleep(0.5)  # long enough for the gate to have seen both
        run("ip", "-n", here, "link", "set", "eth0", "down")
        lost.append(until(lambda: not has_carrier(there), CARRIED_WITHIN))
        time.sleep(0.5)
        run("ip", "-n", here, "link", "set", "eth0", "up")
        back.append(until(lambda: has_carrier(there), CARRIED_WITHIN))
    return told("a loss is seen on the other side", lost) & told("its end", back) and answers(lab)


def answers(lab: Lab) -> bool:
    return until(lambda: ping(lab, FREE), 10) is not None


def links_stay(lab: Lab) -> bool:
    run("ip", "-n", lab.client, "link", "set", "eth0", "down")
    stayed = until(lambda: not has_carrier(lab.server), CARRIED_WITHIN) is None
    run("ip", "-n", lab.client, "link", "set", "eth0", "up")
    return stayed and answers(lab)


def held_link_is_given_back(lab: Lab, start: Callable[..., Gate]) -> bool:
    """A gate that leaves by bypass while it holds a link down leaves both as it found them."""
    with start():
        run("ip", "-n", lab.client, "link", "set", "eth0", "down")
        down = until(lambda: not has_carrier(lab.server), CARRIED_WITHIN)
    up = has_carrier(lab.server)
    run("ip", "-n", lab.client, "link", "set", "eth0", "up")
    return down is not None and up


def leaves_by(lab: Lab, start: Callable[..., Gate], way: str) -> bool:
    with start("--on-exit", way):
        before = answers(lab)
    time.sleep(0.2)
    ends = [has_carrier(lab.client), has_carrier(lab.server)]
    return before and ends == ([False, False] if way == "closed" else [True, True])


def bridge_takes_over(lab: Lab, start: Callable[..., Gate]) -> bool:
    """Ports in a kernel bridge: XDP takes the frames before it, as long as somebody reads them."""
    gate = ["ip", "-n", lab.gate, "link"]
    run(*gate, "add", "sgbr", "type", "bridge")
    try:
        for port in ("lan0", "wan0"):
            run(*gate, "set", port, "master", "sgbr")
        run(*gate, "set", "sgbr", "up")
        ends = []
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with start("--on-exit", "bypass", bypasses=False) as running:
                time.sleep(0.5)
                shut = not ping(lab, FREE)  # without a snapshot no IP packet passes
                running.process.send_signal(ending)
                running.process.wait(5)
            ends += [shut, answers(lab)]
        return all(ends)
    finally:
        run(*gate, "del", "sgbr")


@contextlib.contextmanager
def sockets(lab: Lab) -> Iterator[tuple[socket.socket, socket.socket]]:
    with inside(lab.client):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with inside(lab.server):
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.bind(("", 5222))
        receiver.settimeout(1)
        yield sender, receiver


def arrives(lab: Lab, size: int) -> bool:
    """A UDP packet of so many bytes of IP, unfragmented and byte for byte."""
    payload = os.urandom(size - 28)
    with sockets(lab) as (sender, receiver):
        sender.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER: never fragment
        sender.sendto(payload, (FREE, 5222))
        with contextlib.suppress(TimeoutError):
            return receiver.recv(65536) == payload
    return False


def set_mtu(lab: Lab, client_side: int, server_side: int) -> None:
    for namespace, name, mtu in ((lab.client, "eth0", client_side), (lab.gate, "lan0", client_side),
                                 (lab.gate, "wan0", server_side), (lab.server, "eth0", server_side)):
        run("ip", "-n", namespace, "link", "set", name, "mtu", str(mtu))


def jumbo_passes(lab: Lab, start: Callable[..., Gate]) -> bool:
    set_mtu(lab, 9000, 9000)
    run("ip", "-n", lab.gate, "link", "set", "lan0", "mtu", "1500")  # what --mtu has to change
    with start("--mtu", "9000"):
        good = answers(lab) and all(arrives(lab, size) for size in (100, 1500, 1501, 8999, 9000))
    given_back = subprocess.run(["ip", "-n", lab.gate, "link", "show", "lan0"], check=True,
                                capture_output=True, text=True).stdout
    set_mtu(lab, 1500, 1500)
    return good and " mtu 1500 " in given_back


def oversize_is_counted(lab: Lab, start: Callable[..., Gate]) -> bool:
    set_mtu(lab, 9000, 1500)
    with start() as gate:
        good = answers(lab) and arrives(lab, 1500)
        lost = [not arrives(lab, size) for size in (1501, 2000, 9000)]
    set_mtu(lab, 1500, 1500)
    print(f"     tx_too_big {gate.counter('tx_too_big')}")
    return good and all(lost) and gate.counter("tx_too_big") == 3 and "have MTUs of" in gate.said()


def flows_keep_their_order(lab: Lab, start: Callable[..., Gate]) -> bool:
    """Were one of the two queues not read, half of the flows would be missing."""
    heard: dict[str, list[int]] = {}
    with start(), sockets(lab) as (_, receiver), contextlib.ExitStack() as senders:
        if not answers(lab):
            return False
        with inside(lab.client):
            flows = [senders.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                     for _ in range(FLOWS)]
        for number in range(EACH):
            for name, flow in enumerate(flows):
                flow.sendto(f"{name} {number}".encode(), (FREE, 5222))
            time.sleep(0.002)
            receiver.settimeout(0.001)
            hear(receiver, heard)
        receiver.settimeout(1)
        hear(receiver, heard)
    total = sum(map(len, heard.values()))
    print(f"     {len(heard)} flows, {total} of {FLOWS * EACH} packets")
    return total == FLOWS * EACH and all(numbers == sorted(numbers) for numbers in heard.values())


def reassembled_is_counted(lab: Lab, start: Callable[..., Gate]) -> bool:
    """For several queues the kernel puts fragments together. The whole is too large to go on."""
    with start() as gate, sockets(lab) as (sender, receiver):
        good = answers(lab)
        for size in (1900, 3000):
            sender.sendto(bytes(size), (FREE, 5222))
            with contextlib.suppress(TimeoutError):
                print(f"     {len(receiver.recv(65536))} bytes came through")
                good = False
    return good and gate.counter("rx_too_big") == 2


def hear(receiver: socket.socket, heard: dict[str, list[int]]) -> None:
    with contextlib.suppress(TimeoutError):
        while True:
            name, number = receiver.recv(100).decode().split()
            heard.setdefault(name, []).append(int(number))


def claims(lab: Lab, driver: str, program: str, folder: str) -> dict[str, Callable[[], bool]]:
    def start(*options: str, ports: str = f"{driver}:lan0,{driver}:wan0", bypasses: bool = True) -> Gate:
        return Gate(lab, program, ports, folder, *options, bypasses=bypasses)

    def start_two_queues(*options: str) -> Gate:
        return start(*options, "--lcores", ",".join(map(str, sorted(os.sched_getaffinity(0))[:2])),
                     ports="net_af_packet0,iface=lan0,qpairs=2,net_af_packet1,iface=wan0,qpairs=2")

    def while_running(claim: Callable[[Lab], bool], *options: str) -> Callable[[], bool]:
        def holds() -> bool:
            with start(*options) as gate:
                good = settled(lab) and claim(lab)
            print("" if good else gate.said())
            return good
        return holds

    found: dict[str, Callable[[], bool]] = {
        "a lost link is carried to the other side, and its return": while_running(links_are_carried),
        "a lost link is not carried where that is off": while_running(links_stay, "--no-link-carry"),
        "a gate that leaves gives back the link it holds": lambda: held_link_is_given_back(lab, start),
        "on exit 'bypass' the links stay up": lambda: leaves_by(lab, start, "bypass"),
        "on exit 'closed' both neighbours lose their links": lambda: leaves_by(lab, start, "closed"),
        "the next gate sets them up again": lambda: leaves_by(lab, start, "bypass"),
    }
    if driver == "af_xdp":
        found["a kernel bridge under the ports takes over when the gate leaves or dies, not before"] = \
            lambda: bridge_takes_over(lab, start)
    if driver == "af_packet":
        found |= {
            "9000-byte packets pass byte for byte": lambda: jumbo_passes(lab, start),
            "what exceeds the other port's MTU is dropped and counted":
                lambda: oversize_is_counted(lab, start),
            "100 flows over 2 queues and 2 lcores lose nothing and keep their order":
                lambda: flows_keep_their_order(lab, start_two_queues),
            "what the kernel reassembled for several queues is dropped and counted":
                lambda: reassembled_is_counted(lab, start_two_queues),
        }
    return found


def main() -> int:
    driver, program = sys.argv[1:]
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        try:
            with Gate(lab, program, f"{driver}:lan0,{driver}:wan0", folder):
                pass
        except RuntimeError as why:
            print(why)
            return SKIPPED if driver == "af_xdp" else 1
        failures = check(claims(lab, driver, program, folder))
    print("\n".join(f"failed: {claim}" for claim in failures) or "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
