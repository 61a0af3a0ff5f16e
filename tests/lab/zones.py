# SPDX-License-Identifier: Apache-2.0
"""The catalog's names as zones of the lab: every hostname resolves, to addresses of this lab."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import plan
from plan import Host

_OWN = {host.name: host for host in plan.NAMED}
_BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}")


@dataclass
class Names:
    """What the catalog names, and where the lab puts it."""

    systems: dict[str, list[Host]] = field(default_factory=dict)
    shared: list[Host] = field(default_factory=list)
    protected: list[Host] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)  # what the catalog would do, by system

    def hosts(self) -> Iterator[Host]:
        """Every name once; the lab's own servers first."""
        seen: set[str] = set()
        for group in (_OWN.values(), *self.systems.values(), self.protected, self.shared):
            for host in group:
                if host.name not in seen:
                    seen.add(host.name)
                    yield host


def read_catalog(folders: Sequence[Path]) -> Names:
    names = Names()
    files = [file for folder in folders for file in sorted(folder.glob("*.toml"))]
    for number, file in enumerate(files):
        with open(file, "rb") as source:
            entry = tomllib.load(source)
        if "protected" in entry:
            names.protected += [
                plan.neighbour_host(host["hostname"], 0, count)
                for count, host in enumerate(entry["protected"], 1)]
        elif "dns" in entry:  # else one of networks, which names no hosts
            _add_system(names, number, entry)
    if not names.systems:
        raise FileNotFoundError(f"{folders[0]}: no catalog entries")
    return names


def _add_system(names: Names, number: int, entry: dict) -> None:
    dns = entry["dns"]
    listed = list(dns.get("hostnames", []))
    for pattern in dns.get("patterns", []):
        listed += expand(pattern)
    names.systems[entry["id"]] = [
        _OWN.get(name) or plan.system_host(name, number, count)
        for count, name in enumerate(listed, 1)]
    for name in entry.get("shared", {}).get("hostnames", []):
        names.shared.append(plan.neighbour_host(name, 1, len(names.shared) + 1))
    names.defaults[entry["id"]] = entry["default_action"]
    names.services += dns.get("srv", [])


def expand(pattern: str) -> list[str]:
    """`e{1..3}.example` is e1.example, e2.example and e3.example."""
    match = _BRACES.search(pattern)
    if match is None:
        return [pattern]
    first, last = int(match[1]), int(match[2])
    names = [pattern[:match.start()] + str(n) + pattern[match.end():] for n in range(first, last + 1)]
    return [name for partly in names for name in expand(partly)]


def zone_of(name: str) -> str:
    """The zone that holds the name: its last two labels."""
    return ".".join(name.rstrip(".").split(".")[-2:])


def write_zones(names: Names, folder: Path) -> list[str]:
    """Writes one file a zone; returns the zones' names. The root zone makes any other name NXDOMAIN."""
    zones: dict[str, list[str]] = {"": []}
    for host in names.hosts():
        zones.setdefault(zone_of(host.name), []).extend(_address_records(host))
    for service in names.services:
        zones.setdefault(zone_of(service), []).append(_service_record(service))
    folder.mkdir(parents=True, exist_ok=True)
    for zone, records in zones.items():
        _write_zone(folder, zone, records)
    return list(zones)


def move_host(folder: Path, moved: Host) -> str:
    """Gives the name its new addresses, as its vendor would; returns the zone to reload."""
    zone = zone_of(moved.name)
    kept = [line for line in zone_path(folder, zone).read_text(encoding="utf-8").splitlines()
            if line and not line.startswith(("$", f"{moved.name}. ")) and " SOA " not in line
            and " NS " not in line]
    _write_zone(folder, zone, kept + _address_records(moved))
    return zone


def zone_path(folder: Path, zone: str) -> Path:
    return folder / f"{zone or 'root'}.zone"


def _address_records(host: Host) -> list[str]:
    return [f"{host.name}. A {host.v4}", f"{host.name}. AAAA {host.v6}"]


def _service_record(service: str) -> str:
    target = service.split(".", 2)[2]
    port = 5269 if "server" in service else 5222
    return f"{service}. SRV 0 5 {port} {target}."


def _write_zone(folder: Path, zone: str, records: list[str]) -> None:
    # The serial rises with time, as that of a zone edited by hand in an emergency does.
    serial = int(time.time() * 10) % 2**32
    head = ["$ORIGIN .", "$TTL 1",
            f"{zone}. SOA ns.lab.example. hostmaster.lab.example. {serial} 60 60 600 1",
            f"{zone}. NS ns.lab.example."]
    path = zone_path(folder, zone)
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(head + records) + "\n", encoding="utf-8")
    fresh.replace(path)
