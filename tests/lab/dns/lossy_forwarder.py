#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A DNS path with a length and holes in it, where the kernel has no netem.

usage: lossy_forwarder.py FROM TO [--delay MS] [--loss PERCENT] [--seed N]

What comes to FROM over UDP goes to TO, and the answer back; each way takes half of the delay, and each packet is
lost by chance. TCP is passed on whole, with the delay at its beginning. Addresses are 192.0.2.53 or
192.0.2.53#5353. It prints "ready" when it listens.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
from typing import cast


class Path:
    def __init__(self, delay: float, loss: float, seed: int | None) -> None:
        self._one_way, self._loss, self._dice = delay / 2, loss, random.Random(seed)

    def carry(self, transport: asyncio.DatagramTransport, packet: bytes, to: tuple | None = None) -> None:
        if self._dice.random() < self._loss:
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._one_way, lambda: transport.is_closing() or transport.sendto(packet, to))

    async def wait(self) -> None:
        await asyncio.sleep(2 * self._one_way)


class Upstream(asyncio.DatagramProtocol):
    """One asker's side of the path: a port of its own, so that answers find back."""

    def __init__(self, near: Near, asker: tuple) -> None:
        self._near, self._asker = near, asker
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        self._near.answer(data, self._asker)

    def error_received(self, exc: Exception) -> None:
        pass  # nobody listens there: silence, as on a real path


class Near(asyncio.DatagramProtocol):
    def __init__(self, path: Path, to: tuple[str, int]) -> None:
        self._path, self._to = path, to
        self._upstreams: dict[tuple, asyncio.Task[Upstream]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._running: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        task = asyncio.ensure_future(self._forward(data, addr))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def answer(self, packet: bytes, asker: tuple) -> None:
        if self._transport is not None:
            self._path.carry(self._transport, packet, asker)

    async def _forward(self, packet: bytes, asker: tuple) -> None:
        if asker not in self._upstreams:
            self._upstreams[asker] = asyncio.ensure_future(self._open(asker))
        upstream = await self._upstreams[asker]
        if upstream.transport is not None:
            self._path.carry(upstream.transport, packet)

    async def _open(self, asker: tuple) -> Upstream:
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_datagram_endpoint(lambda: Upstream(self, asker), remote_addr=self._to)
        return upstream


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while came := await reader.read(65536):
            writer.write(came)
            await writer.drain()
    except OSError:
        pass
    writer.close()


def _split(text: str) -> tuple[str, int]:
    address, _, port = text.partition("#")
    return address, int(port or 53)


async def _serve(chosen: argparse.Namespace) -> None:
    path = Path(chosen.delay / 1000, chosen.loss / 100, chosen.seed)
    near, far = _split(chosen.near), _split(chosen.far)

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await path.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(*far)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Near(path, far), local_addr=near)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    server = await asyncio.start_server(stream, *near)
    print("ready", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 2)[1])
    parser.add_argument("near")
    parser.add_argument("far")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=None)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
