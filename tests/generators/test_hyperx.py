"""HyperX against networkx products of complete graphs."""

from __future__ import annotations

import functools

import networkx as nx
import pytest
from flat_support import built, design, graph_of, measured_hops, symmetry_orbits

from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError


@pytest.mark.parametrize("shape", [(7,), (3, 4), (5, 5), (2, 3, 4)])
def test_is_the_product_of_complete_graphs(shape: tuple[int, ...]) -> None:
    switches = functools.reduce(lambda a, b: a * b, shape)
    fabric, counts = built(switches * 8, f"family: hyperx, p: 8, shape: {list(shape)}")
    product = functools.reduce(nx.cartesian_product, [nx.complete_graph(s) for s in shape])
    assert nx.is_isomorphic(graph_of(fabric), product)
    assert counts.max_hops == measured_hops(fabric) == len(shape) + 1
    assert len(symmetry_orbits(fabric, "hyperx")) == 1


def test_width_counts_parallel_links() -> None:
    fabric, counts = built(96, "family: hyperx, p: 8, shape: [3, 4], width: [2, 3]")
    assert counts.links == {"endpoint": 96, "dimension_1": 24, "dimension_2": 54}
    assert sorted({d["weight"] for *_, d in graph_of(fabric).edges(data=True)}) == [2, 3]


def test_default_is_the_smallest_square_then_cube() -> None:
    fabric, _ = built(8192, "family: hyperx")
    assert fabric.origins[0]["dimensions"] == 2
    assert fabric.origins[0]["size_0"] == 26
    fabric, counts = built(16384, "family: hyperx")
    assert [fabric.origins[0][f"size_{d}"] for d in range(3)] == [13, 13, 13] or counts.switches["switch"] >= 1261
    assert fabric.origins[0]["dimensions"] == 3


@pytest.mark.parametrize(
    ("gpus", "compute", "key", "allowed"),
    [
        (16, "shape: [40, 40]", "shape", "at most 63 links per switch beside 1 endpoint; this shape has 78"),
        (16, "shape: [4, 4], width: [2]", "width", "2 numbers"),
        (800, "shape: [4, 4], p: 8", "gpus", "at most 128 GPUs"),
    ],
)
def test_sizes_that_do_not_exist(gpus: int, compute: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(gpus, f"family: hyperx, {compute}"), "d.yaml", load_catalog()))
    (problem,) = error.value.problems
    assert (problem.key.rpartition(".")[2], problem.allowed) == (key, allowed)
