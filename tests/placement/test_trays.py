"""Tray fill against a walk along every cable's way, metre by metre of tray."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest

from topo.design import build, cable, parse_design
from topo.placement.faults.trays import ASSUMED_MM, trays
from topo.placement.floor.racks import rack_name


@pytest.mark.parametrize(
    "floor", ["{racks_per_row: 6}", "{rule: block, racks_per_row: 8, rows_per_hall: 2, cross_trays: [0.5]}"]
)
def test_the_fullest_spot_of_every_tray(floor: str) -> None:
    design = parse_design(
        f"name: t\ngpus: 512\nhost: dgx-h100\nfloor: {floor}\n"
        "networks: {compute: {family: mpft, switch: nvidia-qm9700}}\n"
    )
    fabric, plan = build(design), design.file.floor
    found = cable(design, fabric)
    places, cabling = found.places, found.cabling
    assert places is not None
    assert plan is not None
    width = plan.racks_per_row * 0.6
    along: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for row, link in enumerate(cabling.cables.first_link.tolist()):
        a, b = (int(places.rack[end[link]]) for end in (fabric.link_a, fabric.link_b))
        if a == b:
            continue
        part = design.catalog.get("cable", cabling.parts[cabling.cables.part[row]])
        area = math.pi * ((part.diameter_mm or ASSUMED_MM[part.medium]) / 2) ** 2  # type: ignore[attr-defined]
        spots = []
        for rack in (a, b):
            hall, number, position = (
                int(c[rack]) for c in (places.racks.hall, places.racks.row, places.racks.position)
            )
            x = (hall - 1) * (width + plan.hall_gap_m) + (position - 0.5) * 0.6
            spots.append((hall, number, x, rack_name(hall, number, 1)[:-2]))
        (hall_a, row_a, xa, name_a), (hall_b, row_b, xb, name_b) = spots
        pieces = [(name_a, xa, xb)]
        if (hall_a, row_a) != (hall_b, row_b):
            ways = []
            for hall in sorted({hall_a, hall_b}):
                for fraction in plan.cross_trays:
                    x = (hall - 1) * (width + plan.hall_gap_m) + fraction * width
                    ways.append((round(abs(xa - x) + abs(xb - x), 9), len(ways), x, f"{hall} cross {fraction:g}"))
            _, _, x, name = min(ways)
            pieces = [(name_a, xa, x), (name_b, xb, x), (name, row_a * 3.0, row_b * 3.0)]
        for name, start, end in pieces:
            for spot in range(round(min(start, end) * 100), round(max(start, end) * 100)):
                along[name][spot + 0.5] += area
    wanted = {name: max(spots.values()) for name, spots in along.items() if spots}
    got = {t.name: t.mm2 for t in trays(fabric, design.catalog, plan, cabling, places)}
    assert got == pytest.approx(wanted, abs=0.2)
    fills = [t.fill_percent for t in trays(fabric, design.catalog, plan, cabling, places)]
    assert fills == sorted(fills, reverse=True)
    assert fills[0] == pytest.approx(max(wanted.values()) / 600, abs=0.01)
