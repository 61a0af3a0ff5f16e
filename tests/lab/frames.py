# SPDX-License-Identifier: Apache-2.0
"""Frames and capture files, byte by byte: enough to try a filter on."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

Record = tuple[int, int, bytes]  # seconds, fraction in the file's unit, frame
_MACS = bytes.fromhex("00005E00530100005E005302")
_FILE, _RECORD = struct.Struct("<IHHiIII"), struct.Struct("<IIII")
_MICRO, _NANO, _ETHERNET = 0xA1B2C3D4, 0xA1B23C4D, 1


def arp() -> bytes:
    return (_MACS + b"\x08\x06").ljust(60, b"\0")


def udp(source: str, destination: str, source_port: int, destination_port: int) -> bytes:
    """IPv4 or IPv6, by the addresses. Checksums are left out: no filter looks at them."""
    segment = struct.pack("!HHHH", source_port, destination_port, 8 + 18, 0) + bytes(18)
    if ":" in source:
        ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination)
        header = struct.pack("!IHBB", 6 << 28, len(segment), socket.IPPROTO_UDP, 64) + ends
        return _MACS + b"\x86\xDD" + header + segment
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0, 64, socket.IPPROTO_UDP, 0) + ends
    return _MACS + b"\x08\x00" + header + segment


def write(path: Path, records: Iterable[Record]) -> None:
    with path.open("wb") as file:
        file.write(_FILE.pack(_MICRO, 2, 4, 0, 0, 65535, _ETHERNET))
        for seconds, micros, frame in records:
            file.write(_RECORD.pack(seconds, micros, len(frame), len(frame)) + frame)


def read(path: Path) -> list[Record]:
    data = path.read_bytes()
    if _FILE.unpack_from(data)[0] not in (_MICRO, _NANO):
        raise ValueError(f"{path} is no capture of this machine's byte order")
    records, at = [], _FILE.size
    while at < len(data):
        seconds, micros, length, _ = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        records.append((seconds, micros, data[at:at + length]))
        at += length
    return records
