# SPDX-License-Identifier: Apache-2.0
"""What all measurements of one batch have in common."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Of the rte_* tables of 100k prefixes and the pool of buffers; testpmd and the gate get the same.
MEMORY_MB = 1024


@dataclass(frozen=True)
class Settings:
    programs: Path  # folder with the workers
    folder: Path  # for captures and EAL's run-time files
    runs: int
    hugepages: bool
    memory_mb: int = MEMORY_MB
    measured: float = 1.0  # seconds
    warm_up: float = 0.3

    @property
    def eal_memory(self) -> list[str]:
        """EAL excludes --no-huge with --in-memory; --no-shconf leaves no file behind either."""
        return ["--in-memory"] if self.hugepages else ["--no-huge", "--no-shconf"]

    @property
    def lcore(self) -> int:
        """The gate's own choice: the last processor that we may use."""
        return max(os.sched_getaffinity(0))

    @property
    def gate_memory(self) -> list[str]:
        return ["--memory", str(self.memory_mb)] + ([] if self.hugepages else ["--no-huge"])

    @property
    def environment(self) -> dict[str, str]:
        """EAL's run-time files go with the folder."""
        return dict(os.environ, RUNTIME_DIRECTORY=str(self.folder))

    def begin(self, program: str, *arguments: str) -> subprocess.Popen:
        """One of our programs."""
        return subprocess.Popen([str(self.programs / program), *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=self.environment)

    def worker(self, program: str, *arguments: str, timeout: float = 300) -> str:
        """What it printed. Raises RuntimeError with its words."""
        return _said(self.begin(program, *arguments), timeout)

    def measure(self, program: str, *arguments: str, timeout: float = 300) -> dict:
        return self.end(self.begin(program, *arguments), timeout)

    def end(self, process: subprocess.Popen, timeout: float = 300) -> dict:
        """The last line of what it printed; DPDK may have said something before."""
        return json.loads(_said(process, timeout).splitlines()[-1])


def _said(process: subprocess.Popen, timeout: float) -> str:
    try:
        said, complained = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(process.args)}: exit {process.returncode}: {complained.strip()[-800:]}")
    return said


def median(values) -> float:
    return statistics.median(values)


def spread(values) -> str:
    """In millions."""
    return f"{min(values) / 1e6:.1f}-{max(values) / 1e6:.1f}"
