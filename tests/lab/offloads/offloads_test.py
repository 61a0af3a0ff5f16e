# SPDX-License-Identifier: Apache-2.0
"""TCP through the real gate while every interface has what the kernel gives it: GRO, TSO, checksums left open.

    client -- veth -- lan0 [ sweepgate-dataplane ] wan0 -- veth -- server

Each rate is measured in turns with the ends' offloads on and off, in one run of the gate.

Usage: offloads_test.py af_packet|af_xdp GATE VLAN-OBJECT [SECONDS-A-TURN TURNS]. Exit code 77: the driver cannot start here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dataplane"))
from gate_test import FREE, FREE6, SKIPPED, Lab, check, run  # noqa: E402
from ports_test import Gate, answers, set_mtu, until  # noqa: E402

OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro", "rxvlan", "txvlan")
LEAST_SHARE = 0.8
SESSION, SESSION6 = ("198.51.100.1", "198.51.100.2"), ("2001:db8:5::1", "2001:db8:5::2")


def offloads(lab: Lab, state: str) -> None:
    """Of both ends. The gate's own ports are the gate's business."""
    for namespace in (lab.client, lab.server):
        run("ip", "netns", "exec", namespace, "ethtool", "-K", "eth0", *(w for o in OFFLOADS for w in (o, state)))


def features(lab: Lab, port: str) -> dict[str, str]:
    told = run_for_text("ip", "netns", "exec", lab.gate, "ethtool", "-k", port)
    return dict(line.strip().split(": ", 1) for line in told.splitlines()[1:] if ": " in line)


def run_for_text(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Rates:
    """Megabits a second by iperf3, from the client to the server and back."""

    def __init__(self, lab: Lab, seconds: float, turns: int) -> None:
        self.lab, self.seconds, self.turns = lab, seconds, turns

    def once(self, address: str) -> float:
        """0 when nothing comes through."""
        command = ["ip", "netns", "exec", self.lab.client, "iperf3", "--json", "-t", str(self.seconds),
                   "--connect-timeout", "3000", "-c", address]
        for _ in range(20):
            told = json.loads(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)
            # One session at a time: while it ends the one before, the server refuses or resets the next.
            if not any(word in told.get("error", "") for word in ("busy", "reset", "refused")):
                break
            time.sleep(0.1)
        if "error" in told:
            print(f"     {address}: {told['error']}", flush=True)
        return told.get("end", {}).get("sum_received", {}).get("bits_per_second", 0) / 1e6

    def hold(self, what: str, *addresses: str) -> bool:
        """What a turn with offloads is of the one without beside it, in the middle of all turns. Further turns
        until that holds, a few: what else runs on the machine changes from second to second."""
        rates = {(address, state): [] for address in addresses for state in ("on", "off")}
        share = {}
        for turn in range(4 * self.turns):
            for state in ("on", "off"):
                offloads(self.lab, state)
                for address in addresses:
                    rates[address, state].append(self.once(address))
            share = {address: statistics.median(
                on / max(off, 1) for on, off in zip(rates[address, "on"], rates[address, "off"]))
                for address in addresses}
            if turn + 1 >= self.turns and min(share.values()) >= LEAST_SHARE:
                break
        stalled = any(rate == 0 for (_, state), seen in rates.items() if state == "on" for rate in seen)
        offloads(self.lab, "on")
        for address in addresses:
            on, off = (statistics.median(rates[address, state]) for state in ("on", "off"))
            print(f"     {what}, {address}: {on:.0f} Mbit/s, all offloads off {off:.0f}: {share[address]:.2f}", flush=True)
        return not stalled and min(share.values()) >= LEAST_SHARE


@contextlib.contextmanager
def iperf_server(lab: Lab) -> Iterator[None]:
    server = subprocess.Popen(["ip", "netns", "exec", lab.server, "iperf3", "-s"], stdout=subprocess.DEVNULL)
    try:
        listens = ["ip", "netns", "exec", lab.server, "ss", "-Hltn", "sport = :5201"]
        if until(lambda: run_for_text(*listens) != "", 5) is None:
            raise RuntimeError("iperf3 does not listen")
        yield
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def vlan_wire(lab: Lab, program: str) -> Iterator[None]:
    """Both ends speak VLAN 7 and nothing else."""
    ends = (lab.client, lab.server)
    try:
        for end in ends:
            tc = ("ip", "netns", "exec", end, "tc")
            run(*tc, "qdisc", "add", "dev", "eth0", "clsact")
            for way, section in (("egress", "push"), ("ingress", "pop")):
                run(*tc, "filter", "add", "dev", "eth0", way, "bpf", "direct-action", "obj", program, "sec", section)
        yield
    finally:
        for end in ends:
            subprocess.run(["ip", "netns", "exec", end, "tc", "qdisc", "del", "dev", "eth0", "clsact"], check=False)


@contextlib.contextmanager
def sessions(lab: Lab) -> Iterator[None]:
    """A PPPoE session between the ends, in user space: its packets are whole, its path is the gate's."""
    script = str(Path(__file__).with_name("sessions.py"))
    macs = {end: run_for_text("ip", "-n", end, "-br", "link", "show", "eth0").split()[2]
            for end in (lab.client, lab.server)}
    running = []
    try:
        for index, (end, other) in enumerate(((lab.client, lab.server), (lab.server, lab.client))):
            running.append(subprocess.Popen(["ip", "netns", "exec", end, sys.executable, "-B", script, macs[other]],
                                            stdout=subprocess.PIPE, text=True))
            running[-1].stdout.readline()
            run("ip", "-n", end, "addr", "add", f"{SESSION[index]}/24", "dev", "session0")
            run("ip", "-n", end, "addr", "add", f"{SESSION6[index]}/64", "dev", "session0", "nodad")
            run("ip", "-n", end, "link", "set", "session0", "mtu", "1492", "up")
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def gives_back(lab: Lab, start: Callable[[], Gate]) -> bool:
    """In order, and by the next gate when one was killed."""
    before = {port: features(lab, port) for port in ("lan0", "wan0")}
    changed = []
    for ending in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        with start() as gate:
            changed.append(features(lab, "lan0")["generic-receive-offload"] == "off" and answers(lab))
            gate.process.send_signal(ending)
            gate.process.wait(5)
        if ending == signal.SIGTERM:
            changed.append(before == {port: features(lab, port) for port in before})
    told = "rx-gro" in gate.said() and "was killed" in gate.said()
    print(f"     {changed}, told: {told}")
    return all(changed) and told


