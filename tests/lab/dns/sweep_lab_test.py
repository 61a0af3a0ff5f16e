#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`sweepgate sweep` against real servers: every outcome in every format, with its exit code.

usage: sweep_lab_test.py PROGRAMS     (root; enters namespaces of its own)
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from dns_world import (DNSMASQ, FILTERED, KNOT, LOSSY, NSD, SCRIPTED, SILENT, SINKHOLED,  # finds what follows
                       STRICT, UNBOUND, World)
from dns_servers import enter, until  # isort: skip

PROGRAMS = Path()
ANSWERED, FAILED, USAGE, NO_SERVER, GUARD = range(5)
_SYSTEM = """id = "testim"
name = "Test IM"
operator = "nobody"
era = "current"
category = "im"
default_action = "block"

[dns]
hostnames = ["im.nsd.test"]
srv = ["_xmpp._tcp.nsd.test", "_xmpp-server._tcp.nsd.test"]
suffixes = []
"""
_PROTECTED = '[[protected]]\nhostname = "bank.nsd.test"\nkind = "bank"\n'
_POLICY = '[guard]\ntreat_as_public = ["198.18.0.0/15", "2001:db8::/32"]\n'


class Sweeps(unittest.TestCase):
    world: World
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-dns-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        cls.world = World(cls.folder)
        cls.addClassCleanup(cls.world.stop)

    def sweep(self, code: int | None, *words: str, text: str | None = None) -> subprocess.CompletedProcess:
        """Ends with this exit code, if it is given."""
        done = subprocess.run([PROGRAMS / "sweepgate", "sweep", "--timeouts", "300,600", *words], input=text,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(code, (done.returncode, None), done.stdout + done.stderr)
        return done

    def short(self, code: int | None, *words: str) -> list[list[str]]:
        return [line.split() for line in self.sweep(code, "--short", *words).stdout.splitlines()]

    def objects(self, code: int, *words: str) -> list[dict]:
        return [json.loads(line) for line in self.sweep(code, "--json", *words).stdout.splitlines()]


class Outcomes(Sweeps):
    """One name each; what every format says of it, and the exit code."""

    CASES = (
        # name, server, status, exit code, what the text says
        ("www.nsd.test", UNBOUND, "NOERROR", ANSWERED, "Address: 198.18.0.1\n"),
        ("text.nsd.test", UNBOUND, "NODATA", ANSWERED, "*** Can't find text.nsd.test: No answer\n"),
        ("gone.nsd.test", UNBOUND, "NXDOMAIN", ANSWERED, "** server can't find gone.nsd.test: NXDOMAIN\n"),
        (FILTERED, DNSMASQ, "FILTERED", FAILED, f"** server can't find {FILTERED}: FILTERED (A, 1 try): Blocked\n"),
        ("forged.fault.test", SCRIPTED, "FILTERED", FAILED,
         "** server can't find forged.fault.test: FILTERED (A, 1 try): Forged Answer; in its place 198.18.4.4\n"),
        ("www.knot.test", STRICT, "BOGUS", FAILED, "** server can't find www.knot.test: BOGUS (A, "),
        ("www.lame.test", UNBOUND, "SERVFAIL", FAILED, "** server can't find www.lame.test: SERVFAIL (A, "),
        ("www.knot.test", NSD, "REFUSED", FAILED, "** server can't find www.knot.test: REFUSED (A, "),
        ("www.nsd.test", KNOT, "REFUSED", FAILED, "** server can't find www.nsd.test: REFUSED (A, "),
        ("www.nsd.test", SILENT, "TIMEOUT", NO_SERVER,
         "** server can't find www.nsd.test: TIMEOUT (A, 2 tries)\n"),
        ("silent.fault.test", SCRIPTED, "TIMEOUT", NO_SERVER, "silent.fault.test: TIMEOUT (A, 2 tries)\n"),
        ("servfail.fault.test", SCRIPTED, "SERVFAIL", FAILED, "servfail.fault.test: SERVFAIL (A, "),
        ("refused.fault.test", SCRIPTED, "REFUSED", FAILED, "refused.fault.test: REFUSED (A, "),
        ("loop.fault.test", SCRIPTED, "MALFORMED", FAILED, "loop.fault.test: MALFORMED (A, "),
        ("cut.fault.test", SCRIPTED, "MALFORMED", FAILED, "cut.fault.test: MALFORMED (A, "),
    )

    def test_text(self) -> None:
        for name, server, _, code, words in self.CASES:
            with self.subTest(name=name, server=server):
                done = self.sweep(code, "-t", "A", "-s", server, name)
                self.assertIn(words, done.stdout)
                self.assertEqual(done.stderr, "")

    def test_short(self) -> None:
        for name, server, status, code, _ in self.CASES:
            with self.subTest(name=name, server=server):
                line, = self.short(code, "-t", "A", "-s", server, name)
                self.assertEqual(line[:3], [name, "A", status])
                self.assertEqual(sorted(line[4:]), ["198.18.0.1", "198.18.0.2"] if status == "NOERROR" else [])

    def test_json(self) -> None:
        keys = {"kind", "name", "type", "status", "resolver", "ttl", "chain", "addresses", "tries", "rtt_ms", "proto",
                "authenticated", "extended_error", "subnet_scope", "forged"}
        for name, server, status, code, _ in self.CASES:
            with self.subTest(name=name, server=server):
                line, = self.objects(code, "-t", "A", "-s", server, name)
                self.assertLessEqual(keys, set(line))
                self.assertEqual((line["name"], line["type"], line["status"]), (name, "A", status))
                self.assertEqual(bool(line["addresses"]), status == "NOERROR")

    def test_what_a_server_filters_is_asked_of_another(self) -> None:
        line, = self.objects(FAILED, "-t", "A", "-s", DNSMASQ, FILTERED)
        self.assertEqual(line["extended_error"], {"code": 15, "name": "Blocked", "text": ""})
        line, = self.objects(ANSWERED, "-t", "A", "-s", DNSMASQ, "-s", NSD, FILTERED)
        self.assertEqual((line["status"], line["addresses"]), ("NOERROR", ["198.18.0.66"]))

    def test_what_a_server_repeats_because_it_cannot_ask_is_stale(self) -> None:
        asked = ("-t", "A", "-s", STRICT, "stays.fault.test")
        self.assertEqual(self.short(ANSWERED, *asked)[0][2:], ["NOERROR", "1", "198.18.4.5"])
        self.sweep(ANSWERED, "-t", "A", "-s", STRICT, "nobody.fault.test")
        self.world.write_faults("stays.fault.test 1 FAULT silent", "nobody.fault.test 1 FAULT silent")
        self.addCleanup(self.world.write_faults)
        until("the answer is stale", lambda: "Stale Answer" in self.sweep(ANSWERED, "--json", *asked).stdout)
        self.assertIn("Address: 198.18.4.5\n*** stays.fault.test A: a stale answer, the server could not ask\n",
                      self.sweep(ANSWERED, *asked).stdout)
        until("a denial is stale", lambda: self.short(None, "-t", "A", "-s", STRICT, "nobody.fault.test")[0][2]
              == "STALE")

    def test_a_foreign_owner_gives_no_address(self) -> None:
        line, = self.objects(ANSWERED, "-t", "A", "-s", SCRIPTED, "foreign.fault.test")
        self.assertEqual((line["status"], line["addresses"]), ("NODATA", []))

    def test_many_names_keep_their_order_and_every_line(self) -> None:
        names = ["gone.nsd.test", "www.lame.test", "www.nsd.test", "text.nsd.test"]
        done = self.sweep(FAILED, "--short", "-t", "A", "-s", UNBOUND, *names)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], names)
        self.assertIn("4 names, 4 questions: 1 NOERROR, 1 NODATA, 1 NXDOMAIN, 1 SERVFAIL; ", done.stderr)

    def test_strict_counts_denials(self) -> None:
        self.sweep(FAILED, "--strict", "-t", "A", "-s", UNBOUND, "gone.nsd.test", "www.nsd.test")


