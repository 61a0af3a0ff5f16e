#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A gate's state is what it enforces: text, JSON, alarms and exit codes, with the real programs.

usage: gates_test.py PROGRAMS [CASE]     (root; each case enters a network and mount namespace of its own)

The cases run side by side: most of their time is spent waiting.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import SiteCase, fill_up, programs, rules, run_cases, until  # noqa: E402

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
PASS = '[categories]\nim = "pass"\n'
BLOCK = '[categories]\nim = "block"\n'
# More than the room that is left in a file's last page.
MORE = '[[add]]\nsystem = "testim"\nprefixes = [' + ",".join(
    f'"45.{i // 10}.{i * 37 % 256}.{i * 91 % 256}"' for i in range(2000)) + "]\n"


class Case(SiteCase):
    def agent(self, *before: str, environment: dict[str, str] | None = None, config: str = "agent.toml",
              log: str = "sweepgate-agent") -> subprocess.Popen:
        """In a session of its own: both halves are stopped and killed as one."""
        with open(self.site.folder / f"{log}.log", "ab") as output:
            process = subprocess.Popen(
                [*before, str(programs() / "sweepgate-agent"), "--config", str(self.site.folder / config)],
                stdout=output, stderr=output, start_new_session=True,
                env={**os.environ, **(environment or {})})
        self.site.running.append(process)
        self.addCleanup(signal_all, process, signal.SIGCONT)
        return process

    def gates(self) -> list[dict]:
        answer = self.site.cli("gates", "--json")
        return json.loads(answer.stdout)["gates"] if answer.returncode == 0 else []

    def state(self) -> str:
        return " ".join(sorted(gate["state"] for gate in self.gates()))

    def becomes(self, state: str, seconds: float = 15.0) -> dict:
        until(f"the gate is '{state}'", lambda: self.state() == state, seconds)
        gate = next(gate for gate in self.gates() if gate["state"] == state.split()[-1])
        self.assertEqual(gate["current"], state == "current")
        return gate

    def alarms(self) -> dict[str, dict]:
        return {alarm["kind"]: alarm for alarm in self.site.status().get("alarms", [])}

    def raises(self, kind: str, seconds: float = 15.0) -> dict:
        until(f"the alarm '{kind}'", lambda: kind in self.alarms(), seconds)
        alarm = self.alarms()[kind]
        self.assertIsNone(alarm["until"])
        return alarm

    def ends(self, kind: str, seconds: float = 15.0) -> None:
        until(f"the end of '{kind}'", lambda: kind not in self.alarms(), seconds)
        events = json.loads(self.site.cli("events", "--json").stdout)["alarms"]
        self.assertTrue(any(alarm["kind"] == kind and alarm["until"] for alarm in events), events)

    def assert_health(self, code: int, *words: str) -> None:
        """Exit code, lines, JSON, the head of status and the log say the same."""
        answer = self.site.cli("health")
        self.assertEqual(answer.returncode, code, answer.stdout + answer.stderr)
        told = self.site.status()["health"]
        self.assertEqual(told["verdict"], ["ok", "degraded", "broken"][code])
        for word in words:
            line = next((line for line in answer.stdout.splitlines() if word in line), None)
            self.assertIsNotNone(line, f"{word} in {answer.stdout}")
            self.assertIn(line, told["faults"])
            self.assertIn(line, self.site.log("sweepgated"))

    def push(self, text: str) -> None:
        (self.site.folder / "pushed.toml").write_text(text)
        self.site.cli("push", "--yes", str(self.site.folder / "pushed.toml"))


