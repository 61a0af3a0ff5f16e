# SPDX-License-Identifier: Apache-2.0
"""The real gate on DPDK ports that have several queues or a peer process.

    test -- sgt0 [ gate, 2 lcores, net_tap ] sgt1 -- test
    client -- veth -- lan0 [ gate ] memif [ gate ] wan0 -- veth -- server

Usage: software_ports_test.py GATE.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gate_test import FREE, PORT, Lab, check, inside, ping
from ports_test import EACH, FLOWS, Gate, has_carrier, told, until

ETH_P_IP = 0x0800
MACS = bytes.fromhex("00005e005302" "00005e005301")


def frame(flow: int, number: int) -> bytes:
    """Of one UDP flow, numbered; the checksums are nobody's matter here."""
    payload = struct.pack("!II", flow, number) + bytes(10)
    udp = struct.pack("!HHHH", 1024 + flow, PORT, 8 + len(payload), 0)
    addresses = socket.inet_aton("192.0.2.1") + socket.inet_aton(FREE)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0) + addresses
    return MACS + struct.pack("!H", ETH_P_IP) + ip + udp + payload


def raw(lab: Lab, interface: str) -> socket.socket:
    with inside(lab.gate):
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    made.bind((interface, ETH_P_IP))
    made.settimeout(1)
    return made


def taps_keep_order(lab: Lab, program: str, folder: str) -> bool:
    heard: dict[int, list[int]] = {}
    lcores = ",".join(map(str, sorted(os.sched_getaffinity(0))[:2]))
    with Gate(lab, program, "net_tap0,iface=sgt0,net_tap1,iface=sgt1", folder, "--lcores", lcores) as gate, \
            raw(lab, "sgt0") as sender, raw(lab, "sgt1") as receiver:
        for number in range(EACH):
            for flow in range(FLOWS):
                sender.send(frame(flow, number))
            receive(receiver, heard, 0.002)
        receive(receiver, heard, 1)
    total = sum(map(len, heard.values()))
    print(f"     {len(heard)} flows, {total} of {FLOWS * EACH} packets")
    good = total == FLOWS * EACH and all(numbers == list(range(EACH)) for numbers in heard.values())
    print("" if good else gate.said())
    return good


def receive(receiver: socket.socket, heard: dict[int, list[int]], patience: float) -> None:
    receiver.settimeout(patience)
    with contextlib.suppress(TimeoutError):
        while True:
            got = receiver.recv(2048)
            flow, number = struct.unpack("!II", got[42:50])
            if got == frame(flow, number):
                heard.setdefault(flow, []).append(number)


@contextlib.contextmanager
def second(lab: Lab, program: str, folder: str) -> Iterator[Gate]:
    at = Path(folder, "second")
    at.mkdir(exist_ok=True)
    with Gate(lab, program, f"net_memif0,role=client,socket={folder}/memif,af_packet:wan0", str(at)) as gate:
        yield gate


def answers(lab: Lab) -> bool:
    return until(lambda: ping(lab, FREE), 10) is not None


def memif_peer_comes_and_goes(lab: Lab, program: str, folder: str) -> bool:
    """Between two gates, one of which dies: the other's neighbour learns of it."""
    with Gate(lab, program, f"af_packet:lan0,net_memif0,role=server,socket={folder}/memif", folder) as first:
        with second(lab, program, folder):
            good = answers(lab)
            until(lambda: "port net_memif0: link up" in first.said(), 5)
        gone = until(lambda: not has_carrier(lab.client), 2)
        with second(lab, program, folder):
            back = until(lambda: has_carrier(lab.client), 5)
            good = good and answers(lab)
    good = told("the client's link goes", [gone]) & told("and returns", [back]) & good
    print("" if good else first.said())
    return good


def board_says_fates(program: str, folder: str) -> bool:
    """The line wins over the board. The gate ends at once: it has no folder for its state."""
    shipped = Path(__file__).parents[3] / "boards" / "generic-x86.toml"
    board = Path(folder, "board.toml")
    board.write_text('malformed = "pass"\nrejects_per_second = 7\n' + shipped.read_text())

    def said(*words: str) -> str:
        return subprocess.run([program, "--board", board, "--ports", "null:,null:", "--state", "/nonexistent/state",
                               *words], capture_output=True, text=True, check=False).stderr

    by_board, by_line = said(), said("--malformed", "drop", "--rejects-per-second", "9")
    return ("malformed packets pass" in by_board and "at most 7 answers/s" in by_board
            and "malformed packets drop" in by_line and "at most 9 answers/s" in by_line)


def main() -> int:
    program = sys.argv[1]
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        failures = check({
            "100 flows over 2 queues of net_tap and 2 lcores lose nothing and keep their order":
                lambda: taps_keep_order(lab, program, folder),
            "two gates joined by memif pass, and carry the loss of each other":
                lambda: memif_peer_comes_and_goes(lab, program, folder),
            "what a board says of broken and rejected packets is in force":
                lambda: board_says_fates(program, folder),
        })
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
