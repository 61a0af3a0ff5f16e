# SPDX-License-Identifier: Apache-2.0
"""Hugepages for the time of a benchmark: reserved before, given back after."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
_PAGE_MB = 2


class Hugepages:
    """`available` says whether `memory_mb` of 2 MiB pages are free while the block runs.

    What was reserved before stays reserved. A SIGTERM must arrive as an exception, or nothing is given back.
    """

    def __init__(self, memory_mb: int):
        # A little more than EAL takes: it may not find the last pages on the node that it wants.
        self._pages = memory_mb // _PAGE_MB + 8
        self._before: int | None = None
        self.available = False

    def __enter__(self) -> Hugepages:
        try:
            missing = self._pages - self._read("free_hugepages")
            if missing > 0:
                self._before = self._read("nr_hugepages")
                self._reserve(self._before + missing)
            self.available = self._read("free_hugepages") >= self._pages
        except OSError as error:
            print(f"Hugepages: {error}")
        if not self.available:
            self._give_back()
            print(f"Hugepages: the kernel does not give {self._pages} pages of 2 MiB. Everything runs on ordinary pages, "
                  "which cost plain forwarding three quarters of its speed: the shares below are not the gate's.")
        return self

    def __exit__(self, *_) -> None:
        self._give_back()

    def _give_back(self) -> None:
        if self._before is not None:
            self._reserve(self._before)
        self._before = None

    @staticmethod
    def _read(name: str) -> int:
        return int((_FOLDER / name).read_text())

    @staticmethod
    def _reserve(pages: int) -> None:
        (_FOLDER / "nr_hugepages").write_text(str(pages))