def signal_all(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


@contextlib.contextmanager
def frozen(thread: int) -> Iterator[None]:
    """One thread of another program stands still."""
    libc = ctypes.CDLL(None, use_errno=True)
    seize, interrupt, detach = 0x4206, 0x4207, 17
    if libc.ptrace(seize, thread, None, None) != 0 or libc.ptrace(interrupt, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(thread, 0x40000000)  # __WALL
    try:
        yield
    finally:
        libc.ptrace(detach, thread, None, None)


class Dead(Case):
    def test_a_gate_that_dies_is_silent_alarmed_and_remembered(self) -> None:
        agent = self.agent()
        self.becomes("current")
        until("all is well", lambda: self.site.cli("health").returncode == 0)
        self.assertEqual(self.site.cli("health").stdout, "ok\n")
        began = time.monotonic()
        signal_all(agent, signal.SIGSTOP)
        alarm = self.raises("gate-silent")
        took = time.monotonic() - began
        print(f"from a gate's death to its alarm: {took:.1f} s", file=sys.stderr)
        self.assertLess(took, 10)
        self.assertEqual((alarm["severity"], alarm["gate"]), ("broken", "box/nftables"))
        gate = self.becomes("silent")
        self.assertRegex(gate["state_text"], r"^silent \d+ s$")
        self.assertIn("silent", self.site.cli("gates").stdout)
        self.assert_health(2, "box/nftables: silent since")

        self.stop_controller()
        self.controller = self.site.start_controller()
        self.assertIn("not heard since the controller started", self.becomes("silent")["state_text"])
        self.assertEqual(self.raises("gate-silent")["since"], alarm["since"])  # on disk meanwhile

        signal_all(agent, signal.SIGCONT)
        self.becomes("current")
        self.ends("gate-silent")


class Gone(Case):
    def test_a_gate_that_is_gone_is_expected_until_it_is_forgotten(self) -> None:
        agent = self.agent()
        self.becomes("current")
        signal_all(agent, signal.SIGKILL)
        agent.wait()
        self.becomes("silent")
        self.raises("gate-silent")
        answer = self.site.cli("gates", "forget", "box/nftable")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("did you mean 'box/nftables'?", answer.stderr)
        self.assertEqual(self.site.cli("gates", "forget", "box/nftables").returncode, 0)
        self.assertEqual(self.gates(), [])
        self.ends("gate-silent")
        time.sleep(1.5)  # a turn of the watch: off the disk too
        self.stop_controller()
        self.controller = self.site.start_controller()
        self.assertEqual(self.gates(), [])
        self.assertIn("gates-forget", self.site.cli("audit").stdout)


class Restored(Case):
    def test_a_controller_restored_from_a_backup_goes_on_above_its_gates(self) -> None:
        self.agent()
        self.becomes("current")
        self.stop_controller()
        shutil.copytree(self.site.folder / "state", self.folder / "backup")
        self.controller = self.site.start_controller()
        for text in (PASS, BLOCK, PASS, BLOCK):
            self.push(text)
        held = self.site.status()["generation"]
        until("the gate follows", lambda: any(
            gate["generation"] == held and gate["current"] for gate in self.gates()))
        self.stop_controller()
        shutil.rmtree(self.site.folder / "state")
        shutil.copytree(self.folder / "backup", self.site.folder / "state")
        self.controller = self.site.start_controller()
        self.push(PASS)
        until("it goes on above", lambda: self.site.status()["generation"] > held)
        self.becomes("current")
        self.assertNotIn(" drop", rules())  # the policy that was pushed, and no other
        self.assertIn("which ours did not replace", self.raises("generation")["text"])
        audit = self.site.cli("audit").stdout
        self.assertIn("continue-above", audit)
        self.assertIn("box/nftables", audit)


class Lost(Case):
    def test_a_controller_that_lost_its_state_and_kept_its_key_goes_on_above_them_too(self) -> None:
        self.agent()
        self.becomes("current")
        for text in (PASS, BLOCK, PASS):
            self.push(text)
        held = self.site.status()["generation"]
        until("the gate follows", lambda: self.state() == "current")
        self.stop_controller()
        shutil.rmtree(self.site.folder / "state")
        self.controller = self.site.start_controller()
        until("it goes on above", lambda: self.site.status()["generation"] > held)
        self.becomes("current")
        self.assertIn("93.184.216.0", rules())  # what its policy file says


class NewKeys(Case):
    def prepare(self) -> None:
        """The box has a file of keys of its own, as one elsewhere has."""
        super().prepare()
        keys = self.folder / "box-keys"
        shutil.copy2(self.site.folder / "keys/signing.key.pub", keys)
        config = self.site.folder / "agent.toml"
        config.write_text(config.read_text().replace(f"{self.site.folder}/keys/signing.key.pub", str(keys)))

    def test_a_gate_that_does_not_trust_the_new_key_says_so_and_does_not_hammer(self) -> None:
        self.agent()
        self.becomes("current")
        self.stop_controller()
        shutil.rmtree(self.site.folder / "state")
        for key in (self.site.folder / "keys").glob("signing.*"):
            key.rename(self.folder / key.name)
        self.site.run("sweepgate", "keys", "new", str(self.folder / "new"))
        for key in (self.folder / "new").glob("signing.*"):
            shutil.copy2(key, self.site.folder / "keys" / key.name)
        self.controller = self.site.start("sweepgated", "--config",
                                          str(self.site.folder / "sweepgated.toml"))
        until("sweepgated publishes", lambda: self.site.status().get("generation", 0) >= 1)
        for text in (PASS, BLOCK, PASS):
            self.push(text)  # above what the gate holds
        gate = self.becomes("refuses")
        self.assertIn("not signed by a key we trust", gate["state_text"])
        self.raises("gate-refuses")
        self.assert_health(2, "not signed by a key we trust")
        before = self.site.status()["wire"]["fetches"]
        time.sleep(5)
        self.assertLessEqual(self.site.status()["wire"]["fetches"] - before, 8)  # 32 in 0.1
        told = self.site.log("sweepgate-agent").count("not signed by a key we trust")
        self.assertLessEqual(told, 6)


class Cloned(Case):
    def test_two_boxes_of_one_name_are_two_rows(self) -> None:
        self.agent()
        self.becomes("current")
        shutil.copytree(self.site.folder / "agent", self.site.folder / "agent2")
        text = (self.site.folder / "agent.toml").read_text()
        (self.site.folder / "agent2.toml").write_text(
            text.replace(f'{self.site.folder}/agent"', f'{self.site.folder}/agent2"')
            .replace("gate-updates", "gate2-updates").replace("gate-requests", "gate2-requests"))
        clone = self.agent("unshare", "--net", config="agent2.toml", log="clone")
        self.becomes("double double")
        self.assertIn("clones of one box", self.gates()[0]["state_text"])
        self.assertEqual(len({gate["instance"] for gate in self.gates()}), 2)
        self.assertIn("clones", self.raises("gate-double")["text"])
        self.assert_health(2, "box/nftables: double")
        signal_all(clone, signal.SIGKILL)
        clone.wait()
        self.becomes("current silent")
        self.push(PASS)
        self.assertEqual(len(self.gates()), 2)


class Full(Case):
    def test_a_full_state_folder_is_unsaved_until_there_is_room(self) -> None:
        small = self.site.folder / "agent"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", small], check=True)
        self.agent()
        self.assertIs(self.becomes("current")["saved"], True)
        fill_up(small / "fill")
        before = self.gates()[0]["saved_generation"]
        self.push(BLOCK + MORE)
        gate = self.becomes("unsaved")
        self.assertEqual(gate["generation"], self.site.status()["generation"])  # enforced all the same
        self.assertEqual(gate["saved_generation"], before)
        self.assertIs(gate["saved"], False)
        self.assertTrue(any("No space left" in warning for warning in gate["warnings"]), gate)
        self.raises("gate-unsaved")
        self.assert_health(1, "box/nftables: unsaved")
        self.assertIn("not saved", self.site.log("sweepgate-agent"))
        (small / "fill").unlink()
        self.assertIs(self.becomes("current", 40)["saved"], True)
        self.ends("gate-unsaved")


class Receipt(Case):
    def test_what_the_kernel_enforces_is_not_replaced_by_what_a_full_disk_kept(self) -> None:
        small = self.site.folder / "agent"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", small], check=True)
        self.push(PASS)
        agent = self.agent()
        self.becomes("current")
        fill_up(small / "fill")
        self.push(BLOCK + MORE)
        self.becomes("unsaved")
        self.assertIn(" drop", rules())
        self.stop_controller()
        signal_all(agent, signal.SIGKILL)
        agent.wait()
        self.agent()  # with the pass of before on its disk, and nobody to ask
        until("it says so", lambda: "is older" in self.site.log("sweepgate-agent"))
        time.sleep(3)
        self.assertIn(" drop", rules())
        (small / "fill").unlink()
        self.controller = self.site.start_controller()
        self.assertIs(self.becomes("current", 40)["saved"], True)
        self.assertIn(" drop", rules())


class DiskFull(Case):
    def test_a_controller_on_a_full_disk_runs_and_says_so(self) -> None:
        self.agent()
        self.becomes("current")
        self.stop_controller()
        state = self.site.folder / "state"
        state.rename(self.folder / "state")
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", state], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", state], check=True)
        shutil.copytree(self.folder / "state", state, dirs_exist_ok=True)
        self.controller = self.site.start_controller()
        fill_up(state / "fill")
        self.assertIn("0 KiB left", self.raises("disk-full")["text"])
        self.assert_health(2, "nothing new can be published")
        self.assertIsNone(self.controller.poll())
        (state / "fill").unlink()
        self.ends("disk-full")


