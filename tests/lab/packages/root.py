# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian root: made once by mmdebstrap from this machine's own package sources, kept as an archive, and
unpacked anew for each run. Commands inside have their own mount, process, IPC and network namespaces."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from shell import Failed, run

# systemd-analyze, sysusers and tmpfiles; setpriv and ip for starting programs as their units would.
_ALWAYS = ("systemd", "util-linux", "iproute2", "nftables", "passwd")

# Mounts are made inside the new mount namespace and vanish with it. /dev is the machine's: EAL looks for devices.
_ENTER = """
set -e
mount -t proc proc "$1/proc"
mount -t sysfs -o ro sysfs "$1/sys"
mount -t tmpfs tmpfs "$1/dev"
for node in null zero full random urandom; do touch "$1/dev/$node"; mount --bind "/dev/$node" "$1/dev/$node"; done
ln -s /proc/self/fd "$1/dev/fd"
ip link set lo up
root=$1
shift
exec chroot "$root" "$@"
"""


def _sources() -> Path:
    """The deb822 file that names Debian's archive, or the one-line file of older installations."""
    candidates = [*sorted(Path("/etc/apt/sources.list.d").glob("*.sources")), Path("/etc/apt/sources.list")]
    for path in candidates:
        if path.is_file() and "bookworm" in path.read_text(encoding="utf-8"):
            return path
    raise Failed("no apt source of bookworm on this machine")


def archive(cache: Path, packages: list[str]) -> Path:
    """A root with these packages; made when the list or the sources have changed since the last time."""
    sources = _sources()
    wanted = sorted({*packages, *_ALWAYS})
    key = hashlib.sha256("\n".join([sources.read_text(encoding="utf-8"), *wanted]).encode()).hexdigest()[:16]
    path = cache / f"root-{key}.tar"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("root-*.tar*"):
        old.unlink()
    unfinished = path.with_suffix(".tar.part")
    run(["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(wanted)}",
         "--aptopt=Acquire::Check-Valid-Until \"false\"", "--aptopt=Apt::Install-Recommends \"false\"",
         "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
         "--format=tar", "bookworm", str(unfinished), str(sources)])
    unfinished.rename(path)
    return path


def end(process: subprocess.Popen[bytes]) -> None:
    """Whatever still runs of what Root.start() started ends here.

    The kernel forgets to end a child with its parent when the child changes its user, as setpriv does: killing unshare
    alone leaves the program running. Its child is the first process of a namespace, so all others go with it.
    """
    if process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        process.kill()
    process.wait()


class Root:
    """Unpacked into a folder of its own, removed at the end."""

    def __init__(self, archived: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="sg-root-"))
        try:
            run(["tar", "--extract", "--numeric-owner", "--xattrs", "--exclude=./dev/*",
                 "--file", str(archived), "--directory", str(self.path)])
        except Failed:
            self.remove()
            raise

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def command(self, *words: str) -> list[str]:
        """Runs `words` inside, in fresh namespaces; end() ends it."""
        return ["unshare", "--mount", "--pid", "--ipc", "--uts", "--net", "--fork", "--kill-child=SIGKILL",
                "sh", "-c", _ENTER, "enter", str(self.path), *words]

    def run(self, *words: str) -> str:
        return run(self.command(*words), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                              "DEBIAN_FRONTEND": "noninteractive"})

    def start(self, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT,
                                    env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})

    def files(self) -> dict[str, str]:
        """Every path inside with its kind, except what dpkg, apt and logs keep of their own doings."""
        ignored = ("var/lib/dpkg/", "var/log/", "var/cache/", "run/lock", "run/systemd", "etc/ld.so.cache", "proc/", "sys/", "dev/",
                   "var/lib/systemd/deb-systemd", "etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-",
                   "tmp/")
        found = {}
        for path in self.path.rglob("*"):
            name = str(path.relative_to(self.path))
            if not f"{name}/".startswith(ignored) and not name.startswith(ignored):
                found[name] = "link" if path.is_symlink() else "folder" if path.is_dir() else "file"
        return found

    def accounts(self) -> str:
        return "".join((self.path / "etc" / name).read_text(encoding="utf-8") for name in ("passwd", "group"))
