# SPDX-License-Identifier: Apache-2.0
"""What is measured of the gate, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One row. Shares are percent of dpdk-testpmd's io forwarding in the same batch."""

    name: str
    ipv4: int = 0  # prefixes
    ipv6: int = 0
    ipv6_percent: int = 0  # of the frames
    tagged_percent: int = 0
    listed_percent: int = 0
    simd: str = ""  # empty: the best of this processor
    prototype: int | None = None
    must: int | None = None
    aim: int | None = None

    @property
    def traffic(self) -> list[str]:
        """What bench_gate is told."""
        return ["--ipv4", str(self.ipv4), "--ipv6", str(self.ipv6), "--ipv6-percent", str(self.ipv6_percent),
                "--tagged-percent", str(self.tagged_percent), "--listed-percent", str(self.listed_percent)]

    @property
    def capture(self) -> str:
        """Cases that differ in the instruction set alone share their frames."""
        return "-".join(str(value) for value in (self.ipv4, self.ipv6, self.ipv6_percent, self.tagged_percent,
                                                 self.listed_percent)) + ".pcap"


CASES = (
    Case("1k, no hits", 1_000, prototype=88, must=90, aim=95),
    Case("100k, no hits", 100_000, prototype=76, must=80, aim=88),
    Case("1M, no hits", 1_000_000, prototype=63, must=68, aim=78),
    Case("100k, 10 % dropped", 100_000, listed_percent=10, prototype=66, must=70, aim=80),
    Case("100k, all dropped", 100_000, listed_percent=100, prototype=55, must=62, aim=80),
    Case("all IPv6, 10k", ipv6=10_000, ipv6_percent=100, prototype=60, must=66, aim=80),
    # 100k of each family: neither table is smaller than the row says.
    Case("30 % IPv6, 20 % VLAN/QinQ, 10 % dropped, 100k", 100_000, 100_000, 30, 20, 10, prototype=50, must=60, aim=75),
    Case("AVX2 only, 1k, no hits", 1_000, simd="avx2", prototype=84, must=86, aim=92),
    Case("AVX2 only, 100k, no hits", 100_000, simd="avx2", prototype=77, must=78, aim=85),
    Case("portable only, 1k, no hits", 1_000, simd="portable"),
    Case("portable only, 100k, no hits", 100_000, simd="portable"),
)


@dataclass(frozen=True)
class Bound:
    """A figure that has nothing to do with plain forwarding; less is better."""

    name: str
    unit: str
    most: float


MEMORY_IPV4 = Bound("memory an entry, 100k IPv4", "B", 14)
MEMORY_IPV6 = Bound("memory an entry, 100k IPv6", "B", 62)
REBUILD = Bound("rebuild of 100k IPv4", "ms", 12)