class Damaged(Case):
    def test_a_damaged_file_of_alarms_and_gates_is_told_and_begun_anew(self) -> None:
        self.agent()
        self.becomes("current")
        self.stop_controller()
        store = self.site.folder / "state/watch.sqlite"
        whole = store.read_bytes()
        store.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
        self.controller = self.site.start_controller()
        alarm = self.raises("watch")
        self.assertEqual(alarm["severity"], "degraded")
        self.assertIn("lies beside, as watch.sqlite.damaged", alarm["text"])
        self.assert_health(1, "alarms, first-seen events and expected gates before this start")
        self.becomes("current")
        time.sleep(1.5)  # a turn of the watch: on disk again
        self.stop_controller()
        self.controller = self.site.start_controller()
        self.becomes("current")
        self.assertNotIn("watch", self.alarms())


class Bypassed(Case):
    def test_a_gate_is_not_current_while_a_bridge_of_its_box_passes_it_by(self) -> None:
        subprocess.run(["ip", "link", "add", "br-here", "type", "bridge"], check=True)
        subprocess.run(["ip", "link", "set", "br-here", "up"], check=True)
        # A chain of somebody else's where ours would go: the kernel does not take our table.
        subprocess.run(["nft", "add table bridge sweepgate; add chain bridge sweepgate sg_forward "
                        "{ type filter hook forward priority 5; }"], check=True)
        self.agent()
        gate = self.becomes("bypassed")
        self.assertRegex(gate["state_text"], "^bypassed: what bridge br-here switches .*is not judged")
        self.assertEqual(self.raises("gate-bypassed")["severity"], "broken")
        self.assert_health(2, "box/nftables: bypassed: what bridge br-here switches")
        (self.site.folder / "pushed.toml").write_text(PASS)
        answer = self.site.cli("push", "--yes", str(self.site.folder / "pushed.toml"))
        self.assertRegex(answer.stdout, r"(?m)^  box/nftables +.*bypassed")
        self.assertEqual(answer.returncode, 4, answer.stdout)
        subprocess.run(["nft", "delete", "table", "bridge", "sweepgate"], check=True)
        self.becomes("current", 70)  # tried again within a minute
        self.ends("gate-bypassed")


