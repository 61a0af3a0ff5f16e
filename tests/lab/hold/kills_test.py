#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random kills of every program while policies are pushed: nothing older ever comes back.

usage: kills_test.py PROGRAMS [KILLS]     (root; enters a network and mount namespace of its own)

    controller -> relay -> agent (two halves, the kernel's gate) -> DPDK gate

Whatever dies is started again within moments, as a service manager does. Meanwhile the kernel is read
some thirty times a second, and what each program says it enforces is read from its log.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import Site, until  # noqa: E402

IN_FORCE = re.compile(r"chain sg_forward \{[^}]*jump sg_g(\w+)\n")
RECEIPT = re.compile(r'chain sg_g(\w+) \{\n\t\tcomment "v\d+ generation (\d+) ')
PUSH_EVERY = 0.12
LOOK_EVERY = 0.03
TABLE = ["nft", "list", "table", "inet", "sweepgate"]


class Fleet:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.started: dict[str, subprocess.Popen] = {}
        folder = site.folder
        agent = (folder / "agent.toml").read_text()
        (folder / "relay.toml").write_text(
            agent.replace(f'{folder}/agent"', f'{folder}/relay"').replace('name = "box"', 'name = "relay"')
            .replace("gate-updates", "relay-updates").replace("gate-requests", "relay-requests")
            .replace("[upstream]", "nftables = false\n[upstream]"))
        (folder / "agent.toml").write_text(
            agent.replace(f'"{site.socket("updates")}"', f'"{site.socket("relay-updates")}"')
            .replace(f'"{site.socket("requests")}"', f'"{site.socket("relay-requests")}"'))
        self.words = {
            "controller": ["sweepgated", "--config", f"{folder}/sweepgated.toml"],
            "relay": ["sweepgate-agent", "--config", f"{folder}/relay.toml"],
            "agent": ["sweepgate-agent", "--config", f"{folder}/agent.toml"],
            "dpdk": ["sweepgate-dataplane", "--name", "box/dpdk", "--ports", "null:,null:", "--no-huge",
                     "--memory", "64", "--idle-sleep-us", "500", "--file-prefix", "kills",
                     "--updates", site.socket("gate-updates"), "--requests", site.socket("gate-requests"),
                     "--state", f"{folder}/dpdk", "--verify-key", f"{folder}/keys/signing.key.pub"],
        }

    def start(self, name: str) -> None:
        with open(self.site.folder / f"{name}.log", "ab") as log:
            self.started[name] = subprocess.Popen(
                [str(self.site.programs / self.words[name][0]), *self.words[name][1:]], stdout=log, stderr=log,
                start_new_session=True)

    def start_what_died(self) -> None:
        for name, process in self.started.items():
            if process.poll() is not None:
                self.start(name)

    def halves(self) -> list[int]:
        parent = self.started["agent"].pid
        try:
            return [parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())]
        except FileNotFoundError:
            return []

    def kill(self, whom: str) -> None:
        """One program, either half of the agent, or all at once: a power cut but for the disk."""
        names = list(self.started) if whom == "all" else [whom]
        for name in names:
            victims = [self.started[name].pid] if name in self.started else self.halves()[
                slice(0, 1) if name == "network half" else slice(1, 2)]
            for victim in victims:
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def stop(self) -> None:
        for process in self.started.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


class Witness:
    """Reads the kernel again and again; what it never may see is counted by kind."""

    def __init__(self) -> None:
        self.newest = 0
        self.kinds: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.done.wait(LOOK_EVERY):
            kind, words = self.look()
            self.kinds[kind] += 1
            self.examples.setdefault(kind, words)

    def look(self) -> tuple[str, str]:
        listed = subprocess.run(TABLE, capture_output=True, text=True, check=False)
        if listed.returncode != 0:
            return "no table", listed.stderr
        in_force = IN_FORCE.search(listed.stdout)
        if in_force is None:
            return "no jump", listed.stdout[-600:]
        generations = dict(RECEIPT.findall(listed.stdout))
        generation = int(generations.get(in_force[1], 0))
        if generation == 0:
            return "a jump to no generation", listed.stdout[-600:]
        if generation < self.newest:
            return "fell", f"from {self.newest} to {generation}"
        self.newest = generation
        return "good", ""


def push(site: Site, done: threading.Event) -> None:
    number = 0
    while not done.wait(PUSH_EVERY):
        number += 1
        action = "block" if number % 2 else "monitor"
        (site.folder / "pushed.toml").write_text(f'[categories]\nim = "{action}"\n')
        site.run("sweepgate", "--connect", site.socket("requests"), "--timeout", "1000", "push", "--yes",
                 "--wait", "0", str(site.folder / "pushed.toml"))


def falls(log: str) -> list[str]:
    """In the order in which a gate said what it enforces, over all its starts."""
    newest, found = 0, []
    for said in re.findall(r"generation (\d+) (?:in force|is enforced)", log):
        if int(said) < newest:
            found.append(f"from {newest} to {said}")
        newest = max(newest, int(said))
    if newest == 0:
        found.append("it never said what it enforces")
    return found


def campaign(site: Site, kills: int) -> list[str]:
    fleet, witness, done = Fleet(site), Witness(), threading.Event()
    chosen = random.Random(kills)
    pusher = threading.Thread(target=push, args=(site, done))
    try:
        for name in fleet.words:
            fleet.start(name)
        until("every gate enforces", lambda: sum(
            gate["current"] for gate in site.status().get("gates", [])) == 3, 30)
        witness.thread.start()
        pusher.start()
        whom = ["controller", "relay", "network half", "apply half", "dpdk", "all"]
        killed: Counter[str] = Counter()
        for _ in range(kills):
            time.sleep(chosen.uniform(0.1, 1.0))
            victim = chosen.choice(whom)
            killed[victim] += 1
            fleet.kill(victim)
            time.sleep(chosen.uniform(0.0, 0.2))
            fleet.start_what_died()
        time.sleep(0.5)
        fleet.start_what_died()
        done.set()
        pusher.join()
        until("every gate enforces and has saved the newest", lambda: sum(
            gate["current"] and gate["saved"] for gate in site.status().get("gates", [])
            if gate["seen_s_ago"] is not None) == 3, 60)
    finally:
        done.set()
        witness.done.set()
        if pusher.is_alive():
            pusher.join()
        if witness.thread.is_alive():
            witness.thread.join()
        fleet.stop()
    print(f"{sum(killed.values())} kills {dict(killed)}; {sum(witness.kinds.values())} looks "
          f"{dict(witness.kinds)}; newest generation {witness.newest}")
    faults = [f"kernel: {kind}: {witness.examples[kind]}" for kind in witness.kinds if kind != "good"]
    faults += [f"{name}: {fall}" for name in ("agent", "dpdk") for fall in falls(site.log(name))]
    if witness.kinds["good"] < kills:
        faults.append("too few looks")
    return faults


def main() -> int:
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    if os.environ.get("SWEEPGATE_KILLS") != "inside":
        return subprocess.run(["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv], check=False,
                              env={**os.environ, "SWEEPGATE_KILLS": "inside"}).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="sg-kills-") as folder:
        site = Site(Path(sys.argv[1]), Path(folder) / "site")
        faults = campaign(site, kills)
        for fault in faults:
            print("FAIL", fault)
        if faults and (kept := os.environ.get("SWEEPGATE_KEPT")):
            subprocess.run(["cp", "-r", str(site.folder), kept], check=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
