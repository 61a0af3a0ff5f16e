# SPDX-License-Identifier: Apache-2.0
"""Both ends of a rejected connection give up at once, as real kernels see it.

    client -- veth -- [ a bridge, then sweepgate-dataplane ] -- veth -- server

Sessions are opened over the bridge. When the gate has taken its place, whoever speaks first is reset; what is tried anew
is refused, and UDP hears that it is prohibited.

Usage: reject_test.py DRIVER GATE SEALER. Exit code 77: the driver cannot start here.
"""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

from gate_test import DROPPED6, PORT, REJECTED, Lab, check, inside, run, start_gate

_AT_ONCE = 0.5  # seconds; a lost segment is sent again after 0.2 and more
Session = tuple[socket.socket, socket.socket]  # client's end, server's end


@contextlib.contextmanager
def bridge(lab: Lab) -> Iterator[None]:
    run("ip", "-n", lab.gate, "link", "add", "br0", "type", "bridge")
    for port in ("lan0", "wan0"):
        run("ip", "-n", lab.gate, "link", "set", port, "master", "br0")
    run("ip", "-n", lab.gate, "link", "set", "br0", "up")
    try:
        yield
    finally:
        run("ip", "-n", lab.gate, "link", "del", "br0")


def client_socket(lab: Lab, address: str, kind: socket.SocketKind) -> socket.socket:
    with inside(lab.client):
        made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    made.settimeout(5)
    return made


def open_session(lab: Lab, server: socket.socket, address: str) -> Session:
    client = client_socket(lab, address, socket.SOCK_STREAM)
    client.connect((address, PORT))
    accepted, _ = server.accept()
    accepted.settimeout(5)
    for speaker, listener in ((client, accepted), (accepted, client)):
        speaker.send(b"hello")
        listener.recv(5)
    return client, accepted


def fault_of(attempt: Callable[[], object]) -> int:
    """What the kernel says at once; 0 when it says nothing, or too late."""
    began = time.monotonic()
    try:
        attempt()
    except OSError as fault:
        return fault.errno or 0 if time.monotonic() - began < _AT_ONCE else 0
    return 0


def claims(lab: Lab, address: str, sessions: list[Session]) -> dict[str, Callable[[], bool]]:
    def is_reset(speaker: socket.socket) -> bool:
        speaker.send(b"again")
        return fault_of(lambda: speaker.recv(5)) == errno.ECONNRESET

    def is_refused() -> bool:
        with client_socket(lab, address, socket.SOCK_STREAM) as attempt:
            return fault_of(lambda: attempt.connect((address, PORT))) == errno.ECONNREFUSED

    def is_prohibited() -> bool:
        with client_socket(lab, address, socket.SOCK_DGRAM) as attempt:
            attempt.connect((address, 9))
            attempt.send(bytes(1300))
            return fault_of(lambda: attempt.recv(5)) in (errno.EHOSTUNREACH, errno.EACCES)

    return {
        f"a client that speaks to {address} is reset": lambda: is_reset(sessions[0][0]),
        f"{address} is reset when it speaks": lambda: is_reset(sessions[1][1]),
        f"a new connection to {address} is refused": is_refused,
        f"UDP to {address} hears that it is prohibited": is_prohibited,
    }


def main() -> int:
    driver, program, sealer = sys.argv[1:]
    failures = []
    for address, bits in ((REJECTED, 32), (DROPPED6, 128)):
        with tempfile.TemporaryDirectory() as folder, Lab() as lab, contextlib.ExitStack() as opened:
            with inside(lab.server):
                server = opened.enter_context(
                    socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True))
            with bridge(lab):
                sessions = [open_session(lab, server, address) for _ in range(2)]
            for ends in sessions:
                for end in ends:
                    opened.enter_context(end)
            run(sealer, folder, f"{address}/{bits}", "203.0.113.9/32", "2001:db8:dead::/48")
            gate = start_gate(lab, driver, program, folder)
            try:
                failures += check(claims(lab, address, sessions))
            finally:
                gate.send_signal(signal.SIGTERM)
                gate.wait(5)
    print("\n".join(f"failed: {claim}" for claim in failures) or "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
