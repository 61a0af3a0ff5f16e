# SPDX-License-Identifier: Apache-2.0
"""One end of a PPPoE session in user space: a tun device whose packets cross `eth0` as session 0x2516 (RFC 2516).

Usage, inside a namespace: sessions.py MAC-OF-THE-OTHER-END. Prints "up", then runs until it is killed.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import socket
import struct
import sys

TYPE = 0x8864
PPP = {4: b"\x00\x21", 6: b"\x00\x57"}
HEADER = struct.Struct("!BBHH")  # version and type, code, session, length


def open_tun(name: str) -> int:
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x0001 | 0x1000))  # TUNSETIFF, no header
    return tun


def main() -> None:
    tun = open_tun("session0")
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(TYPE))
    wire.bind(("eth0", TYPE))
    link = bytes.fromhex(sys.argv[1].replace(":", "")) + wire.getsockname()[4] + TYPE.to_bytes(2, "big")
    waiting = selectors.DefaultSelector()
    waiting.register(tun, selectors.EVENT_READ)
    waiting.register(wire, selectors.EVENT_READ)
    print("up", flush=True)
    while True:
        for key, _ in waiting.select():
            if key.fileobj == tun:
                packet = os.read(tun, 2048)
                wire.send(link + HEADER.pack(0x11, 0, 0x2516, len(packet) + 2) + PPP[packet[0] >> 4] + packet)
            else:
                frame = wire.recv(65536)
                length = HEADER.unpack_from(frame, 14)[3]
                os.write(tun, frame[22:20 + length])


if __name__ == "__main__":
    main()
