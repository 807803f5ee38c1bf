"""Hosts of a rack by kind, and the power of rows and halls."""

from __future__ import annotations

import numpy as np
import pytest

import topo
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.design.cable import cable
from topo.errors import InputError
from topo.fabric import Fabric
from topo.placement import Floor, place

CATALOG = load_catalog()
TEXT = """\
name: t
gpus: 128
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 9}
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
"""


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return topo.build(parse_design(TEXT))


def hosts_of_racks(fabric: Fabric, floor: Floor) -> dict[str, list[int]]:
    """By host part: how many stand in each rack that holds some."""
    places = place(fabric, CATALOG, floor)
    found = {}
    for code, part in enumerate(fabric.parts):
        mine = fabric.is_host & (fabric.devices.part == code)
        if mine.any():
            found[part] = np.unique(places.rack[mine], return_counts=True)[1].tolist()
    return found


def test_each_kind_has_its_own_number(fabric: Fabric) -> None:
    floor = Floor(hosts_per_rack=4, hosts_per_rack_of={"storage-host-3-networks": 3, "dgx-h100-4-networks": 2})
    found = hosts_of_racks(fabric, floor)
    assert found == {"dgx-h100-4-networks": [2] * 8, "storage-host-3-networks": [3] * 3}
    found = hosts_of_racks(fabric, Floor(hosts_per_rack=4, hosts_per_rack_of={"storage-host-3-networks": 9}))
    assert found == {"dgx-h100-4-networks": [4] * 4, "storage-host-3-networks": [9]}


@pytest.mark.parametrize("key", ["row_power_w", "hall_power_w"])
def test_a_row_and_a_hall_that_are_fed_too_little_are_refused(fabric: Fabric, key: str) -> None:
    free = place(fabric, CATALOG, Floor())
    by_row = np.bincount(free.racks.hall * 1000 + free.racks.row, weights=free.used_power_w)
    most = float(by_row.max() if key == "row_power_w" else free.used_power_w.sum())
    place(fabric, CATALOG, Floor.model_validate({key: most}))
    with pytest.raises(InputError) as caught:
        place(fabric, CATALOG, Floor.model_validate({key: most - 1}))
    problem = caught.value.problems[0]
    assert problem.key == key
    assert f"{most:g}" in problem.allowed


def test_mistakes_are_told_with_their_key(fabric: Fabric) -> None:
    with pytest.raises(InputError) as caught:
        place(fabric, CATALOG, Floor(hosts_per_rack_of={"dgx-b300": 2}, improve="length"))
    assert [p.key for p in caught.value.problems] == ["hosts_per_rack_of.dgx-b300", "improve"]


def test_the_line_of_a_design_is_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "d.yaml"
    path.write_text(TEXT + "floor:\n  racks_per_row: 8\n  hall_power_w: 1000\n")
    with pytest.raises(InputError) as caught:
        topo.check(topo.load_design(path))
    problem = caught.value.problems[0]
    assert (problem.line, problem.key) == (10, "floor.hall_power_w")


@pytest.mark.parametrize(("media", "modules"), [
    ("", {"nvidia-mma4z00-ns", "nvidia-mma4z00-ns-flt"}),
    ("media: multimode\n", {"nvidia-mma4z00-ns", "nvidia-mma4z00-ns-flt"}),
    ("media: single-mode\n", {"nvidia-mms4x00-ns", "nvidia-mms4x00-ns-flt"}),
])  # fmt: skip
@pytest.mark.parametrize("floor", ["", "floor: {}\n"])
def test_one_kind_of_fibre_on_request(media: str, floor: str, modules: set[str]) -> None:
    design = parse_design(TEXT + media + floor + "lengths_m: {endpoint: 20, leaf_spine: 20}\n")
    found = cable(design, topo.build(design)).cabling
    assert modules & {found.parts[p] for p in found.modules.part.tolist()}
    kinds = {
        CATALOG.get("transceiver", found.parts[p]).model_dump()["medium"] for p in set(found.modules.part.tolist())
    }
    assert kinds == {"single-mode" if "single" in media else "multimode"}


def test_another_medium_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_design(TEXT + "media: plastic\n")
    assert (caught.value.problems[0].key, caught.value.problems[0].line) == ("media", 8)
