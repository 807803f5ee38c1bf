"""Normalisation of demands against sums over endpoints written out one by one."""

from fractions import Fraction

import numpy as np
import pytest
from plain_designs import tree

from topo.analysis.demand import Flows, Sparse, all_to_all, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.fabric import Fabric


@pytest.fixture(scope="module")
def ft2() -> Fabric:
    return tree(2048, "family: ft2")


@pytest.fixture(scope="module")
def mpft() -> Fabric:
    return tree(16384, "family: mpft")


def test_the_busiest_endpoint_sends_at_line_rate(ft2: Fabric) -> None:
    demand = all_to_all(ft2)
    leaf = int(demand.destinations[0])
    assert len(demand.destinations) == 64
    per_pair = 400 / 2047
    expected = np.zeros(demand.network.switches)
    expected[demand.destinations[1:]] = 32 * 32 * per_pair
    assert demand.to(leaf) == pytest.approx(expected)
    assert demand.endpoint_limit == 1


def test_planes_do_not_talk(mpft: Fabric) -> None:
    demand = all_to_all(mpft)
    to = demand.to(int(demand.destinations[0]))
    planes = set(demand.network.plane[np.flatnonzero(to)].tolist())
    assert planes == {0}
    assert demand.endpoint_limit == 1
    assert demand.cut_off == ()


def test_a_lost_leaf_is_cut_off_and_the_rest_keeps_its_scale(ft2: Fabric) -> None:
    intact = all_to_all(ft2)
    leaf = str(intact.network.name[intact.destinations[3]])
    demand = all_to_all(ft2.without(devices=[leaf]), baseline=ft2)
    assert len(demand.cut_off) == 32
    hosts = {name.partition(":")[0] for name in demand.cut_off}
    assert len(hosts) == 4
    assert demand.to(int(demand.destinations[0])).max() == pytest.approx(32 * 32 * 400 / 2047)
    assert demand.endpoint_limit == Fraction(2047, 2047 - 32)


def test_a_leaf_without_uplinks_drops_its_pairs(ft2: Fabric) -> None:
    net = switch_network(ft2)
    lost = ft2.links.id[(ft2.link_a == net.device[0]) & ~ft2.is_endpoint_link]
    demand = all_to_all(ft2.without(links=lost.tolist()), baseline=ft2)
    assert len(demand.cut_off) == 32
    assert 0 not in demand.destinations


def test_uniform_as_pairs_is_the_same_demand(ft2: Fabric) -> None:
    demand = all_to_all(ft2)
    dense = demand.to_many(demand.destinations)
    dst, src = np.nonzero(dense)
    pairs = Sparse(src, demand.destinations[dst], dense[dst, src])
    n = len(demand.destinations)
    assert len(pairs.src) == n * (n - 1)
    one = pairs.dst == demand.destinations[5]
    assert demand.to(int(demand.destinations[5]))[pairs.src[one]] == pytest.approx(pairs.gbps[one])


def test_flows_between_endpoints_are_summed_by_switch(ft2: Fabric) -> None:
    net = switch_network(ft2)
    n = len(net.endpoint)
    demand = from_endpoint_pairs(ft2, net, "shift", Flows(np.arange(n), (np.arange(n) + 8) % n, np.full(n, 400.0)))
    assert isinstance(demand.form, Sparse)
    assert demand.form.gbps.tolist() == [8 * 400.0] * 64
    assert demand.endpoint_limit == 1
    two = from_endpoint_pairs(ft2, net, "incast", Flows(np.array([1, 2]), np.array([0, 0]), np.array([400.0, 400.0])))
    assert two.endpoint_limit == Fraction(1, 2)
    assert two.is_empty
