# SPDX-License-Identifier: Apache-2.0
"""The kernel's own filters on a router made of namespaces.

    sender --veth--> router (filter, then a route) --veth--> sink

One router for each row, all standing at once; the rounds go from one to the next. A frame's whole way runs on the
sender's processor, within the call that sends it, so the time between two frames is what the way costs, and the
difference to a router without a filter is what the filter costs.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cases import Case
from settings import Settings, median

_ROUTER_MAC = "00:00:5e:00:53:01"  # where bench_gate's frames go
_SINK_MAC = "00:00:5e:00:53:03"
_SECONDS = 300
_OBJECT = "bench_xdp_filter.o"
# Frames that do not arrive although nothing should stop them: the measurement is not what it says it is.
_TOLERANCE = 0.03

_SMALL = Case("1k, no hits", 1_000)
_BIG = Case("100k, no hits", 100_000)
_DROPPED = Case("100k, all dropped", 100_000, listed_percent=100)


@dataclass(frozen=True)
class Row:
    name: str
    case: Case
    kind: str = ""  # "", "nft", "xdp"
    program: str = ""  # of xdp_filter.bpf.c
    mode: str = ""
    base: str = ""  # the row that it adds its time to
    drops: bool = False


def _rows() -> list[Row]:
    rows = [Row("forwarding, no filter", _BIG)]
    rows += [Row(f"nftables set, {case.name}", case, "nft", base=rows[0].name, drops=case is _DROPPED)
             for case in (_SMALL, _BIG, _DROPPED)]
    for mode in ("native", "generic"):
        passing = Row(f"XDP {mode}, passes all", _BIG, "xdp", "pass_all", mode)
        dropping = Row(f"XDP {mode}, drops all", _BIG, "xdp", "drop_all", mode, drops=True)
        rows += [passing, dropping]
        rows += [Row(f"XDP {mode} LPM_TRIE, {case.name}", case, "xdp", "filter", mode,
                     dropping.name if case is _DROPPED else passing.name, case is _DROPPED)
                 for case in (_SMALL, _BIG, _DROPPED)]
    return rows


class Router:
    """The namespaces of one row; they go with the block, and with them all that is in them."""

    def __init__(self, number: int):
        self._names = {role: f"sgb{os.getpid()}-{number}-{role}" for role in ("sender", "router", "sink")}

    def __enter__(self) -> Router:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for name in self._names.values():
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)

    def _build(self) -> None:
        for name in self._names.values():
            _run("ip", "netns", "add", name)
        for near, far in (("sender", "router"), ("router", "sink")):
            _run("ip", "-n", self._names[near], "link", "add", f"to-{far}", "type", "veth", "peer", f"to-{near}",
                 "netns", self._names[far])
        for role in self._names:
            # Nothing of ours speaks; what the kernel says by itself would be counted.
            self._sysctl(role, "net.ipv6.conf.all.disable_ipv6", "1")
        for role, setting in (("all", "rp_filter"), ("to-sender", "rp_filter")):
            self._sysctl("router", f"net.ipv4.conf.{role}.{setting}", "0")
        self._sysctl("router", "net.ipv4.ip_forward", "1")
        self._ip("router", "link", "set", "to-sender", "address", _ROUTER_MAC)
        self._ip("sink", "link", "set", "to-router", "address", _SINK_MAC)
        for role, port in (("sender", "to-router"), ("router", "to-sender"), ("router", "to-sink"), ("sink", "to-router")):
            self._ip(role, "link", "set", port, "up")
        self._ip("router", "address", "add", "192.0.2.1/24", "dev", "to-sink")
        self._ip("router", "neighbour", "add", "192.0.2.2", "lladdr", _SINK_MAC, "dev", "to-sink", "nud", "permanent")
        self._ip("router", "route", "add", "default", "via", "192.0.2.2")

    def inside(self, role: str, *command: str, text: str | None = None) -> str:
        return _run("ip", "netns", "exec", self._names[role], *command, text=text)

    def arrived(self) -> int:
        counters = json.loads(_run("ip", "-n", self._names["sink"], "-json", "-statistics", "link", "show", "to-router"))
        return counters[0]["stats64"]["rx"]["packets"]

    def _ip(self, role: str, *words: str) -> None:
        _run("ip", "-n", self._names[role], *words)

    def _sysctl(self, role: str, name: str, value: str) -> None:
        self.inside(role, "sysctl", "-qw", f"{name}={value}")


def _run(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr + done.stdout).strip()[-400:]}")
    return done.stdout


def _ruleset(prefixes: list[str]) -> str:
    """The least that does the work: one set of intervals, asked for both ends where packets are forwarded."""
    return ("table inet sgbench {\n set listed { type ipv4_addr; flags interval; elements = {"
            + ",".join(prefixes) + "} }\n chain forward { type filter hook forward priority filter;\n"
            "  ip saddr @listed drop\n  ip daddr @listed drop\n }\n}\n")


def _arm(router: Router, row: Row, prefixes: list[str], programs: Path) -> None:
    if row.kind == "nft":
        router.inside("router", "nft", "-f", "-", text=_ruleset(prefixes))
    elif row.kind == "xdp":
        listed = "\n".join(prefixes) + "\n" if row.program == "filter" else ""
        router.inside("router", str(programs / "bench_xdp"), str(programs / _OBJECT), row.program, row.mode, "to-sender",
                      text=listed)


def _send(router: Router, row: Row, settings: Settings) -> float:
    """Frames per second. Raises RuntimeError when they did not fare as the row says."""
    before = router.arrived()
    said = router.inside("sender", str(settings.programs / "bench_sender"), "to-router",
                         str(settings.folder / _capture(row.case)), str(int(settings.measured * 1000)),
                         str(min(os.sched_getaffinity(0))))
    sent = json.loads(said)
    passed = (router.arrived() - before) / sent["sent"]
    # The first round is sent and not counted.
    if abs(passed - (0 if row.drops else 1)) > _TOLERANCE + 4096 / sent["sent"]:
        raise RuntimeError(f"{row.name}: {passed:.0%} of the frames arrived")
    return sent["sent"] / sent["seconds"]


def _capture(case: Case) -> str:
    return "kernel-" + case.capture


def measure(settings: Settings) -> dict:
    prefixes = {}
    for case in (_SMALL, _BIG, _DROPPED):
        settings.worker("bench_gate", "capture", str(settings.folder / _capture(case)), *case.traffic, "--unicast")
        prefixes[case.name] = settings.worker("bench_gate", "prefixes", *case.traffic).split()
    faults: dict[str, str] = {}
    runs: dict[str, list[float]] = {}
    with ExitStack() as stack:
        routers = []
        for number, row in enumerate(_rows()):
            router = stack.enter_context(Router(number))
            try:
                _arm(router, row, prefixes[row.case.name], settings.programs)
                routers.append((row, router))
            except RuntimeError as error:  # not every kernel has every filter; its own words are the result
                faults[row.name] = str(error)
                print(f"  {row.name}: {error}")
        for number in range(settings.runs):
            print(f"  round {number + 1} of {settings.runs}", flush=True)
            for row, router in routers:
                runs.setdefault(row.name, []).append(_send(router, row, settings))
    return {"rows": [_result(row, runs, faults) for row in _rows()]}


def _result(row: Row, runs: dict, faults: dict) -> dict:
    result = {"row": row.name, "kind": row.kind, "case": row.case.name, "drops": row.drops}
    if row.name in faults:
        return {**result, "fault": faults[row.name]}
    result |= {"pps": median(runs[row.name]), "ns": 1e9 / median(runs[row.name]), "runs": runs[row.name]}
    if row.base in runs and row.base:
        result |= {"base": row.base, "added_ns": result["ns"] - 1e9 / median(runs[row.base])}
    return result


def markdown(result: dict) -> str:
    lines = ["| router on veth, one processor | Mpps (runs) | ns a packet | added by the filter |", "|---|---:|---:|---:|"]
    for row in result["rows"]:
        if "fault" in row:
            lines.append(f"| {row['row']} | does not run | | {row['fault']} |")
            continue
        added = f"{row['added_ns']:+.0f} ns" if "added_ns" in row else ""
        # A packet that a set dropped spared the router its way on: the difference is no cost of the set.
        if row["kind"] == "nft" and row["drops"]:
            added = "(not routed)"
        runs = f"{min(row['runs']) / 1e6:.2f}-{max(row['runs']) / 1e6:.2f}"
        lines.append(f"| {row['row']} | {row['pps'] / 1e6:.3f} ({runs}) | "
                     f"{row['ns']:.0f} | {added} |")
    return "\n".join(lines)
