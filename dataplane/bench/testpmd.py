# SPDX-License-Identifier: Apache-2.0
"""dpdk-testpmd forwarding without a look at the packets: what everything here is a share of."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from pathlib import Path

from settings import Settings

_SECONDS = 30
# As many as the gate's pool has for a pair of ports.
_MBUFS = 12287
# Longer than a stopping thread takes, and than the kernel waits to add up the time of a running one.
_REST = 0.02


class Testpmd:
    """One that waits at its prompt until `start()`, with its own burst of 32.

    It is timed by the processor time of the thread that forwards, so that it can be paused, and so that what else
    runs here takes nothing from it."""

    def __init__(self, settings: Settings, capture: Path):
        command = ["dpdk-testpmd", "-m", str(settings.memory_mb), *settings.eal_memory, "--no-pci", "--no-telemetry",
                   "--file-prefix", f"sgbench-{os.getpid()}", "--lcores", f"0,{settings.lcore}",
                   "--vdev", f"net_pcap0,rx_pcap={capture},infinite_rx=1", "--vdev", "net_null0,no-rx=1", "--",
                   "-i", f"--total-num-mbufs={_MBUFS}", "--mbcache=256", "--forward-mode=io", "--burst=32"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=settings.environment)

    def __enter__(self) -> Testpmd:
        try:
            _await_prompt(self.process)
        except BaseException:  # __exit__ is for those that came in
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self._tell("start")

    def rate(self) -> float:
        """Packets received per second of processor time since start(). Ends it."""
        self._tell("stop")
        seconds = self._settled()
        said, _ = self.process.communicate(b"show port stats 0\nquit\n", timeout=_SECONDS)
        packets = re.findall(rb"RX-packets:\s+(\d+)", said)
        if not packets or seconds == 0:
            raise RuntimeError(f"dpdk-testpmd said no rate: {said.decode(errors='replace')[-800:]}")
        return int(packets[-1]) / seconds

    def _settled(self) -> float:
        """The forwarding thread's time, once it has stopped to run."""
        before, now = -1.0, self._time()
        while now != before:
            time.sleep(_REST)
            before, now = now, self._time()
        return now

    def _time(self) -> float:
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            if (task / "comm").read_text().startswith("rte-worker"):
                return int((task / "schedstat").read_text().split()[0]) / 1e9
        raise RuntimeError("dpdk-testpmd has no thread that forwards")

    def _tell(self, line: str) -> None:
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()


def rate(settings: Settings, capture: Path) -> float:
    with Testpmd(settings, capture) as testpmd:
        testpmd.start()
        time.sleep(settings.warm_up + settings.measured)
        return testpmd.rate()


def _await_prompt(process: subprocess.Popen) -> None:
    """The prompt comes at once, all else that it says when it ends: testpmd buffers what it writes into a pipe."""
    said = b""
    ends = time.monotonic() + _SECONDS
    while b"testpmd> " not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(0, ends - time.monotonic()))
        piece = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not piece:
            raise RuntimeError(f"dpdk-testpmd comes to no prompt: {said.decode(errors='replace')[-800:]}")
        said += piece
