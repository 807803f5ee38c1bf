"""Tori and meshes against networkx, and their closed forms."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import networkx as nx
import pytest
from flat_support import built, design, graph_of, measured_hops, symmetry_orbits

import topo
from topo.analysis.money.power import network_power_w
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError
from topo.exporters import make_plan
from topo.placement.cables.bom import INSIDE


@pytest.mark.parametrize("shape", [(8,), (2, 4), (4, 6), (2, 3, 4), (5, 3, 8), (2, 2, 2, 2)])
@pytest.mark.parametrize("wrap", [True, False])
def test_is_the_grid_of_networkx(shape: tuple[int, ...], wrap: bool) -> None:
    devices = prod(shape)
    fabric, counts = built(devices - devices % 8, f"family: torus, shape: {list(shape)}, wrap: {str(wrap).lower()}")
    grid = nx.grid_graph(shape, periodic=[wrap and size > 2 for size in shape])
    assert nx.is_isomorphic(graph_of(fabric), grid)
    assert counts.max_hops == measured_hops(fabric)
    if wrap and devices % 8 == 0:
        assert len(symmetry_orbits(fabric, "torus")) == 1


def test_wrap_and_width_of_each_dimension() -> None:
    fabric, counts = built(24, "family: torus, shape: [3, 4, 2], wrap: [true, false, true], width: [1, 2, 3]")
    assert counts.links == {"endpoint": 24, "dimension_1": 24, "dimension_2": 36, "dimension_3": 36}
    grid = nx.grid_graph((3, 4, 2)[::-1], periodic=[False, False, True])
    assert nx.is_isomorphic(graph_of(fabric), grid)


@pytest.mark.parametrize("shape", [(8, 8), (4, 4, 4), (8,), (2, 2, 2)])
def test_all_to_all_of_even_sides_is_the_closed_form(shape: tuple[int, ...]) -> None:
    """N (N / 4) S_d steps in dimension d on 2 N channels of it (N of a side of two) of line rate."""
    devices = prod(shape)
    fabric, _ = built(devices, f"family: torus, shape: {list(shape)}")
    channels = {2: 1, **{size: 2 for size in shape if size > 2}}
    worst = max(Fraction(size, 4 * channels[size]) * devices / (devices - 1) for size in shape)
    found = topo.throughput(fabric, "all-to-all", "adaptive")
    assert found.exact
    assert Fraction(found.network_lower).limit_denominator(10**6) == 1 / worst


def test_16_by_16_by_16() -> None:
    fabric, counts = built(4096, "family: torus")
    assert counts.links == {"endpoint": 4096, "dimension_1": 4096, "dimension_2": 4096, "dimension_3": 4096}
    found = topo.throughput(fabric, "all-to-all", "adaptive")
    assert found.exact
    assert found.lower == 4095 / 8192


def test_bisection_is_two_links_a_row() -> None:
    found = topo.bisection(built(64, "family: torus, shape: [4, 4, 4]")[0])
    assert (found.exact, found.lower_gbps) == (True, 2 * 16 * 400)
    found = topo.bisection(build(parse_design(design(64, "family: torus, shape: [8, 8], wrap: false"), "d")))
    assert (found.exact, found.upper_gbps) == (True, 8 * 400)


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ("shape: [4, 4]", "gpus", "at most 16 GPUs"),
        ("shape: [4, 4], wrap: [true]", "wrap", "2 values, or one for all"),
        ("shape: [4, 4], width: [1, 2, 3]", "width", "2 values, or one for all"),
        ("shape: [8, 8], width: 20", "shape", "at most 63 links"),
    ],
)
def test_what_does_not_fit_is_told(keys: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(32, f"family: torus, {keys}"), "d", load_catalog()))
    problem = error.value.problems[0]
    assert problem.key.endswith(key)
    assert allowed in problem.allowed


def test_routers_and_the_ways_into_them_are_bought_by_nobody() -> None:
    """Bill, cost, power and counts are of the links between devices; another network's switches stay."""
    text = (
        "name: t\ngpus: 64\nhost: h800-node\nprice_book: published-fabric-links\nnetworks:\n"
        "  compute: {family: torus, switch: nvidia-qm9700, shape: [4, 4, 4]}\n"
        "  storage: {family: ft2, switch: nvidia-qm9700}\n"
    )
    for keys, kinds in (("", {"nvidia-qm9700": 1}), ("lone: true", {"nvidia-qm9700": 1})):
        design = parse_design(text.replace("ft2, switch", f"ft2, {keys + ', ' if keys else ''}switch"), "d")
        plan = make_plan(design)
        lines = plan.bom.lines
        assert {x.part: x.count for x in lines if x.kind == "switch"} == kinds
        assert [(x.count, x.usd, x.remark) for x in lines if x.kind == "router"] == [(64, None, INSIDE)]
        assert plan.bom.count("cable") == 3 * 64 + 8
        report = topo.check(design)
        assert (report.metrics.cables, report.metrics.switches["total"]) == (3 * 64, 64)
        assert report.metrics.cost_usd["by_class"].get("switches", 0) == 0
        assert "endpoint links" not in report.metrics.cost_usd["leaves_out"]
        one, other = (network_power_w(plan.fabric, row, design.catalog, plan.cabling).known for row in (0, 1))
        module = design.catalog.get("transceiver", "nvidia-mma4z00-ns").power_w
        assert one <= 3 * 64 * 2 * module
        assert other > 0
