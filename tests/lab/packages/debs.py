# SPDX-License-Identifier: Apache-2.0
"""The packages as files: building them, and reading their control fields."""

from __future__ import annotations

import re
from pathlib import Path

from shell import Failed, run


def build(folder: Path) -> list[Path]:
    """All packages of this build tree, made anew from the programs that it has built."""
    run(["cpack", "--config", str(folder / "CPackConfig.cmake")], cwd=folder)
    debs = sorted((folder / "packages").glob("*sweepgate-*.deb"))
    if not debs:
        raise Failed(f"no package in {folder / 'packages'}")
    return debs


def field(deb: Path, name: str) -> str:
    return run(["dpkg-deb", "--field", str(deb), name]).strip()


def dependencies(debs: list[Path]) -> list[str]:
    """Names of the packages of others that these need; of alternatives the first."""
    own = {field(deb, "Package") for deb in debs}
    needed = set()
    for deb in debs:
        for clause in field(deb, "Depends").split(","):
            needed.add(re.split(r"[\s(|:]", clause.strip())[0])
    return sorted(needed - own - {""})


def programs(debs: list[Path]) -> dict[str, str]:
    """Package name to the program it puts into /usr/bin."""
    found = {}
    for deb in debs:
        listing = run(["dpkg-deb", "--contents", str(deb)])
        for path in re.findall(r"^-\S+ .* \./(usr/bin/\S+)$", listing, re.MULTILINE):
            found[field(deb, "Package")] = "/" + path
    return found
