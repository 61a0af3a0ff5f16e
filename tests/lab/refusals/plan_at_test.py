#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`sweepgate plan --at`: what a policy with a schedule would enforce at an hour of the week, asked of a real controller.

usage: plan_at_test.py PROGRAMS     (root; enters a network and mount namespace of its own)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from one_site import Site

PROGRAMS = Path()
LUNCH = """[categories]
im = "block"
[[schedule]]
name = "lunch"
days = ["mon", "tue"]
from = "12:00"
to = "13:00"
action = "pass"
"""


class PlanAt(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-plan-at-")
        self.addCleanup(holder.cleanup)
        self.policy = Path(holder.name) / "lunch.toml"
        self.policy.write_text(LUNCH)
        self.site = Site(PROGRAMS, Path(holder.name) / "site")
        self.addCleanup(self.site.stop)
        self.site.start_controller()

    def plan(self, at: str, *words: str) -> subprocess.CompletedProcess:
        return self.site.cli("plan", str(self.policy), "--at", at, *words)

    def test_the_action_is_that_of_the_hour(self) -> None:
        for at, action, schedules, change in (("mon 12:30", "pass", ["lunch"], "mon 13:00"),
                                              ("mon 13:00", "drop", [], "tue 12:00"),
                                              ("wed 12:30", "drop", [], "mon 12:00")):
            with self.subTest(at):
                answer = self.plan(at, "--json")
                self.assertEqual(answer.returncode, 0, answer.stderr)
                plan = json.loads(answer.stdout)
                self.assertEqual(plan["systems"][0]["actions"], {"everyone": action})
                self.assertEqual(plan["at"], {"time": at, "schedules": schedules, "next_change": change})
                self.assertEqual(self.site.status()["generation"], 1)  # a plan changes nothing

    def test_a_person_reads_it(self) -> None:
        said = self.plan("mon 12:30").stdout
        self.assertRegex(said, r"testim +pass")
        self.assertIn("on mon 12:30, when lunch is in force; next change mon 13:00", said)

    def test_no_hour_is_refused(self) -> None:
        answer = self.plan("mon 25:00")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("'mon 25:00' is no time like 'mon 12:30'", answer.stdout + answer.stderr)


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    if os.environ.get("SWEEPGATE_PLAN_AT") != "inside":
        os.environ["SWEEPGATE_PLAN_AT"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv])
    PROGRAMS = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
