# SPDX-License-Identifier: Apache-2.0
"""The two policies of the story, and what each system may expect of the second."""

from __future__ import annotations

import json

import plan
import zones

# The guard refuses to enforce documentation and benchmark space unless a policy says so.
_LAB_RANGES = ["203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15", "2001:db8::/32"]
# Systems that the policy names; the others are treated as the catalog proposes.
_NAMED = {"irc": "block", "xmpp": "block", "telegram": "reject", "mumble": "monitor",
          "steam-chat": "pass"}
_STOPPING = ("block", "reject")


def treatment(system: str, names: zones.Names) -> str:
    return _NAMED.get(system) or names.defaults[system]


def is_stopped(system: str, names: zones.Names) -> bool:
    return treatment(system, names) in _STOPPING


def open_policy() -> str:
    """The site before it decided anything: every system is left alone."""
    return f"""[defaults]
action = "pass"

[guard]
treat_as_public = {json.dumps(_LAB_RANGES)}
"""


def blocking_policy() -> str:
    """What the story pushes: the catalog's own defaults, some systems by name, one sanctioned server."""
    named = "\n".join(f'{system} = "{word}"' for system, word in _NAMED.items())
    return f"""[guard]
treat_as_public = {json.dumps(_LAB_RANGES)}

[systems]
{named}

[[sanctioned]]
name = "Corporate chat"
hostnames = ["{plan.CORPORATE.name}"]
"""
