#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A hostile vendor zone, a filter and a poisoned resolver against the real controller: nobody else is hit.

usage: guard_lab_test.py PROGRAMS     (root; enters namespaces of its own)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import hostile_world as world
from hostile_world import World  # finds what follows
from dns_servers import enter, until  # isort: skip
from process import Program
from shell import run, succeeds

PROGRAMS = Path()

_NAMES = ("im", "zero", "six", "filtered", "alias", "loop", "c0", "flood", "poison")
_SYSTEMS = {"testim": _NAMES, "growim": ("grow",), "quietim": ("one", "two", "three")}
_POLICY = f"""[defaults]
action = "block"
[guard]
treat_as_public = ["198.18.0.0/15"]
most_added = 5
small_set = 0
most_growth_percent = 100000
learning_minutes = 0
[[sanctioned]]
name = "corporate XMPP"
hostnames = ["xmpp.company.test"]
"""
_APPROVED = _POLICY + '[guard.zones]\ntestim = ["otherbank.test"]\n'


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._endpoints = {name: f"ipc://{folder}/{name}" for name in ("updates", "requests")}
        (folder / "catalog").mkdir(parents=True)
        for system, names in _SYSTEMS.items():
            hostnames = json.dumps([f"{name}.vendor.test" for name in names])
            (folder / "catalog" / f"{system}.toml").write_text(
                f'id = "{system}"\nname = "{system}"\noperator = "Vendor"\nera = "current"\ncategory = "im"\n'
                f'default_action = "block"\n[dns]\nhostnames = {hostnames}\n', encoding="utf-8")
        (folder / "catalog" / "protected.toml").write_text(
            '[[protected]]\nhostname = "www.bank.test"\nkind = "bank"\nnear = []\n', encoding="utf-8")
        (folder / "policy.toml").write_text(_POLICY, encoding="utf-8")
        run(str(PROGRAMS / "sweepgate"), "keys", "new", str(folder / "keys"))
        servers = [world.UNBOUND, world.FILTER]
        (folder / "sweepgated.toml").write_text(
            f'state = "{folder}/state"\npolicy = "{folder}/policy.toml"\ncatalog = ["{folder}/catalog"]\n'
            f'signing_key = "{folder}/keys/signing.key"\n'
            f'[publish]\nupdates = ["{self._endpoints["updates"]}"]\nrequests = ["{self._endpoints["requests"]}"]\n'
            f'[resolver]\nservers = {json.dumps(servers)}\nshortest_ms = 300\n'
            f'[[resolver.vantage]]\nname = "poisoned"\nserver = "{world.POISONED}"\n', encoding="utf-8")
        self.controller: Program | None = None

    def start(self) -> None:
        self.controller = Program("sweepgated", None, [str(PROGRAMS / "sweepgated"), "--config",
                                                       str(self.folder / "sweepgated.toml")], self.folder)
        self.controller.wait_for("an answer", lambda: succeeds(*self._command("status", "--json")), 20)

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()

    def _command(self, *words: str) -> tuple[str, ...]:
        return (str(PROGRAMS / "sweepgate"), "--connect", self._endpoints["requests"], "--timeout", "5000", *words)

    def ask(self, *words: str) -> dict:
        return json.loads(run(*self._command(*words, "--json")))

    def tell(self, *words: str) -> None:
        run(*self._command(*words))

    def complaint(self, *words: str) -> str:
        answer = subprocess.run(self._command(*words), capture_output=True, text=True, timeout=30, check=False)
        assert answer.returncode != 0, words
        return answer.stderr

    def is_hit(self, address: str) -> bool:
        verdict = self.ask("why", address)["verdict"] or {}
        return verdict.get("listed", False) and not verdict.get("allowed", False)

    def reasons(self, address: str) -> list[str]:
        return [each["refusal"] for each in self.ask("why", address)["judgements"]]

    def alarms(self, system: str = "testim") -> set[str]:
        return {alarm["kind"] for alarm in self.ask("status")["alarms"] if alarm["system"] in (system, "")}