class Transport(Sweeps):
    def test_a_chain_across_two_authorities(self) -> None:
        line, = self.objects(ANSWERED, "-t", "A", "-s", UNBOUND, "alias.nsd.test")
        self.assertEqual((line["chain"], line["addresses"]), (["www.knot.test"], ["198.18.2.1"]))
        text = self.sweep(ANSWERED, "-s", UNBOUND, "deep.knot.test").stdout
        self.assertIn("deep.knot.test\tcanonical name = deeper.knot.test.\n"
                      "deeper.knot.test\tcanonical name = www.knot.test.\n"
                      "Name:\twww.knot.test\nAddress: 198.18.2.1\n", text)

    def test_every_type(self) -> None:
        lines = self.objects(ANSWERED, "-t", "SRV,HTTPS,CNAME", "-s", UNBOUND, "_xmpp._tcp.nsd.test",
                             "svc.nsd.test", "alias.nsd.test")
        told = {(line["name"].split(".")[0], line["type"]): line for line in lines}
        self.assertEqual(told["_xmpp", "SRV"]["targets"],
                         [{"name": "im.nsd.test", "port": 5222, "priority": 0, "weight": 5}])
        self.assertEqual(told["svc", "HTTPS"]["hints"], ["198.18.0.7", "2001:db8:18::7"])
        self.assertEqual(told["alias", "CNAME"]["chain"], ["www.knot.test"])

    def test_a_big_set_comes_over_tcp(self) -> None:
        for server in (NSD, UNBOUND, LOSSY):
            line, = self.objects(ANSWERED, "-t", "A", "-s", server, "big.nsd.test")
            self.assertEqual((line["proto"], len(set(line["addresses"]))), ("tcp", 100))

    def test_a_dead_first_server(self) -> None:
        names = [f"n{number}.many.nsd.test" for number in range(300)]
        lines = self.short(ANSWERED, "-t", "A", "-s", SILENT, "-s", UNBOUND, *names)
        self.assertEqual([line[0] for line in lines], names)
        self.assertEqual({line[2] for line in lines}, {"NOERROR"})

    def test_a_long_and_lossy_path_loses_no_name(self) -> None:
        names = "\n".join(f"n{number}.many.nsd.test" for number in range(500))
        done = self.sweep(ANSWERED, "--short", "-t", "A", "-s", LOSSY, "--timeouts", "250,500,1000,2000", "-f",
                          "-", text=names)
        self.assertEqual(done.stdout.count(" NOERROR "), 500)

    def test_a_rotating_set_is_sorted_when_told_to(self) -> None:
        words = ("-t", "A", "-s", UNBOUND, "www.nsd.test", "big.nsd.test")
        sorted_runs = {self.sweep(ANSWERED, mode, "--sorted", *words).stdout
                       for mode in ("--short", "--json") for _ in range(4)}
        self.assertEqual(len(sorted_runs), 2)
        rotating = {tuple(self.short(ANSWERED, "-t", "A", "-s", SCRIPTED, "pool.fault.test")[0][4:])
                    for _ in range(3)}
        self.assertEqual(len(rotating), 3)


