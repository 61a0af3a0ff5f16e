#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every command that README.md prints does what is printed: in a clone, beside a real site and real DNS servers.

usage: readme_test.py BUILD SOURCE-TREE     (root; enters namespaces of its own)
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import NamedTuple

from commands import commands

_LAB = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_LAB), str(_LAB / "dns"), str(_LAB / "refusals")]
import frames  # noqa: E402
import one_site  # noqa: E402
from dns_servers import enter  # noqa: E402
from dns_world import KNOT, NSD, UNBOUND, World  # noqa: E402
from one_site import Site, until  # noqa: E402

BUILD, TREE = Path(), Path()
SERVER = "203.0.113.7"  # README asks why it is blocked
RESOLVER = "127.53.0.9"  # of this machine: it knows irc.libera.chat
_IRC = one_site.SYSTEM.replace("im.example.com", "irc.libera.chat").replace('["93.184.216.0/24"]', "[]")
_TESTIM = one_site.SYSTEM.replace("im.example.com", "im.nsd.test").replace('["93.184.216.0/24"]', "[]")


class Run(NamedTuple):
    words: tuple[str, ...]  # regular expressions for what it prints
    codes: tuple[int, ...] = (0,)
    instead: str = ""  # where the printed words stand for something


# In this order: what is asked of a site depends on what was done to it.
RUNS = {
    "sweepgate plan policy.toml": Run((r"irc", r"against what is in force: 1 added, 0 removed")),
    "sweepgate plan": Run((r"0 added, 0 removed",)),
    "sweepgate push policy.toml": Run((r"generation \d+",)),
    "sweepgate push": Run((r"generation \d+",), instead="sweepgate push policy.toml"),
    "sweepgate why 203.0.113.7": Run((
        rf"{SERVER} is listed by {SERVER}/32 \(generation \d+\), exclusive", r"irc\.libera\.chat \(irc, server\)",
        r"resolvers +\S*127\.53\.0\.9", r"seen +first \S+Z, last \S+Z", r"guard +exclusive",
        r"box/nftables +nftables +\d+ +drop irc")),
    "sweepgate why": Run((r"is listed by",), instead="sweepgate why irc.libera.chat"),
    "sweepgate status": Run((r"generation \d+ \(", r"box/nftables +nftables +\d+", r"irc +drop +1\+0")),
    "sweepgate health": Run((r"^ok$|: ",), (0, 1, 2)),
    "sweepgate gates": Run((r"generation \d+ is published", r"box/nftables +nftables +\d+ .* current")),
    "sweepgate top --by client -n 10": Run((
        r"0 packets hit since the gates started", r"box/nftables \(nftables\) names nobody")),
    "sweepgate events": Run((r"event|seen",)),
    "sweepgate history irc.libera.chat": Run((rf"{SERVER} +irc\.libera\.chat +irc +█", r"TIME is")),
    "sweepgate diff 1 2": Run((r"generation 1 to 2: 1 added, 0 removed", rf"{SERVER}/32 +irc\.libera\.chat")),
    "sweepgate audit": Run((r"TIME +WHO +SEEN AS +WHAT", r"\S+Z +\S+ +uid \d+.* push")),
    "sweepgate rollback": Run((r"generation \d+",)),
    "sweepgate policies": Run((r"policy\.toml", r"\b2\b", r"\b3\b")),
    "sweepgate diff --policy 2 3": Run((r"treat_as_public",)),
    "sweepgate sweep NAME…": Run((
        r"Server:\t\t127\.53\.0\.9", r"Address: 203\.0\.113\.7"),
        instead="sweepgate sweep irc.libera.chat"),
    "sweepgate sweep": Run((r"203\.0\.113\.7",), instead="echo irc.libera.chat | sweepgate sweep -f -"),
    # The whole catalog's, whose other names nobody here knows.
    "sweepgate sweep irc": Run((r"irc\.libera\.chat", r"names, \d+ questions"), (0, 1, 4)),
    "sweepgate doctor": Run((r"SUBJECT +FOUND", r"dns|resolver"), (0, 1, 3)),
    "sweepgate doctor --board FILE": Run((r"SUBJECT +FOUND",), (0, 1, 3),
                                         instead="sweepgate doctor --board boards/generic-x86.toml"),
    "sweepgate gates forget NAME": Run((r"box/nftables is forgotten; it still reports",),
                                       instead="sweepgate gates forget box/nftables"),
    "sweepgate help contexts": Run((r"context",)),
    "build/bin/sweepgate": Run((r"generation \d+",), instead="build/bin/sweepgate status"),
    "build/bin/sweepgate doctor --ports eth1,eth2": Run((r"eth1", r"eth2"), (0, 1, 3)),
    "sweepgate keys client admin.curve --role admin --name alice": Run((r"admin alice \S+",)),
    "sweepgate --connect tcp://controller:7402 --key admin.curve --server-key controller.curve.pub status": Run((
        r"generation \d+",)),
    "sweepgate sweep -s 127.53.0.3 alias.nsd.test gone.nsd.test": Run(()),
    "sweepgate sweep -s 127.53.0.3 --short www.nsd.test text.nsd.test www.lame.test; echo $?": Run(()),
    "sweepgate sweep -s 127.53.0.4 --policy policy.toml --short -t A testim": Run((), (4,)),
    "sweepgate plan policy.toml --snapshot planned": Run((r"planned\.pub",)),
    "sweepgate-dataplane --replay in.pcap --write passed.pcap --dropped dropped.pcap --snapshot planned "
    "--verify-key planned.pub": Run((r"irc",)),
}

