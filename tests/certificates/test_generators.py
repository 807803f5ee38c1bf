"""Generators of a symmetry: one arc of an orbit tells of the others, and no unlike arc hides behind one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.certificates.common import designed
from topo.analysis.failures import hosted_graph
from topo.analysis.network import switch_network
from topo.analysis.symmetry import network_symmetry
from topo.analysis.throughput.proof import generators_proof
from topo.certificates.reading import symmetry
from topo.certificates.reading.flow_graph import FlowGraph, all_to_all_graph, switch_graph
from topo.certificates.reading.hosted import alike, hosted
from topo.certificates.reading.symmetry import verified_orbits
from topo.errors import CertificateError
from topo.fabric import Fabric


def asked() -> tuple[Fabric, FlowGraph, list[dict[str, Any]]]:
    fabric = designed("family: mpft", 1024)
    known = network_symmetry(fabric, switch_network(fabric), 0)
    assert len(known.generators) > 1
    return fabric, all_to_all_graph(switch_graph(fabric, "compute"), Fraction(1)), generators_proof(known)


@pytest.mark.parametrize("turned", [1, -1])
def test_orbits_are_those_that_all_arcs_tell(turned: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fabric, graph, generators = asked()
    claim = {"generators": generators[::turned]}
    hosts = hosted(fabric, switch_graph(fabric, "compute"))
    within = {"generators": generators_proof(hosted_graph(fabric, 0).symmetry)[::turned]}
    quick, inner = verified_orbits(graph, claim), alike(hosts, within)
    monkeypatch.setattr(symmetry, "COMPARED_AT_MOST", -1)
    whole, every = verified_orbits(graph, claim), alike(hosts, within)
    for column in ("node", "arc", "node_size", "arc_size"):
        assert np.array_equal(getattr(quick, column), getattr(whole, column))
    assert np.array_equal(inner.node, every.node)
    assert np.array_equal(inner.edge, every.edge)


@pytest.mark.parametrize("turned", [1, -1])
def test_an_unlike_arc_anywhere_is_seen(turned: int) -> None:
    fabric, graph, generators = asked()
    claim = {"generators": generators[::turned]}
    hosts = hosted(fabric, switch_graph(fabric, "compute"))
    within = {"generators": generators_proof(hosted_graph(fabric, 0).symmetry)[::turned]}
    rng = np.random.default_rng(1)
    for _ in range(20):
        capacity = graph.capacity.copy()
        capacity[rng.integers(len(capacity))] += 1
        with pytest.raises(CertificateError, match="another capacity"):
            verified_orbits(replace(graph, capacity=capacity), claim)
        label = hosts.label.copy()
        label[rng.integers(len(label))] += 100
        with pytest.raises(CertificateError, match="no such links"):
            alike(replace(hosts, label=label), within)


def test_generators_that_do_not_commute_are_seen_on_every_arc() -> None:
    """Two exchanges of switches that share one: the second is no image of the first."""
    _, graph, _ = asked()
    leaves = np.flatnonzero(graph.sends)[:3].tolist()
    swaps = [{"moved": [a, b], "to": [b, a]} for a, b in (leaves[:2], leaves[1:])]
    found = verified_orbits(graph, {"generators": swaps})
    assert len(set(found.node[leaves].tolist())) == 1
    arcs = np.flatnonzero(graph.tail == leaves[2])
    capacity = graph.capacity.copy()
    capacity[arcs[0]] += 1
    with pytest.raises(CertificateError, match="generator 1 takes an arc"):
        verified_orbits(replace(graph, capacity=capacity), {"generators": swaps})