class Words(Sweeps):
    def test_an_idn_is_converted(self) -> None:
        line, = self.objects(ANSWERED, "-t", "A", "-s", UNBOUND, "Bücher.nsd.test.")
        self.assertEqual((line["name"], line["addresses"]), ("xn--bcher-kva.nsd.test", ["198.18.0.20"]))

    def test_a_wildcard_is_refused(self) -> None:
        done = self.sweep(USAGE, "-s", UNBOUND, "*.nsd.test")
        self.assertIn("name '*.nsd.test' is a wildcard: it cannot be asked for", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_what_makes_no_sense_is_usage(self) -> None:
        for words in ((), ("www.nsd.test", "-t", "MX"),
                      ("www.nsd.test", "--json", "--short"), ("a b.test",), ("192.0.2.1",),
                      ("-f", "/nonexistent")):
            self.assertNotEqual(self.sweep(USAGE, *words).stderr, "")

    def test_a_server_whose_name_nobody_resolves_is_none(self) -> None:
        self.assertIn("server 'dns.example': ", self.sweep(NO_SERVER, "www.nsd.test", "-s", "dns.example").stderr)

    def test_what_cannot_be_read_or_written_is_told(self) -> None:
        done = self.sweep(USAGE, "-s", NSD, "-f", str(self.folder))
        self.assertIn(f"{self.folder}: cannot be read", done.stderr)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAMS / "sweepgate", "sweep", "-s", NSD, "www.nsd.test"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (FAILED, "sweepgate: the output could not be written\n"))

    def test_a_port_that_is_shut(self) -> None:
        done = self.sweep(NO_SERVER, "-s", "127.53.0.9", "--short", "www.nsd.test")
        self.assertIn("www.nsd.test A TIMEOUT 0\n", done.stdout)


