"""Slim Fly against the published construction, networkx and galois."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from flat_support import built, design, graph_of, measured_hops, symmetry_orbits

from tests.slow import slow
from topo.analysis.network import switch_network
from topo.analysis.symmetry import network_symmetry
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError
from topo.generators.families.slim_fly import generator_sets, network_radix
from topo.generators.field import field, prime_power

ORDERS = [3, 4, 5, 7, 8, 9, 11, 13, 16, 17]


@pytest.mark.parametrize("q", ORDERS)
def test_regular_of_diameter_two(q: int) -> None:
    fabric, counts = built(16 * q * q, f"family: slim-fly, q: {q}, p: 8")
    graph = graph_of(fabric)
    degree = (3 * q - {0: 0, 1: 1, 3: -1}[q % 4]) // 2
    assert len(graph) == 2 * q * q
    assert {d for _, d in graph.degree} == {degree}
    assert nx.diameter(graph) == 2
    assert counts.max_hops == 3
    assert graph.number_of_edges() == q * q * degree == sum(counts.links.values()) - counts.links["endpoint"]


def test_order_5_is_the_hoffman_singleton_graph() -> None:
    fabric, _ = built(200, "family: slim-fly, q: 5")
    assert fabric.ports.number[fabric.links.b[fabric.is_endpoint_link]].max() == 4
    assert nx.is_isomorphic(graph_of(fabric), nx.hoffman_singleton_graph())


@pytest.mark.parametrize(
    ("q", "ours", "theirs"), [(5, [1, 4], [2, 3]), (13, [1, 3, 4, 9, 10, 12], [2, 5, 6, 7, 8, 11])]
)
def test_published_generator_sets(q: int, ours: list[int], theirs: list[int]) -> None:
    x, x2 = generator_sets(field(q))
    assert sorted(x.tolist()) == ours
    assert sorted(x2.tolist()) == theirs


@pytest.mark.parametrize(("q", "orbits"), [(3, 2), (4, 2), (5, 1), (7, 2), (8, 2), (9, 1), (13, 1)])
def test_symmetries(q: int, orbits: int) -> None:
    fabric, _ = built(16 * q * q, f"family: slim-fly, q: {q}, p: 8")
    assert len(symmetry_orbits(fabric, "slim-fly")) == orbits


@pytest.mark.parametrize("q", [8, *map(slow, (5, 9, 16, 25, 27, 32, 49, 121))])
def test_field_tables_agree_with_galois(q: int) -> None:
    import galois  # takes half a second, which a process without these tests does not pay

    ours = field(q)
    theirs = galois.GF(q, compile="python-calculate")
    x = theirs.elements
    assert (ours.plus == np.asarray(x[:, None] + x)).all()
    assert (ours.times == np.asarray(x[:, None] * x)).all()
    assert (ours.minus == np.asarray(-x)).all()
    assert sorted(ours.powers.tolist()) == list(range(1, q))


def test_prime_powers() -> None:
    import galois

    for q in range(2, 200):
        found = prime_power(q)
        assert (found is not None) == galois.is_prime_power(q)
        if found:
            assert galois.is_prime(found[0])
            assert found[0] ** found[1] == q


def test_partly_filled() -> None:
    fabric, counts = built(208, "family: slim-fly, q: 5, p: 5")
    per_switch = np.bincount(fabric.endpoint_switch)[-50:]
    assert set(per_switch) == {4, 5}
    assert counts.max_hops == measured_hops(fabric) == 3
    fabric, counts = built(8, "family: slim-fly, q: 5, p: 8")
    assert counts.max_hops == measured_hops(fabric) == 1


@pytest.mark.parametrize("gpus", [408, 592, 784])
def test_partly_filled_keeps_a_symmetry_of_order_q(gpus: int) -> None:
    fabric, _ = built(gpus, "family: slim-fly, q: 5, p: 16")
    net = switch_network(fabric)
    assert np.ptp(net.endpoints_at) == 8
    assert (np.diff(net.at) >= 0).all(), "hosts go to switches in order"
    orbits = network_symmetry(fabric, net, 0).node_orbit
    sizes = np.bincount(orbits)
    assert len(sizes) <= 3 * 5 - 1, "5 single switches, 4 subgroups, 5 sets of the other kind"
    assert all(len(set(net.endpoints_at[orbits == i])) == 1 for i in range(len(sizes)))


def test_hosts_stay_whole_where_they_fit() -> None:
    fabric, _ = built(400, "family: slim-fly, q: 5, p: 8")
    at = fabric.endpoint_switch.reshape(-1, 8)
    assert (at == at[:, :1]).all()
    assert len(set(at[:, 0])) == 50


def test_the_size_the_paper_counts_with_does_not_exist_but_its_neighbours_do() -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(32928, "family: slim-fly, q: 28"), "d.yaml", load_catalog()))
    assert [p.allowed for p in error.value.problems] == ["29"]
    assert error.value.problems[0].line == 5
    fabric, counts = built(35320, "family: slim-fly, q: 29")
    assert counts.switches == {"switch": 1682}
    assert sum(counts.links.values()) - 35320 == 1682 * 43 // 2
    assert network_radix(28) == 42
    assert fabric.devices.name[-1] == "sf1-28-28"


@pytest.mark.parametrize(
    ("gpus", "compute", "key", "allowed"),
    [
        (16, "q: 1", "q", "3"),
        (16, "q: 2", "q", "3"),
        (16, "q: 6", "q", "5 or 7"),
        (16, "q: 49", "q", "q at most 41"),
        (16, "q: 13, p: 60", "q", "a switch with at least 79 ports or p at most 45"),
        (1000, "q: 5", "gpus", "at most 200 GPUs"),
        (65536, "p: 21", "gpus", "at most 35,320 GPUs"),
        (16, "p: 62", "switch", "at least 67 ports"),
    ],
)
def test_sizes_that_do_not_exist(gpus: int, compute: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(gpus, f"family: slim-fly, {compute}"), "d.yaml", load_catalog()))
    problem = error.value.problems[0]
    assert (problem.key.rpartition(".")[2], problem.allowed) == (key, allowed)


def test_default_order_is_the_smallest_that_holds_the_endpoints() -> None:
    _, counts = built(16384, "family: slim-fly")
    assert counts.switches == {"switch": 2 * 23**2}


@pytest.mark.parametrize("q", [4, 64, 81])
def test_field_axioms(q: int) -> None:
    """Sums and products are a field's whichever polynomial made them: associative, distributive, inverses."""
    f = field(q)
    every = np.arange(q)
    for table, unit in ((f.plus, 0), (f.times, 1)):
        assert (table == table.T).all()
        assert (table[unit] == every).all()
        assert (table[table[:, :, None], every] == table[every[:, None, None], table[None]]).all()
    assert (f.times[every[:, None, None], f.plus[None]] == f.plus[f.times[:, :, None], f.times[:, None, :]]).all()
    assert (np.sort(f.times[1:, 1:], axis=1) == every[1:]).all()
    assert (np.sort(f.plus, axis=1) == every).all()
