"""Of equal planes one is looked at: what is found is what looking at all of them finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.checks import Context, Finding, run_wiring, wiring_checks
from topo.checks.readable import existing
from topo.fabric import Fabric
from topo.fabric.planes import one_of_equal_planes

from . import mutate
from .cases import intact
from .test_wiring_fuzz import ranges

CASES = ("mpft", "mpft-multi-port", "dual-plane")


def everywhere(context: Context) -> list[Finding]:
    """Every check on every plane."""
    whole = existing(context.fabric)
    sound = context if whole is context.fabric else replace(context, fabric=whole)
    found = []
    for name in wiring_checks.names():
        found += wiring_checks.get(name).run(context if name == "link-ends" else sound)
    return found


@pytest.mark.parametrize("case", CASES)
def test_one_plane_of_each_family_with_planes_is_kept(case: str) -> None:
    fabric = intact(case).fabric
    planes = int(fabric.devices.plane.max()) + 1
    one = one_of_equal_planes(fabric)
    assert one is not None
    assert np.unique(one.devices.plane[~one.is_host]).tolist() == [0]
    assert len(one.links) * planes == len(fabric.links)
    assert len(one.endpoints) * planes == len(fabric.endpoints)
    assert one.is_host.sum() == fabric.is_host.sum()


@pytest.mark.parametrize("case", ["ft3", "mrft", "hyperx", "dragonfly", "lent"])
def test_a_fabric_without_equal_planes_is_looked_at_whole(case: str) -> None:
    assert one_of_equal_planes(intact(case).fabric) is None


def test_other_networks_stay() -> None:
    fabric = intact("storage").fabric
    one = one_of_equal_planes(fabric)
    assert one is not None
    for network in (0, 1):
        mine = [(f.links.network == network) & (f.links.plane <= 0) for f in (fabric, one)]
        assert mine[0].sum() == mine[1].sum() == (one.links.network == network).sum()


def _columns(fabric: Fabric) -> list[tuple[str, str]]:
    more = [("ports", "gbps"), ("links", "gbps"), ("endpoints", "gbps"), ("links", "lag")]
    return sorted({*ranges(fabric), *more})


def spoiled(fabric: Fabric, which: int, row: int, value: int, planes: int) -> Fabric:
    """One cell with another value, and its twins in the `planes` that follow, where the cell is of a plane."""
    table_name, column = _columns(fabric)[which % len(_columns(fabric))]
    table = getattr(fabric, table_name)
    low, high = ranges(fabric).get((table_name, column), (0, 900))
    found = low + value % (high - low + 1)
    plane = fabric.devices.plane[fabric.ports.device] if table_name == "ports" else table.plane
    row %= len(table)
    place = int((plane[:row] == plane[row]).sum())
    twins = [np.flatnonzero(plane == (plane[row] + p) % (int(plane.max()) + 1)) for p in range(planes)]
    for mine in twins if plane[row] >= 0 else [np.array([row])]:
        if place < len(mine) or len(mine) == 1:
            at = int(mine[min(place, len(mine) - 1)])
            fabric = replace(
                fabric, **{table_name: mutate.changed(getattr(fabric, table_name), **{column: (at, found)})}
            )
    return fabric


@often(
    40,
    1500,
    st.sampled_from([*CASES, "storage"]),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 8)), max_size=3
    ),
)
def test_spoiled_planes_are_judged_as_all_of_them_are(case: str, changes: list[tuple[int, int, int, int]]) -> None:
    context = intact(case)
    fabric = context.fabric
    for which, row, value, planes in changes:
        fabric = spoiled(fabric, which, row, value, planes)
    context = replace(context, fabric=fabric)
    assert run_wiring(context) == everywhere(context)


@pytest.mark.parametrize("case", CASES)
def test_two_links_on_one_port_of_a_host_are_no_plane_of_their_own(case: str) -> None:
    fabric = intact(case).fabric
    mine = np.flatnonzero(fabric.is_endpoint_link & (fabric.links.plane == 1))
    twice = mutate.with_link(fabric, int(mine[0]), a=int(fabric.links.a[mine[1]]))
    assert one_of_equal_planes(twice) is None


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_in_every_plane_is_found_in_every_plane(case: str) -> None:
    context = intact(case)
    fabric = context.fabric
    planes = int(fabric.devices.plane.max()) + 1
    speed = fabric.links.gbps.copy()
    for plane in range(planes):
        speed[np.flatnonzero(fabric.links.plane == plane)[0]] = 1.0
    slow = replace(fabric, links=replace(fabric.links, gbps=speed))
    assert one_of_equal_planes(slow) is not None
    found = run_wiring(replace(context, fabric=slow))
    assert len([finding for finding in found if finding.code == "speeds"]) == planes
    assert found == everywhere(replace(context, fabric=slow))
