#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What waiting for the gate adds to a push: `--wait 5` and `--wait 0` in turns, one site, one agent.

usage: push_wait.py PROGRAMS [PUSHES]     (root; enters a network and mount namespace of its own)
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "refusals"))
from one_site import Site, until  # noqa: E402


def measure(site: Site, pushes: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"5": [], "0": []}
    policy = site.folder / "pushed.toml"
    for turn in range(2 * pushes):
        wait = "50"[turn % 2]
        action = ("pass", "block")[turn // 2 % 2] if wait == "5" else ("block", "pass")[turn // 2 % 2]
        policy.write_text(f'[categories]\nim = "{action}"\n# {turn}\n')
        began = time.monotonic()
        done = site.cli("push", "--yes", "--wait", wait, str(policy))
        took[wait].append(1000 * (time.monotonic() - began))
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        generation = site.status()["generation"]
        until("the gate follows", lambda: any(
            gate["generation"] == generation and gate["current"] for gate in site.status()["gates"]))
    return took


def main() -> None:
    if "SWEEPGATE_INSIDE" not in os.environ:
        os.execvpe("unshare", ["unshare", "--net", "--mount", sys.executable, "-B", __file__, *sys.argv[1:]],
                   {**os.environ, "SWEEPGATE_INSIDE": "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="sg-push-wait-") as folder:
        site = Site(Path(sys.argv[1]), Path(folder) / "site")
        try:
            site.start_controller()
            site.start_agent()
            until("the gate reports", lambda: any(gate["current"] for gate in site.status().get("gates", [])))
            took = measure(site, int(sys.argv[2]) if len(sys.argv) > 2 else 21)
        finally:
            site.stop()
    for wait, times in took.items():
        print(f"push --wait {wait}: median {statistics.median(times):.0f} ms, "
              f"{min(times):.0f} to {max(times):.0f} ({len(times)} pushes)")


if __name__ == "__main__":
    main()
