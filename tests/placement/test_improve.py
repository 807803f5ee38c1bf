"""Improved places against brute force, bounds against the optimum, and the promises that a search must keep."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.slow import slow
from topo.design import build, cable, parse_design
from topo.design.model import Design
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement import MEDIA, Places, place, routed
from topo.placement.cables.cabling import cabling
from topo.placement.floor.routes import Routes, rack_part
from topo.placement.improving.bound import nearest_seats, ways_to_the_top
from topo.placement.improving.objective import Metric, length_objective
from topo.placement.improving.seats import Hall, hall_of

FLOORS = (
    "{rule: block, racks_per_row: 2, hosts_per_rack: 1",
    "{rule: leaf-in-rack, racks_per_row: 3, hosts_per_rack: 2, cross_trays: [0], entry: underfloor",
    "{rule: middle-of-row, racks_per_row: 2, hosts_per_rack: 1, spare_units: 36, slack_m: 2.5",
    "{rule: block, racks_per_row: 2, hosts_per_rack: 2, rack_pairs: [{racks: [1A01, 1B01], length_m: 0.7}]",
)


def tiny(floor: str, gpus: int = 16, family: str = "ft2", switch: str = "example-switch-4", **keys: str) -> Design:
    extra = "".join(f", {k}: {v}" for k, v in keys.items())
    host = "example-host-2" if family == "mpft" else "example-host-1"
    return parse_design(
        f"name: t\ngpus: {gpus}\nhost: {host}\nfloor: {floor}}}\n"
        f"networks: {{compute: {{family: {family}, switch: {switch}{extra}}}}}\n"
    )


def seated(design: Design) -> tuple[Fabric, Places, Hall, Metric]:
    fabric, floor = build(design), design.file.floor
    assert floor is not None
    by_rule = place(fabric, design.catalog, floor.model_copy(update={"improve": None}))
    part = rack_part(design.catalog, floor)
    pinned = frozenset(fabric.device_row[n] for n in floor.devices)
    hall = hall_of(fabric, floor, by_rule, part.rack_units - floor.spare_units, pinned)
    return fabric, by_rule, hall, Metric(hall, Routes(floor, part, by_rule.racks))


def allowed(hall: Hall, seats: IntArray, racks: int) -> bool:
    """Every unit holds one device, and no rack more than it takes; stated device by device."""
    taken = set()
    units, power, hosts = [0] * racks, [0] * racks, [0] * racks
    for device, seat in enumerate(seats.tolist()):
        rack, ru, height = int(hall.seats.rack[seat]), int(hall.seats.ru[seat]), int(hall.units_of[hall.kind[device]])
        for unit in range(ru, ru + height):
            if (rack, unit) in taken:
                return False
            taken.add((rack, unit))
        units[rack] += height
        power[rack] += int(hall.power_w[device])
        hosts[rack] += int(hall.is_host[hall.kind[device]])
    return max(units) <= hall.most_units and max(power) <= hall.most_power_w and max(hosts) <= hall.most_hosts


def optimum(fabric: Fabric, hall: Hall, metric: Metric) -> float:
    """The best of all seatings, by trying each; the switches' seats first, identical hosts in every order."""
    devices = range(len(fabric.devices))
    hosts = [d for d in devices if fabric.is_host[d]]
    switches = [d for d in devices if not fabric.is_host[d]]
    cost = metric.length_mm(np.arange(len(hall.seats))[:, None], np.arange(len(hall.seats))[None, :])
    options = [np.flatnonzero(hall.seats.kind == hall.kind[group[0]]).tolist() for group in (switches, hosts)]
    orders = np.array(list(itertools.permutations(options[1], len(hosts))))
    best = None
    for of_switches in itertools.permutations(options[0], len(switches)):
        seats = np.zeros((len(orders), len(fabric.devices)), dtype=np.int64)
        seats[:, switches] = of_switches
        seats[:, hosts] = orders
        total = cost[seats[:, fabric.link_a], seats[:, fabric.link_b]].sum(axis=1)
        for row in np.argsort(total, kind="stable").tolist():
            if best is not None and total[row] >= best:
                break
            if allowed(hall, seats[row], len(metric.routes.racks)):
                best = int(total[row])
    assert best is not None
    return best / 1000


@pytest.mark.sampled(1)
@pytest.mark.parametrize("floor", FLOORS)
def test_small_floors_are_solved_to_the_optimum(floor: str) -> None:
    design = tiny(f"{floor}, improve: length", gpus=4)
    fabric, by_rule, hall, metric = seated(design)
    found = cable(design, fabric).places
    assert found is not None
    assert found.improvement is not None
    best = optimum(fabric, hall, metric)
    assert found.improvement.value == pytest.approx(best, abs=1e-6)
    assert found.improvement.bound == pytest.approx(best, abs=1e-6)
    assert found.improvement.gap_percent == pytest.approx(0, abs=1e-6)
    rule = routed(fabric, design.catalog, design.file.floor, by_rule).length_m.sum()  # type: ignore[arg-type]
    assert found.improvement.rule == pytest.approx(rule, abs=1e-6)
    after = routed(fabric, design.catalog, design.file.floor, found).length_m.sum()  # type: ignore[arg-type]
    assert found.improvement.value == pytest.approx(after, abs=1e-6)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("floor", FLOORS)
