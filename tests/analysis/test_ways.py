"""Ways to bound throughput and bisection: each alone is sound, and all stand in one order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import pytest

import topo
from topo.analysis.bisection import bisection
from topo.analysis.bisection import way as of_bisection
from topo.analysis.throughput import throughput
from topo.analysis.throughput import way as of_throughput
from topo.certificates import verify_certificate
from topo.errors import LimitReachedError
from topo.fabric import Fabric

Order = Callable[[], list[Any]]


@pytest.fixture(scope="module")
def irregular() -> Fabric:
    """Twelve switches without symmetry."""
    graph = nx.random_regular_graph(3, 12, seed=5)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    graph.remove_edge(*next(iter(graph.edges)))
    return topo.from_networkx(graph)


@pytest.mark.parametrize("order", [of_throughput.in_order, of_bisection.in_order], ids=["throughput", "bisection"])
def test_every_way_has_its_place_and_its_title(order: Order) -> None:
    found = order()
    assert len({way.at for way in found}) == len({way.title for way in found}) == len(found)
    assert [way.at for way in found] == sorted(way.at for way in found)


@pytest.mark.parametrize("name", of_throughput.ways.names())
def test_each_way_alone_encloses_the_throughput(name: str, irregular: Fabric, monkeypatch: pytest.MonkeyPatch) -> None:
    value = throughput(irregular)
    assert value.exact
    if name == "large-program":
        monkeypatch.setattr("topo.analysis.throughput.merged.EXACT_AT_MOST", 0)
        monkeypatch.setattr("topo.analysis.throughput.merged.QUICK_ROWS", 0)
    way = of_throughput.ways.get(name)
    monkeypatch.setattr("topo.analysis.throughput.bounds.in_order", lambda: [way])
    found = throughput(irregular, time_limit_s=0.2 if name == "walks" else 60.0)
    assert found.network_lower <= value.network_lower * (1 + 1e-9)
    assert found.network_upper >= value.network_upper * (1 - 1e-9)
    assert found.network_lower > 0
    assert found.exact or name == "walks"
    assert verify_certificate(irregular, found.certificate or {}).bounds


def test_where_no_way_is_accepted_nothing_is_said(irregular: Fabric, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topo.analysis.throughput.bounds.in_order", lambda: [of_throughput.ways.get("large-program")])
    with pytest.raises(LimitReachedError, match="pairs of an arc and a destination are too many"):
        throughput(irregular)


@pytest.mark.parametrize("name", of_bisection.ways.names())
def test_each_way_alone_encloses_the_bisection(name: str, irregular: Fabric, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them needs another; each certificate holds by itself."""
    value = bisection(irregular)
    assert value.exact
    way = of_bisection.ways.get(name)
    monkeypatch.setattr("topo.analysis.bisection._answer.in_order", lambda: [way])
    found = bisection(irregular)
    assert 0 <= found.lower_gbps <= value.lower_gbps <= found.upper_gbps
    proved = verify_certificate(irregular, found.certificate)
    assert (proved.lower, proved.upper) == (found.gbps.lower, found.gbps.upper)


def test_a_bisection_is_an_interval_of_fractions(irregular: Fabric) -> None:
    found = bisection(irregular)
    assert found.gbps.floats() == (found.lower_gbps, found.upper_gbps)
    assert found.share.floats() == (found.share_lower, found.share_upper)
    assert repr(found).startswith("<Bisection of ")
