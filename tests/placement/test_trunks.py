"""Trunks of several plugs: counted by hand for every rack pair, bought once, and faults put into a sound plan."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from dataclasses import replace
from math import ceil
from pathlib import Path

import numpy as np
import pytest

import topo
from topo.analysis.money.link_parts import link_parts
from topo.catalog import load_catalog
from topo.catalog.loader import shipped_folder
from topo.design import build, cable, parse_design
from topo.errors import InputError
from topo.exporters import build_files, make_plan
from topo.fabric import Fabric
from topo.placement import Cabling, Patching, Places, bill_of_materials
from topo.placement.faults.inspect import inspect

CATALOG = load_catalog()
TEXT = (Path(__file__).parents[1] / "data" / "patch-panels-64.yaml").read_text()
LEGS = "where: between-racks, part: mpo-144-panel-1u"
Planned = tuple[Fabric, Cabling, Places, Patching]


def planned(text: str = TEXT, panels: str = LEGS) -> Planned:
    design = parse_design(text.replace("where: between-racks", panels))
    fabric = build(design)
    found = cable(design, fabric)
    assert found.places is not None
    assert found.cabling.patching is not None
    return fabric, found.cabling, found.places, found.cabling.patching


@pytest.mark.parametrize("floor", ["rule: block", "rule: leaf-in-rack, hosts_per_rack: 1", "rule: rail-rows"])
def test_trunks_of_a_rack_pair_are_its_cables_by_twelve(floor: str) -> None:
    fabric, plan, places, patching = planned(TEXT.replace("rule: block", floor))
    assert [f for f in inspect(fabric, CATALOG, plan, places) if not f.undecided] == []
    routes: Counter[tuple[int, int, int]] = Counter()
    trunks: dict[int, set[tuple[int, int, int]]] = defaultdict(set)
    legs: dict[int, set[int]] = defaultdict(set)
    spots: set[tuple[int, int]] = set()
    for i, row in enumerate(patching.cable.tolist()):
        link = int(plan.cables.first_link[row])
        ends = sorted(int(places.rack[d]) for d in (fabric.link_a[link], fabric.link_b[link]))
        route = (ends[0], ends[1], int(plan.cables.medium[row]))
        routes[route] += 1
        number = int(patching.trunk_number[i])
        trunks[number].add(route)
        legs[number].add(int(patching.leg[i]))
        spots |= {(int(p), int(n)) for p, n in zip(patching.panel[i], patching.position[i], strict=True)}
    assert len(spots) == 2 * len(patching.cable)
    assert all(len(routes_of) == 1 for routes_of in trunks.values())
    assert sorted(trunks) == list(range(1, len(trunks) + 1))
    assert Counter(next(iter(of)) for of in trunks.values()) == {r: ceil(n / 12) for r, n in routes.items()}
    assert all(found == set(range(1, len(found) + 1)) for found in legs.values())
    assert patching.trunks == len(trunks)
    assert patching.spare_legs == 12 * len(trunks) - len(patching.cable)
    per_rack = Counter(rack for of in trunks.values() for rack in next(iter(of))[:2])
    assert Counter(patching.panels.rack.tolist()) == {rack: ceil(n / 6) for rack, n in per_rack.items()}
    bom = bill_of_materials(fabric, CATALOG, plan)
    lines = [line for line in bom.lines if line.part.startswith("mpo-trunk")]
    assert {line.part.rsplit("-", 1)[0] for line in lines} <= {"mpo-trunk-144", "mpo-trunk-144-single"}
    assert sum(line.count for line in lines) == len(trunks)
    told = [line.note.split(" legs are spare")[0].split(" of ") for line in lines]
    assert sum(int(spare) for spare, _ in told) == patching.spare_legs
    assert sum(int(every) for _, every in told) == 12 * len(trunks)
    assert set(bom.unpriced) >= {line.part for line in lines}


def test_files_name_trunk_and_leg_and_count_a_trunk_once() -> None:
    plan = make_plan(parse_design(TEXT.replace("where: between-racks", LEGS)))
    files = build_files(plan, ("patch-panels", "pull-lists", "bom", "counts", "build-checks"))
    read = {name: list(csv.DictReader(io.StringIO(body.decode()))) for name, body in files.items() if ".csv" in name}
    segments = read["segments.csv"]
    patching = plan.cabling.patching
    assert patching is not None
    middle = [row for row in segments if row["kind"] == "trunk"]
    assert [int(row["trunk"]) for row in middle] == patching.trunk_number.tolist()
    assert [int(row["leg"]) for row in middle] == patching.leg.tolist()
    assert {row["trunk"] + row["leg"] for row in segments if row["kind"] == "cord"} == {""}
    pulled = [row["cable"] for row in read["pull-list.csv"] if " trunk " in row["cable"]]
    assert len(pulled) == len(middle)
    assert pulled[0].endswith("2/3 trunk 1 leg 1/12")
    assert "2/3 trunk 1 leg 1/12" in files["labels.txt"].decode()
    groups = {row["pull_group"]: int(row["cables"]) for row in read["bundles.csv"] if ">" in row["pull_group"]}
    assert sum(groups.values()) == patching.trunks
    panels = read["panels.csv"]
    assert sum(int(row["spare_legs"]) for row in panels) == 2 * patching.spare_legs
    assert sum(int(row["positions_used"]) for row in panels) == 2 * len(middle)
    counted = plan.bom.lines
    ordered = sum((line.length_m or 0) * line.count for line in counted if line.kind == "cable")
    assert f'"metres": {ordered:g}' in files["counts.json"].decode()
    weights = [row for row in read["weights.csv"] if row["kind"] == "cable"]
    assert sum(float(row["metres"]) for row in weights) == pytest.approx(ordered)


def test_a_trunk_that_networks_share_is_one_of_the_first() -> None:
    fabric, plan, _, patching = planned()
    half = np.zeros(len(fabric.links), dtype=np.bool_)
    half[plan.cable_links.link[np.isin(plan.cable_links.cable, patching.cable[::2])]] = True
    first = link_parts(half, plan)
    rest = link_parts(~half, plan, half)
    assert first["mpo-trunk-144-multimode"] == patching.trunks
    assert "mpo-trunk-144-multimode" not in rest


def test_a_trunk_fails_with_its_legs_and_is_bought_for_a_rate() -> None:
    text = TEXT.replace("where: between-racks", LEGS) + (
        "failure_rates:\n  trunk: {afr: 0.05, source: invented for a test}\n"
        "requirements:\n  - failure: {any: trunk, cut_off_at_most: 8}\n"
        "  - failure: {any: trunk, cut_off_at_most: 7}\n"
    )  # fmt: skip
    report = topo.check(parse_design(text)).to_json()
    assert [r["verdict"] for r in report["requirements"]] == ["held", "broken"]
    assert "(6 in 3 classes" in report["requirements"][0]["statement"]
    assert report["metrics"]["failure_rates"]["broken_per_year"] == pytest.approx(6 * 0.05)


FAULTS = {
    "a trunk has no such leg, or one leg is two cables'": {"leg": (1, 1)},
    "a trunk has no such leg, or one leg is two cables' ": {"leg": (3, 13)},
    "legs of a trunk end in several panels": {"trunk_number": (0, 4)},
}


@pytest.mark.parametrize("words", FAULTS)
def test_faults_are_named(words: str) -> None:
    fabric, plan, places, patching = planned()
    (column, (row, value)) = next(iter(FAULTS[words].items()))
    values = getattr(patching, column).copy()
    values[row] = value
    broken = replace(plan, patching=replace(patching, **{column: values}))
    found = [f.message for f in inspect(fabric, CATALOG, broken, places) if f.check == "patch-panels"]
    assert any(words.strip() in message for message in found), found


def test_a_trunk_part_of_other_plugs_does_not_fit() -> None:
    fabric, plan, places, patching = planned()
    other = replace(patching, part=patching.part.model_copy(update={"trunk_legs": 6, "positions": 72}))
    found = [f.message for f in inspect(fabric, CATALOG, replace(plan, patching=other), places)]
    assert any("does not plug" in message for message in found)


def test_a_panel_without_room_for_a_trunk_is_refused(tmp_path: Path) -> None:
    (tmp_path / "panel").mkdir()
    text = (shipped_folder() / "panel" / "mpo-144-panel-1u.yaml").read_text().replace("positions: 72", "positions: 8")
    (tmp_path / "panel" / "mpo-144-panel-1u.yaml").write_text(text)
    with pytest.raises(InputError, match="12 plugs does not fit into 8 positions"):
        load_catalog([tmp_path]).get("panel", "mpo-144-panel-1u")
