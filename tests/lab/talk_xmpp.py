# SPDX-License-Identifier: Apache-2.0
"""XMPP sessions that never stop talking: each sends itself a message every 100 ms (python3-slixmpp).

Argument: [{"session", "name", "domain", "port", "family", "account", "password"}...] as JSON. The log goes to
standard output.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from slixmpp import ClientXMPP

from resolve import first_address
from talk_log import TalkLog

_INTERVAL_SECONDS = 0.1


class Talker(ClientXMPP):
    def __init__(self, order: dict, log: TalkLog) -> None:
        resource = order["session"]
        super().__init__(f"{order['account']}@{order['domain']}/{resource}", order["password"])
        self["feature_mechanisms"].unencrypted_scram = True
        self._order = order
        self._session = order["session"]
        self._log = log
        self.add_event_handler("session_start", self._on_start)
        self.add_event_handler("message", self._on_message)
        for failure in ("disconnected", "connection_failed", "failed_all_auth"):
            self.add_event_handler(failure, self._on_failure)

    def begin(self) -> None:
        address = first_address(self._order["name"], self._order["family"])
        self.connect((address, self._order["port"]), disable_starttls=True)

    async def _on_start(self, event: object) -> None:
        self._log.open(self._session)
        self.send_presence()
        sequence = 0
        while self.is_connected():
            sequence += 1
            self.send_message(mto=self.boundjid.full, mbody=str(sequence), mtype="chat")
            await asyncio.sleep(_INTERVAL_SECONDS)

    def _on_message(self, message: object) -> None:
        if message["type"] == "chat":  # type: ignore[index]
            self._log.beat(self._session, int(message["body"]))  # type: ignore[index]

    def _on_failure(self, reason: object) -> None:
        self._log.lost(self._session, str(reason))


def main() -> None:
    # Only the log's own lines go to standard output; the library's warnings go to standard error.
    logging.basicConfig(level=logging.ERROR)
    log = TalkLog(sys.stdout)
    talkers = [Talker(order, log) for order in json.loads(sys.argv[1])]
    for talker in talkers:
        talker.begin()
    asyncio.get_event_loop().run_forever()


if __name__ == "__main__":
    main()