class KeepsNothing(Case):
    def test_a_gate_whose_state_folder_cannot_be_had_is_unsaved(self) -> None:
        (self.site.folder / "agent").write_text("a file where a folder should be")
        self.agent()
        gate = self.becomes("unsaved")
        self.assertIs(gate["saved"], False)
        self.raises("gate-unsaved")
        self.raises("gate-fault")
        self.assert_health(1, "box/nftables: unsaved", "nothing is kept for a restart")
        (self.site.folder / "pushed.toml").write_text(PASS)
        answer = self.site.cli("push", "--yes", str(self.site.folder / "pushed.toml"))
        self.assertEqual(answer.returncode, 4, answer.stdout)
        self.assertIn("unsaved", answer.stdout)


class Faults(Case):
    def test_what_is_wrong_on_a_box_is_an_alarm(self) -> None:
        agent = self.agent()
        self.becomes("current")
        self.assertNotIn("versions differ", self.site.cli("status").stdout)
        signal_all(agent, signal.SIGKILL)
        agent.wait()
        whole = (self.site.folder / "agent.toml").read_text()
        (self.site.folder / "agent.toml").write_text(whole + "[upstrea]\n")
        agent = self.agent()
        self.assertIn("unknown table 'upstrea'; the configuration of the last start is in force",
                      self.raises("gate-fault")["text"])
        self.assert_health(1, "the configuration of the last start is in force")
        self.assertEqual(self.state(), "current")
        signal_all(agent, signal.SIGKILL)
        agent.wait()
        (self.site.folder / "agent.toml").write_text(whole)
        self.agent()
        self.ends("gate-fault")


