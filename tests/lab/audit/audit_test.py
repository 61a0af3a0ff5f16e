#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""audit_test.py BIN [CASE]: the audit names every attempt by what the machine saw, and notices when
somebody writes it anew. With real keys over tcp and the book's own database.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import SiteCase, run_cases, until  # noqa: E402

NASTY = "\x1b]0;pwned\x07\x9b31m\u202eevil\u2028\x7f"
FORBIDDEN = [chr(code) for code in (*range(0x00, 0x09), *range(0x0b, 0x20), *range(0x7f, 0xa0), 0x2028, 0x2029,
                                    *range(0x202a, 0x202f), *range(0x2066, 0x206a))]


class Case(SiteCase):
    tcp = "127.0.0.1"

    def prepare(self) -> None:
        for role, name in (("admin", "alice"), ("viewer", "bob")):
            self.authorize(role, name)

    def audit(self) -> list[dict]:
        answer = self.site.cli("audit", "--json")
        self.assertEqual(0, answer.returncode, answer.stderr)
        return json.loads(answer.stdout)["audit"]

    def has(self, **wanted: str) -> bool:
        return any(all(value in entry[key] for key, value in wanted.items()) for entry in self.audit())

    def fingerprint(self, name: str) -> str:
        listing = self.site.run("sweepgate", "keys", "list", "--file", str(self.site.folder / "keys/authorized_keys"))
        return next(line.split()[2] for line in listing.stdout.splitlines() if name in line.split())

    def push(self, action: str = "block") -> None:
        policy = self.folder / "pushed.toml"
        policy.write_text(f'[categories]\nim = "{action}"\n')
        self.assertEqual(0, self.site.cli("push", "--yes", "--wait", "0", str(policy)).returncode)

    def verify(self) -> subprocess.CompletedProcess:
        return self.site.cli("audit", "--verify")

    def in_database(self, *statements: str) -> None:
        """While the controller is stopped, as root of its machine may."""
        database = sqlite3.connect(self.site.folder / "state/book.sqlite")
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    def restart(self) -> None:
        self.controller = self.site.start("sweepgated", "--config", str(self.site.folder / "sweepgated.toml"))
        until("it answers", lambda: self.site.cli("status").returncode == 0)


class Attempts(Case):
    def test_every_attempt_is_named_by_what_the_machine_saw(self) -> None:
        alice, bob = self.fingerprint("alice"), self.fingerprint("bob")
        policy = self.folder / "policy.toml"
        policy.write_text('[categories]\nim = "monitor"\n')
        self.assertEqual(0, self.as_key("alice", "push", "--yes", "--wait", "0", str(policy)).returncode)
        self.assertTrue(self.has(who="alice", verb="push", origin=f"admin, key {alice}, 127.0.0.1"))
        self.push()
        self.assertTrue(self.has(who="local", verb="push", origin="uid 0 (root), pid "))
        self.assertNotEqual(0, self.as_key("bob", "push", "--yes", str(policy)).returncode)
        until("the refusal is there", lambda: self.has(who="bob", verb="push", result="refused: viewer bob may not",
                                                       origin=f"viewer, key {bob}, 127.0.0.1"))
        for _ in range(3):
            self.assertEqual(0, self.as_key("bob", "status").returncode)
        until("what a reader asked is there", lambda: self.has(who="bob", verb="status", result="answered"))
        self.assertEqual(1, sum(entry["verb"] == "status" for entry in self.audit()), "once an hour")
        self.site.run("sweepgate", "keys", "client", str(self.folder / "eve"), "--role", "admin", "--name", "eve")
        self.assertNotEqual(0, self.as_key("eve", "status").returncode)
        until("the stranger's key is there", lambda: self.has(who="key ", verb="connect", origin="127.0.0.1",
                                                              result="not in authorized_keys"))
        (self.site.folder / "keys/authorized_keys").write_text("gat x y\n")
        self.controller.send_signal(signal.SIGHUP)
        until("the reload says what it refused", lambda: self.has(verb="reload", result="keys: ", origin="uid 0 (root)"))
        self.assertIn("'gat'", next(
            entry["result"] for entry in self.audit() if entry["verb"] == "reload"))