# What answers in tables, once everything above was done.
TABLES = ("status --all", "gates", "health", "plan --all", f"why {SERVER}", "why irc.libera.chat", "why 203.0.0.0/8",
          "top --by all", "events", "events --since 1h", "history irc.libera.chat", f"history {SERVER}", "diff 1 2",
          "diff --policy 2 3", "audit", "policies", "doctor", "sweep irc.libera.chat")
_IN_COLUMNS = re.compile(r"\S {2,}\S")  # of a table; a sentence may be longer, and the terminal folds it

# Why these are not run here, and what runs them.
ELSEWHERE = {
    "./run": "the story of the whole product: the stage lab-story of ./test",
    "./run --stay": "the same, and then waits for its user; lab.world brings that world up and down",
    "./test": "runs this test",
    "./test --full": "runs this test",
    "./run --ports eth1,eth2 --policy controlplane/policy/example.toml":
        "takes a machine's ports for good; lab.ports starts the same on ports of its own",
    "cc forwarder.c $(pkg-config --cflags --libs sweepgate-filter libdpdk)":
        "needs the library installed: lab.capi installs it, compiles this line, and runs what comes out",
    "cmake --build build --target packages": "packs for minutes: lab.packages builds them and installs them",
    "python3 -B tests/lab --build build --moves 9": "a measurement; ./test runs the same story with fewer moves",
    "ctest -R lab.cadence -V": "a test of its own",
    "ctest -R lab.offloads -V": "a test of its own",
    "ctest -R lab.gates -V": "a test of its own",
    "ctest -R lab.hold -V": "a test of its own",
    "python3 -B tests/lab/hold/kills_test.py build/bin": "lab.kills runs it",
    "python3 -B tests/lab/gates/push_wait.py build/bin": "a measurement; needs namespaces of its own",
    "sweepgate backup site.backup": "lab.backup runs it, on a configuration of its own",
    "sweepgate backup FILE": "the same",
    "sweepgate restore FILE": "the same",
    "sweepgate restore": "the same",
    "sweepgate keys list": "reads the controller's own list; lab.commandline runs it on lists of its own",
    **{f"sweepgate keys {words}": "lab.keys runs it on keys of its own" for words in (
        "rotate signing", "revoke-signing FINGERPRINT", "signing", "root FILE", "sign", "install")},
    "ninja -C build bench-dataplane": "a measurement of minutes on huge pages",
    "python3 -B dataplane/bench gate": "the same",
    "build/bin/lab_nftables -v": "lab.nftables",
    "build/bin/soak_test --swaps 1000 -v": "lab.soak; with so many swaps in ./test --full",
    "ninja -C build bench_dns && build/bin/bench_dns": "a measurement; the target is built by ./test",
    "build/bin/gates_test --rounds 50000": "lab.gates_agree",
    "build/bin/screens_test --packets 10000000": "lab.screens_agree",
}


