# SPDX-License-Identifier: Apache-2.0
"""A unit's SystemCallFilter= as a seccomp program, systemd.exec(5): a call that it does not name kills, or fails with
the unit's SystemCallErrorNumber=."""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Sequence

from shell import Failed, run
from unit import Unit

# linux/audit.h
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# linux/bpf_common.h, linux/seccomp.h; offsets of struct seccomp_data
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE = 0, 4
# Installs the program in file $1 with the seccomp(2) numbered $2, then becomes what follows. Perl is
# in every Debian root; PR_SET_NO_NEW_PRIVS must be set already.
_LAUNCHER = """
my ($file, $seccomp) = splice @ARGV, 0, 2;
open my $input, "<:raw", $file or die "$file: $!\\n";
my $code = do { local $/; <$input> };
my $program = pack "S x![P] P", length($code) / 8, $code;
syscall($seccomp, 1, 0, $program) == 0 or die "seccomp: $!\\n";
exec @ARGV or die "$ARGV[0]: $!\\n";
"""


class Calls:
    """Names as systemd groups them, numbers as this machine has them."""

    def __init__(self, listing: str) -> None:
        """`listing` is what `systemd-analyze syscall-filter` prints."""
        self._sets: dict[str, list[str]] = {}
        members: list[str] = []
        for line in listing.splitlines():
            if line.startswith("@"):
                members = self._sets.setdefault(line.strip(), [])
            elif line.startswith("    ") and not line.lstrip().startswith("#"):
                members.append(line.strip())
        self._numbers = _numbers()

    def program(self, unit: Unit) -> bytes:
        allowed = self._allowed(unit.lines("SystemCallFilter"))
        error = unit.get("SystemCallErrorNumber")
        otherwise = _ERRNO | getattr(errno, error) if error else _KILL_PROCESS
        numbers = sorted(self._numbers[name] for name in allowed if name in self._numbers)
        if len(numbers) < 50:
            raise Failed(f"a filter of {len(numbers)} calls lets nothing start")
        code = [(_LOAD, 0, 0, _ARCHITECTURE), (_JUMP_IF_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[platform.machine()]),
                (_RETURN, 0, 0, _KILL_PROCESS), (_LOAD, 0, 0, _NUMBER)]
        for number in numbers:
            code += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
        code.append((_RETURN, 0, 0, otherwise))
        return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)

    def launcher(self, file: str) -> list[str]:
        return ["perl", "-e", _LAUNCHER, file, str(self._numbers["seccomp"])]

    def _allowed(self, filters: Sequence[str]) -> set[str]:
        """The lines in order; an allow-list always holds @default."""
        allowed = self._expand("@default")
        for line in filters:
            names = {name for word in line.removeprefix("~").split() for name in self._expand(word)}
            allowed = allowed - names if line.startswith("~") else allowed | names
        return allowed

    def _expand(self, word: str) -> set[str]:
        if not word.startswith("@"):
            return {word}
        if word not in self._sets:
            raise Failed(f"systemd knows no {word}")
        return {name for member in self._sets[word] for name in self._expand(member)}


def _numbers() -> dict[str, int]:
    macros = run(["c++", "-x", "c", "-E", "-dM", "-"], input="#include <asm/unistd.h>\n")
    words = (line.split() for line in macros.splitlines())
    return {word[1].removeprefix("__NR_"): int(word[2]) for word in words
            if len(word) == 3 and word[1].startswith("__NR_") and word[2].isdigit()}
