"""Trees of any radix, size, ratio, rails, planes and tiers: soundness, growth without renaming, equal bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from tree_cases import assert_sound, catalog, components, host, nic, switch, tree, wired

from tests.slow import often, slow
from topo.errors import InputError, ParameterError
from topo.fabric import HOST, LEAF, Fabric
from topo.generators import HostGroup

FAMILIES = st.sampled_from(["ft2", "ft3", "mpft", "mrft"])
RATIOS = st.sampled_from(["1", "2", "3", "3:2", "7/5", "1:2"])


@often(
    50,
    150,
    family=FAMILIES,
    cages=st.integers(2, 32),
    nics=st.integers(1, 8),
    ports=st.sampled_from([1, 1, 2]),
    ratio=RATIOS,
    fill=st.floats(0, 1),
    pods=st.sampled_from(["scalable-unit", "rail"]),
    spine_ratio=st.sampled_from(["1", "3"]),
)
def test_any_tree_is_sound(
    family: str, cages: int, nics: int, ports: int, ratio: str, fill: float, pods: str, spine_ratio: str
) -> None:
    keys: dict[str, object] = {"oversubscription": ratio}
    if family in ("ft3", "mrft"):
        keys["spine_oversubscription"] = spine_ratio
    if family == "mrft":
        keys["pods"] = pods
    most = {"ft2": cages * cages, "mpft": cages * cages, "ft3": 300, "mrft": 300}[family]
    hosts = 1 + int(fill * min(most, 300) / max(nics // 2, 1))
    try:
        fabric, counts = tree(family, hosts, cages, nics, ports, **keys)
    except InputError as error:
        keys_of_sizes = {"gpus", "host", "oversubscription", "spine_oversubscription", "pods"}
        assert {p.key for p in error.problems} <= keys_of_sizes  # noqa: PT017
        assume(False)
        return
    assert len(fabric.endpoints) == hosts * nics * ports
    assert_sound(fabric, counts)
    planes = (ports if ports > 1 else nics) if family == "mpft" else 1
    assert components(fabric) == planes
    if family == "mrft":
        assert_rails(fabric, hosts, nics)
    if family == "mpft":
        np.testing.assert_array_equal(
            fabric.endpoints.plane, fabric.endpoints.nic_port if ports > 1 else fabric.endpoints.nic
        )
    if family in ("ft2", "ft3"):
        leaf = fabric.endpoint_switch.reshape(hosts, -1)
        assert (leaf == leaf[:, :1]).all()
    assert (fabric.endpoints.gpu_count == 1).all()
    np.testing.assert_array_equal(fabric.endpoints.gpu_first, fabric.endpoints.nic)


def assert_rails(fabric: Fabric, hosts: int, nics: int) -> None:
    """A leaf holds its rail, or several whole rails, which all hosts then fit on; all leaves hold equally many."""
    at = fabric.endpoint_switch
    rail = fabric.devices.rail[at]
    np.testing.assert_array_equal(rail[rail >= 0], fabric.endpoints.nic[rail >= 0])
    held = np.unique(np.stack([at, fabric.endpoints.nic]), axis=1)
    each = np.unique(np.bincount(held[0])[np.unique(at)])
    assert len(each) == 1
    assert nics % each[0] == 0
    if each[0] > 1:
        assert len(np.unique(at)) == nics // each[0]


CABLE = tuple[str, str, str, str]


def cables(fabric: Fabric, rows: np.ndarray) -> set[CABLE]:
    """The chosen links by the names of their devices and ports."""
    links = fabric.links.rows(rows)
    ends = (
        fabric.devices.name[fabric.ports.device[links.a]],
        fabric.port_name(links.a),
        fabric.devices.name[fabric.ports.device[links.b]],
        fabric.port_name(links.b),
    )
    return set(zip(*(end.tolist() for end in ends), strict=True))


GROWTH = [
    ("ft2", 8, 1, {}),
    ("ft3", 4, 1, {}),
    ("mpft", 6, 3, {}),
    ("mrft", 4, 2, {"rails_per_leaf": 1}),
    ("mrft", 4, 2, {"pods": "rail", "rails_per_leaf": 1}),
    ("mrft", 4, 2, {"pods": "rail", "tiers": 3, "rails_per_leaf": 1}),
    ("mrft", 4, 2, {"build_for_gpus": 118}),
    ("ft2", 8, 1, {"spread": "by-one"}),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("family", "cages", "nics", "keys"), GROWTH)
def test_growth_renames_nothing_and_moves_no_host(family: str, cages: int, nics: int, keys: dict[str, object]) -> None:
    before, _ = tree(family, 1, cages, nics, **keys)
    moved: dict[int, int] = {}
    for hosts in range(2, 60):
        try:
            after, _ = tree(family, hosts, cages, nics, **keys)
        except ParameterError:
            break
        old = dict(zip(before.devices.name.tolist(), rows(before), strict=True))
        new = dict(zip(after.devices.name.tolist(), rows(after), strict=True))
        assert old.items() <= new.items()
        assert cables(before, before.is_endpoint_link) <= cables(after, after.is_endpoint_link)
        lost = cables(before, ~before.is_endpoint_link) - cables(after, ~after.is_endpoint_link)
        same_above = (before.devices.tier > LEAF).sum() == (after.devices.tier > LEAF).sum()
        assert not (lost and same_above), "cables moved although no switch above the leaves was added"
        moved[hosts] = len(lost)
        before = after
    assert len(moved) > 10
    assert sum(n == 0 for n in moved.values()) > len(moved) // 2


def rows(fabric: Fabric) -> list[tuple[int, int, int]]:
    """What a device's name stands for and growth must not change: tier, plane and rail."""
    return list(
        zip(*(c.tolist() for c in (fabric.devices.tier, fabric.devices.plane, fabric.devices.rail)), strict=True)
    )