class Chain(Case):
    def test_what_was_changed_taken_out_or_cut_off_is_named(self) -> None:
        for action in ("monitor", "block", "monitor", "block"):
            self.push(action)
        proof = self.verify()
        self.assertEqual(0, proof.returncode, proof.stderr)
        self.assertRegex(proof.stdout, r"^\d+ entries are as written, from ")
        entries = {entry["id"]: entry["hash"] for entry in self.audit()}
        self.stop_controller()
        pristine = (self.site.folder / "state/book.sqlite").read_bytes()
        last = max(entries)
        for statements, told in (
                ([f"UPDATE audit SET who = 'mallory' WHERE id = {last - 2}"], f"entry {last - 2} was changed"),
                ([f"UPDATE audit SET time = time + 1 WHERE id = {last - 1}"], f"entry {last - 1} was changed"),
                ([f"DELETE FROM audit WHERE id = {last - 2}"], f"entry {last - 2} is missing"),
                ([f"UPDATE audit SET id = 1000 WHERE id = {last - 2}",
                  f"UPDATE audit SET id = {last - 2} WHERE id = {last - 1}",
                  f"UPDATE audit SET id = {last - 1} WHERE id = 1000"], f"entry {last - 2} was changed")):
            for tail in ("-wal", "-shm"):
                (self.site.folder / f"state/book.sqlite{tail}").unlink(missing_ok=True)
            (self.site.folder / "state/book.sqlite").write_bytes(pristine)
            self.in_database(*statements)
            self.restart()
            proof = self.verify()
            self.assertEqual(1, proof.returncode, proof.stdout)
            self.assertIn(told, proof.stderr)
            self.stop_controller()
        # Cut off at the end, with all that is left in order: the file beside it knows.
        for tail in ("-wal", "-shm"):
            (self.site.folder / f"state/book.sqlite{tail}").unlink(missing_ok=True)
        (self.site.folder / "state/book.sqlite").write_bytes(pristine)
        (self.site.folder / "state/audit.head").write_text(f"{last} {entries[last]}\n")
        self.in_database(f"DELETE FROM audit WHERE id >= {last - 1}")
        self.restart()
        self.assertTrue(any(f"entry {last} of the audit" in alarm["text"] for alarm in self.site.status()["alarms"]))
        self.assertTrue(self.has(who="controller", verb="audit", result=f"entry {last} of the audit"))
        self.assertEqual(0, self.verify().returncode, "what is left is in order")


class Kills(Case):
    def test_kills_leave_it_whole(self) -> None:
        for _ in range(12):
            self.push("monitor")
            self.controller.kill()
            self.controller.wait()
            self.restart()
            self.push("block")
        proof = self.verify()
        self.assertEqual(0, proof.returncode, proof.stderr)
        self.assertFalse(any(alarm["kind"] == "audit" for alarm in self.site.status()["alarms"]))


class Unescaped(Case):
    """What peers and files may say, planted wherever it goes, reaches no terminal and no log as it is."""

    def prepare(self) -> None:
        super().prepare()
        (self.site.folder / "catalog" / "testim.toml").write_text(
            (self.site.folder / "catalog" / "testim.toml").read_text().replace(
                'name = "Test IM"', 'name = "Test \\u001b]0;pwned\\u0007\\u009b31m\\u202eIM"'))

    def assert_clean(self, where: str, text: str) -> None:
        found = sorted({hex(ord(each)) for each in text if each in FORBIDDEN})
        self.assertEqual([], found, f"{where}: {text!r:.600}")

    def test_no_way_out_has_a_control_character(self) -> None:
        policy = self.folder / "nasty.toml"
        policy.write_text('[categories]\nim = "block"\n"k\\u001b]0;pwned\\u0007\\u009b\\u202e" = 1\n')
        strange = self.folder / f"nasty{NASTY.replace(chr(0), '')}.toml"
        strange.write_text('[categories]\nim = "monitor"\n')
        told = {}
        told["push"] = self.site.cli("push", "--yes", "--wait", "0", str(policy))
        told["push file"] = self.site.cli("push", "--yes", "--wait", "0", "-m", NASTY, str(strange))
        told["plan"] = self.site.cli("plan", str(policy))
        (self.site.folder / "policy.toml").write_text(policy.read_text())
        (self.site.folder / "keys/authorized_keys").write_text(f"gate x{NASTY} y\n")
        self.controller.send_signal(signal.SIGHUP)
        until("the reload is there", lambda: self.has(verb="reload"))
        for command in ("status", "gates", "health", "events", "audit", "generations", "policies", "plan", "why 93.184.216.7",
                        "history im.example.com", "diff", "approve " + NASTY, "why " + NASTY, "gates forget " + NASTY):
            words = command.split(" ", 1) if NASTY in command else command.split()
            told[command] = self.site.cli(*words)
            told[f"{command} --json"] = self.site.cli(*words, "--json")
        for where in ("push", "push file", "status --json", "policies --json", "approve " + NASTY):
            self.assertRegex(told[where].stdout + told[where].stderr, "pwned", where)  # it did get there
        for where, done in told.items():
            self.assert_clean(f"{where}, stdout", done.stdout)
            self.assert_clean(f"{where}, stderr", done.stderr)
        self.stop_controller()
        self.assertIn("pwned", self.site.log("sweepgated"))
        self.assert_clean("the log", self.site.log("sweepgated"))


if __name__ == "__main__":
    sys.exit(run_cases(__file__, Case))
