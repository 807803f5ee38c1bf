"""Capacity of named cuts: the flow solver, networkx and a linear program agree."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.slow import often
from topo.analysis.bisection import cut_capacity
from topo.certificates.kinds.cut import check
from topo.certificates.reading.cut import CutGraph, cut_graph
from topo.fabric import Fabric
from topo.solvers.maxflow import min_cut

from .oracles import flow_between
from .small import fabric, host
from .test_graphs import imported


def by_program(graph: CutGraph, a: list[int], b: list[int]) -> float:
    """The maximum flow as a linear program: flow out of `a`, conserved elsewhere, none through other hosts."""
    arcs = len(graph.u)
    named = np.isin(np.arange(graph.nodes), [*a, *b]) | (np.arange(graph.nodes) >= graph.hosts)
    limit = np.where(named[graph.u], graph.capacity, 0)
    balance = np.zeros((graph.nodes, arcs))
    balance[graph.u, np.arange(arcs)] += 1
    balance[graph.v, np.arange(arcs)] -= 1
    inner = np.setdiff1d(np.arange(graph.nodes), [*a, *b])
    bounds = np.stack([-limit, limit], axis=1)
    found = linprog(-balance[a].sum(axis=0), A_eq=balance[inner], b_eq=np.zeros(len(inner)), bounds=bounds)
    assert found.status == 0
    return float(-found.fun)


@st.composite
def fabrics(draw: Any) -> Fabric:
    if draw(st.booleans()):
        n = draw(st.integers(4, 9))
        graph = nx.gnp_random_graph(n, 0.5, seed=draw(st.integers(0, 999)))
        for edge in graph.edges:
            graph.edges[edge]["gbps"] = draw(st.sampled_from([100.0, 200.0, 12.5]))
        return imported(graph, draw(st.integers(1, 2)))
    one = fabric(draw(st.sampled_from(["ft2", "ft3", "mrft"])), [(host(2), draw(st.integers(3, 8)))], 8)
    lost = draw(st.lists(st.sampled_from(one.links.id.tolist()), max_size=5, unique=True))
    return one.without(links=lost)


@often(20, 60, fabrics(), st.data())
def test_three_solvers_agree(one: Fabric, data: st.DataObject) -> None:
    graph = cut_graph(one, 0)
    order = data.draw(st.permutations(range(graph.hosts)))
    cut_at = data.draw(st.integers(1, graph.hosts - 1))
    named = data.draw(st.integers(cut_at + 1, graph.hosts))
    a, b = sorted(order[:cut_at]), sorted(order[cut_at:named])
    names = one.devices.name[graph.device]
    found = cut_capacity(one, names[a].tolist(), names[b].tolist())
    assert found.gbps == check(one, found.certificate)
    assert found.gbps == pytest.approx(by_program(graph, a, b) * float(graph.unit), rel=1e-9)
    if named == graph.hosts:
        assert found.gbps == flow_between(graph, set(a), set(b)) * float(graph.unit)


def test_unnamed_hosts_do_not_forward() -> None:
    """Two planes joined by a third host only: nothing flows through it."""
    one = fabric("mpft", [(host(2), 3)], 8)
    hosts = one.devices.name[one.is_host].tolist()
    first = one.without(links=[link for link in one.links.id.tolist() if link in _links_of(one, hosts[0], 0)])
    less = first.without(links=[link for link in first.links.id.tolist() if link in _links_of(first, hosts[1], 1)])
    assert cut_capacity(less, [hosts[0]], [hosts[1]]).gbps == 0
    assert cut_capacity(less, [hosts[0]], [hosts[2]]).gbps == 400


def _links_of(one: Fabric, name: str, plane: int) -> list[int]:
    row = one.device_row[name]
    mine = ((one.link_a == row) | (one.link_b == row)) & (one.links.plane == plane)
    return [int(i) for i in one.links.id[mine]]


def test_min_cut_of_a_graph_without_edges() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = min_cut(3, none, none, none, 0, 2)
    assert found.value == 0
    assert found.side.tolist() == [True, False, False]


def test_min_cut_refuses_what_overflows() -> None:
    from topo.errors import LimitReachedError

    edge = np.array([0]), np.array([1])
    with pytest.raises(LimitReachedError):
        min_cut(2, *edge, np.array([2**61]), 0, 1)
    with pytest.raises(ValueError, match="source and sink"):
        min_cut(2, *edge, np.array([1]), 0, 0)
