# SPDX-License-Identifier: Apache-2.0
"""Running commands: their output is kept for the error text."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


class Failed(Exception):
    """What did not hold, for people."""


def run(command: Sequence[str], **options: object) -> str:
    """The command's standard output. Failed, with everything it printed, when it exits non-zero."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
