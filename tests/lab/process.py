# SPDX-License-Identifier: Apache-2.0
"""Long-running programs, each with its output in a file; inside a namespace, or on this machine itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path


class ProgramFailed(RuntimeError):
    """A program of the lab ended or never became ready; the text carries the end of its output."""


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Puts off Ctrl-C and its kin: a program that starts this moment must be on somebody's list first.

    Only in the main thread. A signal mask would do the same and be inherited by the program.
    """
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda which, frame: came.append(which))
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in came:
        signal.raise_signal(number)


class Program:
    def __init__(self, name: str, namespace: str | None, command: list[str], folder: Path,
                 environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.output = folder / f"{name}.log"
        enter = ["ip", "netns", "exec", namespace] if namespace else []
        self._earlier_bytes = self.output.stat().st_size if self.output.exists() else 0
        with open(self.output, "ab") as output:
            # A session of its own: Ctrl-C reaches the lab alone, which then ends its programs in order.
            self._process = subprocess.Popen(
                [*enter, *command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, cwd=folder,
                env={**os.environ, **(environment or {})})

    @property
    def pid(self) -> int:
        # `ip netns exec` replaces itself by the command.
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, what: str, ready: Callable[[], bool], seconds: float) -> None:
        """Returns once ready() says so. Raises ProgramFailed when the program ends or time runs out."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise ProgramFailed(f"{self.name} ended with {self._process.returncode} before {what}:"
                                    f"\n{self.tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self.name}: no {what} within {seconds:g} s:\n{self.tail()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL, as a crash would: no chance to say goodbye."""
        self._process.kill()
        self._process.wait()

    def stop(self, patience: float = 5.0) -> None:
        if self.alive():
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def said(self, words: str) -> bool:
        """This start of the program wrote these words, whatever an earlier one did."""
        with open(self.output, "rb") as output:
            output.seek(self._earlier_bytes)
            return words.encode() in output.read()

    def tail(self, lines: int = 15) -> str:
        text = self.output.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])
