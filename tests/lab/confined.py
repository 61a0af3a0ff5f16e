#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a lab so that nothing of it stays, however it ends: usage: confined.py COMMAND...     (root)

The command runs in a process namespace whose first process, a shell, ends with it: with that the kernel ends all that
it started, also what left its session or changed its user. What it writes below /run, TMPDIR and /run/netns lies in memory of a mount namespace that
goes with the last of them. Killed itself, by whatever signal, this program takes the command along. Exits as the
command does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
# /run is as it was, but changes to it are ours. /mnt is covered for a moment only.
_PREPARE = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/changes /mnt/work
mount -t overlay overlay -o lowerdir=/run,upperdir=/mnt/changes,workdir=/mnt/work /run
umount --lazy /mnt
mkdir -p /run/sg
mount -t tmpfs -o mode=1777 tmpfs /run/sg
export TMPDIR=/run/sg
"$@"
exit
"""


def command(words: list[str]) -> list[str]:
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--",
            "sh", "-c", _PREPARE, "confined", *words]


def main() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    supervisor = os.getpid()

    def end_with_us() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os.kill(os.getpid(), signal.SIGKILL)

    # A session of its own: what a lab does to its process group does not reach us, nor does Ctrl-C reach it.
    child = subprocess.Popen(command(sys.argv[1:]), preexec_fn=end_with_us, start_new_session=True)
    received: list[int] = []

    def end(number: int, _: object) -> None:
        received.append(number)
        child.kill()  # and unshare's child with it, and all others with that one

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    code = child.wait()
    if received:
        return 128 + received[0]
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
