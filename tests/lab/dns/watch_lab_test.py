#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`sweepgate sweep --watch`: a change in a zone is told within its TTL, on a pipe and on a terminal.

usage: watch_lab_test.py PROGRAMS     (root; enters namespaces of its own)
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from collections.abc import Iterator
from pathlib import Path

from dns_world import NSD, SCRIPTED, SILENT, UNBOUND, World  # finds what follows
from dns_servers import enter, until  # isort: skip

PROGRAMS = Path()
ROWS, COLUMNS = 12, 80


class Watched:
    """A running watch and what it has said so far."""

    def __init__(self, process: subprocess.Popen, output: int) -> None:
        self.process, self.said, self._output = process, "", output

    def heard(self, words: str) -> bool:
        while select.select([self._output], [], [], 0)[0]:
            try:
                came = os.read(self._output, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not came:
                break
            self.said += came.decode()
        return words in self.said


class Watches(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-dns-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.world = World(self.folder)
        self.addCleanup(self.world.stop)

    def command(self, *words: str, timeouts: str = "200,400") -> list[str]:
        return [str(PROGRAMS / "sweepgate"), "sweep", "--watch", "-t", "A", "--timeouts", timeouts, *words]

    @contextlib.contextmanager
    def on_a_pipe(self, *words: str, timeouts: str = "200,400") -> Iterator[Watched]:
        process = subprocess.Popen(self.command(*words, timeouts=timeouts), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        try:
            yield Watched(process, process.stdout.fileno())
        finally:
            process.kill()
            process.communicate()

    @contextlib.contextmanager
    def on_a_terminal(self, *words: str) -> Iterator[tuple[Watched, int]]:
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        process = subprocess.Popen(self.command(*words), stdin=terminal, stdout=terminal, stderr=terminal,
                                   preexec_fn=own_terminal)
        os.close(terminal)
        try:
            yield Watched(process, controller), controller
        finally:
            process.kill()
            process.wait()
            os.close(controller)

    def move(self) -> float:
        self.world.write_nsd("im 1 A 198.18.0.11", without="im")
        return time.monotonic()

    def test_a_move_is_told_and_what_went(self) -> None:
        for server in (NSD, UNBOUND):
            with self.subTest(server=server), self.on_a_pipe("-s", server, "im.nsd.test") as watch:
                until("the first answer", lambda: watch.heard("Z = im.nsd.test A NOERROR 1 198.18.0.10\n"))
                moved = self.move()
                until("the new address", lambda: watch.heard("Z + im.nsd.test A 198.18.0.11\n"))
                print(f"told {time.monotonic() - moved:.2f} s after the move (TTL 1 s)")
                until("the old one is gone", lambda: watch.heard("Z - im.nsd.test A 198.18.0.10\n"))
                watch.process.send_signal(signal.SIGINT)
                _, told = watch.process.communicate(timeout=10)
                self.assertEqual(watch.process.returncode, 0)
                self.assertRegex(told.decode(), r"names: 1, questions: 1, asked \d+ times in \d+ s, changes: 2; "
                                                r"at last: 1 NOERROR")
            self.world.write_nsd()

    def test_a_name_that_ends_and_comes_back(self) -> None:
        with self.on_a_pipe("--json", "-s", NSD, "--every", "1", "im.nsd.test") as watch:
            until("the first answer", lambda: watch.heard('"change":"first"'))
            self.world.write_nsd(without="im")
            until("its end", lambda: watch.heard('"status":"NXDOMAIN","before":"NOERROR"'))
            self.world.write_nsd()
            until("its return", lambda: watch.heard('"status":"NOERROR","before":"NXDOMAIN"'))
            for line in watch.said.splitlines():
                self.assertEqual(list(json.loads(line)),
                                 ["kind", "time", "change", "name", "type", "status", "before", "ttl", "values"])

    def test_rotation_fills_up_and_nothing_is_gone(self) -> None:
        with self.on_a_pipe("-s", SCRIPTED, "pool.fault.test") as watch:
            until("the whole pool", lambda: all(watch.heard(f"198.18.3.{n}\n") or watch.heard(f"198.18.3.{n} ")
                                                for n in range(1, 11)))
            self.assertNotIn(" - ", watch.said)

    def put_live(self, address: str) -> float:
        """live.fault.test has this address from now on."""
        zone = self.folder / "fault.zone"
        kept = [line for line in zone.read_text().splitlines() if not line.startswith("live.")]
        fresh = zone.with_suffix(".new")
        fresh.write_text("\n".join([*kept, f"live.fault.test 1 A {address}"]) + "\n")
        fresh.replace(zone)
        return time.monotonic()

    def test_a_silent_name_keeps_nobody_waiting(self) -> None:
        self.put_live("198.18.5.1")
        names = ("live.fault.test", "silent.fault.test")
        with self.on_a_pipe("-s", SCRIPTED, *names, timeouts="500,1000,4000") as watch:  # 5.5 s a question
            until("the first answer", lambda: watch.heard("= live.fault.test A NOERROR 1 198.18.5.1\n"))
            self.put_live("198.18.5.2")
            until("a move", lambda: watch.heard("+ live.fault.test A 198.18.5.2\n"))
            self.assertNotIn("silent.fault.test", watch.said)  # which nobody had known for silent
            until("silence", lambda: watch.heard("= silent.fault.test A TIMEOUT"))
            times = []
            for turn in range(3, 15):
                moved = self.put_live(f"198.18.5.{turn}")
                until("a move", lambda: watch.heard(f"+ live.fault.test A 198.18.5.{turn}\n"))
                times.append(time.monotonic() - moved)
                time.sleep(0.4)  # so that the moves take longer than from one question to the next
            print(f"12 moves beside a silent name (TTL 1 s): told after {max(times):.2f} s at most")
            self.assertLess(max(times), 3)

    def test_the_view_on_a_terminal(self) -> None:
        with self.on_a_terminal("-s", NSD, "im.nsd.test", "www.nsd.test", "gone.nsd.test") as (watch, keys):
            until("the view", lambda: watch.heard("gone.nsd.test  A     NXDOMAIN"))
            self.move()
            until("the new address stands in front", lambda: watch.heard("+198.18.0.11 198.18.0.10?"))
            until("it is drawn over itself", lambda: watch.heard("\x1b[J"))
            for screen in watch.said.split("\x1b[J"):
                lines = screen.split("\r\n")
                self.assertLess(len(lines), ROWS + 1)
                self.assertLessEqual(max(map(len, lines)), COLUMNS + 8)  # and the way up to the first line
            os.write(keys, b"\x03")
            until("the end", lambda: watch.process.poll() is not None or watch.heard("at last"))
            self.assertEqual(watch.process.wait(10), 0)
            self.assertTrue(watch.heard("at last: 2 NOERROR, 1 NXDOMAIN"))

    def test_exit_codes_tell_the_last_answers(self) -> None:
        for names, server, code in ((("im.nsd.test", "www.knot.test"), NSD, 1), (("im.nsd.test",), SILENT, 3)):
            with self.subTest(server=server), self.on_a_pipe("-s", server, *names) as watch:
                until("an answer for each", lambda: watch.heard("\n") and watch.said.count("\n") == len(names))
                watch.process.send_signal(signal.SIGINT)
                watch.process.communicate(timeout=10)
                self.assertEqual(watch.process.returncode, code)


def main() -> None:
    global PROGRAMS  # set once, before any test runs
    enter()
    PROGRAMS = Path(sys.argv[1])
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[2:]])


if __name__ == "__main__":
    main()