def digest(fabric: Fabric) -> str:
    """A digest of every column and name table."""
    found = hashlib.sha256(repr((fabric.networks, fabric.parts, fabric.groups, fabric.link_kinds)).encode())
    for table in (fabric.devices, fabric.ports, fabric.links, fabric.endpoints):
        for field in fields(table):
            column = getattr(table, field.name)
            found.update(f"{field.name} {column.dtype} {column.shape}".encode())
            found.update(column.tobytes())
    found.update(fabric.port_names.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("family", ["ft2", "ft3", "mpft", "mrft"])
def test_the_same_input_gives_the_same_bytes(family: str) -> None:
    assert digest(tree(family, 30, 6, 2)[0]) == digest(tree(family, 30, 6, 2)[0])


@pytest.mark.parametrize("seeds", ["1", slow("23")])
def test_another_process_gives_the_same_bytes(seeds: str) -> None:
    """With another hash seed, so that no set or dictionary order can leak into the columns."""
    code = "from test_tree_properties import digest, tree; print(digest(tree('mrft', 30, 6, 2)[0]))"
    folder = os.path.dirname(__file__)
    digests = set()
    for seed in seeds:
        path = os.pathsep.join([folder, *sys.path])
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert digests == {digest(tree("mrft", 30, 6, 2)[0]) + "\n"}


def test_hosts_of_different_widths_share_leaves() -> None:
    wide, thin = host(4, 4, part_id="w"), host(1, 1, part_id="t")
    parts = catalog(switch(8), wide, thin, nic(part_id="w-nic"), nic(part_id="t-nic"))
    for widths in ((5, 7), (1, 1), (12, 30)):
        groups = [HostGroup(wide, widths[0]), HostGroup(thin, widths[1])]
        for family in ("ft2", "ft3"):
            fabric, counts = wired(family, groups, parts)
            assert_sound(fabric, counts)
            assert len(fabric.endpoints) == 4 * widths[0] + widths[1]
            spread = {
                (h, s) for h, s in zip(fabric.endpoints.host.tolist(), fabric.endpoint_switch.tolist(), strict=True)
            }
            assert len(spread) == sum(widths), "a host on two leaves"


def test_two_groups_of_one_prefix_keep_their_names_when_the_first_grows() -> None:
    one, two = host(1, 1, part_id="a"), host(1, 1, part_id="b")
    parts = catalog(switch(8), one, two, nic(part_id="a-nic"), nic(part_id="b-nic"))
    small, _ = wired("ft2", [HostGroup(one, 3), HostGroup(two, 2)], parts)
    large, _ = wired("ft2", [HostGroup(one, 9), HostGroup(two, 2)], parts)
    for name, group in zip(small.devices.name.tolist(), small.devices.group.tolist(), strict=True):
        if group >= 0:
            assert large.devices.group[large.device_row[name]] == group


@often(20, 60, served=st.integers(1, 20), others=st.integers(0, 12), nics=st.integers(1, 4), thin=st.integers(0, 3))
def test_management_endpoints_take_free_leaf_ports_only(served: int, others: int, nics: int, thin: int) -> None:
    full, few = host(nics, nics, part_id="f"), host(1, 1, part_id="o")
    manager = host(0, 1, part_id="m", prefix="mgmt")
    parts = catalog(switch(4), full, few, manager, *(nic(part_id=f"{i}-nic") for i in "fom"))
    groups = [HostGroup(full, served), *([HostGroup(few, thin)] if thin else [])]
    alone, _ = wired("mrft", groups, parts, rails_per_leaf=1)
    every = [*groups, *([HostGroup(manager, others)] if others else [])]
    try:
        fabric, counts = wired("mrft", every, parts, rails_per_leaf=1)
    except ParameterError as error:
        assert error.problems[0].key == "other_hosts"  # noqa: PT017
        free = ((alone.ports.role == 3) & (alone.devices.tier[alone.ports.device] == LEAF)).sum()
        leaves = (alone.devices.tier == LEAF).sum()
        assert others > free - 4 * leaves
        return
    assert_sound(fabric, counts)
    assert cables(alone, alone.is_endpoint_link) <= cables(fabric, fabric.is_endpoint_link)
    names = alone.devices.name[alone.devices.tier > HOST].tolist()
    assert names == fabric.devices.name[fabric.devices.tier > HOST].tolist()
