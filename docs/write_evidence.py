"""Writes docs/evidence.md: `python docs/write_evidence.py`, from the project's folder."""

from __future__ import annotations

from pathlib import Path

from evidence_parts import measured, scale_up, searches, sizes, superpod, text, topologies
from evidence_parts.model import ASSUMED, CONTRADICTED, NOT_MODELLED, REPRODUCED, Figure, reference

DEEPSEEK = "DeepSeek-AI, Insights into DeepSeek-V3, ISCA 2025, arXiv 2505.09343"
SCALE_UP = "Scale-up networks, sums in the network, optimal collectives"
SIZES = "Sizes as people build them"
SEARCHES = "Fronts and limits"
SUPERPOD = "NVIDIA DGX SuperPOD reference architectures, B200, H100 and B300"

INTRO = """# Published figures beside ours

Written by `python docs/write_evidence.py` from the designs, catalogs and analyses of this project; do not edit. Every
figure of the reference files in `tests/data/reference` (`deepseek_v3.yaml`, `superpod.yaml`, `sizes.yaml`,
`searches.yaml`, `scale_up.yaml`) has a row.
Ours is rounded to the decimals that are printed. A test fails when a reproduced figure stops being so.

No constant was tuned to a figure without saying so. These were: the price constants of table 3 (fitted to its totals;
whole families fit, they are a calibration and no market prices) and the latency constants of table 5 (two constants
from two figures for each protocol). Figure 8 does not tell its set-up; ours is 64 GPUs on a two-tier fat-tree of
64-port switches, eight NICs of a host on one leaf, all groups of a tensor-parallel size at work at once, one ring for
each GPU of a host in a group, perfectly pipelined; its bars were read off an axis, give or take 3 GB/s. A bar under
ECMP counts as reproduced where it lies among the hash seeds of four queue pairs.
"""


def sections() -> dict[str, dict[str, list[Figure]]]:
    """Rows by source and heading."""
    deepseek = reference("deepseek_v3")
    return {
        DEEPSEEK: {
            "Table 3: topologies": topologies.figures(deepseek),
            **measured.all_measured(deepseek),
            "In the text": text.figures(deepseek),
        },
        SUPERPOD: {"Component counts": superpod.figures(reference("superpod"))},
        SIZES: {"As published, or as ports allow": sizes.figures(reference("sizes"))},
        SEARCHES: {"As a search has to find them": searches.figures(reference("searches"))},
        SCALE_UP: {"Domains, and what collectives can reach": scale_up.figures(reference("scale_up"))},
    }


def page(found: dict[str, dict[str, list[Figure]]]) -> str:
    """The page in Markdown."""
    every = [f for parts in found.values() for rows in parts.values() for f in rows]
    lines = [INTRO, "| status | figures |", "|---|---:|"]
    for status in (REPRODUCED, ASSUMED, CONTRADICTED, NOT_MODELLED):
        lines.append(f"| {status} | {sum(f.status == status for f in every)} |")
    for source, parts in found.items():
        lines += ["", f"## {source}"]
        for heading, rows in parts.items():
            lines += ["", f"### {heading}", "", "| figure | published | ours | difference | status | remark |"]
            lines.append("|---|---:|---:|---:|---|---|")
            lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def _line(row: Figure) -> str:
    ours = "" if row.rounded is None else _number(row.rounded)
    return f"| {row.name} | {_number(row.published)} | {ours} | {row.difference} | {row.status} | {row.remark} |"


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


if __name__ == "__main__":
    (Path(__file__).parent / "evidence.md").write_text(page(sections()), encoding="utf-8")
