# SPDX-License-Identifier: Apache-2.0
"""A machine within this one, for a command that writes to fixed places.

    client 192.0.2.10 -- eth1 [ gate ] eth2 -- server 192.0.2.80    not listed
           2001:db8::10                               2001:db8::80
                                                      203.0.113.7, 2001:db8:bad::7   listed

Processes, mounts, /run and /dev/shm are its own. Over /etc and /var/lib of this machine lies a sheet that
catches every write. All of it goes with its first process, however that ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_LAB = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_LAB))
import topology  # noqa: E402
from shell import run  # noqa: E402

GATE, CLIENT, SERVER = "sg-gate", "sg-client", "sg-server"
FREE = ("192.0.2.80", "2001:db8::80")
LISTED = ("203.0.113.7", "2001:db8:bad::7")
PORT = 443
_CLIENT_ADDRESSES = ("192.0.2.10/24", "2001:db8::10/64")
_SERVER_ADDRESSES = (f"{FREE[0]}/24", f"{FREE[1]}/64", f"{LISTED[0]}/32", f"{LISTED[1]}/128")
_INSIDE = "SWEEPGATE_PORTS_TEST"
_COVERED = ("/etc", "/var/lib")
_SHEET = Path("/run/sheet")


def enter() -> None:
    """Starts this program again inside, as its first process."""
    if os.environ.get(_INSIDE) != "yes":
        os.environ[_INSIDE] = "yes"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                              sys.executable, "-B", *sys.argv])


def processes() -> list[int]:
    """All but this one, which is the first, and those that ended and wait for it to look."""
    return [number for number in map(int, filter(str.isdigit, os.listdir("/proc")))
            if number != os.getpid() and _runs(number)]


def _runs(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text(encoding="utf-8")
    except OSError:
        return False


def memory_on_hugepages() -> set[str]:
    """What the kernel says of each process: `0 kB` wherever none is used."""
    said = [Path(f"/proc/{number}/status").read_text(encoding="utf-8") for number in processes()]
    return {line.split(":")[1].strip() for text in said for line in text.splitlines()
            if line.startswith("HugetlbPages:")}


class Machine:
    def __init__(self) -> None:
        for folder in ("/run", "/dev/shm"):
            run("mount", "-t", "tmpfs", "tmpfs", folder)
        for covered in _COVERED:
            upper, work = _SHEET / f"upper{covered}", _SHEET / f"work{covered}"
            upper.mkdir(parents=True)
            work.mkdir(parents=True)
            run("mount", "-t", "overlay", "overlay", "-o",
                f"lowerdir={covered},upperdir={upper},workdir={work}", covered)
        Path("/run/tmp").mkdir()
        self._connect()
        self._server = self._serve()

    def _connect(self) -> None:
        for namespace in (GATE, CLIENT, SERVER):
            run("ip", "netns", "add", namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        topology.connect(GATE, "eth1", CLIENT, "eth0")
        topology.connect(GATE, "eth2", SERVER, "eth0")
        for namespace, addresses in ((CLIENT, _CLIENT_ADDRESSES), (SERVER, _SERVER_ADDRESSES)):
            for address in addresses:
                nodad = ["nodad"] if ":" in address else []
                run("ip", "-n", namespace, "addr", "add", address, "dev", "eth0", *nodad)
        for family, via in zip(("-4", "-6"), FREE):
            run("ip", "-n", CLIENT, family, "route", "add", "default", "via", via)

    def _serve(self) -> subprocess.Popen:
        order = json.dumps({"addresses": [*FREE, *LISTED], "ports": [PORT]})
        return subprocess.Popen(["ip", "netns", "exec", SERVER, "/usr/bin/python3", "-B",
                                 str(_LAB / "web_server.py"), order])

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()

    def command(self, *words: str) -> list[str]:
        """The command as it is typed on the gate."""
        return ["ip", "netns", "exec", GATE, "env", "TMPDIR=/run/tmp", *words]

    def becomes(self, *addresses: str) -> list[str]:
        """Of a connection from the client to each address: `open`, `timeout` or an error's name."""
        asked = json.dumps([[address, PORT] for address in addresses])
        return list(json.loads(run("ip", "netns", "exec", CLIENT, "/usr/bin/python3", "-B",
                                   str(_LAB / "probe_ports.py"), "1", asked)))

    def bridge(self) -> None:
        """A plain bridge in the gate's place."""
        run("ip", "-n", GATE, "link", "add", "pair", "up", "type", "bridge")
        for port in ("eth1", "eth2"):
            run("ip", "-n", GATE, "link", "set", port, "master", "pair")

    def files(self) -> list[str]:
        """Everything that was written to /etc, /var/lib, /run and /dev/shm."""
        folders = [Path("/run"), Path("/dev/shm")]
        return sorted(str(path) for folder in folders for path in folder.rglob("*")
                      if not path.is_relative_to(_SHEET / "work"))

    def traces(self) -> dict[str, object]:
        """What a program could leave behind, files aside."""
        return {"processes": processes(), "rules": run(*self.command("nft", "list", "ruleset")),
                "links": run("ip", "-n", GATE, "-d", "link"), "namespaces": run("ip", "netns", "list")}
