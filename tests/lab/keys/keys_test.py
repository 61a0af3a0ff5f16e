#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""keys_test.py BIN [CASE]: signing keys and client keys that are replaced and withdrawn while a
controller publishes and a gate enforces, with the real programs; nobody touches the gate.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "refusals"))
from one_site import Site, SiteCase, rules, run_cases, until  # noqa: E402

EPOCH = 10**12  # the first number of epoch 1


class KeysCase(SiteCase):
    def prepare(self) -> None:
        self.keys = self.site.folder / "keys"

    def give_box(self, keys: str) -> None:
        """A file of keys of its own, as a box elsewhere has."""
        self.mine = self.folder / "box-keys"
        self.mine.write_text(keys)
        agent = self.site.folder / "agent.toml"
        agent.write_text(agent.read_text().replace(str(self.keys / "signing.key.pub"), str(self.mine)))

    def sg(self, *words: str) -> subprocess.CompletedProcess:
        return self.site.run("sweepgate", "keys", *words)

    def good(self, *words: str) -> str:
        done = self.sg(*words)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def reload(self) -> None:
        self.controller.send_signal(signal.SIGHUP)

    def in_use(self) -> str:
        return self.site.status().get("signing_key", "")

    def gates(self) -> list[dict]:
        return self.site.status().get("gates", [])

    def push(self, action: str) -> int:
        policy = self.folder / "pushed.toml"
        policy.write_text(f'[categories]\nim = "{action}"\n')
        done = self.site.cli("push", "--yes", str(policy))
        self.assertEqual(0, done.returncode, done.stderr)
        return self.site.status()["generation"]

    def until_current(self, generation: int, gates: int = 1, seconds: float = 15.0) -> None:
        try:
            until(f"{gates} gate(s) hold {generation} and are current",
                  lambda: sum(gate["current"] and gate["generation"] >= generation
                              for gate in self.gates()) == gates, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}: {[(gate['gate'], gate['state_text']) for gate in self.gates()]}\n"
                                 f"{self.site.log('sweepgate-agent')}") from None

    def watch_rules(self) -> list[str]:
        """Whether the rules were ever gone while the case runs."""
        gone: list[str] = []
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                if "93.184.216.0/24" not in rules():
                    gone.append(rules())
                time.sleep(0.05)

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        self.addCleanup(lambda: (stop.set(), watcher.join()))
        return gone


class Rotation(KeysCase):
    """Without a root key: every key there was signs the list, so that whoever knows one follows."""

    def prepare(self) -> None:
        super().prepare()
        self.give_box((self.keys / "signing.key.pub").read_text())

    def runTest(self) -> None:
        agent = self.site.start_agent()
        gone = self.watch_rules()
        old = self.in_use()
        said = self.good("rotate", "signing", "--folder", str(self.keys))
        self.assertIn("version 1 of the list of signing keys, epoch 0", said)
        self.assertEqual(old, self.in_use(), "before the reload nothing has changed")
        self.reload()
        until("another key signs", lambda: self.in_use() not in ("", old))
        self.until_current(2)
        self.until_current(self.push("monitor"))
        self.until_current(self.push("block"))
        self.assertEqual(1, self.gates()[0]["trust_version"])
        self.assertNotIn("not signed by a key we trust", self.site.log("sweepgate-agent"))
        # A gate that was away for two rotations and a withdrawal.
        agent.terminate()
        agent.wait(10)
        self.good("rotate", "signing", "--folder", str(self.keys))
        self.good("rotate", "signing", "--folder", str(self.keys))
        said = self.good("revoke-signing", old, "--folder", str(self.keys))
        self.assertIn("There is no root key", said)
        self.reload()
        until("the new epoch has begun", lambda: self.site.status()["generation"] > EPOCH)
        self.site.start_agent()
        self.until_current(EPOCH + 1)
        self.assertEqual(4, self.gates()[0]["trust_version"])
        listing = self.good("signing", "--folder", str(self.keys))
        self.assertRegex(listing, f"{old} +retired")
        self.assertRegex(listing, f"{self.in_use()} +in use")
        self.assertEqual(1, self.mine.read_text().count("\n"), "nobody touched the box")
        self.assertEqual([], gone[:1])


class Rootkeys(KeysCase):
    """Two of three offline root keys withdraw a signing key; one is not enough, nor is the key."""

    def prepare(self) -> None:
        super().prepare()
        with open(self.keys / "signing.key.pub", "a", encoding="utf-8") as anchor:
            for name in ("a", "b", "c"):
                self.good("root", str(self.folder / name))
                anchor.write((self.folder / f"{name}.pub").read_text())
            anchor.write("sweepgate-root-threshold 2\n")

    def runTest(self) -> None:
        self.site.start_agent()
        gone = self.watch_rules()
        old = self.in_use()
        stolen = (self.keys / "signing.key").read_text()
        said = self.good("revoke-signing", old, "--folder", str(self.keys))
        self.assertIn("0 of 2 signature(s) by a root key", said)
        self.assertIn("Nothing has changed so far", said)
        waiting = self.keys / "trust.new"
        self.good("sign", str(waiting), "--root", str(self.folder / "a"))
        refused = self.sg("install", str(waiting), "--folder", str(self.keys))
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("1 of 2 signature(s) by a root key", refused.stderr)
        self.reload()
        time.sleep(1)
        self.assertEqual(old, self.in_use())
        self.good("sign", str(waiting), "--root", str(self.folder / "c"))
        began = time.monotonic()
        self.good("install", str(waiting), "--folder", str(self.keys))
        self.reload()
        self.until_current(EPOCH + 1)
        print(f"withdrawn, and signed anew at the gate, within {time.monotonic() - began:.2f} s")
        self.assertNotEqual(old, self.in_use())
        # The old key back in its place, by a backup or its thief: nothing of it goes out.
        (self.keys / "signing.key").write_text(stolen)
        self.reload()
        until("it is told", lambda: any(
            "not trusted by version 1 of the list of signing keys" in alarm["text"]
            for alarm in self.site.status()["alarms"]))
        self.until_current(self.push("block"))
        self.assertEqual([], gone[:1])


