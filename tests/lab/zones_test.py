# SPDX-License-Identifier: Apache-2.0
"""The lab's zones hold what the catalog names, and a move changes one name alone."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import plan
import zones

_CATALOG = Path(__file__).resolve().parent.parent.parent / "catalog"


class Patterns(unittest.TestCase):
    def test_a_range_becomes_every_number_of_it(self) -> None:
        self.assertEqual(zones.expand("e{9..11}.example"), ["e9.example", "e10.example", "e11.example"])

    def test_two_ranges_multiply(self) -> None:
        self.assertEqual(zones.expand("a{1..2}b{3..4}"), ["a1b3", "a1b4", "a2b3", "a2b4"])

    def test_a_plain_name_stays(self) -> None:
        self.assertEqual(zones.expand("irc.example"), ["irc.example"])


class Zones(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.names = zones.read_catalog([_CATALOG])
        zones.write_zones(self.names, self.folder)

    def tearDown(self) -> None:
        self._folder.cleanup()

    def _text(self, zone: str) -> str:
        return zones.zone_path(self.folder, zone).read_text(encoding="utf-8")

    def test_every_name_has_both_families(self) -> None:
        for host in self.names.hosts():
            text = self._text(zones.zone_of(host.name))
            self.assertIn(f"\n{host.name}. A {host.v4}\n", text)
            self.assertIn(f"\n{host.name}. AAAA {host.v6}\n", text)

    def test_no_two_names_share_an_address(self) -> None:
        addresses = [host.v4 for host in self.names.hosts()]
        self.assertEqual(len(addresses), len(set(addresses)))

    def test_a_move_changes_the_moved_name_alone(self) -> None:
        moved = plan.IRC_MOVED[0]
        before = self._text("libera.chat")
        self.assertEqual(zones.move_host(self.folder, moved), "libera.chat")
        after = self._text("libera.chat")
        self.assertNotIn(plan.IRC.v4, after)
        self.assertIn(f"\n{moved.name}. A {moved.v4}\n", after)
        others = [line for line in before.splitlines() if line.startswith("web.libera.chat.")]
        self.assertTrue(others)
        for line in others:
            self.assertIn(line, after)

    def test_an_empty_folder_is_no_catalog(self) -> None:
        with tempfile.TemporaryDirectory() as empty, self.assertRaises(FileNotFoundError):
            zones.read_catalog([Path(empty)])


if __name__ == "__main__":
    unittest.main()
