# SPDX-License-Identifier: Apache-2.0
"""A UDP flow with sequence numbers, sent while something else happens."""

from __future__ import annotations

import socket
import threading
import time

SO_RCVBUFFORCE = 33
PER_SECOND = 1000


class Flow:
    """Sends from `sender` to each of `addresses` in turn; `receiver` hears every address."""

    def __init__(self, sender: socket.socket, receiver: socket.socket, addresses: list[str],
                 port: int) -> None:
        receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
        receiver.settimeout(0.1)
        self._sender, self._receiver, self._port = sender, receiver, port
        self.sent = {address: 0 for address in addresses}
        self.heard: dict[str, set[int]] = {address: set() for address in addresses}
        self._ended = threading.Event()
        self._quiet = threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._hear)]

    def __enter__(self) -> Flow:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._threads[0].join()
        time.sleep(1)  # what is still on its way arrives
        self._quiet.set()
        self._threads[1].join()

    def lost(self, address: str) -> int:
        return self.sent[address] - len(self.heard[address])

    def _send(self) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            for address in self.sent:
                text = f"{address} {self.sent[address]}".encode()
                self._sender.sendto(text, (address, self._port))
                self.sent[address] += 1
            # No burst makes up for a pause: a full ring is not what is measured.
            due = max(due + 1 / PER_SECOND, time.monotonic() - 0.005)
            time.sleep(max(0.0, due - time.monotonic()))

    def _hear(self) -> None:
        while not self._quiet.is_set():
            try:
                address, number = self._receiver.recv(100).decode().split()
            except TimeoutError:
                continue
            self.heard[address].add(int(number))
