# SPDX-License-Identifier: Apache-2.0
"""What the packet path costs, beside what else there is.

    python3 -B dataplane/bench [--build build] [--runs 7] [gate] [libraries] [kernel]

Each part is a batch of its own with its own yardstick; without a name all three run. Prints Markdown, writes JSON and
a plot; a part that did not run now keeps the figures of its last run there. Judge by the shares: runs of one batch
share the noise of the machine, absolute figures do not repeat. Needs root, and two processors that are otherwise idle.
Exit codes: 0 done, 1 something failed, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import gate_rows  # noqa: E402
import kernel_peers  # noqa: E402
import library_peers  # noqa: E402
import plot  # noqa: E402
from pages import Hugepages  # noqa: E402
from settings import MEMORY_MB, Settings  # noqa: E402

_PARTS = {"gate": gate_rows, "libraries": library_peers, "kernel": kernel_peers}


def _read_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dataplane/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="gate, libraries, kernel")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder of the build")
    parser.add_argument("--runs", type=int, default=int(os.environ.get("RUNS", "7")), help="runs of each row")
    parser.add_argument("--seconds", type=float, default=1.0, help="measured in each run; 0.05 only tries the programs")
    parser.add_argument("--out", type=Path, help="folder for dataplane.json and .svg; BUILD/bench by default")
    line = parser.parse_args()
    unknown = set(line.parts) - set(_PARTS)
    if unknown or not 1 <= line.runs <= 99:
        parser.error(f"unknown part {', '.join(unknown)}" if unknown else "--runs takes 1 to 99")
    if os.geteuid() != 0:
        parser.error("root is needed: hugepages and network namespaces")
    return line


def _machine() -> dict:
    processor = next((row.split(":")[1].strip() for row in Path("/proc/cpuinfo").read_text().splitlines()
                      if row.startswith("model name")), os.uname().machine)
    return {"processor": processor, "processors": os.cpu_count(), "kernel": ".".join(os.uname().release.split(".")[:2])}


def _measure(line: argparse.Namespace, results: dict) -> None:
    chosen = [name for name in _PARTS if name in line.parts or not line.parts]
    with Hugepages(2 * MEMORY_MB) as pages, tempfile.TemporaryDirectory(prefix="sgbench-") as folder:
        settings = Settings(line.build.resolve() / "bin", Path(folder), line.runs, pages.available,
                            measured=line.seconds, warm_up=0.3 * line.seconds)
        for name in chosen:
            began = time.monotonic()
            print(f"\n{name}: {line.runs} runs", flush=True)
            results[name] = {"runs": line.runs, "hugepages": pages.available, "machine": _machine(),
                             **_PARTS[name].measure(settings)}
            print(f"\n{_PARTS[name].markdown(results[name])}\n\n{name}: {time.monotonic() - began:.0f} s", flush=True)


def _ask_to_stop(*_) -> None:
    raise KeyboardInterrupt


def main() -> int:
    line = _read_line()
    signal.signal(signal.SIGTERM, _ask_to_stop)
    os.nice(-20)  # a compile job beside a polling lcore would be measured with it
    out = line.out or line.build / "bench"
    out.mkdir(parents=True, exist_ok=True)
    report = out / "dataplane.json"
    results = json.loads(report.read_text()) if report.exists() else {}
    try:
        _measure(line, results)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (RuntimeError, OSError) as error:
        print(f"dataplane/bench: {error}", file=sys.stderr)
        return 1
    report.write_text(json.dumps(results, indent=1) + "\n")
    (out / "dataplane.svg").write_text(plot.draw(results))
    print(f"\nwritten: {report}, {out / 'dataplane.svg'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
