#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`./run --ports` on a pair of interfaces: it lets through, it stops, and it goes without a trace.

usage: ports_test.py RUN BUILD-FOLDER     (root)
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import machine
from machine import FREE, LISTED, Machine

RUN, BUILD = "", ""
CATALOG = Path("/etc/sweepgate/catalog.d/house.toml")
SYSTEM = """id = "house-chat"
name = "Listed by the admin"
operator = "nobody"
era = "current"
category = "im"
default_action = "block"

[dns]
hostnames = ["chat.example.com"]
suffixes = []

[static]
prefixes = ["203.0.113.0/24", "2001:db8:bad::/48"]
"""
# Only the system above; and the guard is told that documentation ranges stand for public ones.
POLICY = """[defaults]
action = "pass"

[systems]
house-chat = "block"

[guard]
treat_as_public = ["203.0.113.0/24", "2001:db8:bad::/48"]
"""
STARTING_SECONDS = 40.0


class Running:
    """`./run --ports` in the foreground of somebody's terminal."""

    SAID = Path("/run/tmp/said")

    def __init__(self, place: Machine, *words: str) -> None:
        with open(self.SAID, "wb") as output:
            self.process = subprocess.Popen(place.command(RUN, "--build", BUILD, *words), stdout=output,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def said(self) -> str:
        return self.SAID.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while words not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"never said '{words}':\n{self.said()}")
            time.sleep(0.05)

    def abandon(self) -> None:
        """What a failed test leaves running ends with the machine; this one is waited for."""
        self.process.kill()
        self.process.wait()

    def end_by(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(20)


class Ports(unittest.TestCase):
    place: Machine

    @classmethod
    def setUpClass(cls) -> None:
        cls.place = Machine()
        cls.addClassCleanup(cls.place.close)
        CATALOG.parent.mkdir(parents=True)
        CATALOG.write_text(SYSTEM, encoding="utf-8")
        cls.policy = Path("/run/tmp/policy.toml")
        cls.policy.write_text(POLICY, encoding="utf-8")
        cls.opener = Path("/run/tmp/opener.toml")
        cls.opener.touch()

    def tried(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.place.command(RUN, "--build", BUILD, *words), capture_output=True, text=True,
                              timeout=STARTING_SECONDS, check=False)

    def refused(self, *words: str) -> str:
        """What the command says that must fail and change nothing."""
        files, traces = self.place.files(), self.place.traces()
        done = self.tried(*words)
        self.assertIn(done.returncode, (1, 2), done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(self.place.files(), files)
        self.assertEqual(self.place.traces(), traces)
        return done.stderr

    def faulty(self, text: bytes) -> str:
        path = Path("/run/tmp/faulty.toml")
        path.write_bytes(text)
        self.addCleanup(path.unlink)
        return str(path)

    def test_ports_that_are_not_there(self) -> None:
        self.assertIn("nosuch0", self.refused("--ports", "nosuch0,nosuch1", "--policy", str(self.policy)))
        self.assertIn("nosuch1", self.refused("--ports", "eth1,nosuch1", "--policy", str(self.policy)))
        self.assertIn("0000:7f:1f.7", self.refused("--ports", "0000:7f:1f.7,eth1", "--policy", str(self.policy)))

    def test_ports_that_are_no_pair(self) -> None:
        self.assertIn("not a pair", self.refused("--ports", "eth1", "--policy", str(self.policy)))
        self.assertIn("not a pair", self.refused("--ports", "eth1,eth2,lo", "--policy", str(self.policy)))
        self.assertIn("twice", self.refused("--ports", "eth1,eth1", "--policy", str(self.policy)))

    def test_port_of_the_default_route(self) -> None:
        enter = ["ip", "-n", machine.GATE, "route"]
        subprocess.run([*enter, "add", "default", "dev", "eth1"], check=True)
        self.addCleanup(subprocess.run, [*enter, "del", "default"], check=True)
        self.assertIn("default route", self.refused("--ports", "eth1,eth2", "--policy", str(self.policy)))

    def test_policy_that_is_not_there(self) -> None:
        self.assertIn("nosuch.toml", self.refused("--ports", "eth1,eth2", "--policy", "/run/tmp/nosuch.toml"))
        self.refused("--ports", "eth1,eth2", "--policy", "/run/tmp")
        self.assertIn("--policy", self.refused("--ports", "eth1,eth2"))

    def test_policy_with_a_typo(self) -> None:
        told = self.refused("--ports", "eth1,eth2", "--policy", self.faulty(b'[systems]\nhouse-chatt = "block"\n'))
        self.assertIn(":2:1: ", told)
        self.assertIn("house-chatt", told)

    def test_policy_that_is_no_text(self) -> None:
        self.refused("--ports", "eth1,eth2", "--policy", self.faulty(b"\xff\xfe\x00"))

    def test_board_that_is_wrong(self) -> None:
        told = self.refused("--board", self.faulty(b'id = "x"\n'), "--policy", str(self.policy))
        self.assertIn("faulty.toml", told)

    def test_ctrl_c_while_it_starts(self) -> None:
        files, traces = self.place.files(), self.place.traces()
        running = Running(self.place, "--ports", "eth1,eth2", "--policy", str(self.policy))
        self.addCleanup(running.abandon)
        while not Path("/var/lib/sweepgate/sweepgated.log").exists():
            self.assertIsNone(running.process.poll(), running.said())
            time.sleep(0.01)
        self.assertEqual(running.end_by(signal.SIGINT), 130, running.said())
        Running.SAID.unlink()
        # What was killed while it was being started takes the kernel a moment to end on a busy machine.
        deadline = time.monotonic() + 5
        while self.place.traces() != traces and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.place.files(), files)
        self.assertEqual(self.place.traces(), traces)

    def test_zz_the_pair_lets_through_and_stops(self) -> None:
        """Last by name: nothing may be refused for the sake of what this one leaves."""
        files, traces = self.place.files(), self.place.traces()
        running = Running(self.place, "--ports", "eth1,eth2", "--policy", str(self.policy))
        self.addCleanup(running.abandon)
        running.wait_for("Ctrl-C stops")
        self.both_gates_hold_it()
        self.assertEqual(machine.memory_on_hugepages(), {"0 kB"})
        self.assertEqual(self.place.becomes(*FREE), ["open", "open"])
        self.assertEqual(self.place.becomes(*LISTED), ["timeout", "timeout"])
        self.it_is_counted()
        self.a_second_one_is_refused()

        self.assertEqual(running.end_by(signal.SIGINT), 130, running.said())
        self.assertEqual(self.place.traces()["processes"], traces["processes"])
        self.assertEqual([path for path in Path("/run").rglob("*") if path.is_socket()], [])
        # As it says: the kernel's rules and the state stay, the rules until they are flushed.
        self.assertIn("203.0.113.0/24", self.place.traces()["rules"])
        flush = running.said().strip().splitlines()[-1]
        subprocess.run(self.place.command(*shlex.split(flush)), check=True, capture_output=True)
        self.assertEqual(self.place.traces(), traces)
        self.only_state_is_left(files)
        # Nothing but the gate had kept the client from the listed server.
        self.place.bridge()
        self.assertEqual(self.place.becomes(*LISTED), ["open", "open"])

    def both_gates_hold_it(self) -> None:
        deadline = time.monotonic() + 15
        while {gate["kind"] for gate in self.status()["gates"] if gate["current"]} != {"dpdk", "nftables"}:
            self.assertLess(time.monotonic(), deadline, self.status())
            time.sleep(0.05)

    def it_is_counted(self) -> None:
        """Reports of the gates come about once a second."""
        deadline = time.monotonic() + 10
        while not any(system["dropped"] for system in self.status()["systems"] if system["id"] == "house-chat"):
            self.assertLess(time.monotonic(), deadline, self.status())
            time.sleep(0.1)

    def status(self) -> dict:
        told = subprocess.run(self.place.command(f"{BUILD}/bin/sweepgate", "status", "--json"), check=True,
                              capture_output=True, text=True)
        return dict(json.loads(told.stdout))

    def a_second_one_is_refused(self) -> None:
        before = self.status()
        self.opener.write_text('[defaults]\naction = "pass"\n', encoding="utf-8")
        done = self.tried("--ports", "eth1,eth2", "--policy", str(self.opener))
        self.assertEqual(done.returncode, 1)
        self.assertIn("already answers", done.stderr)
        self.assertEqual(self.status()["policy"], before["policy"])
        self.assertEqual(self.place.becomes(FREE[0], LISTED[0]), ["open", "timeout"])

    def only_state_is_left(self, files: list[str]) -> None:
        """And the empty folder in which libxdp, in the PMD, keeps its locks."""
        left = set(self.place.files()) - set(files) - {str(Running.SAID), "/run/xdp"}
        self.assertEqual({path for path in left if "/var/lib/sweepgate" not in path}, set())


def main() -> None:
    global RUN, BUILD  # set once, before any test runs
    machine.enter()
    RUN, BUILD = sys.argv[1], sys.argv[2]
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[3:]])


if __name__ == "__main__":
    main()
