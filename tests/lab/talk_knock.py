# SPDX-License-Identifier: Apache-2.0
"""Knocks at doors that should be shut, without end: one leak is one beat in the log.

Argument: [{"session", "name", "port"}...] as JSON; names are addresses. Each session tries a fresh TCP
connection, gives up after 300 ms and tries again. The log goes to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys

from talk_log import TalkLog

_PATIENCE_SECONDS = 0.3
_INTERVAL_SECONDS = 0.1


async def _knock(order: dict, log: TalkLog) -> None:
    session = order["session"]
    log.open(session)
    opened = 0
    while True:
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(order["name"], order["port"]), _PATIENCE_SECONDS)
        except (OSError, asyncio.TimeoutError) as error:
            log.lost(session, type(error).__name__)
        else:
            opened += 1
            log.beat(session, opened)
            writer.close()
        await asyncio.sleep(_INTERVAL_SECONDS)


async def _knock_all(orders: list[dict], log: TalkLog) -> None:
    await asyncio.gather(*(_knock(order, log) for order in orders))


if __name__ == "__main__":
    asyncio.run(_knock_all(json.loads(sys.argv[1]), TalkLog(sys.stdout)))
