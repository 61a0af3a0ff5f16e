# SPDX-License-Identifier: Apache-2.0
"""The commands that README.md prints, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PROGRAMS = {"sweepgate", "sweepgate-dataplane", "cc", "cmake", "ctest", "ninja", "python3", "dpdk-telemetry.py"}


def is_command(words: str) -> bool:
    """A path of the clone, or one of the programs with something to do."""
    first, *rest = words.split()
    return first.startswith(("./", "build/bin/")) or (first in _PROGRAMS and bool(rest))


def _blocks(text: str) -> Iterator[str]:
    """Indented lines, each with those that it continues on."""
    pending = ""
    for line in text.splitlines():
        if not line.startswith("    "):
            pending = ""
            continue
        pending += line.strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        yield pending
        pending = ""


def _of_line(line: str) -> Iterator[str]:
    command, remark = (re.split(r"\s+#\s", line.removeprefix("$ "), maxsplit=1) + [""])[:2]
    if command.strip() and is_command(command):
        yield " ".join(command.split())
    yield from _quoted(remark)


def _quoted(text: str) -> Iterator[str]:
    for words in re.findall(r"`([^`\n]+)`", text):
        if words.strip() and is_command(words):
            yield " ".join(words.split())


def commands(readme: str) -> list[str]:
    """Each once."""
    prose = "\n".join(line for line in readme.splitlines() if not line.startswith("    "))
    found = [command for line in _blocks(readme) for command in _of_line(line)]
    found += _quoted(prose.replace("\n", " "))
    return list(dict.fromkeys(found))