class Servers(World):
    """Of the dns lab those that README asks, and the resolver of this machine."""

    def start(self) -> None:
        self.write_nsd()
        self._write_zone("knot", ["www A 198.18.2.1", "www AAAA 2001:db8:18:2::1"])
        self.run_configured("nsd", NSD, self.nsd(NSD, ["nsd"]), "nsd", "-d", "-c")
        self.run_configured("knot", KNOT, self._knot(), "knotd", "-c")
        stubs = {"nsd": NSD, "knot": KNOT, "lame": KNOT}
        self.run_configured("unbound", UNBOUND, self.unbound(UNBOUND, stubs, "  rrset-roundrobin: yes\n"),
                            "unbound", "-d", "-p", "-c")
        filters = ["address=/im.nsd.test/0.0.0.0", "address=/im.nsd.test/::", "cache-size=0"]
        knows = [f"host-record=irc.libera.chat,{SERVER}", "local=/irc.libera.chat/", "local-ttl=60"]
        for name, address, more in (("filter", "127.53.0.4", filters), ("own", RESOLVER, knows)):
            self.run_configured(name, address, self.dnsmasq(address, UNBOUND, more),
                                "dnsmasq", "--keep-in-foreground", "-C")


def printed_below(readme: str, command: str) -> list[str]:
    """The lines of README between "$ COMMAND" and what follows it."""
    lines = readme.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip() == f"$ {command}")
    found = []
    for line in lines[at + 1:]:
        if line.strip() and (not line.startswith("    ") or line.startswith("    $ ")):
            break
        found.append(line.strip())
    return [line for line in found if line]


def in_kind(line: str) -> str:
    """Without what differs from run to run: packets, retries, times and rates, and the order of addresses."""
    return " ".join(sorted(re.sub(r"\d+ packets?, \d+ retr(y|ies), .*", "...", line).split()))