def put_back(lab: Lab, start: Callable[[], Gate]) -> bool:
    """What somebody changes while the gate runs: a feature is switched off again, an MTU is told."""
    with start() as gate:
        run("ip", "netns", "exec", lab.gate, "ethtool", "-K", "lan0", "gro", "on")
        off = until(lambda: features(lab, "lan0")["generic-receive-offload"] == "off", 5)
        done = until(lambda: "switched off again on lan0" in gate.said(), 5)
        run("ip", "-n", lab.gate, "link", "set", "lan0", "mtu", "1400")
        mtu = until(lambda: "the MTU of lan0 was changed from 1500 to 1400" in gate.said(), 5)
        run("ip", "-n", lab.gate, "link", "set", "lan0", "mtu", "1500")
    return None not in (off, done, mtu) and features(lab, "lan0")["generic-receive-offload"] == "on"


def jumbo(lab: Lab, start: Callable[[], Gate], rates: Rates, driver: str) -> bool:
    """AF_XDP has room for no such frame in this DPDK, and says so at once."""
    set_mtu(lab, 9000, 9000)
    try:
        with start():
            return answers(lab) and rates.hold("9000 bytes", FREE, FREE6)
    except RuntimeError as why:
        print("     " + str(why).strip().splitlines()[-1])
        return driver == "af_xdp" and "MTU of 9000 is more than" in str(why) and "af_packet:lan0" in str(why)
    finally:
        set_mtu(lab, 1500, 1500)


def measured(lab: Lab, rates: Rates, vlan_program: str) -> dict[str, Callable[[], bool]]:
    def in_vlan() -> bool:
        with vlan_wire(lab, vlan_program):
            return answers(lab) and rates.hold("VLAN", FREE, FREE6)

    def in_session() -> bool:
        with sessions(lab):
            return rates.hold("PPPoE", SESSION[1], SESSION6[1])

    return {
        "TCP has its rate with the kernel's offloads": lambda: answers(lab) and rates.hold("plain", FREE, FREE6),
        "TCP has its rate within a VLAN": in_vlan,
        "TCP has its rate within a PPPoE session": in_session,
    }


def main() -> int:
    driver, program, vlan_program = sys.argv[1:4]
    with contextlib.suppress(PermissionError):  # for everything that is started from here
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    seconds, turns = (float(sys.argv[4]), int(sys.argv[5])) if len(sys.argv) > 4 else (1, 2)
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        def start() -> Gate:
            return Gate(lab, program, f"{driver}:lan0,{driver}:wan0", folder)

        for port in ("lan0", "wan0"):  # as on every NIC; a veth is made without
            run("ip", "netns", "exec", lab.gate, "ethtool", "-K", port, "gro", "on")
        rates = Rates(lab, seconds, turns)
        failures = []
        with iperf_server(lab):
            try:
                with start() as gate:
                    failures += check(measured(lab, rates, vlan_program))
            except RuntimeError as why:
                print(why)
                return SKIPPED if driver == "af_xdp" and not failures else 1
            print(f"     checksums_completed {gate.counter('checksums_completed')}, "
                  f"rx_too_big {gate.counter('rx_too_big')}")
            failures += check({
                "9000-byte packets have their rate, or are refused at the start":
                    lambda: jumbo(lab, start, rates, driver),
                "what somebody changes meanwhile is put back or told": lambda: put_back(lab, start),
                "what the gate switched off is given back, also after a kill":
                    lambda: gives_back(lab, start),
            })
    print("\n".join(f"failed: {claim}" for claim in failures) or "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    code = main()
    print(f"{time.monotonic() - began:.1f} s")
    sys.exit(code)
