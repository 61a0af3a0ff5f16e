# SPDX-License-Identifier: Apache-2.0
"""The real gate between a client and a server, each in a namespace of its own.

    client 192.0.2.1 -- veth -- [ sweepgate-dataplane ] -- veth -- server 192.0.2.2
                                                                   203.0.113.9   dropped
                                                                   198.51.100.9  rejected
           2001:db8::1                                      2001:db8::2
                                                            2001:db8:bad::9  dropped

Usage: gate_test.py af_packet|af_xdp GATE SEALER PUBLISHER. Exit code 77: the driver cannot start here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flow import Flow

SKIPPED = 77
PORT = 5222
DROPPED, REJECTED, FREE = "203.0.113.9", "198.51.100.9", "192.0.2.2"
DROPPED6, FREE6 = "2001:db8:bad::9", "2001:db8::2"
GENERATIONS = 60
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 0x0003


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Sockets made here belong to the namespace for good."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(descriptor: int) -> None:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    with open("/proc/self/ns/net") as home, open(f"/run/netns/{namespace}") as there:
        enter(there.fileno())
        try:
            yield
        finally:
            enter(home.fileno())


class Lab:
    def __init__(self) -> None:
        tag = f"sgd{os.getpid()}"
        self.client, self.gate, self.server = (f"{tag}{end}" for end in "cgs")

    def __enter__(self) -> Lab:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for namespace in (self.client, self.gate, self.server):
            subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)

    @contextlib.contextmanager
    def neighbour_known(self) -> Iterator[None]:
        """The client sends without asking for the server's MAC address first."""
        link = subprocess.run(["ip", "-n", self.server, "-br", "link", "show", "eth0"], check=True,
                              capture_output=True, text=True).stdout
        entry = [FREE, "dev", "eth0"]
        run("ip", "-n", self.client, "neigh", "replace", *entry, "lladdr", link.split()[2])
        try:
            yield
        finally:
            run("ip", "-n", self.client, "neigh", "del", *entry)

    def _build(self) -> None:
        for namespace in (self.client, self.gate, self.server):
            run("ip", "netns", "add", namespace)
            # The gate's own ports stay silent; the ends need no duplicate address detection.
            setting = "disable_ipv6=1" if namespace == self.gate else "accept_dad=0"
            run("ip", "netns", "exec", namespace, "sysctl", "-qw", f"net.ipv6.conf.all.{setting}",
                f"net.ipv6.conf.default.{setting}")
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        for end, namespace in (("lan0", self.client), ("wan0", self.server)):
            run("ip", "-n", self.gate, "link", "add", end, "type", "veth", "peer", "name", "eth0",
                "netns", namespace)
            for where, name in ((self.gate, end), (namespace, "eth0")):
                run("ip", "-n", where, "link", "set", name, "up")
        run("ip", "-n", self.client, "address", "add", "192.0.2.1/24", "dev", "eth0")
        run("ip", "-n", self.client, "route", "add", "default", "via", FREE)
        for address in (f"{FREE}/24", f"{DROPPED}/32", f"{REJECTED}/32"):
            run("ip", "-n", self.server, "address", "add", address, "dev", "eth0")
        run("ip", "-n", self.client, "address", "add", "2001:db8::1/64", "dev", "eth0", "nodad")
        run("ip", "-n", self.client, "route", "add", "default", "via", FREE6)
        for address in (f"{FREE6}/64", f"{DROPPED6}/128"):
            run("ip", "-n", self.server, "address", "add", address, "dev", "eth0", "nodad")


