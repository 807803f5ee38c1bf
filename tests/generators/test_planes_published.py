"""Planes of many slow links against one of few fast ones: sizes as published, and what the loss of one link leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import topo
from topo.catalog import Catalog, Host, Nic, Switch, load_catalog
from topo.catalog.models import Breakout, HostNics, ScaleUp, Source
from topo.design import build, closed_forms, parse_design
from topo.fabric import LEAF, Fabric

MADE = Source(document="ports as the published table has them", read=True)


def parts(ports: int, gbps: float, domain: bool = True) -> Catalog:
    """A switch of 64 cages of 800G in ports of one speed, and hosts whose NICs are cut alike."""
    each = ports // 64
    nic = Nic(id="n", title="made", source=MADE, network=("ethernet",), ports=each, gbps=gbps, lanes=8 // each,
              cage="osfp-twin")  # fmt: skip
    host = Host(
        id="h", title="made", source=MADE, gpus=8, nics=(HostNics(nic="n", count=8, port_name="n{nic0}p{port0}"),),
        scale_up=ScaleUp(name="made", gbps_per_gpu=7200) if domain else None,
    )  # fmt: skip
    switch = Switch(
        id="s", title="made", source=MADE, network=("ethernet",), cages=64, cage="osfp-twin",
        breakouts=(Breakout(ports=each, gbps=gbps, lanes=8 // each),), ports=ports, port_name="{cage}/{sub}",
    )  # fmt: skip
    return replace(load_catalog(), _read={("nic", "n"): nic, ("host", "h"): host, ("switch", "s"): switch})


def text(gpus: int, keys: str) -> str:
    return f"name: d\ngpus: {gpus}\nhost: h\nnetworks:\n  compute: {{switch: s, {keys}}}\n"


def test_eight_planes_take_three_fifths_of_the_switches_and_two_thirds_of_the_optics() -> None:
    """65,536 GPUs of 800G: eight planes of 512 ports of 100G in two tiers, one tree of 64 ports of 800G in three. A
    cage of the planes carries eight links, so optics are counted by the cage of 800G."""
    slow = closed_forms(parse_design(text(65536, "family: mpft, planes: 8"), "d", parts(512, 100)))["compute"]
    fast = closed_forms(parse_design(text(65536, "family: ft3"), "d", parts(64, 800)))["compute"]
    assert (sum(slow.switches.values()), sum(fast.switches.values())) == (3072, 5120)
    assert (sum(slow.links.values()) / 8, sum(fast.links.values())) == (2 * 65536, 3 * 65536)


def between_leaves(fabric: Fabric) -> float:
    """What two full leaves carry between them at once, as a share of what their endpoints of one plane send: every
    endpoint of the first leaf to one of the second."""
    plane0 = np.flatnonzero(fabric.links.plane == 0)
    leaf = int(np.flatnonzero((fabric.devices.tier == LEAF) & (fabric.devices.plane == 0))[0])
    ends = plane0[fabric.is_endpoint_link[plane0] & (fabric.link_b[plane0] == leaf)]
    up = plane0[~fabric.is_endpoint_link[plane0] & (fabric.link_a[plane0] == leaf)]
    return float(fabric.links.gbps[up].sum() / fabric.links.gbps[ends].sum())


@pytest.mark.parametrize(
    ("ports", "gbps", "planes", "lost_percent"), [(512, 100, 8, 0.4), (64, 800, 1, 3)], ids=["eight", "one"]
)
def test_hosts_behind_a_leaf_that_lost_an_uplink_keep_all_but(
    ports: int, gbps: float, planes: int, lost_percent: float
) -> None:
    """Two full leaves a plane: what leaves the first one has the uplinks that are left."""
    design = parse_design(text(ports, f"family: mpft, planes: {planes}"), "d", parts(ports, gbps))
    fabric = build(design)
    assert between_leaves(fabric) == 1
    up = int(np.flatnonzero(~fabric.is_endpoint_link)[0])
    less = fabric.without(links=[int(fabric.links.id[up])])
    assert 100 * (1 - between_leaves(less)) == pytest.approx(lost_percent, rel=0.05)


def test_a_gpu_that_lost_one_of_eight_ports_of_its_nic_keeps_seven_eighths() -> None:
    """Without a scale-up domain a GPU uses its own NIC: all but 12 percent, exactly 1/8."""
    design = parse_design(text(64, "family: mpft, planes: 8"), "d", parts(512, 100, domain=False))
    fabric = build(design)
    end = int(np.flatnonzero(fabric.is_endpoint_link)[0])
    less = fabric.without(links=[int(fabric.links.id[end])])
    whole = topo.throughput(fabric, "gpu-all-to-all", "adaptive")
    left = topo.throughput(less, "gpu-all-to-all", "adaptive", baseline=fabric)
    assert left.exact
    assert left.lower == pytest.approx(7 / 8 * whole.lower)
    assert topo.verify_certificate(fabric, left.certificate).upper == pytest.approx(left.upper)
