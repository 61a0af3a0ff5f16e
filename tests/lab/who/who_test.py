#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fifty clients hit a listed system; the controller, its admin and dpdk-telemetry.py say who they were.

    hits -- veth -- [ sweepgate-dataplane ] -- agent -- sweepgated -- sweepgate top, events, status

usage: who_test.py PROGRAMS     (root; enters a network and mount namespace of its own)
"""

from __future__ import annotations

import collections
import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "refusals")]

import frames  # noqa: E402
from one_site import SYSTEM, Site, until  # noqa: E402

PROGRAMS = Path()
OWN, EVASION, OTHER = PORTS = (4000, 443, 9999)
SERVER = "93.184.216.34"
CLIENTS = [f"192.0.2.{n + 1}" for n in range(50)]
HITS = [(client, PORTS[i % 3]) for n, client in enumerate(CLIENTS) for i in range(n % 5 + 1)]
BUFFER = 16 * 1024


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def send_hits() -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("eth0", 0))
        for client, port in HITS:
            raw.send(frames.udp(client, SERVER, 50000, port))  # in bursts as full as scheduling makes them


class Who(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-who-")
        self.addCleanup(holder.cleanup)
        folder = Path(holder.name)
        os.environ["RUNTIME_DIRECTORY"] = str(folder)
        self.folder = folder
        for near, far in (("lan0", "eth0"), ("wan0", "eth1")):
            ip("link", "add", near, "type", "veth", "peer", "name", far)
            self.addCleanup(ip, "link", "del", near)
            for end in (near, far):
                ip("link", "set", end, "up")
        self.site = Site(PROGRAMS, folder / "site")
        self.addCleanup(self.site.stop)
        (self.site.folder / "catalog" / "testim.toml").write_text(
            SYSTEM + f'[[ports]]\nproto = "udp"\nports = "{OWN}"\n')
        self.site.start_controller()
        self.site.start_agent()

    def start_gate(self, *words: str) -> subprocess.Popen:
        site = self.site
        gate = site.start(
            "sweepgate-dataplane", "--name", "box/dpdk", "--ports", "af_packet:lan0,af_packet:wan0",
            "--no-huge", "--memory", "128", "--idle-sleep-us", "50", "--file-prefix", "who",
            "--updates", site.socket("gate-updates"), "--requests", site.socket("gate-requests"),
            "--verify-key", f"{site.folder}/keys/signing.key.pub", *words)
        until("the DPDK gate enforces", lambda: any(
            each["kind"] == "dpdk" and each["current"] and each["seen_s_ago"] < 3
            for each in site.status().get("gates", [])))
        return gate

    def ask(self, *words: str) -> dict:
        answer = self.site.cli(*words, "--json")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout)

    def hit(self) -> None:
        before = self.ask("top")["packets"]
        send_hits()
        until("all hits are counted", lambda: self.ask("top")["packets"] - before >= len(HITS))

    def telemetry(self, *commands: str) -> list:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(5)
            client.connect(f"{self.folder}/dpdk/who/dpdk_telemetry.v2")
            client.recv(BUFFER)
            answers = []
            for command in commands:
                client.send(command.encode())
                answers.append(next(iter(json.loads(client.recv(BUFFER)).values())))
            return answers

    def test_from_the_wire_to_the_admin(self) -> None:
        gate = self.start_gate()
        self.hit()
        self.check_top()
        self.check_events()
        self.check_status()
        self.check_words()
        self.check_telemetry()
        gate.terminate()
        self.assertEqual(gate.wait(5), 0)
        self.assertEqual(list((self.folder / "dpdk").iterdir()), [])

    def check_top(self) -> None:
        top = self.ask("top", "-n", "1000")
        self.assertEqual(top["packets"], len(HITS))
        counted = {row["client"]: row["packets"] for row in top["talkers"]}
        self.assertEqual(counted, collections.Counter(client for client, _ in HITS))
        self.assertEqual({row["error"] for row in top["talkers"]}, {0})
        ten = self.ask("top", "-n", "10", "--minutes", "5")
        self.assertEqual([row["packets"] for row in ten["talkers"]], [5] * 10)
        self.assertEqual(ten["floor"], 4)
        ports = {row["port"]: row["packets"] for row in self.ask("top", "--by", "port")["talkers"]}
        self.assertEqual(ports, collections.Counter(port for _, port in HITS))
        every = self.ask("top", "--by", "all", "-n", "1000")["talkers"]
        self.assertEqual({(row["client"], row["port"]): row["packets"] for row in every},
                         collections.Counter(HITS))
        self.assertEqual({row["system"] for row in every}, {"testim"})
        self.assertEqual(self.ask("top", "--by", "system")["talkers"][0]["share"], 1.0)

    def check_events(self) -> None:
        distinct = set(HITS)
        until("all events are told",
              lambda: len(self.ask("events", "-n", "1000")["events"]) >= len(distinct))
        events = self.ask("events", "-n", "1000")
        self.assertEqual({(event["client"], event["port"]) for event in events["events"]}, distinct)
        self.assertEqual(len(events["events"]) + events["suppressed"], len(distinct))
        classes = {event["port"]: event["class"] for event in events["events"]}
        self.assertEqual(classes, {OWN: "own", EVASION: "evasion", OTHER: "other"})
        self.assertEqual(len(self.ask("events", "-n", "3")["events"]), 3)
        self.assertIn("first seen by box/dpdk: 192.0.2.", self.site.log("sweepgated"))

    def check_status(self) -> None:
        sent = collections.Counter(port for _, port in HITS)
        classes = {"own": sent[OWN], "evasion": sent[EVASION], "other": sent[OTHER], "none": 0}
        until("the next report has the classes of ports", lambda: classes in (
            system["port_classes"] for system in self.site.status()["systems"]))

    def check_words(self) -> None:
        told = self.site.cli("top", "--by", "all").stdout
        self.assertRegex(told, r"CLIENT +SYSTEM +PORT +PACKETS +ERROR +SHARE")
        self.assertRegex(told, r"192\.0\.2\.\d+ +testim +4000/udp +2 +±0")
        self.assertIn("box/nftables (nftables) names nobody: counts by system only", told)
        self.assertIn("EVASION", self.site.cli("status").stdout)
        self.assertRegex(self.site.cli("events").stdout, r"box/dpdk +192\.0\.2\.\d+ +testim +\d+/udp +o")
        for wrong in (("top", "-n", "0"), ("top", "-n", "1001"), ("top", "--by", "colour"),
                      ("top", "--minutes", "6"), ("events", "-n", "x")):
            self.assertEqual(self.site.cli(*wrong).returncode, 2, wrong)

    def check_telemetry(self) -> None:
        done = subprocess.run(["dpdk-telemetry.py", "-f", "who"], input="/sweepgate/stats\n", text=True,
                              capture_output=True, timeout=20, check=True)
        stats = json.loads(done.stdout)["/sweepgate/stats"]
        self.assertEqual((stats["drop"], stats["link_up_lan0"], stats["link_losses_wan0"]), (len(HITS), 1, 0), stats)
        generation, tables, systems, top, lcores = self.telemetry(*(
            f"/sweepgate/{name}" for name in ("generation", "tables", "systems", "top,100", "lcores")))
        held = self.site.status()
        self.assertEqual((generation["generation"], generation["digest"]),
                         (held["generation"], held["digest"]))
        self.assertEqual((tables["prefixes_ipv4"], tables["systems"]), (1, 1))
        self.assertEqual(tuple(systems["0"][name] for name in ("system", "dropped", "limited", "within")),
                         ("testim", len(HITS), 0, 0))
        self.assertEqual(systems["0"]["evasion"], sum(port == EVASION for _, port in HITS))
        self.assertEqual(len(top), 100)
        self.assertGreaterEqual(next(iter(lcores.values()))["received"], len(HITS))
        hostile = self.telemetry(*(f"/sweepgate/{words}" for words in (
            "top,0", "top,101", "top,-1", "top,x", "top,99999999999999999999", "systems,x", "top,1,2")))
        self.assertEqual(hostile, [None] * len(hostile))
        self.assertEqual(self.telemetry("/sweepgate/systems,1000000"), [{}])
        socket_mode = os.stat(self.folder / "dpdk" / "who").st_mode & 0o077
        self.assertEqual(socket_mode, 0)

    def test_clients_are_truncated_before_anything_is_kept(self) -> None:
        self.start_gate("--client-prefix", "24,48")
        self.hit()
        top = self.ask("top", "--by", "client")
        self.assertEqual([(row["client"], row["packets"]) for row in top["talkers"]],
                         [("192.0.2.0/24", len(HITS))])
        until("events are told", lambda: len(self.ask("events")["events"]) >= 3)
        self.assertEqual({event["client"] for event in self.ask("events")["events"]}, {"192.0.2.0/24"})
        self.assertNotRegex(self.site.log("sweepgated"), r"192\.0\.2\.[1-9]")
        said, = self.telemetry("/sweepgate/top,10")
        self.assertEqual({row["client"] for row in said.values()}, {"192.0.2.0/24"})

    def test_no_client_at_all(self) -> None:
        self.start_gate("--client-prefix", "0,0", "--no-telemetry")
        self.hit()
        self.assertEqual([row["client"] for row in self.ask("top")["talkers"]], [None])
        self.assertIn("(not kept)", self.site.cli("top").stdout)
        self.assertFalse((self.folder / "dpdk" / "who" / "dpdk_telemetry.v2").exists())


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    if os.environ.get("SWEEPGATE_WHO") != "inside":
        os.environ["SWEEPGATE_WHO"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, "-B", *sys.argv])
    PROGRAMS = Path(sys.argv[1])
    for setting in ("all", "default"):
        subprocess.run(["sysctl", "-qw", f"net.ipv6.conf.{setting}.disable_ipv6=1"], check=True)
    ip("link", "set", "lo", "up")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
