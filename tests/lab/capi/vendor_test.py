# SPDX-License-Identifier: Apache-2.0
"""libsweepgate-filter as a vendor meets it: installed into a prefix of its own, found by pkg-config alone, built with a
plain C compiler, and run.

Usage: vendor_test.py BUILD SOURCE-TREE SEALER

For a build of another architecture the environment names its compilers, CC and CXX, and in EMULATOR qemu-user with its
options, which runs what they compile. TMPDIR lies inside PKG_CONFIG_SYSROOT_DIR then: pkgconf puts that folder in front
of every path that does not begin with it.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import frames  # noqa: E402

BUILD, TREE, SEALER = Path(), Path(), Path()
REJECTED, DROPPED, FREE = "198.51.100.9", "203.0.113.9", "192.0.2.2"
CLIENT = "192.0.2.1"
CC, CXX = os.environ.get("CC", "cc").split(), os.environ.get("CXX", "c++").split()
EMULATOR = os.environ.get("EMULATOR", "").split()


def run(*words: object, **more: object) -> str:
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Vendor(unittest.TestCase):
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-vendor-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        cls.prefix = cls.folder / "prefix"
        for component in ("filter", "filter_dev"):
            run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", component)
        described = next(cls.prefix.rglob("sweepgate-filter.pc"))
        cls.libraries = described.parent.parent
        cls.environment = {**os.environ, "PKG_CONFIG_PATH": str(described.parent),
                           "LD_LIBRARY_PATH": str(cls.libraries)}
        run(SEALER, cls.folder, f"{REJECTED}/32", "203.0.113.0/24", "2001:db8:bad::/48")

    def flags(self, *packages: str) -> list[str]:
        return run("pkg-config", "--cflags", "--libs", *packages, env=self.environment).split()

    def compile(self, source: Path, *flags: str, packages: tuple[str, ...] = ("sweepgate-filter",)) -> Path:
        program = self.folder / source.stem
        run(*CC, "-O2", *flags, source, *self.flags(*packages), "-o", program)
        return program

    def test_header_alone_is_strict_c99(self) -> None:
        for compiler, language, standard in ((CC, "c", "c99"), (CXX, "c++", "c++98")):
            run(*compiler, "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror",
                *self.flags("sweepgate-filter"), "-fsyntax-only", "-", input="#include <sweepgate/filter.h>\n")

    def test_versions_agree(self) -> None:
        version = run("pkg-config", "--modversion", "sweepgate-filter", env=self.environment).strip()
        header = (self.prefix / "include/sweepgate/filter.h").read_text()
        parts = [re.search(rf"#define SGF_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
        self.assertEqual(version, ".".join(parts))
        library = self.libraries / f"libsweepgate-filter.so.{version}"
        self.assertFalse(library.is_symlink())
        for link in ("libsweepgate-filter.so", f"libsweepgate-filter.so.{parts[0]}"):
            self.assertEqual((self.libraries / link).resolve(), library.resolve())
        self.assertIn(f"[libsweepgate-filter.so.{parts[0]}]", run("readelf", "--dynamic", "--wide", library))

    def test_shows_the_listed_symbols_and_no_others(self) -> None:
        library = self.libraries / "libsweepgate-filter.so"
        shown = {line.split()[-1].replace("@@", "@")
                 for line in run("nm", "--dynamic", "--defined-only", library).splitlines()}
        lines = (TREE / "dataplane/capi/libsweepgate-filter0.symbols").read_text().splitlines()
        listed = {line.split()[0] for line in lines if line.startswith(" ")}
        node = {name for name in shown if "@" not in name}  # the version node names itself
        self.assertEqual(shown - node, {name for name in listed if not name.startswith("SWEEPGATE_")})
        self.assertEqual({f"{name}@{name}" for name in node}, {n for n in listed if n.startswith("SWEEPGATE_")})

    def test_needs_neither_dpdk_nor_zeromq(self) -> None:
        needed = run("readelf", "--dynamic", "--wide", self.libraries / "libsweepgate-filter.so")
        self.assertIn("libsodium", needed)
        self.assertNotRegex(needed, r"librte_|libzmq|libpcap")

    def test_allocates_nothing_and_starts_no_thread_after_loading(self) -> None:
        program = self.compile(TREE / "tests/lab/capi/no_allocation.c", "-std=gnu99", "-Wall", "-Wextra", "-Werror")
        words = [*EMULATOR, program, self.folder / "snapshot", self.folder / "key.pub"]
        if EMULATOR:
            words.append("1")  # qemu-user's own thread
        print(run(*words, env=self.environment).strip())

    def test_example_forwards_and_filters(self) -> None:
        source = next(self.prefix.rglob("forwarder.c"))
        self.assertLess(len(source.read_text().splitlines()), 100)
        program = self.compile(source, "-Wall", "-Wextra", "-Werror", packages=("sweepgate-filter", "libdpdk"))
        sent, expected = [], []
        for i in range(500):
            for frame, passes in ((frames.udp(CLIENT, FREE, 1000 + i, 53), True),
                                  (frames.udp(CLIENT, DROPPED, 1000 + i, 53), False),
                                  (frames.udp("2001:db8:bad::1", "2001:db8::1", 53, 1000 + i), False),
                                  (frames.arp(), True), (frames.udp(REJECTED, CLIENT, 5222, 1000 + i), False)):
                sent.append((1, len(sent), frame))
                if passes:
                    expected.append(frame)
        frames.write(self.folder / "in.pcap", sent)
        frames.write(self.folder / "empty.pcap", [])
        totals = self.forward(program, len(sent))
        self.assertEqual([frame for _, _, frame in frames.read(self.folder / "out.pcap")], expected)
        self.assertEqual(totals, {"packets": 2500, "pass": 500, "pass_not_ip": 500, "drop": 1000, "reject": 500,
                                  "aim": 1000, "irc": 500})

    def forward(self, program: Path, packets: int) -> dict[str, int]:
        """Until all packets are through; the totals it prints at its end."""
        words = [*EMULATOR, program, "--no-huge", "-m", "256", "--no-pci", "--no-shconf", "--no-telemetry", "-l",
                 str(min(os.sched_getaffinity(0))),
                 "--vdev", f"net_pcap0,rx_pcap={self.folder}/in.pcap,tx_pcap={self.folder}/back.pcap",
                 "--vdev", f"net_pcap1,rx_pcap={self.folder}/empty.pcap,tx_pcap={self.folder}/out.pcap",
                 "--", self.folder / "snapshot", self.folder / "key.pub"]
        with (self.folder / "log").open("w") as log:
            process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=log,
                                       env={**self.environment, "RUNTIME_DIRECTORY": str(self.folder)})
        lines: list[str] = []
        try:
            self.read_until(process, lines, f"packets {packets}")
            process.send_signal(signal.SIGINT)
            process.wait(30)
            lines += process.stdout.read().decode().splitlines()
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.assertEqual(process.returncode, 0, (self.folder / "log").read_text())
        words_of_last = [line for line in lines if line.startswith("packets ")][-1].split()
        return {name: int(number) for name, number in zip(words_of_last[::2], words_of_last[1::2])}

    def read_until(self, process: subprocess.Popen, lines: list[str], wanted: str) -> None:
        deadline = time.monotonic() + 60
        text = ""
        while not any(line.startswith(f"{wanted} ") for line in text.splitlines()):
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(process.stdout.fileno(), 4096) if ready else b""
            if not chunk:
                raise AssertionError(f"no '{wanted}' in:\n{text}{(self.folder / 'log').read_text()}")
            text += chunk.decode()
        lines += text.splitlines()


if __name__ == "__main__":
    BUILD, TREE, SEALER = (Path(word).resolve() for word in sys.argv[1:4])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[4:]])
