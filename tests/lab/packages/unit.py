# SPDX-License-Identifier: Apache-2.0
"""A systemd unit of the packages, and its program started the way the unit says: user, groups, capabilities."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path


class Unit:
    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._values: dict[str, list[str]] = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";", "[")):
                self._values[key.strip()].append(value.strip())

    def get(self, key: str) -> str:
        return " ".join(self.lines(key))

    def lines(self, key: str) -> list[str]:
        return self._values[key]

    def command(self) -> list[str]:
        return self.get("ExecStart").split()

    def privileges(self) -> list[str]:
        """setpriv with what the unit grants, and nothing else."""
        ambient = _capabilities(self.get("AmbientCapabilities"))
        bounding = _capabilities(self.get("CapabilityBoundingSet"))
        user = self.get("User")
        groups = ",".join([user, *self.get("SupplementaryGroups").split()])
        return ["setpriv", f"--reuid={user}", f"--regid={user}", f"--groups={groups}",
                f"--inh-caps=-all{ambient}", f"--ambient-caps=-all{ambient}", f"--bounding-set=-all{bounding}",
                "--no-new-privs"]


def _capabilities(names: str) -> str:
    return "".join(f",+{name.removeprefix('CAP_').lower()}" for name in names.split())
