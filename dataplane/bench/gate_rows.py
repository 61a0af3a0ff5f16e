# SPDX-License-Identifier: Apache-2.0
"""The gate against dpdk-testpmd: both take turns on one processor, and the median of what one is of the other.

A machine that others use is fast for some seconds and slow for the next, by half, so two runs one after the other may
say anything. In each run here both are started, and one is paused while the other forwards for some milliseconds: what
slows the machine slows both. Each is divided by its own processor time. A run is two new processes, because where
their memory lies in the caches is drawn anew for each."""

from __future__ import annotations

import signal
import subprocess
import time

from cases import CASES, MEMORY_IPV4, MEMORY_IPV6, REBUILD, Bound, Case
from settings import Settings, median, spread
from testpmd import Testpmd

# A row must have dropped what it says it drops; the frames are drawn, not counted out.
_DROP_TOLERANCE = 0.03
# Long enough that refilling the caches after a change does not count, short enough that the machine stays the same.
_TURN = 0.03


def measure(settings: Settings) -> dict:
    captures = {case.capture: case for case in CASES}
    for name, case in captures.items():
        settings.worker("bench_gate", "capture", str(settings.folder / name), *case.traffic)
    rows = {case.name: {"io": [], "runs": [], "set": ""} for case in CASES}
    for number in range(settings.runs):
        print(f"  round {number + 1} of {settings.runs}", flush=True)
        for case in CASES:
            row = rows[case.name]
            io, run = _run(settings, case)
            row["io"].append(io)
            row["runs"].append(run["pps"])
            row["set"] = run["instruction_set"]
    io = [pps for row in rows.values() for pps in row["io"]]
    return {
        "io": {"pps": median(io), "runs": io},
        "cases": [_row(case, rows[case.name]) for case in CASES],
        "tables": _tables(settings),
        "swaps": _swaps(settings),
    }


def _row(case: Case, row: dict) -> dict:
    return {"case": case.name, "instruction_set": row["set"], "pps": median(row["runs"]), "io_pps": median(row["io"]),
            "share": median(pps / io for pps, io in zip(row["runs"], row["io"])), "prototype": case.prototype, "must": case.must,
            "aim": case.aim, "runs": row["runs"], "io_runs": row["io"]}


def _run(settings: Settings, case: Case) -> tuple[float, dict]:
    """testpmd forwards the same frames."""
    capture = settings.folder / case.capture
    arguments = [str(capture), *case.traffic, *settings.gate_memory,
                 "--measured-ms", str(int(settings.measured * 1000)), "--warm-up-ms", str(int(settings.warm_up * 1000))]
    if case.simd:
        arguments += ["--simd", case.simd]
    with Testpmd(settings, capture) as other, settings.begin("bench_gate", "rate", *arguments) as gate:
        try:
            if gate.stdout.readline() == "measuring\n":
                other.start()
                _take_turns(gate, other.process)
            run = settings.end(gate)
        finally:
            gate.kill()
        if abs(run["dropped_share"] - case.listed_percent / 100) > _DROP_TOLERANCE:
            raise RuntimeError(f"{case.name}: {run['dropped_share']:.1%} of the frames were dropped")
        return other.rate(), run


def _take_turns(first: subprocess.Popen, second: subprocess.Popen) -> None:
    """Until `first` ends. Both are ours, and go on when this is left."""
    runs, waits = first, second
    try:
        while first.poll() is None:
            waits.send_signal(signal.SIGSTOP)
            runs.send_signal(signal.SIGCONT)
            time.sleep(_TURN)
            runs, waits = waits, runs
    finally:
        for process in (first, second):
            process.send_signal(signal.SIGCONT)


def _tables(settings: Settings) -> dict:
    of = {"ipv4_100k": ("--ipv4", "100000"), "ipv6_100k": ("--ipv6", "100000"), "ipv4_1m": ("--ipv4", "1000000")}
    return {name: settings.measure("bench_gate", "tables", *traffic) for name, traffic in of.items()}


def _swaps(settings: Settings) -> dict:
    case = next(case for case in CASES if case.ipv4 == 100_000)
    return settings.measure("bench_gate", "swaps", str(settings.folder / case.capture), *case.traffic,
                            *settings.gate_memory)


def markdown(result: dict) -> str:
    io = result["io"]
    sets = result["cases"][0]["instruction_set"]
    lines = [f"Screened with {sets} where the case names nothing else; {result['runs']} runs, "
             f"{'hugepages' if result['hugepages'] else 'ordinary pages'}.", "",
             "| case | Mpps (runs) | testpmd io beside it | share | prototype | must | aim |",
             "|---|---:|---:|---:|---:|---:|---:|",
             f"| dpdk-testpmd io, burst 32, all its runs | {io['pps'] / 1e6:.1f} ({spread(io['runs'])}) | | 100 % | | | |"]
    for row in result["cases"]:
        asked = " | ".join("" if row[key] is None else f"{row[key]} %" for key in ("prototype", "must", "aim"))
        lines.append(f"| {row['case']} | {row['pps'] / 1e6:.1f} ({spread(row['runs'])}) | {row['io_pps'] / 1e6:.1f} | "
                     f"{_share(row)} | {asked} |")
    return "\n".join(lines + [""] + _small_rows(result))


def _share(row: dict) -> str:
    share = f"{100 * row['share']:.1f} %"
    return f"**{share}** (missed)" if row["must"] is not None and 100 * row["share"] < row["must"] else share


def _small_rows(result: dict) -> list[str]:
    tables, swaps = result["tables"], result["swaps"]
    still, swapped = swaps["turns_without_swaps"], swaps["turns_with_swaps"]
    times = " / ".join
    quantiles = ("p50_ns", "p99_ns", "p999_ns")
    return [
        "| what | measured | at most |", "|---|---:|---:|",
        _bound(MEMORY_IPV4, tables["ipv4_100k"]["bytes_per_entry"]),
        _bound(MEMORY_IPV6, tables["ipv6_100k"]["bytes_per_entry"]),
        f"| memory an entry, 1M IPv4 | {tables['ipv4_1m']['bytes_per_entry']:.1f} B | |",
        _bound(REBUILD, tables["ipv4_100k"]["build_ms"]),
        f"| rebuild of 100k IPv6; of 1M IPv4 | {tables['ipv6_100k']['build_ms']:.1f} ms; "
        f"{tables['ipv4_1m']['build_ms']:.0f} ms | |",
        f"| turn of an lcore under load, p50 / p99 / p99.9 | {times(f'{still[q] / 1000:.2f}' for q in quantiles)} us | |",
        f"| the same while 100k prefixes are swapped {swaps['swaps']} times, 10 a second | "
        f"{times(f'{swapped[q] / 1000:.2f}' for q in quantiles)} us | |",
        f"| such a swap: compile under load; grace period | {swaps['compile_ms']:.1f} ms; {swaps['grace_us']:.0f} us | |",
        f"| packets lost to the swaps; judged by neither | {swaps['packets_lost']}; {swaps['packets_unjudged']} of "
        f"{swaps['packets_received']:,} | 0; 0 |",
    ]


def _bound(bound: Bound, value: float) -> str:
    missed = " (missed)" if value > bound.most else ""
    return f"| {bound.name} | {value:.1f} {bound.unit}{missed} | {bound.most:g} {bound.unit} |"
