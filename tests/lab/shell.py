# SPDX-License-Identifier: Apache-2.0
"""Running commands, once and with their words in the error."""

from __future__ import annotations

import contextlib
import subprocess
import threading

from process import undisturbed


class CommandFailed(RuntimeError):
    """A command ended badly; the text carries the command and what it said."""


def _ended(command: tuple[str, ...], text: str | None, timeout: float) -> subprocess.CompletedProcess:
    """As subprocess.run(), which leaves the command running when Ctrl-C comes while it is started."""
    on_main = threading.current_thread() is threading.main_thread()
    with undisturbed() if on_main else contextlib.nullcontext():
        process = subprocess.Popen(command, stdin=None if text is None else subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
    try:
        said, told = process.communicate(text, timeout)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return subprocess.CompletedProcess(command, process.returncode, said, told)


def run(*command: str, text: str | None = None, timeout: float = 60) -> str:
    """What the command printed. Raises CommandFailed unless it exits with 0."""
    done = _ended(command, text, timeout)
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip()
        raise CommandFailed(f"{' '.join(command)}: exit {done.returncode}: {said}")
    return done.stdout


def succeeds(*command: str, timeout: float = 60) -> bool:
    return _ended(command, None, timeout).returncode == 0
