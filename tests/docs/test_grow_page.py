"""The prices of stages on the page about growth are what topo counts today."""

from __future__ import annotations

import re
from pathlib import Path

import topo
from topo.design import Design, parse_design
from topo.exporters import change_plan, make_plan

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "grow.md"
SWITCH_USD, LINK_USD = 82_500, 520
"""Of a switch with its transceivers' share, and of a link between switches, in the price book of the page."""


def stage(gpus: int, built_for: int | None) -> Design:
    more = f", build_for_gpus: {built_for}" if built_for else ""
    return parse_design(
        f"name: stage\ngpus: {gpus}\nhost: h800-node\nprice_book: published-fabric-links\nnetworks:\n"
        f"  compute: {{family: mpft, switch: nvidia-qm9700, planes: 8{more}}}\n"
    )


def numbers(line: str) -> list[int]:
    return [int(cell.replace(",", "")) for cell in re.findall(r"\d[\d,]*", line)]


def test_prices_of_stages() -> None:
    """Closed form: a plane has 32 spines from the first day, and a leaf for each 32 GPUs of its eighth of the ports."""
    rows = [numbers(line) for line in PAGE.read_text().splitlines() if re.match(r"\| [\d,]+ \| \d+ \|", line)]
    assert [row[0] for row in rows] == [1024, 4096, 16384]
    paid, before = 0, None
    for gpus, switches, links, total, bought, *touched in rows:
        assert (switches, links) == (256 + gpus // 32, gpus)
        assert total == switches * SWITCH_USD + links * LINK_USD
        assert bought == total - paid
        design = stage(gpus, 16384)
        if gpus < 16384:
            assert topo.check(design, requirements=[]).metrics.cost_usd["total"] == total
        if before is not None and gpus < 16384:
            found = change_plan(make_plan(before), make_plan(design))
            assert [found.touched - len(found.added)] == touched == [0]
        paid, before = total, design


def test_the_first_stage_for_its_own_size_alone() -> None:
    text = PAGE.read_text()
    cost = topo.check(stage(1024, None), requirements=[]).metrics.cost_usd["total"]
    assert f"{cost:,.0f} USD" in text
    more = topo.check(stage(1024, 16384), requirements=[]).metrics.cost_usd["total"] - cost
    assert f"{more:,.0f} USD" in text
    assert more == 240 * SWITCH_USD
