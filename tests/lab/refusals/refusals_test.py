#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input to the real programs: a clear error or a counted refusal, and enforcement goes on unchanged.

usage: refusals_test.py PROGRAMS SOURCE-TREE     (root; enters a network and mount namespace of its own)
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from one_site import Site, fill_up, rules, until

PROGRAMS = Path()
TREE = Path()


def content() -> str:
    """The rules without the tag that a restarted agent gives to what it builds anew."""
    return re.sub(r"sg_g(\d+)r\d+", r"sg_g\1", rules())


class Refusal(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-refusals-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def site(self, tcp: str = "") -> Site:
        site = Site(PROGRAMS, self.folder / "site", tcp)
        self.addCleanup(site.stop)
        return site

    def assert_refused(self, answer: subprocess.CompletedProcess, code: int, *words: str) -> None:
        told = answer.stdout + answer.stderr
        self.assertEqual(answer.returncode, code, told)
        for word in words:
            self.assertIn(word, told)


class Files(Refusal):
    def controller(self, site: Site) -> subprocess.CompletedProcess:
        return site.run("sweepgated", "--config", str(site.folder / "sweepgated.toml"))

    def test_too_few_open_files(self) -> None:
        site = self.site(tcp="127.0.0.1")
        for least, limit, words in (
                (4096, 4095, ["sweepgated", "--config", f"{site.folder}/sweepgated.toml"]),
                (256, 24, ["sweepgate-agent", "--config", f"{site.folder}/agent.toml"]),
                (256, 255, ["sweepgate-dataplane", "--ports", "null:,null:", "--no-huge", "--memory", "64"])):
            answer = subprocess.run(
                ["prlimit", f"--nofile={limit}:{limit}", str(PROGRAMS / words[0]), *words[1:]],
                capture_output=True, text=True, timeout=20, check=False)
            self.assert_refused(answer, 1, f"at most {limit} files may be open (ulimit -n), and {least} is the least")

    def test_unknown_key_of_the_controller(self) -> None:
        site = self.site()
        site.write_controller(extra="intervall = 7\n")
        self.assert_refused(self.controller(site), 1, "sweepgated.toml:", "unknown key 'intervall'")

    def test_policy_that_names_an_unknown_system(self) -> None:
        site = self.site()
        (site.folder / "policy.toml").write_text('[systems]\ntestin = "block"\n')
        self.assert_refused(self.controller(site), 1, "policy.toml:2:1: ", "testin", "testim")

    def test_catalog_prefix_with_host_bits(self) -> None:
        site = self.site()
        path = site.folder / "catalog" / "testim.toml"
        path.write_text(path.read_text().replace("216.0/24", "216.7/24"))
        self.assert_refused(self.controller(site), 1, "testim.toml:", "93.184.216.7/24", "host bits")

    def test_signing_key_that_others_can_read(self) -> None:
        site = self.site()
        key = site.folder / "keys" / "signing.key"
        key.chmod(0o644)
        self.assert_refused(self.controller(site), 1, str(key))

    def test_unknown_key_of_the_agent(self) -> None:
        site = self.site()
        site.write_agent(extra='nftabels = true\n')
        answer = site.run("sweepgate-agent", "--config", str(site.folder / "agent.toml"))
        self.assert_refused(answer, 1, "agent.toml:", "nftabels", "did you mean 'nftables'?")

    def test_board_with_a_wrong_line(self) -> None:
        site = self.site()
        board = site.folder / "board.toml"
        board.write_text((TREE / "boards" / "lab.toml").read_text() + "\n[cpuu]\nlcores = [1]\n")
        answer = site.run("sweepgate-dataplane", "--board", str(board))
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn("board.toml:", answer.stdout + answer.stderr)
        self.assertIn("unknown table 'cpuu'", answer.stdout + answer.stderr)


class Running(Refusal):
    """One site at work; whatever is thrown at it, its rules stay."""

    def running_site(self, tcp: str = "") -> Site:
        site = self.site(tcp)
        site.start_controller()
        site.start_agent()
        return site

    def test_second_instance_on_the_same_state(self) -> None:
        site = self.running_site()
        before = rules()
        answer = site.run("sweepgated", "--config", str(site.folder / "sweepgated.toml"))
        self.assert_refused(answer, 1, f"{site.folder}/state", "held by process")
        answer = site.run("sweepgate-agent", "--config", str(site.folder / "agent.toml"))
        self.assert_refused(answer, 1, f"{site.folder}/agent", "held by process")
        self.assertEqual(rules(), before)

    def test_pushed_policy_with_a_fault_changes_nothing(self) -> None:
        site = self.running_site()
        before, generation = rules(), site.status()["generation"]
        policy = site.folder / "pushed.toml"
        for text, word in (('[systems]\nwhatsap = "block"\n', "whatsap"), ("x = [", ":1:"),
                           ('[[group]]\nname = "g"\nsources = ["10.0.0.1/8"]\n', "host bits")):
            policy.write_text(text)
            self.assert_refused(site.cli("push", str(policy)), 1, word)
        self.assertEqual(site.status()["generation"], generation)
        self.assertEqual(rules(), before)
        self.assertIn("whatsap", site.cli("audit").stdout)

    def test_garbage_on_every_socket(self) -> None:
        site = self.running_site(tcp="127.0.0.1")
        before = rules()
        chaos = random.Random(7)
        targets = [(socket.AF_INET, ("127.0.0.1", 7401)), (socket.AF_INET, ("127.0.0.1", 7402))]
        targets += [(socket.AF_UNIX, f"{site.folder}/{name}")
                    for name in ("updates", "requests", "gate-updates", "gate-requests")]
        for _ in range(40):
            for family, address in targets:
                with socket.socket(family, socket.SOCK_STREAM) as peer:
                    peer.settimeout(1)
                    peer.connect(address)
                    # Half of the time a ZMTP 3.1 greeting first, so that the bytes reach the framing.
                    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)
                    try:
                        peer.sendall((greeting if chaos.random() < 0.5 else b"") +
                                     chaos.randbytes(chaos.randrange(1, 3000)))
                    except OSError:
                        pass  # it has hung up already, which is its right
        self.assertGreaterEqual(site.status()["generation"], 1)
        self.assertTrue(all(process.poll() is None for process in site.running))
        self.assertEqual(rules(), before)

    def test_key_that_nobody_authorized(self) -> None:
        site = self.running_site(tcp="127.0.0.1")
        key = site.folder / "stranger.curve"
        made = site.run("sweepgate", "keys", "client", str(key), "--role", "admin", "--name", "mallory")
        self.assertEqual(made.returncode, 0, made.stderr)
        connect = ["--connect", "tcp://127.0.0.1:7402", "--timeout", "1500", "--key", str(key),
                   "--server-key", f"{site.folder}/keys/controller.curve.pub"]
        answer = site.run("sweepgate", *connect, "status")
        self.assert_refused(answer, 3, "our key is not authorized")
        # As printed, for a shell; only the folder is another one here.
        line = made.stdout.strip().splitlines()[-1]
        subprocess.run(["sh", "-c", line.replace("/etc/sweepgate", str(site.folder))], check=True)
        site.running[0].send_signal(signal.SIGHUP)
        until("the key is accepted", lambda: site.run("sweepgate", *connect, "status").returncode == 0)

    def site_on_a_small_disk(self) -> tuple[Path, Site]:
        folder = self.folder / "site"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(folder)], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
        site = self.running_site()
        return folder, site

    def test_full_disk(self) -> None:
        folder, site = self.site_on_a_small_disk()
        before, generation = rules(), site.status()["generation"]
        policy = self.folder / "pushed.toml"
        policy.write_text('[categories]\nim = "monitor"\n')
        fill_up(folder / "filler")
        self.assert_refused(site.cli("push", str(policy)), 1, "No space left on device")
        # Page by page, so that the push fails later and later on its way to the wire; more and more
        # of them, because each refusal is audited and takes up some.
        for pages in range(1, 33):
            os.truncate(folder / "filler", os.path.getsize(folder / "filler") - pages * 4096)
            status = site.status()
            self.assertEqual((status["generation"], status["policy"]), (generation, 1))
            self.assertEqual(rules(), before)
            pushed = site.cli("push", str(policy), "--wait", "0")
            if pushed.returncode == 0:
                break
        self.assertGreater(site.status()["generation"], generation, pushed.stderr)
        self.assertGreater(site.status()["policy"], 1)

    def test_start_on_a_full_disk(self) -> None:
        folder, site = self.site_on_a_small_disk()
        before, generation = content(), site.status()["generation"]
        fill_up(folder / "filler")
        for process in site.running:
            process.kill()
            process.wait()
        site.start("sweepgated", "--config", str(folder / "sweepgated.toml"))
        until("it starts", lambda: site.status().get("generation", 0) >= generation)
        site.start("sweepgate-agent", "--config", str(folder / "agent.toml"))
        until("the gate is heard", lambda: site.status().get("gates"))
        until("the rules are as they were", lambda: content() == before)
        policy = self.folder / "pushed.toml"
        policy.write_text('[categories]\nim = "monitor"\n')
        self.assert_refused(site.cli("push", str(policy)), 1, "No space left on device")
        (folder / "filler").unlink()
        until("there is room again", lambda: site.cli("push", str(policy)).returncode == 0)
        until("nothing is wrong any more",
              lambda: "storage" not in [alarm["kind"] for alarm in site.status()["alarms"]])

    def test_start_with_damaged_files(self) -> None:
        site = self.running_site(tcp="127.0.0.1")
        before = content()
        policy = site.folder / "pushed.toml"
        policy.write_text('[categories]\nim = "block"\n')
        self.assertEqual(site.cli("push", str(policy)).returncode, 0)
        for process in site.running:
            process.terminate()
            process.wait()
        keys = site.folder / "keys"
        with open(keys / "authorized_keys", "a", encoding="utf-8") as authorized:
            authorized.write("boss somebody key\n")
        (site.folder / "catalog" / "testim.toml").write_text("id = [")
        (site.folder / "sweepgated.toml").write_text(
            (site.folder / "sweepgated.toml").read_text() + "\nservers = [")
        (site.folder / "agent.toml").write_text((site.folder / "agent.toml").read_text() + "\nx = [")
        (keys / "signing.key.pub").rename(keys / "gone")
        os.mkfifo(keys / "signing.key.pub")
        site.start("sweepgated", "--config", str(site.folder / "sweepgated.toml"))
        site.start("sweepgate-agent", "--config", str(site.folder / "agent.toml"))
        until("they start", lambda: site.status().get("gates"))
        until("the rules are as they were", lambda: content() == before)
        kinds = {alarm["kind"] for alarm in site.status()["alarms"]}
        self.assertLessEqual({"keys", "catalog", "config"}, kinds)
        self.assertIn("agent.toml", site.log("sweepgate-agent"))

    def test_reload_keeps_what_was_pushed(self) -> None:
        site = self.running_site()
        policy = site.folder / "pushed.toml"
        policy.write_text('[categories]\nim = "monitor"\n')
        self.assertEqual(site.cli("push", str(policy), "--wait", "0").returncode, 0)
        rounds = site.log("sweepgated").count("reload SIGHUP: ok")
        site.running[0].send_signal(signal.SIGHUP)
        until("the reload is done", lambda: site.log("sweepgated").count("reload SIGHUP: ok") > rounds)
        self.assertEqual(site.status()["systems"][0]["action"], "monitor")
        (site.folder / "policy.toml").write_text('[categories]\nim = "reject"\n')
        site.running[0].send_signal(signal.SIGHUP)
        until("a changed file is taken", lambda: site.status()["systems"][0]["action"] == "reject")
        (site.folder / "policy.toml").write_text("broken = [")
        site.running[0].send_signal(signal.SIGHUP)
        until("a broken file is refused", lambda: "what was in force stays" in site.log("sweepgated"))
        self.assertEqual(site.status()["systems"][0]["action"], "reject")

    def test_stopping_while_admins_ask(self) -> None:
        site = self.site()
        for _ in range(6):
            controller = site.start_controller()
            asking = [site.start("sweepgate", "--connect", site.socket("requests"), "--timeout", "2000",
                                 "why", "93.184.216.34") for _ in range(6)]
            time.sleep(0.1)
            controller.terminate()
            self.assertEqual(controller.wait(10), 0)
            for each in asking:
                each.kill()
                each.wait()

    def test_round_without_any_resolver(self) -> None:
        site = self.site()
        site.start_controller()
        until("rounds come and go", lambda: site.status().get("round", {}).get("number", 0) >= 2)
        self.assertEqual(site.status()["round"]["error"], "")
        self.assertEqual(set(site.status()["round"]["outcomes"]), {"TIMEOUT"})

    def test_flushed_ruleset_comes_back(self) -> None:
        site = self.running_site()
        self.assertIn("93.184.216.0/24", rules())
        subprocess.run(["nft", "flush", "ruleset"], check=True)
        until("the agent puts its rules back", lambda: "93.184.216.0/24" in rules())
        self.assertIsNone(site.running[1].poll())

    def test_tampering_inside_the_table_is_undone(self) -> None:
        site = self.running_site()
        self.empty_the_map()
        until("the agent hears of it", lambda: "somebody changed our rules" in site.log("sweepgate-agent"))
        self.assertIn("93.184.216.0/24", rules())
        # And what happens while no agent listens is found by its next start.
        site.running[1].terminate()
        site.running[1].wait(10)
        self.empty_the_map()
        self.assertNotIn("93.184.216.0/24", rules())
        # The controller still has the earlier agent's word that it is current.
        site.start_agent()
        until("the next start finds it", lambda: "93.184.216.0/24" in rules())

    def empty_the_map(self) -> None:
        name = re.search(r"map (sg_g\w+_range4)", rules())[1]
        subprocess.run(["nft", "flush", "map", "inet", "sweepgate", name], check=True)

    def test_rules_outlive_controller_and_agent(self) -> None:
        site = self.running_site()
        for process in reversed(site.running):
            process.kill()
            process.wait()
        self.assertIn("93.184.216.0/24", rules())


