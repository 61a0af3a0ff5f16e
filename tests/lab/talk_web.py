# SPDX-License-Identifier: Apache-2.0
"""A browser's part: one fresh connection and GET every 200 ms for each session.

Argument: [{"session", "name", "port", "family"}...] as JSON. The log goes to standard output.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time

from resolve import first_address
from talk_log import TalkLog

_INTERVAL_SECONDS = 0.2
_PATIENCE_SECONDS = 3.0


def _get(order: dict) -> None:
    """Raises OSError or HTTPException unless the site answers 200."""
    address = first_address(order["name"], order["family"])
    connection = http.client.HTTPConnection(address, order["port"], timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": order["name"]})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise OSError(f"status {answer.status}")
    finally:
        connection.close()


def _talk(order: dict, log: TalkLog) -> None:
    session = order["session"]
    log.open(session)
    sequence = 0
    while True:
        try:
            _get(order)
        except (OSError, http.client.HTTPException) as error:
            log.lost(session, str(error))
        else:
            sequence += 1
            log.beat(session, sequence)
        time.sleep(_INTERVAL_SECONDS)


def main() -> None:
    log = TalkLog(sys.stdout)
    for order in json.loads(sys.argv[1]):
        threading.Thread(target=_talk, args=(order, log)).start()


if __name__ == "__main__":
    main()
