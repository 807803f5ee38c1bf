"""Growth beside what stands already."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from topo.design import load_design
from topo.errors import InputError
from topo.exporters import Plan, build_files, change_plan, make_plan
from topo.placement.faults.inspect import inspect

DESIGN = """name: d
gpus: {gpus}
host: {host}
networks:
  compute: {{family: {family}, switch: {switch}}}
floor: {floor}
{more}"""
KEEP = "placement: {keep: placement.json}\n"


def planned(folder: Path, gpus: int, floor: str, more: str = "", family: str = "mpft", **parts: str) -> Plan:
    path = folder / "d.yaml"
    names = {"host": "h800-node", "switch": "nvidia-qm9700", **parts}
    path.write_text(DESIGN.format(gpus=gpus, floor=floor, more=more, family=family, **names))
    return make_plan(load_design(path))


def written(plan: Plan, folder: Path) -> None:
    (folder / "placement.json").write_bytes(build_files(plan, ["placement"])["placement.json"])


def sound(plan: Plan) -> bool:
    places, floor = plan.places, plan.design.file.floor
    assert places is not None
    assert floor is not None
    assert (places.used_units <= places.rack_units).all()
    faults = inspect(plan.fabric, plan.catalog, plan.cabling, places)
    return not [fault for fault in faults if fault.check == "rack-limits" and not fault.undecided]


FLOORS = [
    "{}", "{rule: leaf-in-rack}", "{rule: rail-rows, racks_per_row: 6}", "{rule: block, racks_per_row: 8, halls: 2}",
    "{hosts_per_rack: 3, entry: underfloor, switch_rows: first}",
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("family", ["mpft", "ft2", "mrft"])
def test_growth_moves_nothing(tmp_path: Path, floor: str, family: str) -> None:
    old = planned(tmp_path, 512, floor, family=family)
    written(old, tmp_path)
    new = planned(tmp_path, 1024, floor, KEEP, family)
    assert sound(new)
    found = change_plan(old, new)
    assert found.devices_moved == ()
    stay = set(old.fabric.device_row) & set(new.fabric.device_row)
    assert stay == set(old.fabric.device_row)
    again = planned(tmp_path, 1024, floor, KEEP, family)
    assert again.places is not None
    assert new.places is not None
    assert (again.places.rack == new.places.rack).all()


def test_without_the_file_the_rule_moves_devices(tmp_path: Path) -> None:
    """What the file is for: the same growth by the rule alone."""
    old, new = (planned(tmp_path, gpus, "{}") for gpus in (512, 1024))
    assert change_plan(old, new).devices_moved


def test_the_same_design_keeps_every_place(tmp_path: Path) -> None:
    old = planned(tmp_path, 512, "{}")
    written(old, tmp_path)
    found = change_plan(old, planned(tmp_path, 512, "{}", KEEP))
    assert found.touched == 0
    assert found.summary()["devices moved"] == 0


def test_what_no_longer_fits_moves_and_nothing_else(tmp_path: Path) -> None:
    """Hosts of ten units instead of eight: those that fit where they stand stay."""
    old = planned(tmp_path, 256, "{rack_power_w: 100000}", host="dgx-h100", family="ft2")
    written(old, tmp_path)
    new = planned(tmp_path, 256, "{rack_power_w: 100000}", KEEP, host="dgx-b200", family="ft2")
    assert sound(new)
    moved = set(change_plan(old, new).devices_moved)
    assert moved
    assert not [name for name in moved if not name.startswith("dgx") and not name.startswith("host")]
    hosts = int((np.asarray(new.fabric.devices.tier) == 0).sum())
    assert len(moved) < hosts


def test_floor_devices_win(tmp_path: Path) -> None:
    old = planned(tmp_path, 512, "{}")
    written(old, tmp_path)
    name = str(old.fabric.devices.name[0])
    new = planned(tmp_path, 512, f"{{devices: {{{name}: {{rack: 2A01, ru: 3}}}}}}", KEEP)
    assert change_plan(old, new).devices_moved == (name,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        ("no json", "is not JSON"),
        ("[]", "holds no placement of schema"),
        ('{"schema": "topo.placement/1", "devices": {"a": {"rack": "x", "ru": 1}}}', "holds no place for a"),
        ('{"schema": "topo.placement/1", "devices": {"a": {"rack": "1A01", "ru": true}}}', "holds no place for a"),
    ],
)
def test_a_file_that_is_none_is_refused_at_its_line(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "placement.json").write_text(content)
    with pytest.raises(InputError, match=message) as found:
        planned(tmp_path, 512, "{}", KEEP)
    assert found.value.problems[0].line == 7


def test_it_needs_a_floor_that_does_not_improve(tmp_path: Path) -> None:
    (tmp_path / "placement.json").write_text(json.dumps({"schema": "topo.placement/1", "devices": {}}))
    with pytest.raises(InputError, match="would move"):
        planned(tmp_path, 512, "{improve: length}", KEEP)
    path = tmp_path / "bare.yaml"
    path.write_text(
        DESIGN.format(gpus=512, floor="{}", more=KEEP, family="mpft", host="h800-node", switch="nvidia-qm9700").replace(
            "floor: {}\n", ""
        )
    )
    with pytest.raises(InputError, match="needs a floor"):
        make_plan(load_design(path))
