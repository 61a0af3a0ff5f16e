# SPDX-License-Identifier: Apache-2.0
"""The file that tells scripted_authority.py what to say.

One line a record, '#' starts a comment:

    NAME TTL A|AAAA|CNAME VALUE
    NAME TTL ROTATE SIZE SHOWN PREFIX [ORDER]   SHOWN of the first SIZE addresses of PREFIX in each answer;
                                                ORDER: random (default: a fresh sample) or cyclic
    NAME TTL FAULT WORD                         servfail, refused, formerr, notimp: that code
                                                silent: no answer; truncated: TC over UDP, silent over TCP
                                                loop: a CNAME to itself; foreign: a CNAME that another name owns
                                                cut: half a message; other: an answer to another question
    NAME TTL EDE CODE                           its answers carry this extended error (RFC 8914)

A name "*.zone" stands for every name below it that has no line of its own. A name without a line is NXDOMAIN;
one without a record of the type asked for is NODATA, with the SOA of its top-level domain. The file is read again
when it changes: rename a new one into its place.
"""

from __future__ import annotations

import ipaddress
import itertools
import random
from pathlib import Path

from dns_wire import TYPES, Record, address_record, decode_name, encode_name

_HOPS = 16


class Rotation:
    """A pool of addresses of which each answer shows some."""

    def __init__(self, name: str, ttl: int, words: list[str], dice: random.Random) -> None:
        size, shown, prefix = int(words[0]), int(words[1]), ipaddress.ip_network(words[2])
        hosts = list(itertools.islice(prefix.hosts(), size))
        if len(hosts) < size or not 0 < shown <= size:
            raise ValueError(f"{name}: {prefix} has no {size} addresses, or {shown} of them cannot be shown")
        self._pool = [address_record(str(host), ttl, name) for host in hosts]
        self._shown, self._dice = shown, dice
        self._cyclic, self._next = words[3:] == ["cyclic"], 0

    def draw(self) -> list[Record]:
        if not self._cyclic:
            return self._dice.sample(self._pool, self._shown)
        first, size = self._next, len(self._pool)
        self._next = (first + self._shown) % size
        return [self._pool[(first + i) % size] for i in range(self._shown)]


class Zone:
    """The records of the file, by name and type."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self._path, self._dice, self._read_at = path, dice, -1
        self.refresh()

    def refresh(self) -> None:
        changed = self._path.stat().st_mtime_ns
        if changed == self._read_at:
            return
        self._read_at = changed
        self.faults: dict[str, str] = {}
        self.extended_errors: dict[str, int] = {}
        self._rotations: dict[tuple[str, int], Rotation] = {}
        self._records: dict[str, dict[int, list[Record]]] = {}
        for number, line in enumerate(self._path.read_text(encoding="utf-8").splitlines(), 1):
            words = line.split("#")[0].split()
            try:
                if words:
                    self._add(words[0].lower().rstrip("."), int(words[1]), words[2].upper(), words[3:])
            except (ValueError, IndexError, KeyError) as error:
                raise SystemExit(f"{self._path}: line {number}: {error}") from error

    def _add(self, name: str, ttl: int, kind: str, words: list[str]) -> None:
        known = self._records.setdefault(name, {})
        if kind == "FAULT":
            self.faults[name] = words[0]
        elif kind == "EDE":
            self.extended_errors[name] = int(words[0])
        elif kind == "ROTATE":
            family = "AAAA" if ":" in words[2] else "A"
            self._rotations[name, TYPES[family]] = Rotation(name, ttl, words, self._dice)
        elif kind == "CNAME":
            known[TYPES[kind]] = [Record(TYPES[kind], ttl, encode_name(words[0]), name)]
        else:
            known.setdefault(TYPES[kind], []).append(address_record(words[0], ttl, name))

    def line_of(self, name: str) -> str:
        """The name itself, or the wildcard that stands for it; "" when neither is there."""
        if name in self._records:
            return name
        labels = name.split(".")
        above = ("*." + ".".join(labels[i:]) for i in range(1, len(labels)))
        return next((wildcard for wildcard in above if wildcard in self._records), "")

    def lookup(self, name: str, kind: int) -> tuple[bool, list[Record]]:
        """Whether the name exists, and its answer with the chain in front."""
        answers: list[Record] = []
        for _ in range(_HOPS):
            line = self.line_of(name)
            if not line:
                return False, answers
            found = (self._rotations[line, kind].draw() if (line, kind) in self._rotations
                     else self._records[line].get(kind, []))
            alias = self._records[line].get(TYPES["CNAME"], [])
            answers += [Record(each.type, each.ttl, each.data, name) for each in found or alias]
            if found or not alias:
                return True, answers
            name = decode_name(alias[0].data)
        return True, answers
