# SPDX-License-Identifier: Apache-2.0
"""DPDK's lookup libraries in the gate's loop. Plain forwarding takes turns with them in the same process."""

from __future__ import annotations

import testpmd
from cases import Case
from settings import Settings, median, spread

_LIBRARIES = ("sweepgate", "rte_fib", "rte_lpm", "rte_hash", "rte_acl")
_CASES = (
    Case("1k, no hits", 1_000),
    Case("100k, no hits", 100_000),
    Case("100k, all dropped", 100_000, listed_percent=100),
)
# rte_lpm looks for room from the beginning at each prefix: 100k take it half a minute and more.
_LOAD_SECONDS = 300


def measure(settings: Settings) -> dict:
    io = []
    rows = []
    for case in _CASES:
        capture = settings.folder / case.capture
        settings.worker("bench_gate", "capture", str(capture), *case.traffic)
        for library in _LIBRARIES:
            if library == "rte_lpm" and case.listed_percent > 0 and case.ipv4 >= 100_000:
                continue  # half a minute to load it once is enough
            print(f"  {library}, {case.name}", flush=True)
            io.append(testpmd.rate(settings, capture))
            rows += _ways(settings, library, case)
    return {"io": {"pps": median(io), "runs": io}, "rows": rows}


def _ways(settings: Settings, library: str, case: Case) -> list[dict]:
    """A row for each way to ask the library; one without a rate when it cannot hold the prefixes."""
    named = {"case": case.name, "library": library, "listed_percent": case.listed_percent}
    try:
        run = settings.measure("bench_peers", library, str(settings.folder / case.capture), *case.traffic,
                               *settings.gate_memory, "--runs", str(settings.runs),
                               "--measured-ms", str(int(settings.measured * 600)),
                               "--warm-up-ms", str(int(settings.warm_up * 600)), timeout=_LOAD_SECONDS)
    except RuntimeError as error:
        print(f"    {error}")
        return [{**named, "way": library, "fault": str(error).rsplit(": ", 2)[-2:]}]
    common = {**named, "io_pps": median(run["io_runs"]), "io_runs": run["io_runs"], "loaded": run["loaded"],
              "load_ms": run["load_ms"], "remark": run["remark"]}
    return [{**common, "way": way["name"], "pps": median(way["runs"]), "runs": way["runs"],
             "dropped_share": way["dropped_share"], "share": median(way["runs"]) / median(run["io_runs"])}
            for way in run["ways"]]


def markdown(result: dict) -> str:
    io = result["io"]
    own = [row["io_pps"] for row in result["rows"] if "pps" in row]
    lines = ["| in the same loop | case | Mpps (runs) | of io in the same process | prefixes held; load |",
             "|---|---|---:|---:|---|",
             f"| dpdk-testpmd io, burst 32 | | {io['pps'] / 1e6:.1f} ({spread(io['runs'])}) | | |",
             f"| this loop's own io, burst 64 | | {median(own) / 1e6:.1f} ({spread(own)}) | 100 % | |"]
    return "\n".join(lines + [_line(row) for row in result["rows"]])


def _line(row: dict) -> str:
    if "pps" not in row:
        return f"| {row['way']} | {row['case']} | | does not load | {': '.join(row['fault'])} |"
    held = f"{row['loaded']:,}" + (f" ({row['remark']})" if row["remark"] else "")
    # What a library cannot hold it does not drop either.
    missed = row["listed_percent"] / 100 - row["dropped_share"]
    leak = f", lets {missed:.0%} through" if missed > 0.03 else ""
    return (f"| {row['way']} | {row['case']} | {row['pps'] / 1e6:.1f} ({spread(row['runs'])}) | {row['share']:.0%}{leak} | "
            f"{held}; {row['load_ms']:,.0f} ms |")
