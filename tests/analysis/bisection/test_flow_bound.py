"""The bound by a concurrent flow, against exhaustive cuts and closed forms."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest

from tests.slow import first
from topo.analysis.bisection import bisection, spectral
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.certificates.bounds.flow import flow_bound
from topo.certificates.kinds.throughput import carried
from topo.certificates.reading.cut import cut_graph
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

from .oracles import by_every_side
from .test_graphs import imported

DRAGONFLY = """
name: d
gpus: 72
host: example-host-1
networks:
  compute: {family: dragonfly, switch: example-switch-8}
"""


@pytest.fixture(autouse=True)
def no_triangles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would close small graphs before a flow is asked."""
    monkeypatch.setattr(spectral, "TRIANGLES_AT_MOST", 0)


def bound(fabric: Fabric, intact: Fabric, certificate: dict[str, Any]) -> Fraction:
    return flow_bound(fabric, intact, "compute", carried(fabric, intact, "compute", certificate))


@pytest.mark.parametrize("seed", first(1, range(12)))
def test_never_above_the_narrowest_split(seed: int) -> None:
    graph = nx.random_regular_graph(3, 8, seed=seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = 1 + (node + seed) % 2
    fabric = imported(graph)
    certificate = throughput(fabric).certificate
    assert certificate is not None
    proved = bound(fabric, fabric, certificate)
    cuts = cut_graph(fabric, 0)
    assert 0 < proved <= by_every_side(cuts) * cuts.unit


def test_a_single_cable_between_halves_is_exact() -> None:
    fabric = imported(nx.barbell_graph(4, 0))
    value = bisection(fabric)
    certificate = throughput(fabric).certificate
    assert certificate is not None
    assert bound(fabric, fabric, certificate) == Fraction(400)
    assert (value.lower_gbps, value.upper_gbps) == (400, 400)


def torus() -> Fabric:
    """The narrowest of its even halves cuts two rings of eight links."""
    return imported(nx.convert_node_labels_to_integers(nx.grid_2d_graph(8, 12, periodic=True)), 1)


def test_torus_is_exact_by_flow_alone() -> None:
    value = bisection(torus())
    assert value.exact
    assert value.lower_gbps == 2 * 8 * 400
    assert value.lower_method == "concurrent flow"


def test_a_changed_flow_is_rejected() -> None:
    fabric = torus()
    certificate = json.loads(json.dumps(bisection(fabric).certificate))
    verify_certificate(fabric, certificate)
    for key, value in (("lower", certificate["lower"] + 1), ("upper", certificate["upper"] - 1)):
        with pytest.raises(CertificateError):
            verify_certificate(fabric, {**certificate, key: value})
    stripped = copy.deepcopy(certificate)
    stripped["flow"]["proofs"]["network"]["lower"] = {"method": "none"}
    with pytest.raises(CertificateError):
        verify_certificate(fabric, stripped)
    asked = copy.deepcopy(certificate)
    asked["flow"]["demand"]["form"] = "pairs"
    with pytest.raises(CertificateError):
        verify_certificate(fabric, asked)


def test_another_fabrics_flow_is_rejected() -> None:
    fabric, other = imported(nx.frucht_graph()), imported(nx.truncated_tetrahedron_graph())
    certificate = dict(bisection(fabric).certificate)
    certificate["flow"] = throughput(other).certificate
    with pytest.raises(CertificateError):
        verify_certificate(fabric, certificate)


def test_hosts_that_are_cut_off_count_as_hosts() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    intact = from_networkx(graph)
    less = intact.without(links=[int(intact.links.id[0])])
    certificate = throughput(less, baseline=intact).certificate
    assert certificate is not None
    cuts = cut_graph(less, 0)
    assert bound(less, intact, certificate) <= by_every_side(cuts) * cuts.unit


def test_dragonfly_of_full_size_is_exact() -> None:
    value = bisection(build(parse_design(DRAGONFLY)))
    assert value.exact
