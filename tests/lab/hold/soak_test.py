#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hours of pushes, kills, floods and clock steps: memory and descriptors stay as they were.

usage: soak_test.py PROGRAMS [SECONDS]     (root; enters a network and mount namespace of its own)

    controller -> relay -> agent (two halves, the kernel's gate) -> DPDK gate

The controller and a second agent live throughout and are measured; the others are killed in turns.
Strangers knock at the controller's tcp:// endpoints, viewers ask for great plans, and the controller's clock
is moved to and fro by days.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))
from kills_test import Fleet, push  # noqa: E402
from one_site import Site, deny_everything, until, DNS  # noqa: E402

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
STEPS = ("+0", "+1d", "+0", "-1d", "+0", "+3650d", "+0")  # of the controller's clock
MOST_GROWTH_KIB = 6 * 1024
MOST_GROWTH = 1.10
MOST_MORE_FILES = 8


def flood(done: threading.Event) -> None:
    """Some thousand connections that say nothing, or nonsense; again each half minute."""
    while not done.wait(20):
        crowd = []
        for i in range(3000):
            stranger = socket.socket()
            stranger.setblocking(False)
            stranger.connect_ex(("127.0.0.1", 7402 if i % 2 else 7401))
            crowd.append(stranger)
        time.sleep(1)
        for i, stranger in enumerate(crowd):
            try:
                if i % 3 == 0:
                    stranger.send(random.randbytes(200))
            except OSError:
                pass
        time.sleep(5)
        for stranger in crowd:
            stranger.close()


def ask_at_length(site: Site, folder: Path, done: threading.Event) -> None:
    plan = folder / "plan.toml"
    plan.write_text('[categories]\nim = "block"\n[[add]]\nsystem = "testim"\nprefixes = [\n' + "".join(
        f'"11.{i // 256}.{i % 256}.1",\n' for i in range(20_000)) + "]\n")
    while not done.wait(3):
        site.cli("plan", str(plan))
        site.cli("status", "--json")


def size_of(pid: int) -> tuple[int, int]:
    """KiB resident, files open."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0])
    return resident, len(os.listdir(f"/proc/{pid}/fd"))


class Soak:
    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.clock = folder / "clock"
        self.clock.write_text("+0")
        self.fleet = Fleet(site)
        agent = (site.folder / "relay.toml").read_text()
        (site.folder / "steady.toml").write_text(
            agent.replace('name = "relay"', 'name = "steady"').replace(f'{site.folder}/relay"', f'{site.folder}/steady"')
            .replace("relay-updates", "steady-updates").replace("relay-requests", "steady-requests"))
        self.fleet.words["steady"] = ["sweepgate-agent", "--config", f"{site.folder}/steady.toml"]
        self.samples: dict[str, list[tuple[int, int]]] = {"controller": [], "steady": []}

    def start(self) -> None:
        os.environ.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(self.clock), FAKETIME_NO_CACHE="1",
                          FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.fleet.start("controller")
        for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC"):
            del os.environ[name]
        for name in ("relay", "agent", "dpdk", "steady"):
            self.fleet.start(name)
        self.until_all_enforce()

    def until_all_enforce(self) -> None:
        until("every gate enforces", lambda: {
            gate["gate"] for gate in self.site.status().get("gates", [])
            if gate["generation"] == self.site.status().get("generation")} >= {
                "box/nftables", "box/dpdk", "relay/relay", "steady/relay"}, 60)

    def turn(self, number: int) -> None:
        victim = ("relay", "network half", "apply half", "dpdk", "agent")[number % 5]
        self.fleet.kill(victim)
        time.sleep(0.3)
        self.fleet.start_what_died()
        self.clock.write_text(STEPS[number % len(STEPS)])
        for name, samples in self.samples.items():
            samples.append(size_of(self.fleet.started[name].pid))

    def run(self, seconds: float) -> list[str]:
        began = {name: process.pid for name, process in self.fleet.started.items()}
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            time.sleep(max(2.0, min(20.0, seconds / 60)))
            self.turn(number)
            number += 1
        self.clock.write_text("+0")
        faults = [f"{name} died" for name in self.samples if self.fleet.started[name].pid != began[name]]
        return faults + [fault for name, samples in self.samples.items() for fault in growth(name, samples)]


def growth(name: str, samples: list[tuple[int, int]]) -> list[str]:
    """Of the last quarter over the second: behind what a start takes in."""
    quarter = len(samples) // 4
    early, late = samples[quarter:2 * quarter], samples[-quarter:]
    memory = [median(each[0] for each in part) for part in (early, late)]
    files = [median(each[1] for each in part) for part in (early, late)]
    print(f"{name}: {memory[0] / 1024:.1f} MiB, then {memory[1] / 1024:.1f}; {files[0]:g} files, then {files[1]:g} "
          f"({len(samples)} looks)")
    faults = []
    if memory[1] > max(memory[0] * MOST_GROWTH, memory[0] + MOST_GROWTH_KIB):
        faults.append(f"{name}: memory grew from {memory[0]:g} to {memory[1]:g} KiB")
    if files[1] > files[0] + MOST_MORE_FILES:
        faults.append(f"{name}: open files grew from {files[0]:g} to {files[1]:g}")
    return faults


def soak(folder: Path, seconds: float) -> list[str]:
    site = Site(Path(sys.argv[1]), folder / "site", "127.0.0.1")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((DNS, 53))
    threading.Thread(target=deny_everything, args=(server,), daemon=True).start()
    whole, done = Soak(site, folder), threading.Event()
    busy = [threading.Thread(target=push, args=(site, done)), threading.Thread(target=flood, args=(done,)),
            threading.Thread(target=ask_at_length, args=(site, folder, done))]
    try:
        whole.start()
        for each in busy:
            each.start()
        faults = whole.run(seconds)
        done.set()
        for each in busy:
            each.join()
        whole.until_all_enforce()
    finally:
        done.set()
        for each in busy:
            if each.is_alive():
                each.join()
        whole.fleet.stop()
    return faults


def main() -> int:
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 7200
    if os.environ.get("SWEEPGATE_SOAK") != "inside":
        return subprocess.run(["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv], check=False,
                              env={**os.environ, "SWEEPGATE_SOAK": "inside"}).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="sg-soak-") as folder:
        faults = soak(Path(folder), seconds)
    for fault in faults:
        print("FAIL", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
