# SPDX-License-Identifier: Apache-2.0
"""What the lab prints: steps with their claims as they are found true or false, and plain tables."""

from __future__ import annotations

from collections.abc import Sequence


class Report:
    """Remembers every claim that did not hold; the exit code of the run comes from here."""

    def __init__(self) -> None:
        self.held = 0
        self.failures: list[str] = []
        self._step = ""
        self._number = 0

    def step(self, title: str) -> None:
        self._number += 1
        self._step = title
        print(f"\n{self._number}. {title}", flush=True)

    def expect(self, holds: bool, claim: str, found: str = "") -> bool:
        """One claim of the current step; `found` is what was measured or seen."""
        if holds:
            self.held += 1
        else:
            self.failures.append(f"{self._step}: {claim}" + (f" ({found})" if found else ""))
        print(f"   {'ok    ' if holds else 'FAILED'}  {claim}" + (f": {found}" if found else ""),
              flush=True)
        return holds

    def say(self, text: str) -> None:
        print(f"           {text}", flush=True)

    def verdict(self) -> int:
        """Prints the sum and returns the exit code."""
        print()
        for failure in self.failures:
            print(f"FAILED  {failure}")
        print(f"{self.held} claims held, {len(self.failures)} did not.", flush=True)
        return 1 if self.failures else 0


def milliseconds(seconds: float) -> str:
    """`85 ms`, or `1.32 s` from one second on."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell; the first to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("   " + "  ".join(cells).rstrip())
