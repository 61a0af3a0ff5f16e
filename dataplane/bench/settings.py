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

    def worker(self, program: str, *arguments: str, timeout: float = 300) -> str:
        """What one of our programs printed. Raises RuntimeError with its words."""
        done = subprocess.run([str(self.programs / program), *arguments], capture_output=True, text=True,
                              timeout=timeout, env=self.environment)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()[-800:]}")
        return done.stdout

    def measure(self, program: str, *arguments: str, timeout: float = 300) -> dict:
        """The last line of what it printed; DPDK may have said something before."""
        return json.loads(self.worker(program, *arguments, timeout=timeout).splitlines()[-1])


def median(values) -> float:
    return statistics.median(values)


def spread(values) -> str:
    """In millions."""
    return f"{min(values) / 1e6:.1f}-{max(values) / 1e6:.1f}"
