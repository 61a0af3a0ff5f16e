#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A lab that fails leaves nothing behind: no process, mount, namespace, huge page or file.

usage: leftovers_test.py PROGRAMS     (root)

Each lab carries a mark in its environment, which everything that it starts inherits, and by which what is left of it is
told from what others run. /run and TMPDIR are this test's own.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

_LABS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_LABS / "packages"), str(_LABS)]  # both have a shell.py; root.py wants its own

import confined  # noqa: E402
import root  # noqa: E402

PROGRAMS = Path()
_MARK = "SWEEPGATE_LEFTOVERS"
_GONE_SECONDS = 5.0
_READY_SECONDS = 60.0
# Everything that a lab does and that outlives the process that did it. Then it ends as it is told.
_MESS = """
import os, subprocess, sys, time
folder = os.environ["TMPDIR"]
os.makedirs("/run/dpdk/mess"); open("/run/dpdk/mess/config", "w").close()
open(folder + "/file", "w").close(); os.mkdir(folder + "/mounted")
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder + "/mounted"], check=True)
subprocess.run(["ip", "netns", "add", "mess"], check=True)
for words in (["setpriv", "--reuid=65534", "--clear-groups"], ["ip", "netns", "exec", "mess"], ["unshare", "--pid", "--fork"]):
    subprocess.Popen(["setsid", "--fork", *words, "sleep", "600"])
time.sleep(0.3)
print("ready", flush=True)
exec(sys.argv[1])
"""


def _until(what: str, holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def _marked(mark: str) -> dict[int, str]:
    """Processes that carry the mark, by id, with their command lines; not those that ended already."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{_MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def _surroundings() -> dict[str, object]:
    """What no process can hide."""
    meminfo = Path("/proc/meminfo").read_text(encoding="utf-8")
    return {"mounts": sorted(line.split(" ", 4)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
            "run": sorted(map(str, Path("/run").rglob("*"))),
            "temporary": sorted(map(str, Path(tempfile.gettempdir()).rglob("*"))),
            "huge pages": re.findall(r"HugePages_(?:Total|Free): +(\d+)", meminfo)}


class Lab:
    def __init__(self, *command: str) -> None:
        self.mark = secrets.token_hex(8)
        self.process = subprocess.Popen([sys.executable, "-B", str(_LABS / "confined.py"), *command],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, _MARK: self.mark})

    def runs(self, program: str) -> list[int]:
        return [pid for pid, command in _marked(self.mark).items() if program in command]

    def end(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=_READY_SECONDS)
        return self.process.returncode, said

    def assert_gone(self) -> None:
        _until(f"nothing of it runs; left: {_marked(self.mark)}", lambda: not _marked(self.mark), _GONE_SECONDS)


class Leftovers(unittest.TestCase):
    def setUp(self) -> None:
        self.before = _surroundings()

    def assert_nothing_left(self, *labs: Lab) -> None:
        for lab in labs:
            lab.assert_gone()
        self.assertEqual(_surroundings(), self.before)

    def mess(self, ending: str) -> Lab:
        return Lab(sys.executable, "-c", _MESS, ending)

    def test_whatever_ends_a_lab_from_inside(self) -> None:
        endings = {"pass": 0, "sys.exit(3)": 3, "raise RuntimeError('on purpose')": 1, "os._exit(4)": 4,
                   "os.abort()": 128 + signal.SIGABRT, "os.kill(0, 9); time.sleep(60)": 128 + signal.SIGKILL}
        labs = {ending: self.mess(ending) for ending in endings}
        for ending, lab in labs.items():
            code, said = lab.end()
            self.assertIn("ready", said)
            self.assertEqual(code, endings[ending], f"{ending}: {said}")
        self.assert_nothing_left(*labs.values())

    def test_whatever_ends_a_lab_from_outside(self) -> None:
        labs = []
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
            lab = self.mess("time.sleep(600)")
            _until("the lab is up", lambda: len(lab.runs("sleep 600")) >= 3, _READY_SECONDS)
            lab.process.send_signal(sign)
            code, _ = lab.end()
            self.assertEqual(code, -sign if sign == signal.SIGKILL else 128 + sign)
            labs.append(lab)
        self.assert_nothing_left(*labs)

    def test_a_command_that_is_not_there(self) -> None:
        lab = Lab("/nonexistent/lab")
        code, said = lab.end()
        self.assertEqual(code, 127, said)
        self.assert_nothing_left(lab)

    def test_a_service_that_changed_its_user(self) -> None:
        mark = secrets.token_hex(8)
        started = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child=SIGKILL", "setpriv", "--reuid=65534",
                                    "--clear-groups", "sh", "-c", "sleep 600 & sleep 600"], env={**os.environ, _MARK: mark})
        _until("it runs", lambda: sum("sleep 600" in command for command in _marked(mark).values()) >= 3, 20)
        root.end(started)
        _until(f"it ends; left: {_marked(mark)}", lambda: not _marked(mark), _GONE_SECONDS)

    def broken_programs(self, broken: str) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"broken-{broken}-"))
        for program in PROGRAMS.iterdir():
            (folder / program.name).symlink_to(program.resolve())
        (folder / broken).unlink()
        (folder / broken).write_text("#!/bin/sh\necho broken on purpose >&2\nexit 1\n", encoding="utf-8")
        (folder / broken).chmod(0o755)
        self.addCleanup(subprocess.run, ["rm", "-r", str(folder)], check=True)
        self.before = _surroundings()
        return folder

    def test_a_lab_of_the_product_that_fails_at_each_of_its_programs(self) -> None:
        programs = [self.broken_programs(name) for name in ("sweepgated", "sweepgate-agent", "sweepgate-dataplane")]
        labs = [Lab(sys.executable, "-B", str(_LABS / "who" / "who_test.py"), str(folder), "Who.test_no_client_at_all")
                for folder in programs]
        whole = Lab(sys.executable, "-B", str(_LABS / "who" / "who_test.py"), str(PROGRAMS), "Who.test_no_client_at_all")
        _until("the gate polls", lambda: bool(whole.runs("sweepgate-dataplane --name")), _READY_SECONDS)
        whole.process.kill()
        whole.end()
        for lab in labs:
            code, said = lab.end()
            self.assertEqual(code, 1, said)
        self.assert_nothing_left(whole, *labs)


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    if os.environ.get("SWEEPGATE_LEFTOVERS_TEST") != "inside":
        os.environ["SWEEPGATE_LEFTOVERS_TEST"] = "inside"
        # Another confined.py around it gives it a /run, a TMPDIR and processes of its own.
        os.execv(sys.executable, [sys.executable, "-B", confined.__file__, sys.executable, "-B", *sys.argv])
    PROGRAMS = Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
