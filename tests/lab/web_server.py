# SPDX-License-Identifier: Apache-2.0
"""A plain web server on given addresses and ports. Its one page names the address that was asked.

Argument: {"addresses": [...], "ports": [...]} as JSON.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = f"Sweepgate lab: {self.connection.getsockname()[0]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the clients' logs are the record."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), Page)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # HTTPServer would ask DNS for its own name here, and there may be none to answer.
        TCPServer.server_bind(self)


def main() -> None:
    order = json.loads(sys.argv[1])
    for address in order["addresses"]:
        for port in order["ports"]:
            server = Server(address, port)
            threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
