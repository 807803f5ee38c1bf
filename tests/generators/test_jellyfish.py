"""Random regular graphs against their definition."""

from __future__ import annotations

import networkx as nx
import pytest
from flat_support import built, design, graph_of, measured_hops

from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError


@pytest.mark.parametrize("r", [3, 6])
def test_regular_simple_connected(r: int) -> None:
    fabric, counts = built(320, f"family: jellyfish, p: 8, r: {r}")
    graph = graph_of(fabric)
    assert {d for _, d in graph.degree} == {r}
    assert {d["weight"] for *_, d in graph.edges(data=True)} == {1}
    assert nx.is_connected(graph)
    assert counts.max_hops == measured_hops(fabric)


def test_the_seed_decides() -> None:
    def edges(seed: int) -> set[tuple[int, int]]:
        return set(graph_of(built(320, f"family: jellyfish, p: 8, r: 5, seed: {seed}")[0]).edges)

    assert edges(1) == edges(1)
    assert edges(1) != edges(2)


def test_default_sizes() -> None:
    fabric, counts = built(16384, "family: jellyfish")
    assert counts.switches == {"switch": 782}
    assert fabric.origins[0]["r"] == 43


def test_an_odd_number_of_odd_switches_gets_one_more() -> None:
    _, counts = built(72, "family: jellyfish, p: 8, r: 3")
    assert counts.switches == {"switch": 10}


@pytest.mark.parametrize(
    ("gpus", "compute", "key", "allowed"),
    [
        (72, "p: 8, r: 3, switches: 9", "switches", "10"),
        (72, "p: 8, r: 10, switches: 10", "r", "2 to 9"),
        (72, "p: 8, r: 57", "r", "2 to 56"),
        (72, "p: 64", "p", "at most 63"),
        (800, "p: 8, r: 3, switches: 10", "gpus", "at most 80 GPUs"),
        (72, "p: 8, r: 1, switches: 10", "r", "at least 2 links per switch, better 3"),
    ],
)
def test_sizes_that_do_not_exist(gpus: int, compute: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(gpus, f"family: jellyfish, {compute}"), "d.yaml", load_catalog()))
    (problem,) = error.value.problems
    assert (problem.key.rpartition(".")[2], problem.allowed) == (key, allowed)
