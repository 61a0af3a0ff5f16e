#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A controller in one file, and back: the machine is lost, its keys are, its disk is full, it still runs.

usage: backup_test.py PROGRAMS [CASE]     (root; each case enters a network and mount namespace of its own)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import SiteCase, fill_up, rules, run_cases, until  # noqa: E402

PASSPHRASE = "correct horse battery staple"
BLOCK = '[categories]\nim = "block"\n'
ENFORCED = "93.184.216.0/24"


class NeverOpen(threading.Thread):
    """Looks at the kernel all the time: the prefix is dropped whenever it looks."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.opened: list[str] = []
        self.looks = 0
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.ended.wait(0.02):
            now = rules()
            self.looks += 1
            if ENFORCED not in now or " drop" not in now:
                self.opened.append(now)

    def end(self) -> None:
        self.ended.set()
        self.join()


class Case(SiteCase):
    tcp = "127.0.0.1"

    def prepare(self) -> None:
        self.file = self.folder / "site.backup"
        self.secret = self.folder / "passphrase"
        self.secret.write_text(PASSPHRASE + "\n")
        self.secret.chmod(0o600)
        # The gate stands on another machine, with a copy of the public key.
        self.trusted = self.folder / "trusted.pub"
        shutil.copy2(self.site.folder / "keys/signing.key.pub", self.trusted)
        text = (self.site.folder / "agent.toml").read_text()
        (self.site.folder / "agent.toml").write_text(
            text.replace(f"{self.site.folder}/keys/signing.key.pub", str(self.trusted)))

    def config(self) -> list[str]:
        return ["--config", str(self.site.folder / "sweepgated.toml")]

    def backup(self, *words: str) -> subprocess.CompletedProcess:
        return self.site.run("sweepgate", "backup", str(self.file), *self.config(), *words)

    def backup_with_keys(self, *words: str) -> subprocess.CompletedProcess:
        return self.backup("--with-keys", "--passphrase-file", str(self.secret), *words)

    def restore(self, *words: str) -> subprocess.CompletedProcess:
        return self.site.run("sweepgate", "restore", str(self.file), *self.config(), "--yes", *words)

    def generation(self) -> int:
        return self.site.status().get("generation", 0)

    def gate(self) -> dict:
        rows = self.site.status().get("gates", [])
        return next((row for row in rows if row["kind"] == "nftables"), {})

    def gate_follows(self, above: int) -> int:
        until(f"the gate holds more than {above}",
              lambda: self.gate().get("current") and self.gate()["generation"] > above)
        return self.gate()["generation"]

    def push(self, last: int) -> int:
        """Another policy, whose gates go on dropping what they dropped."""
        (self.site.folder / "pushed.toml").write_text(
            BLOCK + f'[[add]]\nsystem = "testim"\nprefixes = ["45.33.32.{last}"]\n')
        answer = self.site.cli("push", "--yes", str(self.site.folder / "pushed.toml"))
        self.assertIn(answer.returncode, (0, 4), answer.stdout + answer.stderr)  # 4: without a gate
        return self.generation()

    def alarms(self) -> dict[str, dict]:
        return {alarm["kind"]: alarm for alarm in self.site.status().get("alarms", [])}

    def lose_the_machine(self) -> None:
        self.controller.kill()
        self.controller.wait(10)
        for name in ("state", "keys", "catalog"):
            shutil.rmtree(self.site.folder / name)
        for name in ("sweepgated.toml", "policy.toml"):
            (self.site.folder / name).unlink()

    def files(self) -> dict[str, bytes]:
        """All of the controller; sockets, logs and locks aside."""
        return {str(path.relative_to(self.site.folder)): path.read_bytes()
                for name in ("state", "keys", "catalog", "sweepgated.toml", "policy.toml")
                for path in [self.site.folder / name, *(self.site.folder / name).rglob("*")]
                if path.is_file() and path.name != "lock"}

    def left(self) -> list[str]:
        return [str(path) for path in self.folder.rglob("*")
                if ".restoring" in path.name or "backup-copies" in path.name or ".before-" in path.name]


class Lost(Case):
    def test_a_lost_machine_comes_back_with_its_keys_and_its_gates_follow_by_themselves(self) -> None:
        self.site.start_agent()
        first = self.push(1)
        began = time.monotonic()
        made = self.backup_with_keys()
        took = time.monotonic() - began
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn(f"generation {first}", made.stdout)
        self.assertIn("secret keys yes, encrypted", made.stdout)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        sealed = self.file.read_bytes()
        self.assertNotIn(b"sweepgate-signing-secret", sealed)
        self.assertNotIn(b"testim", sealed)
        self.assertIn("backup", self.site.cli("audit").stdout)
        for last in (2, 3, 4):
            held = self.push(last)
        self.gate_follows(held - 1)
        before = {name: text for name, text in self.files().items() if name.startswith(("keys", "catalog"))}

        watch = NeverOpen()
        self.addCleanup(watch.end)
        self.lose_the_machine()
        time.sleep(1)
        began = time.monotonic()
        done = self.restore("--passphrase-file", str(self.secret))
        self.assertEqual(done.returncode, 0, done.stderr)
        print(f"backup while it runs {took:.2f} s, restore {time.monotonic() - began:.2f} s, "
              f"{len(sealed)} bytes", file=sys.stderr)
        now = self.files()
        self.assertEqual({name: now.get(name) for name in before}, before)
        self.assertEqual((self.site.folder / "keys/signing.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.site.folder / "state").stat().st_mode & 0o777, 0o700)
        self.controller = self.site.start_controller()
        # At once, before any gate has said a word: above whatever one may hold.
        self.assertGreater(self.generation(), held + 500)
        taken = self.gate_follows(held)
        watch.end()
        self.assertEqual(watch.opened, [])
        self.assertGreater(watch.looks, 20)
        self.assertIn("45.33.32.1", rules())  # what the backup says
        self.assertNotIn("45.33.32.4", rules())

        alarm = self.alarms()["restored"]
        self.assertIn("from a backup of 20", alarm["text"])
        self.assertEqual(self.site.cli("health").returncode, 1)
        self.assertIn("restored", self.site.cli("audit").stdout)
        self.controller.terminate()
        self.controller.wait(10)
        self.controller = self.site.start_controller()
        self.assertEqual(self.generation(), taken)  # once, not at every start
        self.assertIn("restored", self.alarms())
        after = self.push(9)
        self.assertGreater(after, taken)
        self.gate_follows(taken)
        until("the alarm ends", lambda: "restored" not in self.alarms())
        events = json.loads(self.site.cli("events", "--json").stdout)["alarms"]
        self.assertTrue(any(each["kind"] == "restored" and each["until"] for each in events), events)


class NewKeys(Case):
    def test_without_keys_gates_keep_what_they_enforce_until_they_are_given_the_new_one(self) -> None:
        agent = self.site.start_agent()
        made = self.backup()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("secret keys none", made.stdout)
        self.assertIn("keys/signing.key; without it", made.stdout)
        secret = (self.site.folder / "keys/signing.key").read_text().split()[-1]
        self.assertNotIn(secret.encode(), self.file.read_bytes())
        held = self.push(2)
        self.gate_follows(held - 1)
        before = rules()
        watch = NeverOpen()
        self.addCleanup(watch.end)
        self.lose_the_machine()
        done = self.restore()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("misses", done.stdout)
        self.assertIn(f"sweepgate keys new {self.site.folder}/keys", done.stdout)
        self.assertIn("every gate must be given its public half", done.stdout.replace("\n", " "))
        self.assertEqual(self.site.run("sweepgate", "keys", "new", str(self.site.folder / "keys")).returncode, 0)
        self.controller = self.site.start_controller()
        self.assertGreater(self.generation(), held)
        until("the gate refuses the new key", lambda: self.gate().get("state") == "refuses")
        self.assertEqual(rules(), before)
        with open(self.trusted, "a", encoding="utf-8") as trusted:
            trusted.write((self.site.folder / "keys/signing.key.pub").read_text())
        agent.terminate()
        agent.wait(10)
        self.site.start_agent()
        self.gate_follows(held)
        watch.end()
        self.assertEqual(watch.opened, [])


class Running(Case):
    def test_what_is_refused_changes_nothing(self) -> None:
        self.assertEqual(self.backup_with_keys().returncode, 0)
        before = self.file.read_bytes()
        again = self.backup_with_keys()
        self.assertEqual((again.returncode, "--force" in again.stderr), (1, True), again.stderr)
        self.assertEqual(self.file.read_bytes(), before)
        self.assertEqual(self.backup_with_keys("--force").returncode, 0)

        words = ["--passphrase-file", str(self.secret)]
        running = self.restore(*words)
        self.assertEqual((running.returncode, "stop sweepgated first" in running.stderr), (1, True),
                         running.stderr)
        self.assertGreaterEqual(self.generation(), 1)
        self.stop_controller()
        before_all = self.files()
        self.secret.chmod(0o640)
        readable = self.restore(*words)
        self.assertIn("others may read it; chmod 600", readable.stderr)
        self.secret.chmod(0o600)
        self.secret.write_text("another one, as long\n")
        wrong = self.restore(*words)
        self.assertEqual((wrong.returncode, "passphrase is another" in wrong.stderr), (1, True), wrong.stderr)
        self.secret.write_text(PASSPHRASE)
        whole = self.file.read_bytes()
        self.file.write_bytes(whole[:-100])
        short = self.restore(*words)
        self.assertEqual((short.returncode, "cut short" in short.stderr), (1, True), short.stderr)
        self.file.write_bytes(whole)
        unasked = self.site.run("sweepgate", "restore", str(self.file), *self.config(), *words)
        self.assertEqual((unasked.returncode, "--yes" in unasked.stderr), (1, True), unasked.stderr)
        self.assertEqual(self.files(), before_all)
        self.assertEqual(self.left(), [])
        # And of one that does not run, by whoever holds the folder himself.
        stopped = self.backup_with_keys("--force")
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        restored = self.restore(*words)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.assertIn("what was there:", restored.stdout)
        self.controller = self.site.start_controller()


class Frozen(Case):
    def test_a_controller_that_does_not_answer_is_told_and_no_file_is_made(self) -> None:
        config = self.site.folder / "sweepgated.toml"
        text = config.read_text()
        config.write_text(text.replace("/requests\"", "/nobody\""))
        answer = self.backup()
        self.assertEqual(answer.returncode, 3, answer.stdout + answer.stderr)
        self.assertIn("is held by process", answer.stderr)
        self.assertFalse(self.file.exists())


class Owned(Case):
    def test_files_belong_to_the_user_of_the_controller_whoever_backs_up_and_restores(self) -> None:
        user = 65534
        self.stop_controller()
        state = self.site.folder / "state"
        (state / "lock").unlink()
        for path in [state, *state.rglob("*")]:
            os.chown(path, user, user)
        self.assertEqual(self.backup_with_keys().returncode, 0)
        owners = {path.name: path.stat().st_uid for path in [state, *state.rglob("*")]}
        self.assertEqual(set(owners.values()), {user}, owners)
        self.assertIn("lock", owners)
        done = self.restore("--passphrase-file", str(self.secret))
        self.assertEqual(done.returncode, 0, done.stderr)
        for path in [state, *state.rglob("*")]:
            self.assertEqual((path.stat().st_uid, path.stat().st_mode & 0o077), (user, 0), path)
        for name, owner, mode in (("keys/signing.key", user, 0o600), ("keys/authorized_keys", user, 0o600),
                                  ("keys/signing.key.pub", 0, 0o644), ("policy.toml", 0, 0o644),
                                  ("catalog", 0, 0o755)):
            status = (self.site.folder / name).stat()
            self.assertEqual((status.st_uid, status.st_mode & 0o777), (owner, mode), name)


class FullDisk(Case):
    def prepare(self) -> None:
        super().prepare()
        self.small = self.folder / "small"
        self.mount(self.small, "64k")
        self.site_disk = self.site.folder / "disk"
        self.mount(self.site_disk, "8m")
        text = (self.site.folder / "sweepgated.toml").read_text()
        (self.site.folder / "sweepgated.toml").write_text(
            text.replace(f"{self.site.folder}/state", f"{self.site_disk}/state"))
        (self.site.folder / "state").mkdir()  # for files()

    def mount(self, path: Path, size: str) -> None:
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(path)], check=False)

    def test_a_full_disk_leaves_nothing_half_made(self) -> None:
        self.push(1)
        full = self.site.run("sweepgate", "backup", str(self.small / "file"), *self.config())
        self.assertEqual((full.returncode, "No space left" in full.stderr), (1, True), full.stderr)
        self.assertEqual(list(self.small.iterdir()), [])

        fill_up(self.site_disk / "filler")
        no_copies = self.backup()
        self.assertEqual((no_copies.returncode, "full" in no_copies.stderr), (1, True), no_copies.stderr)
        self.assertFalse(self.file.exists())
        self.assertEqual(self.left(), [])
        (self.site_disk / "filler").unlink()
        self.assertEqual(self.backup().returncode, 0)

        self.stop_controller()
        fill_up(self.site_disk / "filler")
        before = self.files()
        state = {str(path): path.read_bytes() for path in (self.site_disk / "state").rglob("*")
                 if path.is_file() and path.name != "lock"}
        refused = self.restore()
        self.assertEqual((refused.returncode, "No space left" in refused.stderr), (1, True), refused.stderr)
        self.assertEqual(self.files(), before)
        self.assertEqual({path: Path(path).read_bytes() for path in state}, state)
        self.assertEqual(self.left(), [])
        (self.site_disk / "filler").unlink()
        self.assertEqual(self.restore().returncode, 0)
        # And at the first start behind it: that one runs, and goes on above as soon as it can write.
        fill_up(self.site_disk / "filler")
        self.controller = self.site.start_controller()
        self.assertLess(self.generation(), 500)
        self.assertIn("restored", self.alarms())
        self.assertEqual(self.site.cli("health").returncode, 2)
        (self.site_disk / "filler").unlink()
        until("it goes on above", lambda: self.generation() > 500)
        self.assertIn("restored", self.alarms())


if __name__ == "__main__":
    sys.exit(run_cases(__file__, Case))
