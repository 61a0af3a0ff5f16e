#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the address book knows, as an admin reads it: history, why and diff while a vendor moves in DNS, and back.

usage: book_lab_test.py PROGRAMS     (root; enters namespaces of its own)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from dns_world import DNSMASQ, FILTERED, NSD, SCRIPTED, STRICT, World  # finds what follows
from dns_servers import enter, until  # isort: skip

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "refusals")]
import one_site  # noqa: E402
from one_site import Site  # noqa: E402

PROGRAMS = Path()
OLD, NEW = "198.18.0.10", "198.18.0.14"
_SYSTEM = one_site.SYSTEM.replace("im.example.com", "im.nsd.test").replace('["93.184.216.0/24"]', "[]")


class Books(unittest.TestCase):
    """A controller that asks one server for one name of one system."""

    server, hostname = NSD, "im.nsd.test"

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-dns-")
        self.addCleanup(holder.cleanup)
        folder = Path(holder.name)
        (folder / "dns").mkdir()
        self.world = World(folder / "dns")
        self.addCleanup(self.world.stop)
        self.site = Site(PROGRAMS, folder / "site")
        self.addCleanup(self.site.stop)
        (self.site.folder / "catalog" / "testim.toml").write_text(_SYSTEM.replace("im.nsd.test", self.hostname))
        (self.site.folder / "policy.toml").write_text(
            '[categories]\nim = "block"\n[guard]\ntreat_as_public = ["198.18.0.0/15"]\n')
        config = self.site.folder / "sweepgated.toml"
        config.write_text(config.read_text().replace(one_site.DNS, self.server).replace("[50]", "[200, 400]"))
        self.site.start_controller()

    def told(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        answer = self.site.cli(*words)
        self.assertIn(answer.returncode, codes, answer.stderr)
        return answer.stdout

    def history(self) -> dict:
        """Code 1: never seen."""
        return json.loads(self.told("history", self.hostname, "--json", codes=(0, 1)))

    def sightings(self) -> dict[str, dict]:
        return {each["address"]: each for each in self.history()["sightings"]}

    def seen(self, address: str) -> dict:
        return self.sightings().get(address, {})


class Filtered(Books):
    server, hostname = DNSMASQ, FILTERED

    def test_a_name_that_the_resolver_filters_is_told_as_that(self) -> None:
        def known() -> dict[str, dict]:
            return {each["type"]: each for each in self.history()["names"]}

        until("it was asked twice", lambda: known().get("A", {}).get("failures", 0) > 1)
        self.assertEqual((known()["A"]["last_outcome"], known()["A"]["gone_since"]), ("filtered", None))
        self.assertEqual(known()["AAAA"]["last_outcome"], "no data")
        text = self.told("history", FILTERED, codes=(1,))
        self.assertRegex(text, rf"{FILTERED} +testim +A +filtered +\S+Z .* no answer \d+ times in a row; never any")
        self.assertIn("never seen in an answer", text)
        self.assertGreater(self.site.status()["round"]["outcomes"]["FILTERED"], 0)


class Forged(Books):
    server, hostname = SCRIPTED, "forged.fault.test"

    def test_what_a_resolver_says_it_forged_is_recorded_and_alarmed_and_not_enforced(self) -> None:
        until("the alarm", lambda: any(alarm["kind"] == "sinkhole" and "198.18.4.4" in alarm["text"]
                                       for alarm in self.site.status()["alarms"]))
        self.assertIn("198.18.4.4 is not listed", self.told("why", "198.18.4.4"))
        self.assertGreater(self.site.status()["round"]["outcomes"]["FILTERED"], 0)
        self.world.write_faults(f"{self.hostname} 1 EDE 49152")  # as if a second filter said nothing of it
        until("it is an answer like any other", lambda: self.seen("198.18.4.4") != {}, 60)
        until("and refused", lambda: "sinkhole" in self.told("why", "198.18.4.4"))
        self.assertIn("198.18.4.4 is not listed", self.told("why", "198.18.4.4"))


class Stale(Books):
    server, hostname = STRICT, "stays.fault.test"

    def test_a_stale_answer_adds_and_ages_nobody(self) -> None:
        old, new = "198.18.4.5", "198.18.4.6"
        until("the address is known", lambda: self.seen(old).get("count", 0) > 1)
        self.world.write_faults(f"{self.hostname} 1 A {new}")
        until("another comes", lambda: self.seen(new) != {})
        self.world.write_faults(f"{self.hostname} 1 FAULT silent")
        until("it is stale", lambda: self.history()["names"][0]["last_outcome"] == "stale")
        before, missed = self.seen(new), self.seen(old)["absences"]
        until("again and again", lambda: self.seen(new)["last_seen"] > before["last_seen"]
              and self.history()["names"][0]["failures"] > 2, 60)
        self.assertEqual((self.seen(new)["count"], self.seen(old)["absences"]), (before["count"], missed))
        self.assertIn(f"{new} is listed", self.told("why", new))


class History(Books):

    def test_a_move_as_an_admin_reads_it(self) -> None:
        until("the first address is known", lambda: OLD in self.sightings())
        self.world.write_nsd(f"im 1 A {NEW}", without="im")
        until("the new address is known", lambda: NEW in self.sightings())
        until("the old one is missed for a while",
              lambda: self.sightings()[NEW]["first_seen"] < self.sightings()[NEW]["last_seen"])
        self.check_history()
        self.check_why()
        self.check_diff()

    def test_an_address_that_leaves_and_returns_has_two_spans(self) -> None:
        stays = "198.18.0.15"
        self.world.write_nsd(f"im 1 A {OLD}", f"im 1 A {stays}", without="im")
        until("both are well known", lambda: self.seen(OLD).get("count", 0) > 25, 60)
        self.world.write_nsd(f"im 1 A {stays}", without="im")
        until("one is missed for longer than chance allows", lambda: self.seen(OLD)["absences"] > 10, 60)
        self.assertEqual(len(self.seen(OLD)["spans"]), 1)
        self.world.write_nsd(f"im 1 A {OLD}", f"im 1 A {stays}", without="im")
        until("it is back", lambda: self.seen(OLD)["absences"] == 0, 60)
        until("it stays for a while", lambda: len(self.seen(OLD)["spans"]) == 2
              and self.seen(OLD)["spans"][1]["first_seen"] < self.seen(OLD)["last_seen"])
        self.check_spans(stays)

    def check_spans(self, stays: str) -> None:
        told = self.seen(OLD)
        before, after = told["spans"]
        self.assertEqual((before["first_seen"], after["last_seen"]), (told["first_seen"], told["last_seen"]))
        self.assertLess(before["first_seen"], before["last_seen"])
        self.assertLess(before["last_seen"], after["first_seen"])
        self.assertEqual(told["spans_forgotten"], 0)
        self.assertEqual(len(self.seen(stays)["spans"]), 1)
        text = self.told("history", "im.nsd.test")
        self.assertRegex(text, rf"{OLD} +im\.nsd\.test +testim +█+·+█+▒* +\S+Z +\S+Z +2 ")
        self.assertRegex(text, rf"{stays} +im\.nsd\.test +testim +·*█+▒* +\S+Z +\S+Z +1 ")
        self.assertIn("; it came 2 times\n", self.told("why", OLD))

    def check_history(self) -> None:
        text = self.told("history", "im.nsd.test")
        self.assertRegex(text, rf"{OLD} +im\.nsd\.test +testim +·*█+▒* +\S+Z +\S+Z +1 +\d+ +1 +(held|in force)")
        self.assertRegex(text, rf"{NEW} +im\.nsd\.test +testim +·*█+▒* +\S+Z +\S+Z +1 +\d+ +1 +in force")
        by_address = self.told("history", NEW)
        self.assertIn(NEW, by_address)
        self.assertNotIn(OLD, by_address)
        self.assertEqual(self.told("history", "IM.nsd.test.", "--json").split('"now"')[0],
                         self.told("history", "im.nsd.test", "--json").split('"now"')[0])
        self.assertEqual(self.told("history", "in.nsd.test", codes=(1,)),
                         "never seen in an answer; 'in.nsd.test' is not among the names that are asked for; "
                         "did you mean 'im.nsd.test'?\n")
        for wrong, code in (("", 2), ("a b", 1), ("*.nsd.test", 1)):
            refused = self.site.cli("history", wrong)
            self.assertEqual((refused.returncode, refused.stdout), (code, ""), wrong)
            self.assertIn(f"'{wrong}' ", refused.stderr)

    def check_why(self) -> None:
        text = self.told("why", NEW)
        self.assertIn(f"{NEW} is listed by {NEW}/32", text)
        self.assertRegex(text, r"(?s)  im\.nsd\.test \(testim, server\)\n    source     dns\n    resolvers  "
                               rf"{NSD}:53\n.*    seen       first \S+Z, last \S+Z, \d+ times\n"
                               r"    TTL        1 s\n    book       current\n    guard      exclusive: ")
        self.assertIn("nowhere: never seen in an answer, in no listed prefix", self.told("why", "192.0.2.99"))

    def check_diff(self) -> None:
        newest = json.loads(self.told("generations", "--json"))["generations"][0]["generation"]
        first = newest - 1
        text = self.told("diff", str(first), str(newest))
        self.assertIn(f"generation {first} to {newest}: 1 added, 0 removed\n", text)
        self.assertRegex(text, rf"(?m)^\+ +testim +{NEW}/32 +im\.nsd\.test$")
        self.assertEqual(self.told("diff"), text)
        back = self.told("diff", str(newest), str(first))
        self.assertRegex(back, rf"(?m)^- +testim +{NEW}/32 +im\.nsd\.test$")
        changes = json.loads(self.told("diff", str(first), str(newest), "--json"))["systems"]
        self.assertEqual([each["system"] for each in changes], ["testim"])
        unknown = self.site.cli("diff", "999", str(newest))
        self.assertEqual(unknown.returncode, 1)
        self.assertIn(f"generation 999 is not known; the nearest that are kept: {newest}", unknown.stderr)


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    enter()
    PROGRAMS = Path(sys.argv[1])
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
