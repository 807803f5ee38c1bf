"""Sound plans pass every named check; each kind of fault, put into a plan, is found by the check of its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from topo.catalog import load_catalog
from topo.design import build, cable, parse_design
from topo.fabric import Fabric
from topo.placement import Cabling, Places
from topo.placement.faults.inspect import CHECKS, inspect

CATALOG = load_catalog()


def planned(floor: str = "{}", switch: str = "nvidia-qm9700") -> tuple[Fabric, Cabling, Places]:
    design = parse_design(
        f"name: t\ngpus: 512\nhost: h800-node\nfloor: {floor}\n"
        f"networks: {{compute: {{family: mpft, switch: {switch}}}}}\n"
    )
    fabric = build(design)
    found = cable(design, fabric)
    assert found.places is not None
    return fabric, found.cabling, found.places


def names(fabric: Fabric, plan: Cabling, places: Places) -> set[str]:
    return {fault.check for fault in inspect(fabric, CATALOG, plan, places) if not fault.undecided}


@pytest.mark.parametrize("floor", ["{}", "{rule: leaf-in-rack}", "{rule: rail-rows, racks_per_row: 6}"])
def test_sound_plans_have_no_fault(floor: str) -> None:
    assert not names(*planned(floor))


def part(plan: Cabling, name: str) -> tuple[Cabling, int]:
    """The plan with one more part, and its row."""
    return replace(plan, parts=(*plan.parts, name)), len(plan.parts)


def with_cables(plan: Cabling, column: str, row: int, value: float) -> Cabling:
    changed = np.array(getattr(plan.cables, column))
    changed[row] = value
    return replace(plan, cables=replace(plan.cables, **{column: changed}))


def with_module(plan: Cabling, at: int, value: int) -> Cabling:
    changed = np.array(plan.modules.part)
    changed[at] = value
    return replace(plan, modules=replace(plan.modules, part=changed))


def test_each_fault_is_found_by_its_check() -> None:
    fabric, plan, places = planned("{rule: rail-rows}")
    assert len(plan.modules)
    optical = int(np.flatnonzero(plan.module_at_a >= 0)[0])
    cable_row, module = int(plan.cable_of_link[optical]), int(plan.module_at_a[optical])
    assert plan.cables.sold_m[cable_row] >= 3
    assert names(fabric, with_cables(plan, "sold_m", cable_row, 1.0), places) == {"reach"}
    assert names(fabric, with_cables(plan, "sold_m", cable_row, 17.0), places) == {"reach"}
    lengths = np.array(plan.lengths.length_m)
    lengths[optical] = 49.0
    beyond = replace(plan, lengths=replace(plan.lengths, length_m=lengths))
    assert names(fabric, beyond, places) == {"reach"}
    more, row = part(plan, "nvidia-mcp4y10")
    plugged = with_cables(more, "part", cable_row, row)
    assert "connector" in names(fabric, plugged, places)
    more, row = part(plan, "lc-duplex-os2")
    assert "connector" in names(fabric, with_cables(more, "part", cable_row, row), places)
    more, row = part(plan, "nvidia-mms4x00-ns")
    assert "connector" in names(fabric, with_module(more, int(plan.module_at_b[optical]), row), places)
    more, row = part(
        plan, "nvidia-mma4z00-ns" if "400" in plan.parts[plan.modules.part[module]] else "nvidia-mma4z00-ns400"
    )
    assert "cage" in names(fabric, with_module(more, module, row), places)
    more, row = part(plan, "nvidia-mms1v00-wm")
    assert {"lanes", "cage"} & names(fabric, with_module(more, module, row), places)
    gbps = np.array(fabric.ports.gbps)
    gbps[fabric.links.a[optical]] = 100
    slow = replace(fabric, ports=replace(fabric.ports, gbps=gbps))
    assert names(slow, plan, places) == {"lanes"}
    both = np.array(plan.module_at_b)
    first, second = np.flatnonzero(fabric.ports.cage[fabric.links.b] == 1)[:2]
    both[second] = (both[first] + 1) % len(plan.modules)
    assert "one-plug" in names(fabric, replace(plan, module_at_b=both), places)


def test_racks_that_hold_too_much_are_found() -> None:
    fabric, plan, places = planned()
    ru = np.array(places.ru)
    ru[1] = ru[0] + 1
    assert names(fabric, plan, replace(places, ru=ru)) == {"rack-limits"}
    ru[1] = 47
    assert "rack-limits" in names(fabric, plan, replace(places, ru=ru))
    power = np.array(places.power_w)
    power[0] = 50_000
    assert names(fabric, plan, replace(places, power_w=power)) == {"rack-limits"}


def test_a_module_that_a_cage_cannot_feed_is_found() -> None:
    """The twin-port modules draw 15 W and more; a switch whose cages gave 10 W could not run them."""
    fabric, plan, places = planned("{rule: rail-rows}")
    switch = CATALOG.switch("nvidia-qm9700")
    weak = switch.model_copy(update={"cage_power_w": 10.0})

    class Weak:
        def __getattr__(self, name: str) -> object:
            return getattr(CATALOG, name)

        def get(self, kind: str, name: str, *rest: str) -> object:
            return weak if (kind, name) == ("switch", weak.id) else CATALOG.get(kind, name, *rest)

    faults = [f for f in inspect(fabric, Weak(), plan, places) if not f.undecided]  # type: ignore[arg-type]
    assert {f.check for f in faults} == {"cage-power"}
    assert "a cage of nvidia-qm9700 gives 10 W" in faults[0].message


def test_links_without_a_part_are_faults_with_their_reason() -> None:
    fabric, plan, places = planned("{racks_per_row: 4, rows_per_hall: 2, hall_gap_m: 3000}")
    faults = [f for f in inspect(fabric, CATALOG, plan, places) if f.check == "no-part"]
    assert sum(f.count for f in faults) == sum(u.links for u in plan.unfit) > 0
    assert "is beyond the" in faults[0].message


def test_every_check_has_a_name() -> None:
    known = {"no-part", "reach", "cage", "lanes", "connector", "cage-power", "one-plug", "rack-limits", "patch-panels"}
    assert set(CHECKS) == {*known, "tray-fill"}


def test_racks_with_parts_of_unknown_power_are_undecided() -> None:
    fabric, plan, places = planned("{}")
    (fault,) = inspect(fabric, CATALOG, plan, places)
    assert (fault.check, fault.undecided, fault.unit) == ("rack-limits", True, "rack")
    assert fault.count == len(np.unique(places.rack[np.isnan(places.power_w)]))
    assert "h800-node state no power_max_w" in fault.message


def test_distinct_rows_are_the_same_counted_or_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.placement.faults import inspect as module

    rng = np.random.default_rng(5)
    columns = [rng.integers(-1, 4, 200), rng.integers(100, 900, 200), rng.integers(0, 2, 200)]
    counted = module._kinds(*columns)
    monkeypatch.setattr(module, "COUNTED", 0)
    there = module._kinds(*columns)
    assert counted[0] == there[0]
    np.testing.assert_array_equal(counted[1], there[1])