def test_no_bound_from_distances_is_above_the_optimum(floor: str) -> None:
    design = tiny(floor, gpus=4)
    fabric, _, hall, metric = seated(design)
    best = optimum(fabric, hall, metric)
    objective = length_objective(fabric)
    near, top = nearest_seats(hall, metric, objective), ways_to_the_top(fabric, hall, metric, objective)
    assert 0 < near <= best * 1000
    assert 0 < top <= best * 1000
    assert max(near, top) > best * 500


def optical(fabric: Fabric, design: Design, places: Places) -> int:
    """Optical cables of a plan, counted on the plan."""
    assert design.file.floor is not None
    plan = cabling(fabric, design.catalog, routed(fabric, design.catalog, design.file.floor, places))
    assert not plan.unfit
    return int((plan.cables.medium >= MEDIA.index("aoc")).sum())


@pytest.mark.parametrize("apart", [slow("1C02"), slow("1A02")])
def test_the_fewest_optical_cables_by_brute_force(apart: str) -> None:
    """Hosts are pinned in two places too far apart for copper; every seat of the switches is tried on the real plan."""
    pins = [f"host-0000{i}: {{rack: {'1B01' if i < 2 else apart}, ru: {i + 1}}}" for i in range(4)]
    floor = f"{{rule: block, racks_per_row: 2, row_pitch_m: 4, spare_units: 40, devices: {{{', '.join(pins)}}}"
    design = tiny(f"{floor}, improve: optics", gpus=4)
    fabric, by_rule, hall, metric = seated(design)
    found = cable(design, fabric).places
    assert found is not None
    assert found.improvement is not None
    switches = np.flatnonzero(~fabric.is_host)
    options = np.flatnonzero(hall.seats.kind == hall.kind[switches[0]])
    counts = {}
    for chosen in itertools.permutations(options.tolist(), len(switches)):
        seats = np.arange(len(fabric.devices))
        seats[switches] = chosen
        if allowed(hall, seats, len(metric.routes.racks)):
            racks, units = hall.seats.rack[seats], hall.seats.ru[seats]
            counts[chosen] = optical(fabric, design, replace(by_rule, rack=racks, ru=units))
    assert len(set(counts.values())) > 1
    assert optical(fabric, design, found) == min(counts.values()) == found.improvement.value
    assert (
        found.improvement.bound <= found.improvement.value < found.improvement.rule == optical(fabric, design, by_rule)
    )
    for i in range(4):
        where = found.rack[fabric.device_row[f"host-0000{i}"]]
        assert str(found.racks.name[where]) == ("1B01" if i < 2 else apart)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("family", ["mpft", "mrft", "ft3", "dragonfly"])
@pytest.mark.parametrize("improve", ["length", "optics"])
@pytest.mark.parametrize("gpus", [128, slow(512)])
def test_a_search_keeps_every_limit_and_never_loses(gpus: int, family: str, improve: str) -> None:
    """Units, power, pins and the figures themselves, device by device; and the same input gives the same places."""
    pin = "{host-00003: {rack: 3A08, ru: 5}}"
    design = parse_design(
        f"name: t\ngpus: {gpus}\nhost: dgx-h100\n"
        f"floor: {{racks_per_row: 8, devices: {pin}, improve: {improve}, improve_work: {gpus / 256}}}\n"
        f"networks: {{compute: {{family: {family}, switch: nvidia-qm9700}}}}\n"
    )
    fabric, by_rule, _, _ = seated(design)
    found = cable(design, fabric).places
    assert found is not None
    again = cable(design, fabric).places
    assert again is not None
    assert found.improvement == again.improvement
    assert (found.rack == again.rack).all()
    assert (found.ru == again.ru).all()
    taken = set()
    for device in range(len(fabric.devices)):
        for unit in range(int(found.ru[device]), int(found.ru[device] + found.units[device])):
            assert (int(found.rack[device]), unit) not in taken
            taken.add((int(found.rack[device]), unit))
            assert 1 <= unit <= 48
    assert found.used_units.max() <= 46
    assert found.used_power_w.max() <= 44_000
    pinned = fabric.device_row["host-00003"]
    assert (str(found.racks.name[found.rack[pinned]]), int(found.ru[pinned])) == ("3A08", 5)
    assert set(found.racks.name.tolist()) <= set(by_rule.racks.name.tolist())
    gained = found.improvement
    assert gained is not None
    assert 0 < gained.bound <= gained.value <= gained.rule
    before, after = (routed(fabric, design.catalog, design.file.floor, p).length_m.sum() for p in (by_rule, found))  # type: ignore[arg-type]
    if improve == "length":
        assert gained.rule == pytest.approx(before, abs=1e-6)
        assert gained.value == pytest.approx(after, abs=1e-6)
        assert gained.value < gained.rule
    else:
        assert optical(fabric, design, found) == pytest.approx(gained.value)
        assert optical(fabric, design, by_rule) == pytest.approx(gained.rule)
