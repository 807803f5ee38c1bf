"""Collectives against their definitions: who ends up with what, closed forms on fat-trees, and hand-made cases."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.collectives import collective_time, messages, place
from topo.analysis.collectives.operation import COLLECTIVES
from topo.analysis.collectives.shapes import domain_rings, ring_messages, tree_parents
from topo.analysis.collectives.timing import concurrent_time
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

NVLINK_GBYTES, NIC_GBYTES = 200.0, 50.0
GIB = float(1 << 30)


def fabric_of(gpus: int, compute: str, host: str = "h800-node") -> Fabric:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{switch: nvidia-qm9700, {compute}}}\n"
    return build(parse_design(text, "d", load_catalog()))


@pytest.fixture(scope="module")
def mpft() -> Fabric:
    return fabric_of(512, "family: mpft")


@pytest.fixture(scope="module")
def mrft() -> Fabric:
    return fabric_of(512, "family: mrft")


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 13, 64, 100])
def test_trees_are_trees_that_share_the_work(n: int) -> None:
    for parent in tree_parents(n):
        tree: nx.Graph[Any] = nx.Graph([(i, int(p)) for i, p in enumerate(parent) if p >= 0])
        tree.add_nodes_from(range(n))
        assert nx.is_tree(tree)
        assert (parent < 0).sum() == 1
        children = Counter(parent[parent >= 0].tolist())
        assert max(children.values(), default=0) <= 2
        assert nx.eccentricity(tree, int(np.flatnonzero(parent < 0)[0])) <= np.ceil(np.log2(n)) + 1
    inner = [set(parent[parent >= 0].tolist()) for parent in tree_parents(n)]
    assert len(inner[0] & inner[1]) <= 1


@pytest.mark.parametrize("name", ["all-gather", "reduce-scatter", "all-reduce"])
@pytest.mark.parametrize("algorithm", ["ring", "hierarchical", "flat-ring"])
def test_every_rank_sends_and_gets_what_the_collective_needs(mpft: Fabric, name: str, algorithm: str) -> None:
    ranks = place(mpft, 64)
    sent = messages(name, ranks, GIB, algorithm)
    turns = 2 if name == "all-reduce" else 1
    for end in (sent.src, sent.dst):
        total = np.bincount(end, sent.size, 64)
        assert total == pytest.approx(turns * GIB * 63 / 64)
    assert (sent.src != sent.dst).all()


def test_rings_visit_everybody_and_cross_hosts_on_one_rail(mpft: Fabric) -> None:
    ranks = place(mpft, 64)
    sent = messages("all-gather", ranks, GIB)
    across = ranks.host[sent.src] != ranks.host[sent.dst]
    assert (ranks.gpu[sent.src[across]] == ranks.gpu[sent.dst[across]]).all()
    assert sorted(ranks.gpu[sent.src[across]].tolist()) == sorted(list(range(8)) * 8)
    found: Counter[tuple[int, int]] = Counter()
    for order in domain_rings(ranks):
        assert sorted(order.tolist()) == list(range(64))
        found.update(zip(order.tolist(), np.roll(order, -1).tolist(), strict=True))
    hops: Counter[tuple[int, int]] = Counter()
    for m in ring_messages(ranks, 1.0):
        for a, b, size in zip(m.src.tolist(), m.dst.tolist(), m.size.tolist(), strict=True):
            hops[a, b] += round(size)
    assert hops == found


def test_all_to_all_between_hosts_is_bound_by_the_nics(mpft: Fabric, mrft: Fabric) -> None:
    for fabric in (mpft, mrft):
        found = collective_time(fabric, "all-to-all", place(fabric, 128), GIB, forwarding="rail")
        expected = GIB * 120 / 128 / (NIC_GBYTES * 1e3)
        assert found.endpoint_us == pytest.approx(expected)
        assert found.time_us == pytest.approx(expected)
        assert found.bound_by == "endpoint"
        assert found.busbw_gbytes_per_s == pytest.approx(NIC_GBYTES * 127 / 120)


def test_forwarding_loads_the_scale_up_domain(mpft: Fabric) -> None:
    found = collective_time(mpft, "all-to-all", place(mpft, 128), GIB, forwarding="rail")
    inside, forwarded = GIB * 7 / 128, GIB * 120 / 128 * 7 / 8
    assert found.scale_up_us == pytest.approx((inside + forwarded) / (NVLINK_GBYTES * 1e3))


def test_planes_need_forwarding_and_rails_do_not(mpft: Fabric, mrft: Fabric) -> None:
    with pytest.raises(ParameterError, match="no NIC in the plane"):
        collective_time(mpft, "all-to-all", place(mpft, 128), GIB, forwarding="none")
    direct = collective_time(mrft, "all-to-all", place(mrft, 128), GIB, forwarding="none")
    assert direct.scale_up_us == pytest.approx(GIB * 7 / 128 / (NVLINK_GBYTES * 1e3))
    aligned = collective_time(mrft, "all-to-all", place(mrft, 128), GIB, forwarding="rail")
    assert aligned.network_us == (0.0,)
    assert direct.network_us[0] > 0


@pytest.mark.parametrize("algorithm", ["ring", "hierarchical"])
def test_all_reduce_uses_every_nic(mpft: Fabric, algorithm: str) -> None:
    found = collective_time(mpft, "all-reduce", place(mpft, 512), GIB, algorithm)
    hosts = 64
    crossing = 2 * GIB / 8 * ((hosts - 1) / hosts if algorithm == "hierarchical" else 511 / 512)
    assert found.endpoint_us == pytest.approx(crossing / (NIC_GBYTES * 1e3))
    assert found.time_us == max(found.endpoint_us, found.scale_up_us)


def test_topology_aware_beats_flat(mpft: Fabric) -> None:
    ranks = place(mpft, 512)
    aware = collective_time(mpft, "all-reduce", ranks, GIB, "ring")
    flat = collective_time(mpft, "all-reduce", ranks, GIB, "flat-ring")
    assert flat.time_us == pytest.approx(2 * GIB * 511 / 512 / (NIC_GBYTES * 1e3))
    assert flat.bound_by == "endpoint"
    assert flat.busbw_gbytes_per_s == pytest.approx(NIC_GBYTES)
    assert aware.busbw_gbytes_per_s == pytest.approx(min(8 * NIC_GBYTES, NVLINK_GBYTES * 8 / 7))
    tree = collective_time(mpft, "all-reduce", ranks, GIB, "tree")
    assert tree.time_us < collective_time(mpft, "all-reduce", ranks, GIB, "flat-tree").time_us
    assert tree.endpoint_us <= 2 * GIB / 8 / (NIC_GBYTES * 1e3) + 1e-6


def test_one_host_stays_inside(mpft: Fabric) -> None:
    for algorithm in ("ring", "hierarchical", "tree"):
        found = collective_time(mpft, "all-reduce", place(mpft, 8), GIB, algorithm)
        assert (found.network_us, found.endpoint_us) == ((0.0,), 0.0)
        assert found.bound_by == "scale-up"
    found = collective_time(mpft, "all-reduce", place(mpft, 8), GIB, "ring")
    assert found.busbw_gbytes_per_s == pytest.approx(NVLINK_GBYTES)


def test_point_to_point_across_planes_is_forwarded(mpft: Fabric) -> None:
    found = collective_time(mpft, "point-to-point", place(mpft, 16), GIB)
    assert found.endpoint_us == pytest.approx(GIB / (NIC_GBYTES * 1e3))
    assert found.scale_up_us == pytest.approx(GIB / (NVLINK_GBYTES * 1e3))
    assert found.busbw_gbytes_per_s == pytest.approx(NIC_GBYTES)


def test_multi_port_nics_spray_over_their_planes() -> None:
    fabric = fabric_of(512, "family: dual-plane", "multi-port-node")
    found = collective_time(fabric, "point-to-point", place(fabric, 16, first_gpu=0), GIB, forwarding="none")
    assert found.endpoint_us == pytest.approx(GIB / (2 * NIC_GBYTES * 1e3))
    assert found.scale_up_us == 0.0


def ring_of_switches(n: int) -> Fabric:
    graph = nx.cycle_graph(n)
    nx.set_edge_attributes(graph, 100.0, "gbps")
    nx.set_node_attributes(graph, 1, "endpoints")
    return from_networkx(graph)


@pytest.mark.parametrize("routing", ["spray", "adaptive", "ecmp", "static"])
def test_time_is_that_of_the_most_loaded_link(routing: str) -> None:
    fabric = ring_of_switches(5)
    found = collective_time(fabric, "all-gather", place(fabric), 5e6, "flat-ring", routing)
    assert found.endpoint_us == pytest.approx(4e6 * 8e-3 / 400)
    share = 4 / 5 if routing == "adaptive" else 1  # the rest goes the other way round, over four links
    assert found.time_us == pytest.approx(4e6 * 8e-3 / 100 * share)
    assert found.bound_by == "network"
    opposite = collective_time(fabric, "point-to-point", place(fabric, 3), 1e6, routing=routing)
    assert opposite.time_us == pytest.approx(1e6 * 8e-3 / (100 if routing != "adaptive" else 200))


def test_spray_splits_where_two_ways_are_equal() -> None:
    fabric = ring_of_switches(4)
    found = {r: collective_time(fabric, "point-to-point", place(fabric, 3), 1e6, routing=r) for r in ("spray", "ecmp")}
    assert found["spray"].network_us == (pytest.approx(1e6 * 8e-3 / 200),)
    assert found["ecmp"].network_us == pytest.approx([1e6 * 8e-3 / 100] * len(found["ecmp"].network_us))


def test_groups_at_once_share_what_they_share(mrft: Fabric) -> None:
    one = collective_time(mrft, "all-gather", place(mrft, 64, per_host=1), GIB, "flat-ring")
    groups = [place(mrft, 64, per_host=1, first_gpu=g) for g in range(8)]
    eight = concurrent_time(mrft, "all-gather", groups, GIB, "flat-ring")
    assert eight.endpoint_us == pytest.approx(one.endpoint_us)
    twice = concurrent_time(mrft, "all-gather", [groups[0], groups[0]], GIB, "flat-ring")
    assert twice.endpoint_us == pytest.approx(2 * one.endpoint_us)


def test_placements(mpft: Fabric) -> None:
    packed, strided = place(mpft, 16), place(mpft, 16, order="strided")
    assert packed.gpu.tolist() == [*range(8), *range(8)]
    assert strided.gpu.tolist() == [g for g in range(8) for _ in range(2)]
    assert set(packed.host) == set(strided.host)
    spread = place(mpft, 16, every=8)
    assert np.diff(np.unique(spread.host)).tolist() == [8]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"ranks": 12}, "8 or 16"),
        ({"ranks": 520}, "512"),
        ({"ranks": 0}, "8"),
        ({"per_host": 9}, "1 to 8"),
        ({"ranks": 520, "every": 2}, "256"),
    ],
)
def test_placements_that_do_not_fit(mpft: Fabric, keys: dict[str, int], message: str) -> None:
    with pytest.raises(ParameterError) as error:
        place(mpft, **keys)
    assert error.value.problems[0].allowed == message


def test_unknown_names(mpft: Fabric) -> None:
    with pytest.raises(ParameterError, match="did you mean all-reduce"):
        messages("all-reduc", place(mpft, 16), 1.0)
    with pytest.raises(ParameterError, match="ring, tree, hierarchical"):
        messages("all-reduce", place(mpft, 16), 1.0, "star")
    with pytest.raises(ParameterError, match="at least 2 ranks"):
        messages("all-reduce", place(mpft, 1, per_host=1), 1.0)
    assert set(COLLECTIVES) == {
        "all-to-all",
        "all-gather",
        "reduce-scatter",
        "all-reduce",
        "broadcast",
        "point-to-point",
    }
