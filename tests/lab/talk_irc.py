# SPDX-License-Identifier: Apache-2.0
"""IRC sessions that never stop talking: each sends itself a message every 50 ms (python3-irc).

Argument: [{"session", "name", "port", "family"}...] as JSON, optionally with "interval_ms". A name is looked
up in DNS, an address is taken as it is. The log goes to standard output.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import irc.client
import irc.connection

from resolve import first_address
from talk_log import TalkLog

_INTERVAL_MS = 50


class Talker:
    def __init__(self, order: dict, log: TalkLog) -> None:
        self._order = order
        self._session = order["session"]
        self._log = log
        self._sent = 0
        self._ready = False
        self._reactor = irc.client.IRC()
        for event in ("welcome", "privmsg", "disconnect"):
            self._reactor.add_global_handler(event, getattr(self, f"_on_{event}"))

    def talk(self) -> None:
        family = self._order["family"]
        address = first_address(self._order["name"], family)
        connection = self._reactor.server()
        connection.connect(address, self._order["port"], self._nick,
                           connect_factory=irc.connection.Factory(ipv6=family == 6))
        interval = self._order.get("interval_ms", _INTERVAL_MS) / 1000
        next_send = time.monotonic()
        while connection.is_connected():
            self._reactor.process_once(0.005)
            if self._ready and time.monotonic() >= next_send:
                self._sent += 1
                connection.privmsg(self._nick, str(self._sent))
                next_send = time.monotonic() + interval

    @property
    def _nick(self) -> str:
        # Nine characters at most (RFC 2812, section 1.2.1), unique among the lab's sessions.
        gate, what, family = self._session.split("/")
        return f"{gate[:2]}{what[:6]}{family}"

    def _on_welcome(self, connection: object, event: object) -> None:
        self._ready = True
        self._log.open(self._session)

    def _on_privmsg(self, connection: object, event: irc.client.Event) -> None:
        self._log.beat(self._session, int(event.arguments[0]))

    def _on_disconnect(self, connection: object, event: irc.client.Event) -> None:
        self._log.lost(self._session, " ".join(event.arguments))


def _talk(order: dict, log: TalkLog) -> None:
    try:
        Talker(order, log).talk()
    except (OSError, irc.client.IRCError) as error:
        log.lost(order["session"], str(error))


def main() -> None:
    log = TalkLog(sys.stdout)
    threads = [threading.Thread(target=_talk, args=(order, log)) for order in json.loads(sys.argv[1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