class Owned(Case):
    def test_a_gate_whose_table_somebody_took_is_behind_and_says_why(self) -> None:
        self.agent()
        self.becomes("current")
        owner = subprocess.Popen(["nft", "-i"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.addCleanup(owner.wait)
        self.addCleanup(owner.kill)
        owner.stdin.write("delete table inet sweepgate; add table inet sweepgate { flags owner; }\n")
        owner.stdin.flush()
        self.assertIn("enforces nothing", self.becomes("behind")["state_text"])
        self.assertIn("cannot be put back: ", self.raises("gate-fault")["text"])
        (self.site.folder / "pushed.toml").write_text('[categories]\nim = "block"  # again\n')
        answer = self.site.cli("push", "--yes", "--wait", "2", str(self.site.folder / "pushed.toml"))
        self.assertEqual(answer.returncode, 4, answer.stdout)
        owner.kill()
        owner.wait()
        self.becomes("current", 20)
        self.ends("gate-fault")


class Stalled(Case):
    def dpdk(self) -> subprocess.Popen:
        for inside, outside in (("p0", "p1"), ("q0", "q1")):
            subprocess.run(["ip", "link", "add", inside, "type", "veth", "peer", "name", outside], check=True)
            for end in (inside, outside):
                subprocess.run(["ip", "link", "set", end, "up"], check=True)
        site = self.site
        gate = site.start(
            "sweepgate-dataplane", "--name", "box/dpdk", "--ports", "af_packet:p0,af_packet:q0", "--no-huge",
            "--memory", "128", "--idle-sleep-us", "500", "--file-prefix", "stalled",
            "--updates", site.socket("updates"), "--requests", site.socket("requests"),
            "--state", f"{site.folder}/dpdk", "--verify-key", f"{site.folder}/keys/signing.key.pub")
        self.becomes("current")
        return gate

    def test_a_gate_whose_packets_stand_still_is_not_current(self) -> None:
        gate = self.dpdk()
        subprocess.run(["ip", "link", "set", "q1", "down"], check=True)
        self.assertIn("port q0 has no link", self.raises("gate-fault")["text"])
        self.assert_health(1, "port q0 has no link: nothing crosses between it and p0")
        subprocess.run(["ip", "link", "set", "q1", "up"], check=True)
        self.ends("gate-fault")
        lcore = next(task for task in Path(f"/proc/{gate.pid}/task").iterdir()
                     if "worker" in (task / "comm").read_text())
        with frozen(int(lcore.name)):
            self.assertIn("stalled: an lcore has stopped", self.becomes("stalled")["state_text"])
            self.raises("gate-stalled")
            self.assert_health(2, "box/dpdk: stalled: an lcore has stopped")
        self.becomes("current")


class Jumps(Case):
    def test_a_clock_that_steps_again_and_again_hides_no_dead_gate(self) -> None:
        self.stop_controller()
        clock = self.folder / "clock"
        clock.write_text("+0")
        os.environ.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
                          FAKETIME_DONT_FAKE_MONOTONIC="1")
        try:
            self.controller = self.site.start_controller()
        finally:
            for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC"):
                del os.environ[name]
        agent = self.agent()
        self.becomes("current")
        time.sleep(10)  # behind the grace of a start
        signal_all(agent, signal.SIGSTOP)
        began = time.monotonic()
        step = 0
        while "gate-silent" not in self.alarms():
            step += 5
            clock.write_text(f"+{step}")
            time.sleep(1.5)
            self.assertLess(time.monotonic() - began, 12)


class Management(Case):
    def test_why_tells_whom_a_box_leaves_alone(self) -> None:
        config = (self.site.folder / "agent.toml").read_text()
        self.site.write_agent('management = ["10.0.0.0/7"]\n')
        self.agent()
        until("it is refused", lambda: "10.0.0.0/7 is wider than /8" in self.site.log("sweepgate-agent"))
        self.site.write_agent('management = ["10.1.0.0/24"]\n')
        self.agent()
        self.becomes("current")
        self.assertIn("never judged: 10.1.0.0/24", self.site.cli("status").stdout)
        told = "but box/nftables never judges 10.1.0.0/24"
        self.assertIn(told, self.site.cli("why", "93.184.216.34", "--for", "10.1.0.2").stdout)
        self.assertNotIn(told, self.site.cli("why", "93.184.216.34", "--for", "10.2.0.2").stdout)
        self.assertIn('name = "box"', config)


class Clock(Case):
    def test_a_clock_that_is_off_is_told_on_both_sides(self) -> None:
        self.agent(environment={"LD_PRELOAD": FAKETIME, "FAKETIME": "+5h"})
        gate = self.becomes("clock")
        self.assertEqual(gate["state_text"], "clock +5 h")
        self.assertAlmostEqual(gate["clock_offset_s"], 5 * 3600, delta=5)
        self.assertEqual(self.raises("gate-clock")["severity"], "degraded")
        self.assert_health(1, "box/nftables: clock +5 h against the controller's")
        until("the box says so itself",
              lambda: "ahead of the controller's" in self.site.log("sweepgate-agent"))


class CutOff(Case):
    def test_a_box_that_does_not_hear_its_controller_says_so(self) -> None:
        self.agent()
        self.becomes("current")
        self.stop_controller()
        until("the box says so itself", lambda: "the controller is not heard; generation"
              in self.site.log("sweepgate-agent"), 30)
        self.assertIn("93.184.216.0", rules())
        self.controller = self.site.start_controller()
        self.becomes("current", 30)
        until("and that it is over", lambda: "the controller is heard again"
              in self.site.log("sweepgate-agent"))


class Strangers(Case):
    tcp = "127.0.0.1"

    def test_refused_requests_and_keys_are_in_the_audit(self) -> None:
        self.authorize("viewer", "bob")
        self.site.run("sweepgate", "keys", "client", str(self.folder / "eve"), "--role", "viewer",
                      "--name", "eve")
        self.controller.send_signal(signal.SIGHUP)
        (self.folder / "policy.toml").write_text(PASS)
        until("bob may look", lambda: self.as_key("bob", "health").returncode in (0, 1, 2) and
              "viewer bob may not" in self.as_key("bob", "push", str(self.folder / "policy.toml")).stderr)
        until("it is in the audit", lambda: "viewer bob may not" in self.site.cli("audit").stdout)
        self.assertEqual(self.as_key("eve", "status").returncode, 3)
        alarm = self.raises("key-refused")
        self.assertRegex(alarm["text"], r"^key [0-9a-f]{16} refused from 127\.0\.0\.1: not in authorized_keys")
        self.assertIn("connect", self.site.cli("audit").stdout)


if __name__ == "__main__":
    sys.exit(run_cases(__file__, Case))
