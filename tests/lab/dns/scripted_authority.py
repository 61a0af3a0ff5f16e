#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An authoritative DNS server that does what real ones do only to others: rotates, lies and stays silent.

usage: scripted_authority.py ZONE-FILE ADDRESS[#PORT]... [--seed N] [--log FILE]

Answers over UDP and TCP, with TC over UDP past the asker's room. scripted_zone.py says what stands in the file.
It prints "ready" when it listens. With --log one line an answer: seconds since 1970, who asked, "udp" or "tcp",
name, type, and what was said.
"""

from __future__ import annotations

import argparse
import ipaddress
import random
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from dns_wire import RCODES, TYPES, Query, Record, address_record, encode_name, read_query, reply, soa_record
from scripted_zone import Zone


class Server:
    def __init__(self, zone: Zone, log: TextIO | None) -> None:
        self._zone, self._log = zone, log
        self._selector = selectors.DefaultSelector()
        self._streams: dict[socket.socket, bytes] = {}

    def listen(self, address: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            made = socket.socket(family, kind)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address, port))
            if kind == socket.SOCK_STREAM:
                made.listen(64)
            self._selector.register(made, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                made = key.fileobj
                assert isinstance(made, socket.socket)
                try:
                    self._turn(made)
                except OSError:
                    self._hang_up(made)

    def _turn(self, made: socket.socket) -> None:
        if made.type == socket.SOCK_DGRAM:
            message, peer = made.recvfrom(65535)
            for answer in self._answers(message, peer[0], False):
                made.sendto(answer, peer)
        elif made in self._streams:
            self._read_stream(made)
        else:
            stream, _ = made.accept()
            self._streams[stream] = b""
            self._selector.register(stream, selectors.EVENT_READ)

    def _read_stream(self, stream: socket.socket) -> None:
        came = stream.recv(65535)
        held = self._streams[stream] + came
        while len(held) >= 2 and len(held) >= 2 + (size := int.from_bytes(held[:2], "big")):
            for answer in self._answers(held[2:2 + size], stream.getpeername()[0], True):
                stream.sendall(len(answer).to_bytes(2, "big") + answer)
            held = held[2 + size:]
        self._streams[stream] = held
        if not came:
            self._hang_up(stream)

    def _hang_up(self, stream: socket.socket) -> None:
        if self._streams.pop(stream, None) is not None:
            self._selector.unregister(stream)
            stream.close()

    def _answers(self, message: bytes, peer: str, over_tcp: bool) -> Iterator[bytes]:
        """One answer, or none."""
        query = read_query(message)
        if query is None:
            return
        self._zone.refresh()
        fault = self._zone.faults.get(self._zone.line_of(query.name), "")
        if fault == "silent" or (fault == "truncated" and over_tcp):
            return
        answer, said = (_faulty(query, fault), fault) if fault else self._truth(query, over_tcp)
        if self._log:
            self._log.write(f"{time.time():.6f} {peer} {'tcp' if over_tcp else 'udp'} {query.name} "
                            f"{query.type} {said}\n")
            self._log.flush()
        yield answer

    def _truth(self, query: Query, over_tcp: bool) -> tuple[bytes, str]:
        exists, records = self._zone.lookup(query.name, query.type)
        top = query.name.rsplit(".", 1)[-1]
        negative = [] if any(each.type == query.type for each in records) else [soa_record(top, 1)]
        answer = reply(query, "noerror" if exists else "nxdomain", records, negative,
                       extended_error=self._zone.extended_errors.get(self._zone.line_of(query.name)))
        if len(answer) > query.room and not over_tcp:
            return reply(query, truncated=True), "truncated"
        return answer, " ".join(str(ipaddress.ip_address(each.data)) for each in records
                                if each.type in (TYPES["A"], TYPES["AAAA"]))


def _faulty(query: Query, fault: str) -> bytes:
    if fault in RCODES:
        return reply(query, fault)
    if fault == "truncated":
        return reply(query, truncated=True)
    if fault == "loop":
        return reply(query, answers=[Record(TYPES["CNAME"], 1, encode_name(query.name))])
    if fault == "foreign":
        return reply(query, answers=[Record(TYPES["CNAME"], 1, encode_name("victim.test"), "other.test"),
                                     address_record("192.0.2.66", 1, "victim.test")])
    if fault == "cut":
        whole = reply(query, answers=[address_record("192.0.2.66", 1)])
        return whole[:-6 - (11 if query.edns else 0)]
    if fault == "other":
        asked = read_query(reply(query)[:2] + b"\0\0\0\1" + bytes(6) + encode_name("elsewhere.test") + b"\0\1\0\1")
        assert asked is not None
        return reply(asked, answers=[address_record("192.0.2.66", 1)])
    raise SystemExit(f"no fault is called '{fault}'")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 2)[1])
    parser.add_argument("zone", type=Path)
    parser.add_argument("address", nargs="+")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--log", type=Path)
    chosen = parser.parse_args()
    log = open(chosen.log, "a", encoding="utf-8") if chosen.log else None
    server = Server(Zone(chosen.zone, random.Random(chosen.seed)), log)
    for text in chosen.address:
        address, _, port = text.partition("#")
        server.listen(address, int(port or 53))
    print("ready", flush=True)
    server.serve()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
