# SPDX-License-Identifier: Apache-2.0
"""As much of DNS messages as the lab's own servers and forwarders need (RFC 1035 section 4)."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "AAAA": 28, "SRV": 33, "OPT": 41}
RCODES = {"noerror": 0, "formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5}
_QUESTION_AT = 12
_AT_QUESTION = b"\xc0\x0c"  # a pointer to the question's name


@dataclass(frozen=True)
class Query:
    id: int
    name: str  # lower case, no trailing dot
    type: int
    question: bytes  # as it came, with its 0x20 case
    room: int  # octets that the asker takes over UDP
    edns: bool


def read_query(message: bytes) -> Query | None:
    """None for what is no query with one question."""
    try:
        number, flags, questions, _, _, additional = struct.unpack_from("!6H", message)
        if flags & 0x8000 or questions != 1:
            return None
        labels, at = [], _QUESTION_AT
        while length := message[at]:
            if length > 63:
                return None
            labels.append(message[at + 1:at + 1 + length].decode("latin-1").lower())
            at += 1 + length
        kind, = struct.unpack_from("!H", message, at + 1)
        end = at + 5
        room = 512
        if additional and message[end] == 0:  # OPT: its class is the room
            room = max(room, struct.unpack_from("!H", message, end + 3)[0])
        return Query(number, ".".join(labels), kind, message[_QUESTION_AT:end], room, bool(additional))
    except (struct.error, IndexError):
        return None


def encode_name(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def decode_name(octets: bytes) -> str:
    """Of a name without compression pointers."""
    labels, at = [], 0
    while length := octets[at]:
        labels.append(octets[at + 1:at + 1 + length].decode("latin-1").lower())
        at += 1 + length
    return ".".join(labels)


@dataclass(frozen=True)
class Record:
    type: int
    ttl: int
    data: bytes
    owner: str = ""  # empty: the question's name

    def encode(self) -> bytes:
        owner = encode_name(self.owner) if self.owner else _AT_QUESTION
        return owner + struct.pack("!HHIH", self.type, 1, self.ttl, len(self.data)) + self.data


def address_record(address: str, ttl: int, owner: str = "") -> Record:
    packed = ipaddress.ip_address(address).packed
    return Record(TYPES["A"] if len(packed) == 4 else TYPES["AAAA"], ttl, packed, owner)


def soa_record(zone: str, ttl: int) -> Record:
    data = encode_name("ns." + zone) + encode_name("host." + zone) + struct.pack("!5I", 1, 60, 60, 60, ttl)
    return Record(TYPES["SOA"], ttl, data, zone)


def reply(query: Query, rcode: str = "noerror", answers: list[Record] | None = None,
          authority: list[Record] | None = None, truncated: bool = False, extended_error: int | None = None) -> bytes:
    """Authoritative, recursion available, with OPT when the query had one; an extended error is of RFC 8914."""
    answers, authority = answers or [], authority or []
    flags = 0x8580 | (0x0200 if truncated else 0) | RCODES[rcode]
    head = struct.pack("!6H", query.id, flags, 1, len(answers), len(authority), int(query.edns))
    body = b"".join(record.encode() for record in answers + authority)
    option = b"" if extended_error is None else struct.pack("!HHH", 15, 2, extended_error)
    opt = b"\0" + struct.pack("!HHIH", TYPES["OPT"], 1232, 0, len(option)) + option if query.edns else b""
    return head + query.question + body + opt