class Damaged(KeysCase):
    """What is wrong with a list or a key changes nothing, says what it is, and is mended alone."""

    def runTest(self) -> None:
        self.site.start_agent()
        self.good("rotate", "signing", "--folder", str(self.keys))
        self.reload()
        until("the list is out", lambda: self.gates()[0]["trust_version"] == 1)
        whole = (self.keys / "trust").read_text()
        for text, told in ((whole[:150], "trust list:"), (whole.replace("version 1", "version 9"),
                                                          "0 of 1 signature(s) by a signing key")):
            (self.keys / "trust").write_text(text)
            self.reload()
            until(told, lambda told=told: any(told in alarm["text"]
                                              for alarm in self.site.status()["alarms"]))
            self.until_current(self.push("monitor"))
            self.until_current(self.push("block"))
            refused = self.sg("rotate", "signing", "--folder", str(self.keys))
            self.assertNotEqual(0, refused.returncode)
            self.assertIn(told, refused.stderr)
        (self.keys / "trust").write_text(whole)
        self.reload()
        until("it is mended", lambda: not any(alarm["kind"] == "trust"
                                              for alarm in self.site.status()["alarms"]))
        unknown = self.sg("revoke-signing", "0123456789abcdef", "--folder", str(self.keys))
        self.assertNotEqual(0, unknown.returncode)
        self.assertIn("no signing key has the fingerprint '0123456789abcdef'", unknown.stderr)


class FileOnTheBox(KeysCase):
    """A box whose file of keys is edited follows it without a start."""

    def prepare(self) -> None:
        super().prepare()
        self.site.run("sweepgate", "keys", "new", str(self.folder / "other"))
        self.give_box((self.folder / "other/signing.key.pub").read_text())

    def runTest(self) -> None:
        agent = self.site.start("sweepgate-agent", "--config", str(self.site.folder / "agent.toml"))
        until("it refuses", lambda: any("not signed by a key we trust" in gate["state_text"]
                                        for gate in self.gates()))
        self.mine.write_text((self.keys / "signing.key.pub").read_text())
        self.until_current(1)
        self.mine.write_text("")  # an accident
        until("it is told", lambda: any("no key in it" in warning
                                        for warning in self.gates()[0]["warnings"]))
        self.until_current(self.push("monitor"))
        self.assertIsNone(agent.poll())


class FrozenRelay(KeysCase):
    """A relay that goes on with beacons while nothing comes from the controller any more."""

    def runTest(self) -> None:
        self.site.start_agent()
        folder = self.folder / "behind"
        folder.mkdir()
        (folder / "agent.toml").write_text(
            f'state = "{folder}/agent"\nverify_key = "{self.keys}/signing.key.pub"\nname = "box2"\n'
            f'nftables = false\n[upstream]\nupdates = "{self.site.socket("gate-updates")}"\n'
            f'requests = "{self.site.socket("gate-requests")}"\n'
            f'[republish]\nupdates = ["ipc://{folder}/u"]\nrequests = ["ipc://{folder}/r"]\n')
        self.site.start("sweepgate-agent", "--config", str(folder / "agent.toml"))
        self.until_current(1, gates=2)
        time.sleep(2)
        log = self.site.folder / "sweepgate-agent.log"
        self.assertNotIn("shows nothing new", log.read_text())
        self.stop_controller()
        began = time.monotonic()
        until("the box behind the relay says so", lambda: "upstream shows nothing new that the "
              "controller has signed" in log.read_text(), 60)
        print(f"a relay that stands still is told after {time.monotonic() - began:.0f} s")


class ClientKeys(KeysCase):
    """Authorized, listed with the day, revoked; the daemon can still read the list afterwards."""
    tcp = "127.0.0.1"

    def runTest(self) -> None:
        authorized = self.keys / "authorized_keys"
        daemon = pwd.getpwnam("daemon")
        os.chown(authorized, daemon.pw_uid, daemon.pw_gid)
        words = ["--file", str(authorized)]
        for name in ("alice", "bob"):
            self.good("client", str(self.folder / name), "--role", "admin", "--name", name)
            self.good("authorize", str(self.folder / f"{name}.pub"), "--role", "admin", "--name",
                      name, *words)
        self.assertEqual((daemon.pw_uid, 0o600),
                         (authorized.stat().st_uid, authorized.stat().st_mode & 0o777))
        os.chown(authorized, 0, 0)
        listing = self.good("list", *words)
        self.assertRegex(listing, f"admin +alice +[0-9a-f]{{16}} +{time.strftime('%Y-%m-%d', time.gmtime())}")
        self.reload()
        for name in ("alice", "bob"):
            until(f"{name} is in", lambda name=name: self.as_key(name, "status").returncode == 0)
        self.good("revoke", "alice", *words)
        self.reload()
        until("alice is out", lambda: self.as_key("alice", "status").returncode != 0)
        until("bob is in again", lambda: self.as_key("bob", "status").returncode == 0)
        self.assertNotEqual(0, self.as_key("alice", "status").returncode)


if __name__ == "__main__":
    sys.exit(run_cases(__file__, KeysCase))
