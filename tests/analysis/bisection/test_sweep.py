"""The sweep over the switches is exact: against every side of everything, CP-SAT and known bisection widths."""

from __future__ import annotations

import copy
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.analysis.bisection import bisection
from topo.analysis.bisection._sweep import by_sweep
from topo.certificates.bounds.sweep import Sweep, placed, plan, swept
from topo.certificates.kinds import bisection as of_bisection
from topo.certificates.reading.cut import CutGraph, cut_graph
from topo.errors import CertificateError
from topo.importers.networkx_graph import from_networkx

from .oracles import by_constraints, by_every_side
from .small import fabric, host
from .test_graphs import imported

sizes = st.lists(st.integers(0, 2), min_size=2, max_size=6)


@often(50, 150, sizes, st.data())
def test_every_side(endpoints: list[int], data: st.DataObject) -> None:
    """Unlike speeds, parallel links, switches without endpoints; endpoint links that are as fast as others or not."""
    graph = nx.MultiGraph(endpoint_gbps=data.draw(st.sampled_from([100, 400])))
    for switch, count in enumerate(endpoints):
        graph.add_node(switch, endpoints=count)
        if switch:
            graph.add_edge(data.draw(st.integers(0, switch - 1)), switch, gbps=data.draw(st.sampled_from([100, 400])))
    for _ in range(data.draw(st.integers(0, 5))):
        u, v = data.draw(st.integers(0, len(endpoints) - 1)), data.draw(st.integers(0, len(endpoints) - 1))
        if u != v:
            graph.add_edge(u, v, gbps=200)
    if sum(endpoints) < 2:
        return
    cut = cut_graph(from_networkx(graph), 0)
    found = by_sweep(cut, 0)
    assert found is not None
    assert found.value == found.split.cut == by_every_side(cut)


@pytest.mark.parametrize("seed", range(6))
def test_hosts_on_two_switches(seed: int) -> None:
    """Dual-attached hosts are put on a side like switches."""
    rng = np.random.default_rng(seed)
    switches, hosts = 5, 6
    u, v, capacity = [], [], []
    for row in range(hosts):
        for switch in rng.choice(switches, size=int(rng.integers(0, 3)), replace=False).tolist():
            u, v, capacity = [*u, row], [*v, hosts + switch], [*capacity, 2]
    for a in range(switches - 1):
        u, v, capacity = [*u, hosts + a], [*v, hosts + a + 1], [*capacity, int(rng.integers(1, 4))]
    cut = cut_graph(imported(nx.path_graph(2), 1), 0)
    graph = CutGraph(np.arange(hosts + switches), hosts, np.array(u), np.array(v), np.array(capacity), cut.unit)
    found = by_sweep(graph, 0)
    assert found is not None
    assert found.value == by_every_side(graph)


@pytest.mark.parametrize(("degree", "switches"), [(3, 20), (4, 14), (5, 12)])
def test_random_regular_graphs(degree: int, switches: int) -> None:
    one = imported(nx.random_regular_graph(degree, switches, seed=2), 3)
    answer = bisection(one)
    assert answer.exact
    assert answer.upper_gbps == by_constraints(one)


@pytest.mark.parametrize("size", [6, 12])
def test_the_grid(size: int) -> None:
    """An even grid is cut through its middle: one link per row."""
    one = imported(nx.convert_node_labels_to_integers(nx.grid_2d_graph(size, size)), 1)
    found = by_sweep(cut_graph(one, 0), 0)
    assert found is not None
    assert found.value == size


def test_a_hundred_switches() -> None:
    """A random cubic graph of 100 switches, where eigenvalues leave a third open."""
    one = imported(nx.random_regular_graph(3, 100, seed=1), 2)
    answer = bisection(one)
    assert answer.exact
    assert answer.lower_method == "sweep"
    assert of_bisection.check(one, answer.certificate)[0] == answer.lower_gbps


def test_all_orders_agree() -> None:
    cut = cut_graph(imported(nx.random_regular_graph(3, 12, seed=4), 2), 0)
    rng = np.random.default_rng(0)
    assert len({swept(cut, plan(cut, rng.permutation(placed(cut)).tolist()))[0] for _ in range(10)}) == 1


def test_a_plane_of_several() -> None:
    """Each plane of a multi-plane fabric is swept by itself, the hosts free where they have no link."""
    one = fabric("mpft", [(host(2), 6)], 8)
    graph = cut_graph(one, 0)
    for component in range(2):
        found = by_sweep(graph.part(component), component)
        assert found is not None
        assert found.value == by_constraints(one) / 2 / float(graph.unit)


@pytest.mark.parametrize(
    "change",
    [lambda o: o[1:], lambda o: [*o, o[0]], lambda o: [*o[1:], o[1]], lambda o: [*o[1:], 10**6], lambda o: "x"],
)
def test_an_order_must_name_everything_once(change: Any) -> None:
    one = imported(nx.random_regular_graph(3, 20, seed=2), 3)
    certificate = copy.deepcopy(bisection(one).certificate)
    certificate["bounds"][0]["order"] = change(certificate["bounds"][0]["order"])
    with pytest.raises(CertificateError):
        of_bisection.check(one, certificate)


def test_too_many_states() -> None:
    graph = cut_graph(imported(nx.complete_graph(40), 2), 0)
    sweep: Sweep = plan(graph, placed(graph))
    assert by_sweep(graph, 0) is None
    with pytest.raises(CertificateError, match="too many states"):
        swept(graph, sweep)