def start_gate(lab: Lab, driver: str, program: str, folder: str) -> subprocess.Popen:
    """With a last good snapshot and --bypass: only rules that come before traffic keep it out."""
    state = Path(folder, "state")
    state.mkdir(mode=0o700)
    state.joinpath("snapshot").write_bytes(Path(folder, "snapshot").read_bytes())
    log = Path(folder, "gate.log")
    with open(log, "wb") as output:
        gate = subprocess.Popen(
            ["ip", "netns", "exec", lab.gate, program, "--ports", f"{driver}:lan0,{driver}:wan0",
             "--no-huge", "--memory", "128", "--idle-sleep-us", "50",
             "--bypass", "--state", str(state), "--verify-key", f"{folder}/key.pub",
             "--updates", f"ipc://{folder}/updates", "--requests", f"ipc://{folder}/requests"],
            stdout=output, stderr=output, env=os.environ | {"RUNTIME_DIRECTORY": folder})
    deadline = time.monotonic() + 20
    while "forwarding\n" not in log.read_text(errors="replace"):
        if gate.poll() is not None or time.monotonic() > deadline:
            gate.kill()
            print(f"{driver} does not start here:\n{log.read_text(errors='replace')}")
            sys.exit(SKIPPED if driver == "af_xdp" else 1)
        time.sleep(0.05)
    return gate


def connect(lab: Lab, address: str) -> str:
    """How a connection attempt from the client ends."""
    with inside(lab.client):
        attempt = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    with attempt:
        attempt.settimeout(1.5)
        try:
            attempt.connect((address, PORT))
            return "connected"
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silence"


def ping(lab: Lab, address: str) -> bool:
    with inside(lab.client):
        echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with echo:
        echo.settimeout(2)
        # Echo request, identifier 1, sequence number 1; RFC 792. The checksum is known.
        echo.sendto(bytes.fromhex("0800f7fd00010001"), (address, 0))
        with contextlib.suppress(TimeoutError):
            while True:
                answer, sender = echo.recvfrom(256)
                if sender[0] == address and answer[20] == 0:
                    return True
    return False


def tap(namespace: str) -> socket.socket:
    with inside(namespace):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.bind(("eth0", ETH_P_ALL))
    raw.settimeout(3)
    # PACKET_AUXDATA: a tag that the kernel took out of the frame is handed over beside it.
    raw.setsockopt(263, 8, 1)
    return raw


def receive(raw: socket.socket) -> bytes:
    frame, extra, _, _ = raw.recvmsg(2048, 256)
    for level, kind, words in extra:
        if (level, kind) == (263, 8) and int.from_bytes(words[0:4], sys.byteorder) & 0x10:
            tci = int.from_bytes(words[16:18], sys.byteorder)
            tpid = int.from_bytes(words[18:20], sys.byteorder)
            frame = frame[:12] + tpid.to_bytes(2, "big") + tci.to_bytes(2, "big") + frame[12:]
    return frame


def arrives(lab: Lab, frame: bytes) -> bool:
    """Sent by the client, does the frame come out at the server byte for byte?"""
    with tap(lab.client) as sender, tap(lab.server) as receiver:
        sender.send(frame)
        deadline = time.monotonic() + 3
        with contextlib.suppress(TimeoutError):
            while time.monotonic() < deadline:
                if receive(receiver) == frame:
                    return True
    return False


@contextlib.contextmanager
def flow(lab: Lab, *addresses: str) -> Iterator[Flow]:
    with inside(lab.client):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with inside(lab.server):
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.bind(("", PORT))
        with Flow(sender, receiver, list(addresses), PORT) as running:
            yield running


def swaps_lose_nothing(lab: Lab, publisher: str, folder: str) -> bool:
    with flow(lab, FREE, DROPPED) as running:
        time.sleep(0.5)
        done = subprocess.run(
            [publisher, folder, str(GENERATIONS), f"{REJECTED}/32", f"{DROPPED}/32",
             f"{DROPPED6}/128"], check=False, timeout=90)
    lost, leaked = running.lost(FREE), len(running.heard[DROPPED])
    print(f"     {GENERATIONS} generations, {running.sent[FREE]} packets to {FREE}: {lost} lost; "
          f"{running.sent[DROPPED]} to {DROPPED}: {leaked} leaked")
    return done.returncode == 0 and lost == 0 and leaked == 0 and running.sent[FREE] > 500


def survives_hangup(lab: Lab, gate: subprocess.Popen) -> bool:
    gate.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    return gate.poll() is None and ping(lab, FREE)


