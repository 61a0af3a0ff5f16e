# SPDX-License-Identifier: Apache-2.0
"""One picture of a report: the gate's rows with what is asked of them, the libraries in the same loop, the kernel."""

from __future__ import annotations

from xml.sax.saxutils import escape

_WIDTH = 940
_LEFT = 350  # of the bars; names stand to the left
_BAR = 440  # pixels of a full scale
_ROW = 22
_OURS, _THEIRS, _YARDSTICK, _MUST, _AIM = "#2563a8", "#b9803a", "#8a8f98", "#b3261e", "#1a7f37"


class _Sheet:
    """Rows from top to bottom."""

    def __init__(self):
        self.parts: list[str] = []
        self.y = 30

    def text(self, x: float, text: str, **more: str) -> None:
        said = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in more.items())
        self.parts.append(f'<text x="{x:.0f}" y="{self.y:.0f}" {said}>{escape(text)}</text>')

    def title(self, text: str, below: str) -> None:
        self.y += 18
        self.text(20, text, font_size="16", font_weight="bold")
        self.y += 18
        self.text(20, below, font_size="12", fill="#57606a")
        self.y += 12

    def bar(self, name: str, share: float, colour: str, said: str) -> None:
        self.y += _ROW
        self.text(_LEFT - 10, name, text_anchor="end")
        width = max(1.0, min(share, 1.06) * _BAR)
        self.parts.append(f'<rect x="{_LEFT}" y="{self.y - 13}" width="{width:.1f}" height="16" rx="2" fill="{colour}"/>')
        self.text(_LEFT + _BAR * 1.06 + 12, said)

    def mark(self, share: float, colour: str) -> None:
        x = _LEFT + share * _BAR
        self.parts.append(f'<rect x="{x - 2:.1f}" y="{self.y - 16}" width="4" height="22" fill="{colour}" '
                          'stroke="#ffffff" stroke-width="1"/>')

    def scale(self, top: float) -> None:
        """Lines behind the bars from `top` down to here, at each quarter."""
        bottom = self.y + 8
        lines = []
        for quarter in range(5):
            x = _LEFT + quarter * _BAR / 4
            lines.append(f'<line x1="{x:.0f}" y1="{top:.0f}" x2="{x:.0f}" y2="{bottom:.0f}" stroke="#d8dee4"/>')
            lines.append(f'<text x="{x:.0f}" y="{bottom + 14:.0f}" text-anchor="middle" font-size="11" '
                         f'fill="#57606a">{25 * quarter} %</text>')
        self.parts[:0] = lines
        self.y = bottom + 26

    def svg(self) -> str:
        height = self.y + 16
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height:.0f}" '
                f'viewBox="0 0 {_WIDTH} {height:.0f}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">\n'
                f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#ffffff"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def draw(results: dict) -> str:
    sheet = _Sheet()
    if "gate" in results:
        _draw_gate(sheet, results["gate"])
    if "libraries" in results:
        _draw_libraries(sheet, results["libraries"])
    if "kernel" in results:
        _draw_kernel(sheet, results)
    return sheet.svg()


def _draw_gate(sheet: _Sheet, gate: dict) -> None:
    sheet.title("The DPDK gate: share of plain forwarding",
                f"dpdk-testpmd io = 100 % = {gate['io']['pps'] / 1e6:.1f} Mpps; one lcore, 64-byte frames, source and "
                f"destination looked up; medians, runs: {gate['runs']}")
    _draw_key(sheet)
    top = sheet.y + 4
    for row in gate["cases"]:
        sheet.bar(row["case"], row["share"], _OURS, f"{100 * row['share']:.0f} %")
        for key, colour in (("must", _MUST), ("aim", _AIM)):
            if row[key] is not None:
                sheet.mark(row[key] / 100, colour)
    sheet.scale(top)


def _draw_key(sheet: _Sheet) -> None:
    sheet.y += 8
    for x, colour, said in ((_LEFT, _MUST, "must reach"), (_LEFT + 120, _AIM, "aim")):
        sheet.parts.append(f'<rect x="{x}" y="{sheet.y - 11}" width="4" height="14" fill="{colour}"/>')
        sheet.text(x + 10, said, font_size="12", fill="#57606a")


def _draw_libraries(sheet: _Sheet, libraries: dict) -> None:
    sheet.title("DPDK's own lookup libraries in the same loop: share of its plain forwarding",
                f"medians, runs: {libraries['runs']}, each beside a run of plain forwarding in the same process")
    top = sheet.y + 4
    cases = dict.fromkeys(row["case"] for row in libraries["rows"])
    for case in cases:
        sheet.y += _ROW
        sheet.text(_LEFT - 10, case, text_anchor="end", font_weight="bold")
        for row in libraries["rows"]:
            if row["case"] != case:
                continue
            colour = _OURS if row["library"] == "sweepgate" else _THEIRS
            said = f"{100 * row['share']:.0f} %" if "share" in row else "does not load"
            sheet.bar(row["way"] + (", hosts only" if row["library"] == "rte_hash" else ""), row.get("share", 0), colour, said)
    sheet.scale(top)


def _draw_kernel(sheet: _Sheet, results: dict) -> None:
    """Nanoseconds differ by two orders: every bar is a share of the longest, and says its figure."""
    rows = [(row["row"], row["added_ns"], _THEIRS) for row in results["kernel"]["rows"]
            if "added_ns" in row and not row["drops"]]
    if "gate" in results:
        io = results["gate"]["io"]["pps"]
        rows = [(f"gate, {row['case']}", 1e9 / row["pps"] - 1e9 / io, _OURS) for row in results["gate"]["cases"]
                if row["case"] in ("1k, no hits", "100k, no hits")] + rows
    if not rows:
        return
    sheet.title("What the filter adds to a packet's way, nanoseconds",
                "the kernel's: on a router between veth pairs, over the same way without a look-up; ours: over testpmd io")
    longest = max(added for _, added, _ in rows)
    for name, added, colour in rows:
        sheet.bar(name, max(added, 0) / longest, colour, f"{added:,.1f} ns" if added < 100 else f"{added:,.0f} ns")
    sheet.y += 10