class Judged(Sweeps):
    """A system's names with the catalog and a policy at hand."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        catalog = cls.folder / "catalog"
        catalog.mkdir()
        (catalog / "testim.toml").write_text(_SYSTEM)
        (catalog / "protected.toml").write_text(_PROTECTED)
        (cls.folder / "policy.toml").write_text(_POLICY)

    def judged(self, code: int, *words: str) -> subprocess.CompletedProcess:
        return self.sweep(code, "--catalog", str(self.folder / "catalog"), "--policy",
                          str(self.folder / "policy.toml"), *words)

    def test_an_honest_resolver(self) -> None:
        done = self.judged(ANSWERED, "-s", UNBOUND, "testim")
        self.assertIn("Address: 198.18.0.10\n", done.stdout)
        self.assertIn("_xmpp._tcp.nsd.test\tservice = 0 5 5222 im.nsd.test.\n", done.stdout)
        # Where a service is, is asked as well; once where it is a name of the system anyway.
        self.assertIn("Name:\twww.knot.test\nAddress: 198.18.2.1\n", done.stdout)
        self.assertEqual(done.stdout.count("Address: 198.18.0.10\n"), 1)
        self.assertIn("4 names, 6 questions: 5 NOERROR, 1 NODATA; ", done.stderr)
        self.assertIn("guard: would refuse nothing", done.stderr)

    def test_a_filtering_resolver_is_stopped_by_the_guard(self) -> None:
        text = self.judged(GUARD, "-s", DNSMASQ, "testim").stdout
        self.assertRegex(text, rf"The guard would refuse:\nADDRESS.*\n0\.0\.0\.0 +testim +{SINKHOLED} +not a public")
        short = self.judged(GUARD, "-s", DNSMASQ, "--short", "testim").stdout
        self.assertRegex(short, rf"(?m)^{SINKHOLED} GUARD refused 0\.0\.0\.0: not a public address")
        lines = [json.loads(line) for line in
                 self.judged(GUARD, "-s", DNSMASQ, "--json", "testim").stdout.splitlines()]
        refused = {line["address"]: line for line in lines if "guard" in line}
        self.assertLessEqual({"0.0.0.0"}, set(refused))
        self.assertEqual({(line["guard"], line["name"], line["system"]) for line in refused.values()},
                         {("refused", SINKHOLED, "testim")})

    def test_an_address_of_a_bank_is_refused(self) -> None:
        self.world.write_nsd("im 1 A 198.18.0.99", without="im")
        self.addCleanup(self.world.write_nsd)
        done = self.judged(GUARD, "-s", NSD, "testim")
        self.assertRegex(done.stdout, r"198\.18\.0\.99 +testim +im\.nsd\.test +protected: bank\.nsd\.test \(bank\)")

    def test_no_guard_judges_nothing(self) -> None:
        self.sweep(ANSWERED, "--catalog", str(self.folder / "catalog"), "--no-guard", "-s", DNSMASQ, "testim")

    def test_a_mistyped_system_is_told_its_neighbour(self) -> None:
        done = self.judged(USAGE, "-s", UNBOUND, "testin")
        self.assertIn("the catalog has no system 'testin'; did you mean 'testim'?", done.stderr)


class Bar(Sweeps):
    def test_only_on_a_terminal_and_gone_at_the_end(self) -> None:
        names = [f"n{number}.many.nsd.test" for number in range(20)] + ["silent.fault.test"]
        words = [PROGRAMS / "sweepgate", "sweep", "--short", "-t", "A", "-s", SCRIPTED, *names]
        controller, terminal = pty.openpty()
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            done = subprocess.run(words, stdout=out, stderr=terminal, timeout=60, check=False)
        os.close(terminal)
        shown = os.read(controller, 65536).decode()
        os.close(controller)
        self.assertEqual(done.returncode, FAILED, shown)
        self.assertRegex(shown, r"\r\[#+\.*\] +\d+ %  \d+/21  ")
        self.assertRegex(shown, r"\r\x1b\[K21 names, 21 questions: ")
        piped = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        self.assertNotRegex(piped.stderr, re.compile(r"\x1b|\["))


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    enter()
    PROGRAMS = Path(sys.argv[1])
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
