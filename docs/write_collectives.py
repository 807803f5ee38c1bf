"""Writes the pictures and the table of docs/collectives.md: `python docs/write_collectives.py`."""

from __future__ import annotations

import re
from pathlib import Path

from topo.analysis.collectives.experts import ExpertLayout, InNetworkGain, in_network_gains
from topo.analysis.collectives.timing import CollectiveTime
from topo.catalog import load_catalog
from topo.design import load_design
from topo.report.answers.collectives import Collectives, collectives

DOCS = Path(__file__).resolve().parent
INK, MUTED, FILL, MARK = "#1f2937", "#6b7280", "#dbeafe", "#2563eb"


def text(x: float, y: float, words: str, size: int = 13, colour: str = INK, anchor: str = "start") -> str:
    """One line of text."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


def box(x: float, y: float, width: float, height: float, fill: str = FILL) -> str:
    """A rectangle."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" rx="4"/>'


def svg(width: int, height: int, parts: list[str], title: str) -> str:
    """The file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">'
    )
    back = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{title}</title>", back, *parts, "</svg>"]) + "\n"


def gain_picture(gains: list[InNetworkGain]) -> str:
    """Two bars for every M: copies sent once against as many as there are, and how much sooner both operations end."""
    parts = [text(20, 24, "256 experts in 8 groups, 8 of them a token, one group a domain", 15)]
    parts += [box(20, 36, 12, 12, MARK), text(38, 47, "fewer copies sent in a dispatch that the network copies", 12)]
    parts += [box(410, 36, 12, 12, "#93c5fd"), text(428, 47, "dispatch and combine together sooner", 12)]
    top = max(g.sent for g in gains)
    for i, g in enumerate(gains):
        for k, (value, fill) in enumerate(((g.sent, MARK), (g.time, "#93c5fd"))):
            height = 200 * value / top
            x = 40 + i * 80 + k * 30
            parts += [
                box(x, 290 - height, 26, height, fill),
                text(x + 13, 284 - height, f"{value:.2f}", 11, INK, "middle"),
            ]
        parts.append(text(40 + i * 80 + 28, 308, f"M = {g.max_groups}", 12, MUTED, "middle"))
    return svg(700, 324, parts, "What copies and sums in the network save expert parallelism")


def gain_table(gains: list[InNetworkGain]) -> str:
    """The same in figures."""
    rows = ["| M | copies a NIC sends | sent once | fewer by | both at once sooner by |", "|---:|---:|---:|---:|---:|"]
    rows += [f"| {g.max_groups} | {g.copies:.3f} | {g.once:.3f} | {g.sent:.3f} | {g.time:.3f} |" for g in gains]
    return "\n".join(rows)


def path_picture(value: Collectives, time: CollectiveTime) -> str:
    """From ranks to time: the all-reduce of 1 GiB over eight NVL72 racks, step by step."""
    bound = value.optima["all-reduce"]
    steps = [
        ("ranks", [f"{value.hosts * value.per_host} GPUs", f"{value.domains} domains of 72"]),
        ("messages", ["inside: 2 x 71/72 of 1 GiB", "rails: 2 x 7/8 of 1/72"]),
        ("flows", ["each GPU's peers on", "its own rail and plane"]),
        ("loads", [f"domain port {time.scale_up_us / 1e3:.2f} ms", f"NIC {time.endpoint_us / 1e3:.2f} ms"]),
        ("time", [f"{time.time_us / 1e3:.2f} ms, {time.algbw_gbytes_per_s:.0f} GB/s", f"steps {time.steps_us:.0f} us"]),
    ]
    parts = [text(20, 26, f"All-reduce of 1 GiB over {value.design}, algorithm {time.algorithm}", 15)]
    for i, (name, lines) in enumerate(steps):
        x = 20 + i * 200
        parts += [box(x, 44, 176, 78), text(x + 10, 64, name, 14, MARK)]
        parts += [text(x + 10, 86 + 18 * k, line, 12) for k, line in enumerate(lines)]
        if i:
            parts.append(
                f'<path d="M{x - 22} 83 h16 m-6 -5 l6 5 l-6 5" stroke="{MUTED}" fill="none" stroke-width="2"/>'
            )
    least = bound.time_us(time.size_bytes)
    rows = [
        ("optimum (cut)", least, MARK),
        ("pipelined", time.time_us, "#93c5fd"),
        ("phase by phase", time.unpipelined_us, "#93c5fd"),
        *[
            (t.algorithm + ", sums in switches" * t.in_network, t.time_us, "#cbd5e1")
            for t in value.times
            if t.algorithm in ("tree", "ring", "sharp")
        ],
    ]
    longest = max(us for _, us, _ in rows)
    for i, (name, us, fill) in enumerate(rows):
        y = 146 + i * 24
        parts += [text(170, y + 13, name, 12, MUTED, "end"), box(180, y, 660 * us / longest, 16, fill)]
        parts.append(text(186 + 660 * us / longest, y + 13, f"{us / 1e3:.2f} ms", 12))
    return svg(1016, 156 + len(rows) * 24, parts, "From ranks to time")


def pages() -> dict[str, str]:
    """File name in docs -> content."""
    gains = in_network_gains(ExpertLayout())
    value = collectives(load_design(DOCS.parent / "designs" / "gb200-576.yaml", load_catalog()), ["all-reduce"])
    time = next(t for t in value.times if t.algorithm == "hierarchical")
    page = (DOCS / "collectives.md").read_text(encoding="utf-8")
    table = f"<!-- gains -->\n{gain_table(gains)}\n<!-- end of gains -->"
    page = re.sub(r"<!-- gains -->.*?<!-- end of gains -->", lambda _: table, page, flags=re.DOTALL)
    return {
        "collectives.md": page,
        "in-network-gain.svg": gain_picture(gains),
        "ranks-to-time.svg": path_picture(value, time),
    }


if __name__ == "__main__":
    for name, content in pages().items():
        (DOCS / name).write_text(content, encoding="utf-8")