class HostileDns(unittest.TestCase):
    """One world and one site; the tests follow each other by name."""

    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-guard-")
        cls.addClassCleanup(holder.cleanup)
        folder = Path(holder.name)
        (folder / "dns").mkdir()
        cls.world = World(folder / "dns")
        cls.addClassCleanup(cls.world.stop)
        cls.site = Site(folder / "site")
        cls.site.start()
        cls.addClassCleanup(lambda: cls.site.stop())
        until("the vendor's server is enforced", lambda: cls.site.is_hit("198.18.0.10"))

    def test_1_a_filters_block_page_is_learnt_and_refused(self) -> None:
        until("the sinkhole is known", lambda: "sinkhole" in self.site.alarms())
        self.assertFalse(self.site.is_hit(world.BLOCK_PAGE))

    def test_1_what_only_a_filter_puts_on_one_address_is_its_block_page(self) -> None:
        until("it is refused", lambda: "sinkhole" in self.site.reasons(world.QUIET_PAGE))
        self.assertIn("sinkhole", self.site.alarms("quietim"))
        for n in range(1, 4):
            until("the vendor's own is enforced", lambda: self.site.is_hit(f"198.18.70.{n}"))
        self.assertFalse(self.site.is_hit(world.QUIET_PAGE))

    def test_2_a_vendor_zone_turned_against_others_hits_nobody(self) -> None:
        victims = [world.COMPANY, world.BANK, world.UNBOUND, "127.0.0.1", "192.168.1.1", "0.0.0.0", "224.0.0.1"]
        self.world.turn_vendor(*(f"im 1 A {victim}" for victim in victims))
        wanted = {"sanctioned", "protected", "in-use", "not-public"}
        until("the attack is seen", lambda: wanted <= set(self.site.ask("status")["refused"]))
        until("and is an alarm", lambda: wanted <= self.site.alarms())
        for victim in victims:
            self.assertFalse(self.site.is_hit(victim), victim)
        self.assertTrue(self.site.is_hit("198.18.0.10"))

    def test_3_a_poisoned_upstream_alone_is_not_believed(self) -> None:
        until("the poison is seen", lambda: "quorum" in self.site.reasons(world.POISON))
        until("and contested", lambda: "quorum" in self.site.alarms())
        self.assertFalse(self.site.is_hit(world.POISON))

    def test_4_a_chain_out_of_the_vendors_zones_waits_for_approval(self) -> None:
        until("the chain is seen", lambda: "foreign-chain" in self.site.reasons(world.OTHER_BANK))
        self.assertFalse(self.site.is_hit(world.OTHER_BANK))
        approved = self.site.folder / "approved.toml"
        approved.write_text(_APPROVED, encoding="utf-8")
        self.site.tell("push", str(approved), "--wait", "0")
        until("approved, it is enforced", lambda: self.site.is_hit(world.OTHER_BANK))

    def test_5_floods_loops_and_long_chains_enforce_nothing(self) -> None:
        # The book keeps the first 1,024 of them; all that it keeps is refused.
        until("the flood is seen", lambda: self.site.ask("status")["refused"].get("flood", 0) >= 1000)
        self.assertIn("flood", self.site.alarms())
        self.assertFalse(self.site.is_hit("198.19.0.1"))
        self.assertFalse(self.site.is_hit("198.18.0.30"))
        until("TTL 0 is as good as any", lambda: self.site.is_hit("198.18.0.20"))

    def test_6_aaaa_without_an_ipv6_set_is_an_alarm(self) -> None:
        until("the alarm", lambda: "no-ipv6" in self.site.alarms())

    def test_7_growth_is_held_refused_over_a_restart_and_approved(self) -> None:
        until("growim has its server", lambda: self.site.is_hit("198.18.1.0"))
        self.world.turn_vendor(*(f"grow 1 A 198.18.1.{n}" for n in range(1, 9)))
        until("growim is held", lambda: "held" in self.site.alarms("growim"))
        held = self.site.ask("plan")["holds"]
        self.assertEqual([hold["system"] for hold in held], ["growim"])
        self.assertIn({"prefix": "198.18.1.5/32", "names": ["grow.vendor.test"]}, held[0]["added"])
        self.assertFalse(self.site.is_hit("198.18.1.5"))
        for verb in ("approve", "refuse"):
            self.assertIn("the catalog has no system 'gorwim'; did you mean 'growim'?",
                          self.site.complaint(verb, "gorwim"))
            self.assertIn("'testim' is not held; these are: growim", self.site.complaint(verb, "testim"))

        self.site.tell("refuse", "growim", "--wait", "0")
        until("the refusal holds", lambda: "by-admin" in self.site.reasons("198.18.1.5"))
        self.site.stop()
        self.site.start()
        until("and outlives a restart", lambda: "by-admin" in self.site.reasons("198.18.1.5"))
        until("with rounds", lambda: self.site.ask("status")["round"]["number"] > 2)
        self.assertFalse(self.site.is_hit("198.18.1.5"))

        self.site.tell("approve", "growim", "--wait", "0")
        until("approved, it is enforced", lambda: self.site.is_hit("198.18.1.5"))
        verbs = [entry["verb"] for entry in self.site.ask("audit")["audit"]]
        self.assertIn("refuse", verbs)
        self.assertIn("approve", verbs)

    def test_8_the_reverse_name_speaks_for_the_vendor(self) -> None:
        def told() -> bool:
            return any("im-1.vendor.test" in each["reason"]
                       for each in self.site.ask("why", "198.18.0.10")["judgements"])
        until("the reverse name is known", told)

    def test_9_a_restart_makes_no_lone_voice_credible(self) -> None:
        self.assertFalse(self.site.is_hit(world.POISON))
        self.site.stop()
        self.site.start()
        until("everything was asked again", lambda: self.site.ask("status")["round"]["number"] > 2)
        self.assertFalse(self.site.is_hit(world.POISON))
        self.assertIn("quorum", self.site.reasons(world.POISON))
        self.assertIn("quorum", self.site.alarms())


if __name__ == "__main__":
    enter()
    PROGRAMS = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
