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


def rate(settings: Settings, capture: Path, burst: int = 32) -> float:
    """Packets received per second. testpmd divides by the time between two looks at a port, so the second look
    shows the mean of the window. 32 is its own burst."""
    command = ["dpdk-testpmd", "-m", str(settings.memory_mb), *settings.eal_memory, "--no-pci", "--no-telemetry",
               "--file-prefix", f"sgbench-{os.getpid()}", "--lcores", f"0,{settings.lcore}",
               "--vdev", f"net_pcap0,rx_pcap={capture},infinite_rx=1", "--vdev", "net_null0,no-rx=1", "--",
               "-i", f"--total-num-mbufs={_MBUFS}", "--mbcache=256", "--forward-mode=io", f"--burst={burst}"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=settings.environment)
    try:
        _await_prompt(process)
        _tell(process, "start")
        time.sleep(settings.warm_up)
        _tell(process, "show port stats 0")
        time.sleep(settings.measured)
        said, _ = process.communicate(b"show port stats 0\nstop\nquit\n", timeout=_SECONDS)
    finally:
        process.kill()
        process.wait()
    rates = re.findall(rb"Rx-pps:\s+(\d+)", said)
    if len(rates) != 2:
        raise RuntimeError(f"dpdk-testpmd said no rate: {said.decode(errors='replace')[-800:]}")
    return float(rates[-1])


def _tell(process: subprocess.Popen, line: str) -> None:
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


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