class Readme(unittest.TestCase):
    readme: str
    printed: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.readme = (TREE / "README.md").read_text(encoding="utf-8")
        cls.printed = commands(cls.readme)
        holder = tempfile.TemporaryDirectory(prefix="sg-readme-")
        cls.addClassCleanup(holder.cleanup)
        folder = Path(holder.name)
        cls.settle(folder)
        (folder / "dns").mkdir()
        world = Servers(folder / "dns")
        cls.addClassCleanup(world.stop)
        cls.start_site(folder)

    @classmethod
    def settle(cls, folder: Path) -> None:
        """The machine as README has it: names, a resolver, two ports, and a clone to stand in."""
        for name, text in (("hosts", "127.0.0.1 localhost controller\n"), ("resolv.conf", f"nameserver {RESOLVER}\n")):
            (folder / name).write_text(text)
            subprocess.run(["mount", "--bind", str(folder / name), str(Path("/etc", name).resolve())], check=True)
        subprocess.run(["ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2"], check=True)
        cls.clone = folder / "clone"
        cls.clone.mkdir()
        for name, target in (("build", BUILD), ("boards", TREE / "boards")):
            (cls.clone / name).symlink_to(target)
        (cls.clone / "policy.toml").write_text(
            '[systems]\nirc = "block"\ntestim = "block"\n[guard]\ntreat_as_public = ["203.0.113.0/24"]\n')
        frames.write(cls.clone / "in.pcap", [(0, n, frames.udp("192.0.2.1", SERVER, 1000 + n, 6667)) for n in range(9)])

    @classmethod
    def start_site(cls, folder: Path) -> None:
        site = cls.site = Site(BUILD / "bin", folder / "site", "127.0.0.1")
        cls.addClassCleanup(site.stop)
        (site.folder / "catalog" / "testim.toml").write_text(_TESTIM)
        (site.folder / "catalog" / "irc.toml").write_text(_IRC.replace('"testim"', '"irc"').replace("Test IM", "IRC"))
        (site.folder / "policy.toml").write_text(
            '[systems]\nirc = "block"\ntestim = "block"\n')  # the documentation's addresses are not public
        config = site.folder / "sweepgated.toml"
        config.write_text(config.read_text().replace(one_site.DNS, RESOLVER).replace("[50]", "[200, 400]"))
        (site.folder / "keys" / "authorized_keys").touch(mode=0o600)
        (cls.clone / "controller.curve.pub").symlink_to(site.folder / "keys" / "controller.curve.pub")
        cls.controller = site.start_controller()
        site.start_agent()

    def run_it(self, command: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        path = f"{BUILD / 'bin'}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8",
                       "SWEEPGATE_CONNECT": self.site.socket("requests"), **(more or {})}
        if " testim" in command:
            environment["SWEEPGATE_CATALOG"] = str(self.site.folder / "catalog")
        return subprocess.run(["bash", "-c", command], cwd=self.clone, env=environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)

    def before(self, command: str) -> None:
        """What must be so that the next command finds what README speaks of."""
        if command == "sweepgate why 203.0.113.7":
            until("the name is known and its address listed everywhere", lambda: (
                "is listed by" in self.site.cli("why", SERVER).stdout
                and "drop irc" in self.site.cli("why", SERVER).stdout))
        if command.startswith("sweepgate --connect tcp"):
            line = re.search(r"admin alice [^\s']+", self.told_keys)
            self.assertIsNotNone(line, self.told_keys)
            with open(self.site.folder / "keys" / "authorized_keys", "a", encoding="utf-8") as keys:
                keys.write(line[0] + "\n")
            self.controller.send_signal(signal.SIGHUP)
            time.sleep(0.2)

    def test_every_command_is_run_here_or_named_with_its_reason(self) -> None:
        self.assertEqual([each for each in self.printed if each not in RUNS and each not in ELSEWHERE], [])
        self.assertEqual([each for each in (*RUNS, *ELSEWHERE) if each not in self.printed], [])

    def test_every_promised_failure_names_its_test(self) -> None:
        table = self.readme.split("\n## When something fails\n")[1].split("\n## ")[0]
        rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
        sources = {path: path.read_text(encoding="utf-8") for path in TREE.glob("tests/**/*")
                   if path.suffix in (".py", ".cpp", ".txt") and path != Path(__file__).resolve()}
        self.assertGreater(len(rows), 30)
        for row in rows:
            names = re.findall(r"`([^`]+)`", row[-1])
            with self.subTest(row=row[0]):
                self.assertEqual(len(row), 3)
                self.assertTrue(names)
            for name in names:
                group, _, one = name.partition(".")
                wanted = (rf"NAME {re.escape(name)}\s" if group == "lab" else rf"TEST\({group}, {one}\)" if one
                          else rf"(class|def) {name}\b")
                with self.subTest(name=name):
                    self.assertTrue(any(re.search(wanted, text) for text in sources.values()), name)

    def test_every_command_does_what_is_printed(self) -> None:
        for command, wanted in RUNS.items():
            with self.subTest(command=command):
                self.before(command)
                done = self.run_it(wanted.instead or command)
                if command.startswith("sweepgate keys client"):
                    self.told_keys = done.stdout
                told = done.stdout + done.stderr
                self.assertIn(done.returncode, wanted.codes, told)
                for words in wanted.words:
                    self.assertRegex(told, words)
                if f"$ {command}\n" in self.readme:
                    shown = [in_kind(line) for line in printed_below(self.readme, command)]
                    found = [in_kind(line.strip()) for line in told.splitlines() if line.strip()]
                    self.assertEqual(sorted(shown), sorted(found))
        self.tables_fit()

    def tables_fit(self) -> None:
        for command in TABLES:
            for columns in (60, 80, 132):
                with self.subTest(command=command, columns=columns):
                    done = self.run_it(f"sweepgate {command}", {"COLUMNS": str(columns), "LC_ALL": "C"})
                    self.assertTrue(done.stdout.isascii(), done.stdout)
                    self.assertTrue(done.stdout.strip(), done.stderr)
                    self.assertEqual([line for line in done.stdout.splitlines()
                                      if len(line) > columns and _IN_COLUMNS.search(line.strip())], [])


def main() -> None:
    global BUILD, TREE  # set once, before any test runs
    enter()
    BUILD, TREE = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[3:]])


if __name__ == "__main__":
    main()
