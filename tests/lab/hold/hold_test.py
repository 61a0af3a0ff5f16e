#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What busy and hostile peers cannot do to a controller, with the real programs.

usage: hold_test.py PROGRAMS [CASE]     (root; each case enters a network and mount namespace of its own)
"""

from __future__ import annotations

import os
import resource
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import SiteCase, run_cases, until  # noqa: E402

PASS = '[categories]\nim = "pass"\n'
BLOCK = '[categories]\nim = "block"\n'
VIEWERS = 40
PLAN_BYTES = 428_000
LONGEST = 1.0  # seconds an admin's push may take throughout


def addresses(count: int, first: int = 11) -> list[str]:
    return [f"{first + i // 65536}.{i // 256 % 256}.{i % 256}.1" for i in range(count)]


def great_plan() -> str:
    lines = "".join(f'"{address}",\n' for address in addresses(PLAN_BYTES // 14))
    return f'{BLOCK}[[add]]\nsystem = "testim"\nprefixes = [\n{lines}]\n'


class Case(SiteCase):
    tcp = "127.0.0.1"

    def prepare(self) -> None:
        self.authorize("admin", "alice")

    def asks(self, name: str, plan: Path, until_set: threading.Event) -> None:
        """One plan after the other."""
        while not until_set.is_set():
            self.as_key(name, "plan", str(plan), timeout_ms=120_000)

    def push_takes(self, number: int) -> float:
        """Seconds, of the whole command."""
        policy = self.folder / "push.toml"
        policy.write_text(PASS if number % 2 == 0 else BLOCK)
        began = time.monotonic()
        answer = self.as_key("alice", "push", "--wait", "0", "--yes", str(policy), timeout_ms=30_000)
        took = time.monotonic() - began
        self.assertIn("published as generation", answer.stdout, answer.stderr)
        return took

    def while_busy(self, seconds: float) -> None:
        """An admin pushes and looks, again and again."""
        pushes, looks = [], []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pushes.append(self.push_takes(len(pushes)))
            began = time.monotonic()
            self.assertEqual(self.as_key("alice", "status", timeout_ms=30_000).returncode, 0)
            looks.append(time.monotonic() - began)
        print(f"{len(pushes)} pushes: longest {max(pushes):.2f} s, median "
              f"{sorted(pushes)[len(pushes) // 2]:.2f} s; status: longest {max(looks):.2f} s", file=sys.stderr)
        self.assertLess(max(pushes), LONGEST)
        self.assertLess(max(looks), LONGEST)
        self.assertIsNone(self.controller.poll())


class Viewers(Case):
    def prepare(self) -> None:
        super().prepare()
        for i in range(VIEWERS):
            self.authorize("viewer", f"viewer{i}")

    def test_forty_viewers_who_plan_at_length_hold_up_no_admin(self) -> None:
        plan = self.folder / "great.toml"
        plan.write_text(great_plan())
        self.assertGreater(plan.stat().st_size, PLAN_BYTES)
        self.assertEqual(self.as_key("viewer0", "plan", str(plan), timeout_ms=20_000).returncode, 0)
        done = threading.Event()
        viewers = [threading.Thread(target=self.asks, args=(f"viewer{i}", plan, done)) for i in range(VIEWERS)]
        for viewer in viewers:
            viewer.start()
        try:
            time.sleep(3)
            self.while_busy(15)
        finally:
            done.set()
            self.stop_controller()  # ends what still waits
            subprocess.run(["pkill", "--parent", str(os.getpid()), "-x", "sweepgate"], check=False)
            for viewer in viewers:
                viewer.join()


class OneKey(Case):
    def prepare(self) -> None:
        super().prepare()
        self.authorize("viewer", "bob")
        lists = self.site.folder / "lists"
        lists.mkdir()
        (lists / "long.txt").write_text("\n".join(addresses(100_000)) + "\n")
        config = self.site.folder / "sweepgated.toml"
        config.write_text(f'lists = "{lists}"\n' + config.read_text())

    def test_a_list_that_a_plan_names_eleven_thousand_times_is_read_once(self) -> None:
        plan = self.folder / "again.toml"
        plan.write_text(BLOCK + '[[add]]\nsystem = "testim"\nlists = ["long.txt"]\n' * 11_000)
        done = threading.Event()
        bob = threading.Thread(target=self.asks, args=("bob", plan, done))
        began = time.monotonic()
        self.assertEqual(self.as_key("bob", "plan", str(plan), timeout_ms=60_000).returncode, 0)
        print(f"the plan itself: {time.monotonic() - began:.2f} s", file=sys.stderr)
        bob.start()
        try:
            self.while_busy(8)
        finally:
            done.set()
            bob.join()


class Watchdog(Case):
    """With the socket of a service manager: it hears of the daemon each second, whatever is asked."""

    def prepare(self) -> None:
        super().prepare()
        self.authorize("viewer", "bob")
        path = self.folder / "notify"
        self.heard: list[float] = []
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(path))
        os.environ["NOTIFY_SOCKET"] = str(path)
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")

        def listen() -> None:
            while True:
                if b"WATCHDOG=1" in notify.recv(4096):
                    self.heard.append(time.monotonic())

        threading.Thread(target=listen, daemon=True).start()

    def test_it_is_fed_while_a_viewer_plans(self) -> None:
        plan = self.folder / "great.toml"
        plan.write_text(great_plan())
        done = threading.Event()
        bob = threading.Thread(target=self.asks, args=("bob", plan, done))
        bob.start()
        try:
            until("the watchdog is fed", lambda: len(self.heard) >= 2)
            time.sleep(12)
        finally:
            done.set()
            bob.join()
        pauses = [later - before for before, later in zip(self.heard, self.heard[1:])]
        self.assertGreater(len(pauses), 8)
        self.assertLess(max(pauses), 3)


class Strangers:
    """More idle connections than may be open, from one address and from thousands; the controller
    has as few descriptors as it starts with at all."""
    IDLE = 10_000

    def prepare(self) -> None:
        super().prepare()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(30_000, hard), hard))
        self.site.before = ["prlimit", "--nofile=4096:4096"]

    def crowd(self, sources: list[str], done: threading.Event) -> None:
        """Keeps IDLE connections open and opens anew what was closed."""
        open_now: dict[socket.socket, None] = {}
        poller = select.epoll()
        numbers: dict[int, socket.socket] = {}
        turn = 0
        while not done.is_set():
            for _ in range(200):
                if len(open_now) >= self.IDLE:
                    break
                stranger = socket.socket()
                stranger.setblocking(False)
                turn += 1
                stranger.bind((sources[turn % len(sources)], 0))
                stranger.connect_ex((self.tcp, 7402 if turn % 2 else 7401))
                open_now[stranger] = None
                numbers[stranger.fileno()] = stranger
                poller.register(stranger, select.EPOLLHUP | select.EPOLLRDHUP)
            for number, _ in poller.poll(0.01, 500):
                gone = numbers.pop(number)
                poller.unregister(gone)
                open_now.pop(gone)
                gone.close()
        self.opened = turn
        for stranger in open_now:
            stranger.close()
        poller.close()

    def under(self, sources: list[str]) -> None:
        done = threading.Event()
        crowd = threading.Thread(target=self.crowd, args=(sources, done))
        crowd.start()
        looks: dict[str, list[float]] = {"tcp": [], "ipc": []}
        try:
            time.sleep(4)
            end = time.monotonic() + 6
            while time.monotonic() < end:
                for way, ask in (("tcp", lambda: self.as_key("alice", "status", timeout_ms=5000)),
                                 ("ipc", lambda: self.site.cli("status"))):
                    began = time.monotonic()
                    answer = ask()
                    looks[way].append(time.monotonic() - began)
                    self.assertEqual(0, answer.returncode, answer.stderr)
        finally:
            done.set()
            crowd.join()
        for way, took in looks.items():
            print(f"{self.opened} strangers from {len(sources)} address(es): {len(took)} admins over {way}, "
                  f"longest {max(took):.2f} s, median {sorted(took)[len(took) // 2]:.2f} s", file=sys.stderr)
            self.assertLess(max(took), 2.0)
        self.assertIsNone(self.controller.poll())
        held = len(os.listdir(f"/proc/{self.controller.pid}/fd"))
        print(f"{held} descriptors afterwards", file=sys.stderr)


class StrangersOfOneAddress(Strangers, Case):
    def test_hold_up_no_admin(self) -> None:
        self.under(["127.0.0.2"])


class StrangersOfTheAdminsAddress(Strangers, Case):
    def test_hold_up_no_admin(self) -> None:
        self.under(["127.0.0.1"])


class StrangersOfThousandsOfAddresses(Strangers, Case):
    def test_hold_up_no_admin(self) -> None:
        self.under([f"127.1.{i // 250}.{i % 250 + 1}" for i in range(5000)])


if __name__ == "__main__":
    sys.exit(run_cases(__file__, Case, at_once=False))
