# SPDX-License-Identifier: Apache-2.0
"""Looking up one name in one family, as the namespace's own resolver sees it."""

from __future__ import annotations

import socket


def first_address(name: str, family: int) -> str:
    """The first address of the name. Raises OSError when it has none in the family (4 or 6)."""
    wanted = socket.AF_INET6 if family == 6 else socket.AF_INET
    return str(socket.getaddrinfo(name, None, wanted, socket.SOCK_STREAM)[0][4][0])
