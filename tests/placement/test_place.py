"""Racks and routes against a slow restatement, device by device."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from tests.slow import slow
from topo.design import Cabled, Design, build, cable, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.placement.floor.racks import rack_name

SWITCH_ROWS = ("middle", "first", "last")
RULES = ("middle-of-row", "leaf-in-rack", "rail-rows", "block")


def design_of(floor: str, gpus: int = 1024, host: str = "dgx-h100", family: str = "mrft") -> Design:
    return parse_design(
        f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700}}\n"
        f"floor: {floor}\n"
    )


def cabled(floor: str, **keys: object) -> tuple[Fabric, Cabled, Design]:
    design = design_of(floor, **keys)  # type: ignore[arg-type]
    fabric = build(design)
    return fabric, cable(design, fabric), design


@pytest.mark.sampled(4)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("entry", ["overhead", "underfloor"])
def test_every_device_stands_alone_in_units_of_its_rack(rule: str, entry: str) -> None:
    fabric, found, _ = cabled(f"{{rule: {rule}, entry: {entry}, racks_per_row: 10}}")
    places = found.places
    assert places is not None
    taken: dict[tuple[int, int], str] = {}
    power = dict.fromkeys(range(len(places.racks)), 0.0)
    for device, name in enumerate(fabric.devices.name.tolist()):
        units = 8 if fabric.is_host[device] else 1
        power[int(places.rack[device])] += 10_200 if fabric.is_host[device] else 1_720
        for unit in range(int(places.ru[device]), int(places.ru[device]) + units):
            assert 1 <= unit <= 48
            assert taken.setdefault((int(places.rack[device]), unit), name) == name
    assert max(power.values()) <= 44_000
    assert len(taken) == places.used_units.sum()
    assert sorted(places.racks.name.tolist()) == sorted(set(places.racks.name.tolist()))
    assert places.racks.position.max() <= 10


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("entry", ["overhead", "underfloor"])
def test_lengths_are_routes_through_the_trays(rule: str, entry: str) -> None:
    floor = (
        f"{{rule: {rule}, entry: {entry}, racks_per_row: 6, rows_per_hall: 2, hall_gap_m: 9, cross_trays: [0, 0.5]}}"
    )
    fabric, found, _ = cabled(floor, gpus=512)
    places, lengths = found.places, found.cabling.lengths
    assert places is not None
    assert places.racks.hall.max() > 1
    width = 6 * 0.6

    def spot(device: int) -> tuple[int, int, float, float]:
        rack = places.rack[device]
        hall, row, position = (int(c[rack]) for c in (places.racks.hall, places.racks.row, places.racks.position))
        assert places.racks.name[rack] == rack_name(hall, row, position)
        units = 8 if fabric.is_host[device] else 1
        height = 0.1 + 0.04445 * (int(places.ru[device]) - 1 + units / 2)
        return hall, row, (hall - 1) * (width + 9) + (position - 0.5) * 0.6, height

    rows = random.Random(1).sample(range(len(fabric.links)), 300)
    for link in rows:
        a, b = int(fabric.link_a[link]), int(fabric.link_b[link])
        (hall_a, row_a, xa, za), (hall_b, row_b, xb, zb) = spot(a), spot(b)
        tray = 0.1 + 48 * 0.04445 + 0.5 if entry == "overhead" else -0.5
        if places.rack[a] == places.rack[b]:
            wanted = abs(za - zb) + 1
        elif (hall_a, row_a) == (hall_b, row_b):
            wanted = abs(xa - xb) + abs(tray - za) + abs(tray - zb) + 1
        else:
            ways = [
                abs(xa - x) + abs(xb - x)
                for hall in (hall_a, hall_b)
                for x in ((hall - 1) * (width + 9), (hall - 1) * (width + 9) + width / 2)
            ]
            wanted = min(ways) + abs(row_a - row_b) * 3 + abs(tray - za) + abs(tray - zb) + 1
        assert math.isclose(lengths.length_m[link], wanted, abs_tol=1e-3)
    assert (lengths.basis == 1).all()
    sold, route = found.cabling.cables.sold_m, found.cabling.cables.length_m
    assert (sold >= route - 1e-9).all()


def test_leaves_stand_where_the_rule_says() -> None:
    fabric, found, _ = cabled("{rule: leaf-in-rack}", host="h800-node", family="ft2", gpus=256)
    places = found.places
    assert places is not None
    ends = fabric.endpoints
    shared = places.rack[ends.host] == places.rack[fabric.endpoint_switch]
    assert shared.mean() > 0.5
    fabric, found, _ = cabled("{rule: rail-rows}")
    places = found.places
    assert places is not None
    hosts = set(places.racks.row[places.rack[fabric.is_host]].tolist())
    leaves = set(places.racks.row[places.rack[fabric.devices.tier == 1]].tolist())
    assert not hosts & leaves
    order = np.lexsort((places.ru * -1, places.rack))
    rails = fabric.devices.rail[[d for d in order if fabric.devices.tier[d] == 1]]
    assert (np.diff(rails) >= 0).all()


def test_overrides_win() -> None:
    base = "{rule: block}"
    fabric, found, _ = cabled(base)
    name = str(fabric.devices.name[-1])
    pair_length = "rack_pairs: [{racks: [1A01, 1B01], length_m: 33}]"
    floor = f"{{rule: block, devices: {{{name}: {{rack: 2A05, ru: 7}}}}, {pair_length}}}"
    fabric, moved, design = cabled(floor)
    assert found.places is not None
    assert moved.places is not None
    at = moved.places.rack[fabric.device_row[name]]
    assert (str(moved.places.racks.name[at]), int(moved.places.ru[fabric.device_row[name]])) == ("2A05", 7)
    racks = moved.places.racks.name
    a, b = racks[moved.places.rack[fabric.link_a]], racks[moved.places.rack[fabric.link_b]]
    pair = ((a == "1A01") & (b == "1B01")) | ((a == "1B01") & (b == "1A01"))
    assert pair.any()
    assert (moved.cabling.lengths.length_m[pair] == 33).all()
    assert (moved.cabling.lengths.basis == 2).tolist() == pair.tolist()
    assert not cable(design, fabric).cabling.unfit


@pytest.mark.parametrize(
    ("floor", "message"),
    [
        ("{rack_power_w: 5000}", "fits in no rack"),
        ("{spare_units: 40, rack: rack-42u}", "fits in no rack"),
        ("{halls: 1, rows_per_hall: 1}", "the floor is too small"),
        ("{rack: no-rack}", "no rack with this id"),
        ("{devices: {leaf-x: {rack: 1A01, ru: 1}}}", "no device has this name"),
        ("{devices: {host-00000: {rack: 1A99, ru: 1}}}", "the floor has no such rack"),
        ("{devices: {host-00000: {rack: 9Z09, ru: 45}}}", "sticks out of the rack"),
        ("{devices: {host-00000: {rack: 1A01, ru: 3}}}", "these units hold"),
        ("{rack_pairs: [{racks: [1A01, 9Z09], length_m: 3}]}", "no such rack is used"),
    ],
)
def test_what_the_floor_cannot_take_is_refused_with_its_line(floor: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        cabled(floor)
    assert all((p.file, p.line) == ("design.yaml", 6) for p in caught.value.problems)


def test_a_route_longer_than_any_cable_is_said() -> None:
    _, found, _ = cabled("{racks_per_row: 4, rows_per_hall: 2, hall_gap_m: 3000}")
    assert any("is beyond the" in u.reason for u in found.cabling.unfit)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("rule", RULES)
def test_growth_keeps_racks_where_switch_rows_come_first(rule: str) -> None:
    """More hosts of the same unit leave every host where it stood, if the switch rows do not grow."""
    floor = f"{{rule: {rule}, switch_rows: first, racks_per_row: 40}}"
    small, first, _ = cabled(floor, gpus=1984, family="mpft", host="h800-node")
    large, second, _ = cabled(floor, gpus=2048, family="mpft", host="h800-node")
    assert first.places is not None
    assert second.places is not None
    for name in small.devices.name[small.is_host][:100].tolist():
        x, y = small.device_row[name], large.device_row[name]
        assert first.places.racks.row[first.places.rack[x]] == second.places.racks.row[second.places.rack[y]]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("rule", "switch_rows", "improve"),
    [
        *((rule, rows, "") for rule in RULES for rows in SWITCH_ROWS),
        ("block", "middle", ", improve: length, improve_work: 0.25"),
        *(slow("block", rows, ", improve: length, improve_work: 1") for rows in SWITCH_ROWS),
    ],
)
def test_growth_into_planned_room_moves_nothing(rule: str, switch_rows: str, improve: str) -> None:
    """Every device keeps its rack and unit, wherever the switch rows stand, and every cable that stays its length."""
    floor = f"{{rule: {rule}, switch_rows: {switch_rows}, racks_per_row: 12, room_for_gpus: 2048{improve}}}"
    grown = []
    for gpus in (1024, 1536, 2048):
        design = design_of(floor, gpus=gpus, family="mpft", host="h800-node")
        fabric = build(design)
        found = cable(design, fabric)
        places = found.places
        assert places is not None
        names = places.racks.name[places.rack].tolist()
        grown.append(dict(zip(fabric.devices.name.tolist(), zip(names, places.ru.tolist(), strict=True), strict=True)))
        assert set(names) == set(places.racks.name.tolist())
    for small, large in itertools.pairwise(grown):
        assert len(small) < len(large)
        assert small.items() <= large.items()


def test_room_that_the_fabric_cannot_grow_into_is_refused() -> None:
    for room in (512, 1028):
        with pytest.raises(InputError, match="does not grow to this size") as caught:
            cabled(f"{{room_for_gpus: {room}}}")
        assert [(p.file, p.line) for p in caught.value.problems] == [("design.yaml", 6)]
