"""Kinds of racks: what they hold beside devices, which device stands in which, and that unlike racks are never one."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import topo
from topo.catalog import load_catalog
from topo.catalog.base import Source
from topo.catalog.lint import lint
from topo.catalog.models import PriceBook, Rack, RackContent
from topo.design import parse_design
from topo.design.cable import cable
from topo.errors import InputError, ParameterError
from topo.fabric import Fabric
from topo.placement import Floor, Places, bill_of_materials, place
from topo.placement.faults.inspect import inspect
from topo.placement.floor.alike import alike

CATALOG = load_catalog()
NVL72 = """\
name: t
gpus: 144
host: {host}
networks:
  compute: {{family: mrft, switch: nvidia-qm9700}}
{more}
floor: {{racks_of: {{{host}: nvidia-gb200-nvl72}}{floor}}}
"""
WIRED = "  scale-up: {family: scale-up, switch: nvidia-nvlink5-switch}"
MIXED = """\
name: t
gpus: 128
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 9}
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700}
"""


def laid(text: str) -> tuple[Fabric, Places]:
    design = parse_design(text)
    fabric = topo.build(design)
    places = cable(design, fabric).places
    assert places is not None
    return fabric, places


@pytest.fixture(scope="module")
def mixed() -> Fabric:
    return topo.build(parse_design(MIXED))


def no_unit_holds_two(places: Places) -> bool:
    """Counted unit by unit, otherwise than the inspection does."""
    taken: Counter[tuple[int, int]] = Counter()
    fixed = places.fixtures
    for rack, ru, units in (
        *zip(places.rack.tolist(), places.ru.tolist(), places.units.tolist(), strict=True),
        *zip(fixed.rack.tolist(), fixed.ru.tolist(), fixed.units.tolist(), strict=True),
    ):
        taken.update((rack, unit) for unit in range(ru, ru + units))
        assert ru >= 1
        assert ru + max(units, 1) - 1 <= places.units_of[rack]
    used = Counter(rack for rack, _ in taken)
    assert [used[rack] for rack in range(len(places.racks))] == places.used_units.tolist()
    return max(taken.values()) == 1


@pytest.mark.parametrize("entry", ["overhead", "underfloor"])
def test_an_nvl72_rack_holds_18_trays_9_switch_trays_and_8_shelves(entry: str) -> None:
    fabric, places = laid(
        NVL72.format(host="dgx-gb200-tray-nvlink", more=WIRED, floor=f", hosts_per_rack: 18, entry: {entry}")
    )
    assert no_unit_holds_two(places)
    for rack in np.unique(places.rack[fabric.is_host]).tolist():
        inside = places.rack == rack
        fixed = Counter(places.fixtures.name[places.fixtures.rack == rack].tolist())
        assert fixed == {"power shelf": 8, "NVLink switch tray": 9}
        assert (inside & fabric.is_host).sum() == 18
        held = np.flatnonzero(inside & (places.units == 0))
        assert len(held) == 18
        assert {fabric.parts[part] for part in fabric.devices.part[held].tolist()} == {"nvidia-nvlink5-switch"}
        trays = places.fixtures.ru[(places.fixtures.rack == rack) & (places.fixtures.name == "NVLink switch tray")]
        assert Counter(places.ru[held].tolist()) == dict.fromkeys(trays.tolist(), 2)
        assert places.units_of[rack] == 48
    other = np.unique(places.rack[(fabric.devices.network == 0) & ~fabric.is_host])
    assert {places.kinds[int(k)].part.id for k in places.kind[other]} == {"rack-48u"}
    assert not np.isin(other, places.fixtures.rack).any()


def test_trays_are_there_though_nothing_is_wired_in_them() -> None:
    fabric, places = laid(NVL72.format(host="dgx-gb200-tray", more="", floor=""))
    racks = np.unique(places.rack[fabric.is_host])
    assert np.bincount(places.rack[fabric.is_host])[racks].tolist() == [18, 18]
    assert places.used_units[racks].tolist() == [35, 35]


def test_what_a_rack_takes_is_not_overruled(mixed: Fabric) -> None:
    with pytest.raises(InputError, match="takes fewer hosts"):
        laid(NVL72.format(host="dgx-gb200-tray", more="", floor=", hosts_per_rack: 19"))
    floor = {
        "racks_of": {"dgx-h200": "rack-52u", "compute": "rack-52u"},
        "improve": "length",
        "rule_of": {"x": "block"},
    }
    with pytest.raises(InputError) as caught:
        place(mixed, CATALOG, Floor.model_validate({**floor, "rule_of": {}}))
    assert [p.key for p in caught.value.problems] == ["racks_of.dgx-h200", "improve"]
    with pytest.raises(InputError, match="no network of this fabric"):
        place(mixed, CATALOG, Floor.model_validate({"rule_of": {"x": "block"}}))
    with pytest.raises(InputError, match="nothing fits into rack-48u"):
        place(mixed, CATALOG, Floor(contents=(RackContent(name="battery", rack_units=46),)))
    with pytest.raises(ParameterError, match="they take 60 of its 48 units") as full:
        place(mixed, CATALOG, Floor(contents=(RackContent(name="battery", rack_units=60),)))
    assert (full.value.problems[0].key, full.value.problems[0].allowed) == ("contents", "at most 47 units")
    with pytest.raises(ValueError, match="its contents take 42 of 42"):
        Rack.model_validate(
            {"id": "r", "title": "r", "rack_units": 42, "power_w": 1, "width_mm": 600, "depth_mm": 1000,
             "source": {"document": "x", "read": True}, "contents": [{"name": "battery", "rack_units": 42}]}
        )  # fmt: skip


def test_each_host_part_and_network_has_its_kind_of_rack(mixed: Fabric) -> None:
    floor = Floor(
        rack="rack-52u", racks_of={"storage-host-3-networks": "rack-42u", "storage": "rack-48u"}, rule="leaf-in-rack"
    )
    places = place(mixed, CATALOG, floor)
    part = [places.kinds[int(places.kind[rack])].part.id for rack in places.rack]
    wanted = {"dgx-h100-4-networks": "rack-52u", "storage-host-3-networks": "rack-42u"}
    storage = mixed.network_row("storage")
    for device, rack in enumerate(part):
        name = mixed.parts[int(mixed.devices.part[device])]
        if mixed.is_host[device]:
            assert rack == wanted[name]
        elif mixed.devices.network[device] == storage:
            assert rack == "rack-48u"
    assert no_unit_holds_two(places)
    heights = {"rack-42u": 42, "rack-48u": 48, "rack-52u": 52}
    assert places.units_of.tolist() == [heights[places.kinds[int(k)].part.id] for k in places.kind]


def test_each_network_has_its_rule(mixed: Fabric) -> None:
    apart = place(mixed, CATALOG, Floor(rule="block", rule_of={"storage": "leaf-in-rack"}, hosts_per_rack=3))
    with_hosts = np.isin(apart.rack, apart.rack[mixed.is_host])
    leaves = np.zeros(len(mixed.devices), dtype=np.bool_)
    leaves[mixed.endpoint_switch[mixed.endpoint_switch >= 0]] = True
    storage = mixed.devices.network == mixed.network_row("storage")
    assert with_hosts[leaves & storage].all()
    assert not with_hosts[leaves & ~storage].any()
    for rule in ("middle-of-row", "leaf-in-rack", "rail-rows", "block"):
        one = place(mixed, CATALOG, Floor.model_validate({"rule": rule}))
        both = place(
            mixed, CATALOG, Floor.model_validate({"rule_of": {"compute": rule, "storage": rule}, "rule": rule})
        )
        assert one.rack.tolist() == both.rack.tolist()


def test_contents_of_the_floor_take_units_and_power(mixed: Fabric) -> None:
    strips = RackContent(name="power strip", count=2, rack_units=0, power_w=0)
    fan = RackContent(name="fan door", rack_units=3, power_w=500, where="top")
    bare, full = place(mixed, CATALOG, Floor()), place(mixed, CATALOG, Floor(contents=(strips, fan)))
    assert no_unit_holds_two(full)
    assert full.used_power_w.sum() == pytest.approx(bare.used_power_w.sum() + 500 * len(full.racks))
    assert (full.units_of - full.used_units >= Floor().spare_units).all()
    row = {name: (racks, watts) for name, racks, watts in full.draws("row")}
    assert sum(racks for racks, _ in row.values()) == len(full.racks)
    assert sum(watts for _, watts in row.values()) == pytest.approx(full.used_power_w.sum())
    assert [name for name, _, _ in full.draws("hall")] == ["1"]
    assert all(name in {str(n)[:-2] for n in full.racks.name} for name in row)


def test_the_power_of_contents_that_nobody_states_is_not_known(mixed: Fabric) -> None:
    silent = RackContent(name="odd shelf")
    design = parse_design(MIXED + "floor: {contents: [{name: odd shelf}]}\n")
    cabled = cable(design, topo.build(design))
    assert cabled.places is not None
    assert cabled.places.kinds[0].unknown == (silent.name,)
    found = inspect(topo.build(design), CATALOG, cabled.cabling, cabled.places, design.file.floor)
    assert [f for f in found if f.undecided and "odd shelf" in f.message]


def test_racks_of_unlike_parts_or_contents_are_no_two_alike() -> None:
    fabric, places = laid(
        NVL72.format(
            host="dgx-gb200-tray-nvlink", more=WIRED, floor=", contents: [{name: strip, rack_units: 0, power_w: 0}]"
        )
    )
    same = alike(fabric, places)
    for number in np.unique(same).tolist():
        racks = np.flatnonzero(same == number)
        held = [
            (int(places.kind[r]), sorted((int(fabric.devices.part[d]), int(fabric.devices.network[d]))
             for d in np.flatnonzero(places.rack == r)))
            for r in racks.tolist()
        ]  # fmt: skip
        assert all(one == held[0] for one in held)
    assert len({places.kinds[int(k)].part.id for k in places.kind}) == 2


def test_a_picture_and_a_page_show_what_racks_hold(tmp_path: Path) -> None:
    from tests.cli.test_contract import run

    path = tmp_path / "d.yaml"
    path.write_text(NVL72.format(host="dgx-gb200-tray-nvlink", more=WIRED, floor=", hall_power_w: 900000"))
    assert run("diagram", path, "--view", "rack", "-o", tmp_path / "r.svg").returncode == 0
    svg = (tmp_path / "r.svg").read_text()
    assert svg.count("power shelf") >= 8
    assert "one of 2 alike" in svg
    assert run("report", path, "-o", tmp_path / "r.html").returncode in (0, 1)
    page = (tmp_path / "r.html").read_text()
    assert "8 x power shelf, 9 x NVLink switch tray" in page
    assert "Power of rows and halls" in page
    assert "900.0" in page
    assert run("build", path, "-o", tmp_path / "out", "--export", "netbox").returncode == 0
    rows = list(csv.DictReader(next((tmp_path / "out").rglob("*devices.csv")).read_text().splitlines()))
    assert [row["position"] for row in rows if row["device_type"] == "nvidia-nvlink5-switch"] == [""] * 36
    assert all(row["position"] for row in rows if row["device_type"] != "nvidia-nvlink5-switch")


RACK = """\
id: odd-rack
title: A rack of one's own
rack_units: 48
power_w: 9000
width_mm: 600
depth_mm: 1000
hosts: 4
contents: [{name: tray, holds: no-such-switch, each: 2}]
source: {document: "made up", read: true}
"""


def test_a_rack_that_holds_switches_of_no_part_is_told(mixed: Fabric, tmp_path: Path) -> None:
    (tmp_path / "rack").mkdir()
    (tmp_path / "rack" / "odd-rack.yaml").write_text(RACK)
    catalog = load_catalog([tmp_path])
    (problem,) = lint(catalog)
    assert (problem.key, problem.value, problem.line) == ("contents[0].holds", "no-such-switch", 8)
    with pytest.raises(InputError, match="holds no switch of the catalog"):
        place(mixed, catalog, Floor(racks_of={"storage": "odd-rack"}))


def test_the_bill_has_racks_what_they_come_with_and_what_the_floor_adds() -> None:
    floor = ", contents: [{name: pdu, count: 2, rack_units: 0, power_w: 0}]"
    design = parse_design(NVL72.format(host="dgx-gb200-tray", more="", floor=floor))
    fabric = topo.build(design)
    cabled = cable(design, fabric)
    places = cabled.places
    assert places is not None
    book = PriceBook(
        id="b",
        title="b",
        parts_usd={"nvidia-gb200-nvl72": 1000.0, "pdu": 10.0},
        source=Source(document="none", read=False),
    )
    bom = bill_of_materials(fabric, design.catalog, cabled.cabling, book, places=places)
    racks = {line.part: line for line in bom.lines if line.kind == "rack"}
    inside = {line.part: line for line in bom.lines if line.kind == "rack-content"}
    assert sum(line.count for line in racks.values()) == len(places.racks)
    assert (racks["nvidia-gb200-nvl72"].count, racks["nvidia-gb200-nvl72"].usd) == (2, 2000.0)
    assert inside["NVLink switch tray"].count == 2 * 9
    assert inside["power shelf"].count == 2 * 8
    assert inside["power shelf"].remark == "comes with nvidia-gb200-nvl72"
    assert inside["pdu"].count == 2 * len(places.racks)
    assert inside["pdu"].usd == 10.0 * inside["pdu"].count
    assert bom.networks_usd == 0
    assert {"rack-48u", "nvidia-qm9700"} <= {*bom.unpriced}
    assert not {"power shelf", "pdu"} & {*bom.unpriced}