class Dataplane(Refusal):
    def refused(self, *words: str) -> str:
        site = self.site()
        answer = site.run("sweepgate-dataplane", *words)
        self.assertNotEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer.stdout + answer.stderr

    def test_no_such_port(self) -> None:
        told = self.refused("--ports", "af_packet:nosuch0,null:", "--no-huge", "--memory", "64")
        self.assertIn("nosuch0", told)

    def test_port_without_a_partner(self) -> None:
        self.assertIn("pair", self.refused("--ports", "null:", "--no-huge"))

    def test_no_hugepages(self) -> None:
        free = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
        if free.exists() and int(free.read_text()) > 0:
            self.skipTest("this machine has hugepages")
        self.assertIn("hugepage", self.refused("--ports", "null:,null:").lower())

    def test_forged_snapshot_file(self) -> None:
        site = self.site()
        forged = self.folder / "forged.snapshot"
        forged.write_bytes(random.Random(3).randbytes(4096))
        answer = site.run("sweepgate-dataplane", "--ports", "null:,null:", "--no-huge", "--memory", "64",
                          "--snapshot", str(forged), "--verify-key", f"{site.folder}/keys/signing.key.pub")
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn("forged.snapshot", answer.stdout + answer.stderr)


def main() -> None:
    global PROGRAMS, TREE  # set once, before any test runs
    if os.environ.get("SWEEPGATE_REFUSALS") != "inside":
        os.environ["SWEEPGATE_REFUSALS"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv])
    PROGRAMS, TREE = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[3:]])


if __name__ == "__main__":
    main()
