"""Patch panels against lengths worked out by hand, sets instead of arrays, and faults put into a sound plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from topo.analysis.money.cost import network_cost
from topo.analysis.money.power import network_power_w
from topo.catalog import load_catalog
from topo.catalog.models import PriceBook, Source
from topo.design import build, cable, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.placement import MEDIA, Cabling, Patching, Places, bill_of_materials
from topo.placement.faults.inspect import inspect

CATALOG = load_catalog()
TEXT = (Path(__file__).parents[1] / "data" / "patch-panels-64.yaml").read_text()
FLOOR = "{rule: block, racks_per_row: 4, spare_units: 20, patch_panels: {where: between-racks}}"
Planned = tuple[Fabric, Cabling, Places, Patching]


def planned(floor: str = FLOOR) -> Planned:
    assert FLOOR in TEXT
    design = parse_design(TEXT.replace(FLOOR, floor))
    fabric = build(design)
    found = cable(design, fabric)
    assert found.places is not None
    assert found.cabling.patching is not None
    return fabric, found.cabling, found.places, found.cabling.patching


def test_lengths_and_parts_by_hand() -> None:
    """Three racks of hosts in row B with 3, 3 and 2 hosts of 8 units; two leaves and the spine at the top of 1A01.

    The middle of unit u of one unit is 0.1 + (u - 0.5) x 0.04445 m. Trays hang at 0.1 + 48 x 0.04445 + 0.5 m.
    """
    fabric, plan, places, patching = planned()

    def middle(ru: int, units: int) -> float:
        return 0.1 + (ru - 1 + units / 2) * 0.04445

    tray = 0.1 + 48 * 0.04445 + 0.5
    cord_host = middle(48, 1) - middle(1, 8) + 1.0
    trunk = (tray - middle(48, 1)) + (tray - middle(45, 1)) + 3.0 + 2 * 0.3 + 1.0
    cord_leaf = middle(48, 1) - middle(45, 1) + 1.0
    assert patching.length_m[0] == pytest.approx([cord_host, trunk, cord_leaf], abs=6e-4)
    assert patching.sold_m[0].tolist() == [3.0, 6.0, 3.0]
    first = int(plan.cables.first_link[patching.cable[0]])
    assert plan.lengths.length_m[first] == pytest.approx(cord_host + trunk + cord_leaf, abs=2e-3)
    assert plan.lengths.slack_m[first] == 3.0
    names = patching.panels.names(places.racks)
    assert list(zip(names, patching.panels.ru.tolist(), patching.used.tolist(), strict=True)) == [
        ("1A01-P01", 45, 48), ("1A01-P02", 44, 16), ("1B01-P01", 48, 24), ("1B02-P01", 48, 24), ("1B03-P01", 48, 16),
    ]  # fmt: skip
    bom = bill_of_materials(fabric, CATALOG, plan)
    assert {(x.part, x.length_m): x.count for x in bom.lines if x.kind in ("cable", "panel")} == {
        ("mpo-panel-1u", None): 5,
        ("nvidia-mcp4y10", 1.5): 32,
        ("nvidia-mfp7e10", 3.0): 128,
        ("mpo-trunk-multimode", 6.0): 24,
        ("mpo-trunk-multimode", 7.0): 40,
    }


@pytest.mark.parametrize(
    "floor",
    [
        FLOOR,
        FLOOR.replace("between-racks", "between-rows"),
        FLOOR.replace("block", "leaf-in-rack, hosts_per_rack: 1"),
        FLOOR.replace("block", "block, entry: underfloor"),
        FLOOR.replace("block", "rail-rows, row_pitch_m: 40"),
    ],
)
def test_sound_plans_pass_every_check_and_use_each_position_once(floor: str) -> None:
    fabric, plan, places, patching = planned(floor)
    assert [f for f in inspect(fabric, CATALOG, plan, places) if not f.undecided] == []
    taken = [
        (int(patching.panel[i, end]), int(patching.position[i, end]))
        for i in range(len(patching.cable))
        for end in (0, 1)
    ]
    assert len(set(taken)) == len(taken)
    assert all(1 <= position <= 48 for _, position in taken)
    devices = {
        (int(rack), unit)
        for rack, ru, units in zip(places.rack, places.ru, places.units, strict=True)
        for unit in range(int(ru), int(ru + units))
    }
    panels = {(int(r), int(u)) for r, u in zip(patching.panels.rack, patching.panels.ru, strict=True)}
    assert len(panels) == len(patching.panels)
    assert not panels & devices
    assert all(1 <= unit <= 48 for _, unit in panels)
    per_rack = Counter(rack for rack, _ in panels)
    in_rack = Counter(rack for rack, _ in devices)
    assert places.used_units.tolist() == [in_rack[r] + per_rack[r] for r in range(len(places.racks))]
    rows_only = "between-rows" in floor
    spots = [
        (int(r), 0) if rows_only else (int(r), int(p))
        for r, p in zip(places.racks.row, places.racks.position, strict=True)
    ]
    crossing = [
        c for c, link in enumerate(plan.cables.first_link.tolist())
        if spots[places.rack[fabric.link_a[link]]] != spots[places.rack[fabric.link_b[link]]]
    ]  # fmt: skip
    assert patching.cable.tolist() == crossing
    assert {MEDIA[m] for m in plan.cables.medium[patching.cable].tolist()} <= {"multimode", "single-mode"}


def test_copper_between_racks_becomes_fibre() -> None:
    """Two leaves and the spine are pinned to neighbouring racks, which a copper cable of 3 m joins without panels."""
    near = (
        "rule: block, slack_m: 0, tray_m: 0, devices: {leaf-000: {rack: 1A02, ru: 48}, leaf-001: {rack: 1A02, ru: 47}}"
    )
    floor = FLOOR.replace("rule: block", near)
    fabric, plan, places, patching = planned(floor)
    design = parse_design(TEXT.replace(FLOOR, floor.replace(", patch_panels: {where: between-racks}", "")))
    plain = cable(design, fabric).cabling
    assert plain.patching is None
    assert not plain.is_patched.any()
    switches = ~fabric.is_host[fabric.link_a]
    assert {MEDIA[m] for m in plain.cables.medium[plain.cable_of_link[switches]].tolist()} == {"passive-copper"}
    assert plan.is_patched[plan.cable_of_link[switches]].all()
    assert len(patching.cable) == 64 + 64
    assert [f for f in inspect(fabric, CATALOG, plan, places) if not f.undecided] == []


def test_modules_reach_over_what_is_ordered_and_not_only_over_the_route() -> None:
    """Every route is below 50 m, but the shortest multimode cords are 3 m: 3 + 45 + 3 m are beyond their modules."""
    _, plan, _, patching = planned(FLOOR.replace("block", "block, row_pitch_m: 41.5"))
    assert (patching.length_m.sum(axis=1) < 50).all()
    assert (patching.sold_m[:, 1] + 2 * 3 > 50).all()
    assert {MEDIA[m] for m in plan.cables.medium[patching.cable].tolist()} == {"single-mode"}
    assert {plan.parts[t] for t in patching.trunk.tolist()} == {"mpo-trunk-single-mode"}
    links = plan.cables.first_link[patching.cable]
    for at in (plan.module_at_a, plan.module_at_b):
        parts = {plan.parts[p] for p in plan.modules.part[at[links]].tolist()}
        assert all(CATALOG.get("transceiver", p).reach_m > 50 for p in parts)  # type: ignore[attr-defined]


def test_a_measured_rack_pair_is_the_length_of_its_trunks() -> None:
    floor = FLOOR.replace("block", "block, rack_pairs: [{racks: [1B01, 1A01], length_m: 11.5}]")
    _, plan, _, patching = planned(floor)
    measured = patching.length_m[:, 1] == 11.5
    assert int(measured.sum()) == 24
    assert set(patching.sold_m[measured, 1].tolist()) == {12.0}
    links = plan.cables.first_link[patching.cable[measured]]
    assert set(plan.lengths.slack_m[links].tolist()) == {2.0}


def test_panels_are_priced_and_draw_nothing() -> None:
    """128 cords, 64 trunks and 5 panels at made-up prices, beside 32 copper cables and 96 modules at none."""
    fabric, plan, _, _ = planned()
    book = PriceBook(
        id="t", title="t", source=Source(document="test", read=True), endpoint_links="optical",
        parts_usd={"nvidia-mfp7e10": 10.0, "mpo-trunk-multimode": 100.0, "mpo-panel-1u": 1000.0},
    )  # fmt: skip
    cost = network_cost(fabric, 0, CATALOG, book, plan)
    assert cost.links_usd == 128 * 10 + 64 * 100 + 5 * 1000
    assert "mpo-panel-1u" not in cost.unpriced
    assert "mpo-panel-1u" not in network_power_w(fabric, 0, CATALOG, plan).unknown


def test_two_fibres_of_one_link_take_two_positions() -> None:
    """A link of 800 Gb/s is two fibres over modules with two connectors."""
    text = (
        "name: t\ngpus: 256\nhost: dgx-h100\nnetworks:\n"
        "  compute: {family: ft2, switch: nvidia-sn5600, uplink_gbps: 800}\nfloor: {rule: block, racks_per_row: 4, "
        "spare_units: 30, devices: {spine-000: {rack: 1A03, ru: 47}}, patch_panels: {where: between-racks}}\n"
    )
    design = parse_design(text)
    fabric = build(design)
    found = cable(design, fabric)
    plan, patching = found.cabling, found.cabling.patching
    assert patching is not None
    links = plan.cables.first_link[patching.cable].tolist()
    wide = {link for link, n in Counter(links).items() if n == 2}
    assert wide
    assert {float(fabric.links.gbps[link]) for link in wide} == {800.0}
    spots = list(zip(patching.panel.ravel().tolist(), patching.position.ravel().tolist(), strict=True))
    assert len(set(spots)) == len(spots) == 2 * len(links)
    assert [f for f in inspect(fabric, CATALOG, plan, found.places) if not f.undecided] == []


def test_each_fault_is_found() -> None:
    fabric, plan, places, patching = planned()

    def names(changed: Patching, at: Places = places) -> set[str]:
        faults = inspect(fabric, CATALOG, replace(plan, patching=changed), at)
        return {f.check for f in faults if not f.undecided}

    def put(column: str, where: tuple[int, int], value: float) -> Patching:
        values = np.array(getattr(patching, column))
        values[where] = value
        return replace(patching, **{column: values})

    assert names(patching) == set()
    twice = put("position", (1, 0), int(patching.position[0, 0]))
    assert names(twice) == {"patch-panels"}
    assert names(put("position", (0, 0), 49)) == {"patch-panels"}
    assert names(put("position", (0, 0), 0)) == {"patch-panels"}
    overfull = replace(patching, part=patching.part.model_copy(update={"positions": 40}))
    assert names(overfull) == {"patch-panels"}
    assert "patch-panels" in names(put("panel", (0, 0), 3))
    assert names(put("sold_m", (0, 1), 2.0)) == {"patch-panels"}
    assert names(put("sold_m", (0, 0), 4.0)) == {"patch-panels"}
    cord = np.full(len(patching.trunk), plan.parts.index("nvidia-mfp7e10"))
    assert "patch-panels" in names(replace(patching, trunk=cord))
    ru = np.array(patching.panels.ru)
    ru[0] = 48
    panels = replace(patching.panels, ru=ru)
    assert names(replace(patching, panels=panels), replace(places, panels=panels)) == {"rack-limits"}


@pytest.mark.parametrize(
    ("floor", "key", "message"),
    [
        (FLOOR.replace("where: ", "part: mpo-panel-2u, where: "), "floor.patch_panels.part", "no panel with this id"),
        (FLOOR.replace("where: ", "part: lc-panel-1u, where: "), "floor.patch_panels.part", "links cannot pass these"),
        (FLOOR.replace("block", "block, row_pitch_m: 2200"), "floor.patch_panels.part", "is beyond the"),
        (FLOOR.replace("units: 20", "units: 0").replace("block", "leaf-in-rack"),
         "floor.patch_panels.part", "have no room for their panels"),
        (FLOOR.replace("between-racks", "everywhere"), "floor.patch_panels.where", "between-rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_patched_is_an_error_with_its_key_and_line(floor: str, key: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        planned(floor)
    text = str(caught.value)
    assert key in text
    assert message in text
    assert caught.value.problems[0].line == 7
