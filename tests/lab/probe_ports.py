# SPDX-License-Identifier: Apache-2.0
"""Tries to open TCP connections, all at once, and says what became of each.

Arguments: a patience in seconds, then [[address, port]...] as JSON. Prints a JSON list of `open`, `timeout`
or the name of the error (`ECONNREFUSED`, `EHOSTUNREACH`...), in the order of the question.
"""

from __future__ import annotations

import asyncio
import errno
import json
import sys


async def _try(address: str, port: int, patience: float) -> str:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), patience)
    except asyncio.TimeoutError:
        return "timeout"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    writer.close()
    return "open"


async def _try_all(patience: float, targets: list[tuple[str, int]]) -> list[str]:
    return await asyncio.gather(*(_try(address, port, patience) for address, port in targets))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_try_all(float(sys.argv[1]), json.loads(sys.argv[2])))))