def ends_in_words(program: str) -> bool:
    """An error that cannot be written ends the program with a code, not by abort()."""
    with open("/dev/full", "w") as full:
        return subprocess.run([program, "--ports", "one"], stderr=full, check=False).returncode == 2


def frames(lab: Lab, driver: str) -> dict[str, Callable[[], bool]]:
    macs = bytes.fromhex("0180c200000e" "00005e005301")
    lldp = macs + bytes.fromhex("88cc") + bytes(range(46))
    # Below 0x600 the word behind the addresses is a length: IEEE 802.3 with an LLC header, as STP has.
    stp = bytes.fromhex("0180c2000000" "00005e005301" "0026" "424203") + bytes(43)
    tagged = macs + bytes.fromhex("8100a007" "88b5") + bytes(range(46))
    # The kernel takes the outer tag out of what an af_packet socket receives, and DPDK 22.11 puts
    # it back as 802.1Q whatever it was: a service tag survives on af_xdp only.
    outer = "81006003" if driver == "af_packet" else "88a86003"
    twice = macs + bytes.fromhex(outer + "8100a007" "88b5") + bytes(range(46))
    return {
        "an LLDP frame passes byte for byte": lambda: arrives(lab, lldp),
        "an STP frame passes byte for byte": lambda: arrives(lab, stp),
        "a VLAN tag passes byte for byte": lambda: arrives(lab, tagged),
        "two VLAN tags pass byte for byte": lambda: arrives(lab, twice),
    }


def check(claims: dict[str, Callable[[], bool]]) -> list[str]:
    failures = []
    for claim, holds in claims.items():
        good = holds()
        print(f"{'ok  ' if good else 'FAIL'} {claim}", flush=True)
        if not good:
            failures.append(claim)
    return failures


def addresses(lab: Lab) -> dict[str, Callable[[], bool]]:
    return {
        "ping passes, and ARP before it": lambda: ping(lab, FREE),
        "TCP to an unlisted address connects": lambda: connect(lab, FREE) == "connected",
        "TCP to a dropped address hears nothing": lambda: connect(lab, DROPPED) == "silence",
        "TCP to a rejected address is refused at once": lambda: connect(lab, REJECTED) == "refused",
        "ping to a dropped address hears nothing": lambda: not ping(lab, DROPPED),
        "IPv6 TCP to an unlisted address connects, and neighbour discovery before it":
            lambda: connect(lab, FREE6) == "connected",
        "IPv6 TCP to a dropped address hears nothing": lambda: connect(lab, DROPPED6) == "silence",
    }


def main() -> int:
    driver, program, sealer, publisher = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        run(sealer, folder, f"{REJECTED}/32", f"{DROPPED}/32", f"{DROPPED6}/128")
        with lab.neighbour_known(), flow(lab, DROPPED) as early:
            gate = start_gate(lab, driver, program, folder)
        try:
            with inside(lab.server):
                server = socket.create_server(("::", PORT), family=socket.AF_INET6,
                                              dualstack_ipv6=True)
            with server:
                failures = check({
                    "a gate that starts in the traffic lets nothing listed pass":
                        lambda: early.sent[DROPPED] > 100 and not early.heard[DROPPED],
                    **addresses(lab), **frames(lab, driver),
                    "swaps under traffic lose and leak nothing":
                        lambda: swaps_lose_nothing(lab, publisher, folder),
                    "SIGHUP does not stop the traffic": lambda: survives_hangup(lab, gate),
                    "an error that cannot be written is no abort": lambda: ends_in_words(program),
                })
        finally:
            gate.send_signal(signal.SIGTERM)
            began = time.monotonic()
            try:
                code = gate.wait(5)
            except subprocess.TimeoutExpired:
                gate.kill()
                code = -1
        took = time.monotonic() - began
        print(Path(folder, "gate.log").read_text(errors="replace"))
        if code != 0 or took > 1:
            failures.append(f"SIGTERM ends the gate within a second (code {code}, {took:.2f} s)")
    print("\n".join(f"failed: {claim}" for claim in failures) or "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
