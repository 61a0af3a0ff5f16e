# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a lab, nothing of it stays: no namespace, no process, no file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import state
from shell import run

_HERE = Path(__file__).resolve().parent
_COMMAND = [sys.executable, "-B", str(_HERE), "--world"]
_STARTING_SECONDS = 30.0


class RunningLab:
    """A lab in a process of its own, caught while its servers come up."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         text=True)
        self.record = self._wait_for_record()
        self.namespaces: list[str] = self.record["namespaces"]
        self.folder = Path(self.record["folder"])

    def end_by(self, sign: signal.Signals) -> int:
        self._process.send_signal(sign)
        self._process.communicate(timeout=_STARTING_SECONDS)
        return self._process.returncode

    def finish(self) -> int:
        self._process.communicate(timeout=120)
        return self._process.returncode

    def _wait_for_record(self) -> dict:
        deadline = time.monotonic() + _STARTING_SECONDS
        while time.monotonic() < deadline:
            for path in state.RECORDS.glob("*.json"):
                record = _read(path)
                if record.get("pid") == self._process.pid and self._has_servers(record):
                    return record
            time.sleep(0.02)
        raise AssertionError("the lab never came up")

    @staticmethod
    def _has_servers(record: dict) -> bool:
        internet = [name for name in record["namespaces"] if name.endswith("-net")]
        return bool(internet) and len(state.processes_in(internet[0])) >= 3


def _read(path: Path) -> dict:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}  # gone, or being written this moment


class Removal(unittest.TestCase):
    def assert_gone(self, lab: RunningLab) -> None:
        listed = run("ip", "netns", "list")
        for name in lab.namespaces:
            self.assertNotIn(name, listed)
            self.assertFalse((state.NETNS_ETC / name).exists())
        self.assertFalse(lab.folder.exists())
        self.assertFalse((state.RECORDS / f"{lab.folder.name[-6:]}.json").exists())

    def test_ctrl_c_removes_everything(self) -> None:
        lab = RunningLab()
        self.assertNotEqual(lab.end_by(signal.SIGINT), 0)
        self.assert_gone(lab)

    def test_sigterm_removes_everything(self) -> None:
        lab = RunningLab()
        self.assertNotEqual(lab.end_by(signal.SIGTERM), 0)
        self.assert_gone(lab)

    def test_the_next_run_removes_what_a_crash_left(self) -> None:
        lab = RunningLab()
        processes = [pid for name in lab.namespaces for pid in state.processes_in(name)]
        lab.end_by(signal.SIGKILL)
        self.assertIn(lab.namespaces[0], run("ip", "netns", "list"))
        state.clear_leftovers()
        self.assert_gone(lab)
        for pid in processes:
            self.assertFalse(Path(f"/proc/{pid}/ns").exists() and _runs_from(pid, lab.folder))

    def test_a_run_leaves_its_neighbour_alone(self) -> None:
        first, second = RunningLab(), RunningLab()
        state.clear_leftovers()
        second.end_by(signal.SIGINT)
        self.assertEqual(first.finish(), 0)
        self.assert_gone(first)
        self.assert_gone(second)

    def test_a_torn_record_is_cleared(self) -> None:
        torn = state.RECORDS / "torn.json"
        torn.parent.mkdir(exist_ok=True)
        torn.write_text('{"pid": 1, "names', encoding="utf-8")
        state.clear_leftovers()
        self.assertFalse(torn.exists())

    def test_a_folder_of_another_name_is_never_removed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            record = state.RECORDS / "foreign.json"
            record.parent.mkdir(exist_ok=True)
            record.write_text(json.dumps({"pid": 1, "namespaces": [], "folder": folder}), encoding="utf-8")
            state.clear_leftovers()
            self.assertTrue(Path(folder).exists())


def _runs_from(pid: int, folder: Path) -> bool:
    """The id may have been given to another process since."""
    try:
        return str(folder) in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
