# SPDX-License-Identifier: Apache-2.0
"""Tomorrow's policy on yesterday's traffic: a policy that is not in force becomes a snapshot, and a capture is judged
by it, without EAL and without ports.

Usage: replay_test.py PROGRAMS     (root; enters a network and mount namespace of its own)
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(LAB), str(LAB / "refusals")]
import frames  # noqa: E402
from one_site import Site  # noqa: E402

PROGRAMS = Path()
CLIENTS = ("192.0.2.1", "192.0.2.2")
LISTED, FREE = "93.184.216.34", "198.51.100.7"
_TODAY, _TOMORROW = '[categories]\nim = "pass"\n', '[categories]\nim = "block"\n'


class Replay(unittest.TestCase):
    site: Site
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-replay-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        cls.site = Site(PROGRAMS, cls.folder / "site")
        (cls.site.folder / "policy.toml").write_text(_TODAY)
        cls.addClassCleanup(cls.site.stop)
        cls.site.start_controller()
        (cls.folder / "tomorrow.toml").write_text(_TOMORROW)
        cls.plan(cls, "tomorrow", cls.folder / "tomorrow.toml")
        cls.plan(cls, "today")

    def plan(self, name: str, *policy: Path) -> str:
        done = self.site.cli("plan", *map(str, policy), "--snapshot", str(self.folder / name))
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def traffic(self) -> list[frames.Record]:
        """60 packets: two clients talk to a free server, the first one to a listed server as well."""
        records = []
        for second in range(10):
            for frame in (frames.udp(CLIENTS[0], FREE, 4000, 53), frames.udp(CLIENTS[1], FREE, 4000, 443),
                          frames.arp(), frames.udp(CLIENTS[0], LISTED, 4000, 443),
                          frames.udp(LISTED, CLIENTS[0], 443, 4000), frames.udp(CLIENTS[1], LISTED, 4000, 9)):
                records.append((1_700_000_000 + second, 10 * len(records), frame))
        return records

    def capture(self) -> tuple[Path, list[frames.Record]]:
        records = self.traffic()
        frames.write(self.folder / "in.pcap", records)
        return self.folder / "in.pcap", records

    def replay(self, capture: Path, snapshot: str, *words: str) -> subprocess.CompletedProcess:
        return self.site.run("sweepgate-dataplane", "--replay", str(capture), "--snapshot",
                             str(self.folder / snapshot), "--verify-key", f"{self.folder / snapshot}.pub", *words)

    def test_tomorrows_policy_splits_the_capture(self) -> None:
        capture, records = self.capture()
        passed, dropped = self.folder / "passed.pcap", self.folder / "dropped.pcap"
        done = self.replay(capture, "tomorrow", "--write", str(passed), "--dropped", str(dropped))
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = [record for record in records if bytes(map(int, LISTED.split("."))) in record[2]]
        self.assertEqual(frames.read(dropped), listed)
        self.assertEqual(frames.read(passed), [record for record in records if record not in listed])
        self.assertRegex(done.stdout, rf"{CLIENTS[0]} +testim +drop +evasion +443/udp +20 ")
        self.assertRegex(done.stdout, rf"{CLIENTS[1]} +testim +drop +other +9/udp +10 ")
        self.assertIn("2 clients would have been hit", done.stdout)

    def test_programs_read_the_same(self) -> None:
        capture, _ = self.capture()
        done = self.replay(capture, "tomorrow", "--json", "--top", "1")
        read = json.loads(done.stdout)
        self.assertEqual({name: tally["packets"] for name, tally in read["verdicts"].items() if tally["packets"]},
                         {"pass": 20, "pass_not_ip": 10, "drop": 30})
        self.assertEqual((read["clients"], read["rows"], len(read["hits"])), (2, 2, 1))
        hit = read["hits"][0]
        self.assertEqual((hit["client"], hit["system"], hit["port"], hit["class"], hit["packets"]),
                         (CLIENTS[0], "testim", 443, "evasion", 20))
        self.assertEqual(hit["first"], "1700000000.000030000")

    def test_todays_policy_hits_nobody(self) -> None:
        capture, _ = self.capture()
        done = self.replay(capture, "today")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Nobody would have been hit", done.stdout)

    def test_a_plan_takes_no_generation_and_no_gate_takes_it(self) -> None:
        before = self.site.status()
        told = self.plan("tomorrow", self.folder / "tomorrow.toml")
        self.assertIn("no gate trusts that key", told)
        after = self.site.status()
        self.assertEqual((before["generation"], before["digest"]), (after["generation"], after["digest"]))
        done = self.site.run("sweepgate-dataplane", "--ports", "null:,null:", "--no-huge", "--memory", "64",
                             "--snapshot", str(self.folder / "tomorrow"),
                             "--verify-key", f"{self.site.folder}/keys/signing.key.pub")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, f"{self.folder}/tomorrow: .*key")

    def test_a_plan_for_programs(self) -> None:
        done = self.site.cli("plan", str(self.folder / "tomorrow.toml"), "--json", "--snapshot",
                             str(self.folder / "again"))
        told = json.loads(done.stdout)
        self.assertEqual((told["snapshot"], told["key"], told["prefixes"]),
                         (str(self.folder / "again"), f"{self.folder / 'again'}.pub", 1))

    def test_a_plan_with_a_wrong_policy_writes_nothing(self) -> None:
        wrong = self.folder / "wrong.toml"
        wrong.write_text('[systems]\nnone = "block"\n')
        done = self.site.cli("plan", str(wrong), "--snapshot", str(self.folder / "nothing"))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(":2:1: ", done.stderr)
        self.assertFalse((self.folder / "nothing").exists())

    def test_a_capture_that_is_cut_names_its_record(self) -> None:
        capture, records = self.capture()
        capture.write_bytes(capture.read_bytes()[:-1])
        done = self.replay(capture, "tomorrow")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"in.pcap: record {len(records)}", done.stderr)
        self.assertIn(f"{len(records) - 1} packets", done.stdout)

    def test_faults_are_named(self) -> None:
        capture, _ = self.capture()
        for words, code, text in ((("--ports", "null:,null:"), 2, "--replay"),
                                  (("--write", str(capture)), 1, "in.pcap"),
                                  (("--dropped", "/dev/full"), 1, "/dev/full")):
            done = self.replay(capture, "tomorrow", *words)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn(text, done.stderr)
        self.assertEqual(len(frames.read(capture)), 60)
        for option, name in (("--write", "tomorrow"), ("--dropped", "tomorrow.pub")):
            held = (self.folder / name).read_bytes()
            done = self.replay(capture, "tomorrow", option, str(self.folder / name))
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(f"{name}: is read", done.stderr)
            self.assertEqual((self.folder / name).read_bytes(), held)
        self.assertIn("absent.pcap", self.replay(self.folder / "absent.pcap", "tomorrow").stderr)
        alone = self.site.run("sweepgate-dataplane", "--replay", str(capture))
        self.assertEqual(alone.returncode, 2)
        self.assertIn("--snapshot", alone.stderr)


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    if os.environ.get("SWEEPGATE_REPLAY") != "inside":
        os.environ["SWEEPGATE_REPLAY"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    PROGRAMS = Path(sys.argv[1]).resolve()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
