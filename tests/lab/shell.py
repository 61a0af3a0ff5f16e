# SPDX-License-Identifier: Apache-2.0
"""Running commands, once and with their words in the error."""

from __future__ import annotations

import subprocess


class CommandFailed(RuntimeError):
    """A command ended badly; the text carries the command and what it said."""


def run(*command: str, text: str | None = None, timeout: float = 60) -> str:
    """What the command printed. Raises CommandFailed unless it exits with 0."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip()
        raise CommandFailed(f"{' '.join(command)}: exit {done.returncode}: {said}")
    return done.stdout


def succeeds(*command: str, timeout: float = 60) -> bool:
    return subprocess.run(command, capture_output=True, timeout=timeout).returncode == 0
