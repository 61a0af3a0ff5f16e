# SPDX-License-Identifier: Apache-2.0
"""One site in a folder: keys, files and the real programs, on a loopback of its own.

The resolver named here never answers, but in a SiteCase, where it denies every name; nothing below
depends on an answer.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

DNS = "127.0.0.53"
SYSTEM = """id = "testim"
name = "Test IM"
operator = "nobody"
era = "current"
category = "im"
default_action = "block"

[dns]
hostnames = ["im.example.com"]
suffixes = []

[static]
prefixes = ["93.184.216.0/24"]
"""


def until(what: str, holds, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def fill_up(path: Path) -> None:
    """Until the disk of `path` is full."""
    with open(path, "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            pass  # full now


class Site:
    def __init__(self, programs: Path, folder: Path, tcp: str = "") -> None:
        self.programs = programs
        self.folder = folder
        self.running: list[subprocess.Popen] = []
        self.before: list[str] = []  # words that each program is started with
        (folder / "catalog").mkdir(parents=True)
        (folder / "catalog" / "testim.toml").write_text(SYSTEM)
        (folder / "policy.toml").write_text('[categories]\nim = "block"\n')
        self.run("sweepgate", "keys", "new", str(folder / "keys"))
        self.write_controller(tcp)
        self.write_agent()

    def write_controller(self, tcp: str = "", extra: str = "") -> None:
        endpoints = {"updates": [self.socket("updates")], "requests": [self.socket("requests")]}
        keys = ""
        if tcp:
            endpoints["updates"].append(f"tcp://{tcp}:7401")
            endpoints["requests"].append(f"tcp://{tcp}:7402")
            keys = (f'curve_key = "{self.folder}/keys/controller.curve"\n'
                    f'authorized_keys = "{self.folder}/keys/authorized_keys"\n')
        (self.folder / "sweepgated.toml").write_text(
            f'state = "{self.folder}/state"\npolicy = "{self.folder}/policy.toml"\n'
            f'catalog = ["{self.folder}/catalog"]\nsigning_key = "{self.folder}/keys/signing.key"\n'
            f'[publish]\nupdates = {json.dumps(endpoints["updates"])}\n'
            f'requests = {json.dumps(endpoints["requests"])}\n{keys}'
            f'[resolver]\nservers = ["{DNS}"]\nshortest_ms = 500\ntimeouts_ms = [50]\n{extra}')

    def write_agent(self, extra: str = "") -> None:
        (self.folder / "agent.toml").write_text(
            f'state = "{self.folder}/agent"\nverify_key = "{self.folder}/keys/signing.key.pub"\n'
            f'name = "box"\n{extra}'
            f'[upstream]\nupdates = "{self.socket("updates")}"\n'
            f'requests = "{self.socket("requests")}"\n'
            f'[republish]\nupdates = ["{self.socket("gate-updates")}"]\n'
            f'requests = ["{self.socket("gate-requests")}"]\n')

    def socket(self, name: str) -> str:
        return f"ipc://{self.folder}/{name}"

    def run(self, name: str, *words: str, seconds: float = 30.0) -> subprocess.CompletedProcess:
        return subprocess.run([str(self.programs / name), *words], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=seconds, check=False)

    def cli(self, *words: str) -> subprocess.CompletedProcess:
        return self.run("sweepgate", "--connect", self.socket("requests"), "--timeout", "5000", *words)

    def status(self) -> dict:
        answer = self.cli("status", "--json")
        return json.loads(answer.stdout) if answer.returncode == 0 else {}

    def start(self, name: str, *words: str) -> subprocess.Popen:
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen([*self.before, str(self.programs / name), *words], stdout=log, stderr=log)
        log.close()
        self.running.append(process)
        return process

    def start_controller(self) -> subprocess.Popen:
        controller = self.start("sweepgated", "--config", str(self.folder / "sweepgated.toml"))
        until("sweepgated publishes", lambda: self.status().get("generation", 0) >= 1)
        return controller

    def start_agent(self) -> subprocess.Popen:
        agent = self.start("sweepgate-agent", "--config", str(self.folder / "agent.toml"))
        until("the agent enforces", lambda: any(
            gate["kind"] == "nftables" and gate["current"] for gate in self.status().get("gates", [])))
        return agent

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # Rules outlive the programs; the next site must not find those of this one.
        subprocess.run(["nft", "flush", "ruleset"], check=True)


def rules() -> str:
    """What the kernel of this namespace enforces, counters aside."""
    listing = subprocess.run(["nft", "--stateless", "list", "ruleset"], capture_output=True, text=True,
                             check=True)
    return listing.stdout


def deny_everything(server: socket.socket) -> None:
    """A resolver for which no name exists: it answers, so that its silence is no alarm here."""
    while True:
        question, asker = server.recvfrom(4096)
        end = question.index(0, 12) + 5  # behind the name, type and class
        server.sendto(question[:2] + b"\x81\x83" + b"\0\1" + bytes(6) + question[12:end], asker)


def programs() -> Path:
    return Path(sys.argv[1])


class SiteCase(unittest.TestCase):
    """A site with its controller, in a network and mount namespace that run_cases() made."""
    tcp = ""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-case-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.site = Site(programs(), self.folder / "site", self.tcp)
        self.addCleanup(self.site.stop)
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((DNS, 53))
        threading.Thread(target=deny_everything, args=(server,), daemon=True).start()
        self.prepare()
        self.controller = self.site.start_controller()

    def prepare(self) -> None:
        """Before the controller starts."""

    def stop_controller(self) -> None:
        self.controller.terminate()
        self.controller.wait(10)

    def authorize(self, role: str, name: str) -> None:
        """A client's key of its own; whoever has one asks through as_key()."""
        self.site.run("sweepgate", "keys", "client", str(self.folder / name), "--role", role, "--name", name)
        with open(self.site.folder / "keys/authorized_keys", "a", encoding="utf-8") as authorized:
            authorized.write(f"{role} {name} {(self.folder / f'{name}.pub').read_text().split()[-1]}\n")

    def key_words(self, name: str) -> list[str]:
        return ["--connect", f"tcp://{self.tcp}:7402", "--key", str(self.folder / name),
                "--server-key", str(self.site.folder / "keys/controller.curve.pub")]

    def as_key(self, name: str, *words: str, timeout_ms: int = 1500) -> subprocess.CompletedProcess:
        return self.site.run("sweepgate", *self.key_words(name), "--timeout", str(timeout_ms), *words)


def run_cases(script: str, base: type[SiteCase], at_once: bool = True) -> int:
    """Each subclass of `base`, or the one named by the second argument; side by side unless they
    measure, as most of their time is spent waiting."""
    cases = [case for case in base.__subclasses__() if len(sys.argv) < 3 or case.__name__ == sys.argv[2]]
    if os.environ.get("SWEEPGATE_CASE") == "inside":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
        return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1
    failed = 0
    for together in [cases] if at_once else [[case] for case in cases]:
        running = {case.__name__: subprocess.Popen(
            ["unshare", "--net", "--mount", "--", sys.executable, "-B", script, sys.argv[1], case.__name__],
            env={**os.environ, "SWEEPGATE_CASE": "inside"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True) for case in together}
        for name, process in running.items():
            said = process.communicate()[0]
            print(f"--- {name}\n{said}", flush=True)
            failed |= process.returncode
    return failed
