# SPDX-License-Identifier: Apache-2.0
"""The .deb packages in a fresh Debian root: installed, every program started with its unit's rights, purged, and
nothing left behind."""

from __future__ import annotations

import argparse
import shutil
import signal
import stat
import sys
import tempfile
import time
from pathlib import Path

import debs
from box import tell
from root import Root, archive
from shell import Failed
from unit import Unit

_PARTS = {
    "sweepgate-cli": None,
    "sweepgate-controller": "sweepgated.service",
    "sweepgate-agent": "sweepgate-agent.service",
    "sweepgate-dataplane": "sweepgate-dataplane.service",
    "libsweepgate-filter0": None,
    "libsweepgate-filter-dev": None,
}
_LIBRARY = "libsweepgate-filter.so.0"
_FOR_VENDORS = ("include/sweepgate/filter.h", "lib/*/pkgconfig/sweepgate-filter.pc", "lib/*/libsweepgate-filter.so",
                "share/doc/libsweepgate-filter-dev/examples/forwarder.c")
_UNITS = Path("usr/lib/systemd/system")
# `systemd-analyze security`, in tenths; the DPDK gate needs real devices, hence no PrivateDevices and the like, and the
# agent reads /proc/sys/net/bridge, hence no ProcSubset.
_EXPOSURE = {"sweepgated.service": 14, "sweepgate-agent.service": 19, "sweepgate-dataplane.service": 25}


class Story:
    def __init__(self, root: Root, files: list[Path], parts: list[str], logs: Path) -> None:
        self._root = root
        self._files = files
        self._parts = parts
        self._logs = logs

    def install(self) -> None:
        for deb in self._files:
            shutil.copy(deb, self._root.path / "root" / deb.name)
        self._root.run("sh", "-c", "dpkg --install /root/*.deb")
        self._root.run("dpkg", "--audit")
        for deb in self._files:
            (self._root.path / "root" / deb.name).unlink()

    def answer_for_themselves(self) -> None:
        for package, program in debs.programs(self._files).items():
            version = self._root.run(program, "--version").strip()
            if debs.field(self._deb(package), "Version") not in version:
                raise Failed(f"{program} --version says '{version}'")
            if len(self._root.run(program, "--help").splitlines()) < 3:
                raise Failed(f"{program} --help says next to nothing")

    def find_library(self) -> None:
        """The loader knows the library and finds all that it needs; what a vendor builds with is in its place."""
        if "libsweepgate-filter0" in self._parts:
            if _LIBRARY not in self._root.run("ldconfig", "-p"):
                raise Failed(f"ldconfig does not know {_LIBRARY}")
            path = next((self._root.path / "usr/lib").glob(f"*/{_LIBRARY}")).relative_to(self._root.path)
            needed = self._root.run("ldd", f"/{path}")
            if "not found" in needed:
                raise Failed(f"/{path} does not find what it needs:\n{needed}")
        if "libsweepgate-filter-dev" in self._parts:
            for pattern in _FOR_VENDORS:
                found = list((self._root.path / "usr").glob(pattern))
                if not found or not found[0].exists():
                    raise Failed(f"libsweepgate-filter-dev brings no /usr/{pattern}")

    def verify_units(self) -> None:
        for unit in self._units():
            said = self._root.run("sh", "-c", f"systemd-analyze verify --man=no '{unit}' 2>&1")
            if said.strip():
                raise Failed(f"systemd-analyze verify {unit}:\n{said}")
            self._root.run("systemd-analyze", "security", "--offline=true",
                           f"--threshold={_EXPOSURE[unit]}", f"/{_UNITS}/{unit}")

    def guard_keys(self) -> None:
        folder = self._root.path / "etc/sweepgate/keys"
        for name in ("signing.key", "controller.curve"):
            if "sweepgate-controller" in self._parts:
                mode = stat.S_IMODE((folder / name).stat().st_mode)
                if mode != 0o600 or (folder / name).stat().st_uid == 0:
                    raise Failed(f"{name} has mode {mode:o} and owner {(folder / name).stat().st_uid}")

    def keep_keys_over_reinstallation(self) -> None:
        key = self._root.path / "etc/sweepgate/keys/signing.key"
        if not key.exists():
            return
        before = key.read_bytes()
        self.install()
        if key.read_bytes() != before:
            raise Failed("installing again replaced the signing key")

    def run_all(self) -> None:
        if set(self._parts) == set(_PARTS):
            tell(self._root, {name: Unit(self._root.path / _UNITS / name) for name in self._units()}, self._logs)

    def remove(self) -> None:
        self._root.run("dpkg", "--remove", *self._parts)
        if _LIBRARY in self._root.run("ldconfig", "-p"):
            raise Failed(f"the loader still knows {_LIBRARY}")
        if not (self._root.path / "etc/sweepgate/sweepgated.toml").exists() and "sweepgate-controller" in self._parts:
            raise Failed("removing took the configuration, which only purging may do")

    def purge(self) -> None:
        self._root.run("dpkg", "--purge", *self._parts)

    def _units(self) -> list[str]:
        return [unit for part, unit in _PARTS.items() if part in self._parts and unit]

    def _deb(self, package: str) -> Path:
        return next(deb for deb in self._files if debs.field(deb, "Package") == package)


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [f"left behind: {name}" for name in sorted(after.keys() - before.keys())] + \
           [f"gone: {name}" for name in sorted(before.keys() - after.keys())]


def _step(text: str, started: float) -> None:
    print(f"{time.monotonic() - started:7.1f} s  {text}", flush=True)


def _tell(root: Root, files: list[Path], parts: list[str], logs: Path, started: float) -> None:
    before, accounts = root.files(), root.accounts()
    story = Story(root, files, parts, logs)
    for action, text in ((story.install, "installed"), (story.answer_for_themselves, "--version and --help answer"),
                         (story.find_library, "the vendors' library is found and complete"),
                         (story.verify_units, "units verified"), (story.guard_keys, "keys are closed to others"),
                         (story.keep_keys_over_reinstallation, "a second installation keeps the keys"),
                         (story.run_all, "every program ran as its unit says, and stopped"),
                         (story.remove, "removed"), (story.purge, "purged")):
        action()
        _step(text, started)
    before.pop("etc/resolv.conf", None)
    left = _differences(before, root.files())
    if root.accounts() != accounts:
        left.append("users or groups differ")
    if left:
        raise Failed("\n".join(left))
    _step("nothing is left behind", started)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="the build folder")
    parser.add_argument("--parts", default=",".join(_PARTS), help="packages that must be there")
    return parser.parse_args()


def main() -> int:
    order = _arguments()
    parts = order.parts.split(",")
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the root is removed on every way out
    root = None
    logs = Path(tempfile.mkdtemp(prefix="sg-packages-"))
    try:
        files = debs.build(order.build.resolve())
        built = {debs.field(deb, "Package") for deb in files}
        if built != set(parts):
            raise Failed(f"packages built: {', '.join(sorted(built))}; wanted: {', '.join(sorted(parts))}")
        for deb in files:
            print(f"    {deb.name}: {deb.stat().st_size / 1024:.0f} KiB", flush=True)
        _step("packages built", started)
        archived = archive(order.build.resolve() / "package-roots", debs.dependencies(files))
        root = Root(archived)
        _step(f"fresh root, {archived.stat().st_size >> 20} MiB", started)
        _tell(root, files, parts, logs, started)
        return 0
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        if root:
            root.remove()
        shutil.rmtree(logs, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
