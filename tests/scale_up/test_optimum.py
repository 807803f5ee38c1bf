"""What no schedule can beat: against all subsets of small graphs, linear programs, closed forms; trees that do."""

from __future__ import annotations

import copy
from collections import defaultdict
from fractions import Fraction
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from topo.analysis.collectives import collective_time, place
from topo.analysis.collectives.optimum import optima, schedule
from topo.catalog import load_catalog
from topo.certificates import verify_certificate
from topo.certificates.reading.rank_graph import RankGraph, gpu_keys, rank_graph
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

CATALOG = load_catalog()
GIB = float(1 << 30)
DESIGNS = {
    "two boxes": (16, "h800-node", "family: ft2, switch: nvidia-qm9700"),
    "planes": (16, "h800-node", "family: mpft, switch: nvidia-qm9700"),
    "two-port NICs": (16, "multi-port-node", "family: dual-plane, switch: nvidia-qm9700"),
}


def fabric_of(gpus: int, host: str, compute: str) -> Fabric:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"
    return build(parse_design(text, "d", CATALOG))


def graph_of(fabric: Fabric) -> RankGraph:
    ranks = place(fabric)
    return rank_graph(fabric, 0, gpu_keys(fabric, ranks.host, ranks.gpu), False)


def odd(edges: list[tuple[int, int, float]], ends: dict[int, int], gbps: float = 100.0) -> Fabric:
    graph = nx.Graph()
    for node, many in ends.items():
        graph.add_node(node, endpoints=many, endpoint_gbps=gbps)
    for a, b, speed in edges:
        graph.add_edge(a, b, gbps=speed)
    return from_networkx(graph)


ODD = {
    "path": odd([(0, 1, 30.0), (1, 2, 100.0)], {0: 2, 1: 1, 2: 2}),
    "ring": odd([(0, 1, 100.0), (1, 2, 50.0), (2, 3, 100.0), (3, 0, 75.0)], {0: 1, 1: 1, 2: 1, 3: 1}, 400.0),
    "star": odd([(0, 1, 40.0), (0, 2, 40.0), (0, 3, 90.0)], {0: 0, 1: 2, 2: 2, 3: 1}),
}


@pytest.mark.parametrize("name", ODD)
def test_cuts_by_every_subset(name: str) -> None:
    """The least of every set of nodes, counted one by one."""
    fabric = ODD[name]
    graph = graph_of(fabric)
    n = len(graph.rank)
    gather = broadcast = a2a = None
    for size in range(1, graph.nodes):
        for nodes in combinations(range(graph.nodes), size):
            side = np.zeros(graph.nodes, dtype=np.bool_)
            side[list(nodes)] = True
            k, out = int(side[graph.rank].sum()), graph.out(side)
            if 0 < k < n:
                gather = min(x for x in (gather, Fraction(n * out, k)) if x is not None)
                a2a = min(x for x in (a2a, Fraction(n * out, k * (n - k))) if x is not None)
                if side[graph.rank[0]]:
                    broadcast = min(x for x in (broadcast, Fraction(out)) if x is not None)
    found = optima(fabric, place(fabric))
    assert gather is not None
    assert a2a is not None
    assert broadcast is not None
    assert found["all-gather"].algbw_gbps == found["reduce-scatter"].algbw_gbps == gather * graph.unit
    assert found["broadcast"].algbw_gbps == broadcast * graph.unit
    assert found["all-to-all"].algbw_gbps <= a2a * graph.unit
    for bound in found.values():
        if bound.by == "cut":
            assert verify_certificate(fabric, bound.certificate).bounds["upper"] == bound.algbw_gbps


@pytest.mark.parametrize("name", [*ODD, *DESIGNS])
def test_an_all_to_all_is_that_of_a_linear_program(name: str) -> None:
    fabric = ODD[name] if name in ODD else fabric_of(*DESIGNS[name])
    found = optima(fabric, place(fabric))["all-to-all"]
    assert float(found.algbw_gbps / graph_of(fabric).unit) == pytest.approx(concurrent(graph_of(fabric)))
    assert found.complete
    assert found.flow is not None
    assert verify_certificate(fabric, found.flow).question["traffic"] == "gpu-all-to-all"


def test_a_flow_is_below_every_cut_on_a_ring_of_switches() -> None:
    fabric = ODD["ring"]
    found = optima(fabric, place(fabric))["all-to-all"]
    assert found.by == "flow"
    assert found.certificate == found.flow


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_an_all_to_all_of_some_hosts_is_that_of_a_linear_program(ranks: int) -> None:
    for fabric in ODD.values():
        if ranks <= len(place(fabric)):
            some = place(fabric, ranks)
            found = optima(fabric, some)["all-to-all"]
            graph = rank_graph(fabric, 0, gpu_keys(fabric, some.host, some.gpu), False)
            assert float(found.algbw_gbps / graph.unit) == pytest.approx(concurrent(graph))
            assert found.complete
            assert found.flow is not None
            verify_certificate(fabric, found.flow)


def test_what_no_flow_is_known_of_is_bounded_by_a_cut() -> None:
    """Some GPUs of every host: schedules may be slower, and it is said."""
    fabric = fabric_of(*DESIGNS["two boxes"])
    found = optima(fabric, place(fabric, per_host=4))["all-to-all"]
    assert (found.by, found.complete, found.flow) == ("cut", False, None)


def test_hosts_on_several_switches_may_pass_on() -> None:
    """The flow of a traffic that hosts do not pass on bounds no schedule where they can; a cut does."""
    fabric = fabric_of(*DESIGNS["planes"])
    some = fabric.without(links=fabric.links.id[fabric.is_endpoint_link][:1].tolist())
    found = optima(some, place(some))["all-to-all"]
    assert found.by == "cut"


def concurrent(graph: RankGraph) -> float:
    """S / time of the best all-to-all: one flow for each receiver, by a linear program."""
    arcs = [
        arc
        for u, v, c in zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True)
        for arc in ((u, v, c), (v, u, c))
    ]
    ranks, m, n = graph.rank.tolist(), len(arcs), len(graph.rank)
    a_eq = np.zeros((n * graph.nodes, n * m + 1))
    for j, target in enumerate(ranks):
        for i, (u, v, _) in enumerate(arcs):
            a_eq[j * graph.nodes + u, j * m + i] += 1
            a_eq[j * graph.nodes + v, j * m + i] -= 1
        for rank in ranks:
            a_eq[j * graph.nodes + rank, -1] = (n - 1) / n if rank == target else -1 / n
    a_ub = np.zeros((m, n * m + 1))
    for i in range(m):
        a_ub[i, [j * m + i for j in range(n)]] = 1
    cost = np.zeros(n * m + 1)
    cost[-1] = -1
    found = linprog(cost, a_ub, [c for _, _, c in arcs], a_eq, np.zeros(len(a_eq)), method="highs")
    assert found.status == 0
    return float(found.x[-1])


def test_a_ring_on_one_switch_is_the_optimum() -> None:
    fabric = odd([], {0: 6}, 400.0)
    ranks = place(fabric)
    found = optima(fabric, ranks)
    for name in ("all-gather", "reduce-scatter", "all-reduce"):
        ring = collective_time(fabric, name, ranks, GIB, "flat-ring")
        assert ring.time_us == pytest.approx(found[name].time_us(GIB))
    chain = collective_time(fabric, "broadcast", ranks, GIB, "chain")
    assert chain.time_us == pytest.approx(found["broadcast"].time_us(GIB))
    direct = collective_time(fabric, "all-to-all", ranks, GIB)
    assert direct.time_us == pytest.approx(found["all-to-all"].time_us(GIB))


@pytest.mark.parametrize("host", ["h800-node", "dgx-h100"])
def test_two_boxes_of_eight_in_closed_form(host: str) -> None:
    """Each GPU gets 15 of 16 parts by its NIC and its port into the box, or half of all leaves a box by its NICs."""
    fabric = fabric_of(16, host, "family: ft2, switch: nvidia-qm9700")
    inside = CATALOG.host(host).scale_up
    assert inside is not None
    nic = 400.0
    expected = min(16 / 15 * (inside.gbps_per_gpu + nic), 16 / 8 * 8 * nic)
    found = optima(fabric, place(fabric))
    assert float(found["all-gather"].algbw_gbps) == pytest.approx(expected)
    assert float(found["all-reduce"].algbw_gbps) == pytest.approx(expected / 2)
    assert found["all-gather"].complete
    assert found["all-reduce"].complete


def test_oversubscribed_leaves_are_the_bottleneck() -> None:
    fabric = odd([(0, 1, 100.0)], {0: 4, 1: 4}, 400.0)
    found = optima(fabric, place(fabric))
    assert float(found["all-gather"].algbw_gbps) == pytest.approx(8 * 100 / 4)
    assert float(found["all-reduce"].algbw_gbps) == pytest.approx(100.0)
    assert float(found["broadcast"].algbw_gbps) == pytest.approx(100.0)
    assert float(found["all-to-all"].algbw_gbps) == pytest.approx(8 * 100 / 16)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", [*ODD, *DESIGNS])
@pytest.mark.parametrize("operation", ["all-gather", "broadcast", "all-reduce"])
def test_trees_reach_the_bound(name: str, operation: str) -> None:
    fabric = ODD[name] if name in ODD else fabric_of(*DESIGNS[name])
    bound = optima(fabric, place(fabric))[operation]
    proof = schedule(fabric, bound)
    if operation == "all-reduce" and not bound.complete:
        return
    assert proof is not None
    assert verify_certificate(fabric, proof).bounds == {"lower": bound.algbw_gbps}


def test_no_algorithm_beats_the_optimum() -> None:
    from topo.report.answers.collectives import collectives

    for gpus, host in ((576, "dgx-gb200-tray"), (128, "h800-node")):
        text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{family: mrft, switch: nvidia-qm9700}}\n"
        value = collectives(parse_design(text, "d", CATALOG))
        shares: dict[str, list[float]] = defaultdict(list)
        for time in value.times:
            share = value.share(time)
            if share is not None:
                shares[time.collective].append(share)
        assert set(shares) == {"all-gather", "reduce-scatter", "all-reduce", "broadcast", "all-to-all"}
        assert all(0 < x <= 1 + 1e-9 for row in shares.values() for x in row)


def bent(proof: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {**copy.deepcopy(proof), **keys}


def test_bounds_that_do_not_follow_are_refused() -> None:
    fabric = ODD["star"]
    found = optima(fabric, place(fabric))
    proof = found["all-gather"].certificate
    wrong = [
        bent(proof, claim={"algbw_gbps": "1"}),
        bent(proof, operation="all-to-all"),
        bent(proof, operation="gossip"),
        bent(proof, relays="no"),
        bent(proof, blocks=[0, 1]),
        bent(proof, blocks=[0, len(graph_of(fabric).u) * 0 + graph_of(fabric).nodes]),
        bent(proof, ranks=[0, 3]),
        bent(found["all-reduce"].certificate, blocks=proof["blocks"]),
        bent(found["broadcast"].certificate, root=4),
    ]
    for certificate in wrong:
        with pytest.raises(CertificateError):
            verify_certificate(fabric, certificate)


def test_trees_that_are_none_are_refused() -> None:
    fabric = ODD["path"]
    proof = schedule(fabric, optima(fabric, place(fabric))["all-gather"])
    assert proof is not None
    heavier = bent(proof)
    heavier["trees"][0]["times"] += 1
    shorter = bent(proof)
    shorter["trees"][0]["paths"].pop()
    leap = bent(proof)
    leap["trees"][0]["paths"][0] = [leap["trees"][0]["paths"][0][0], leap["trees"][0]["paths"][0][-1]]
    for certificate in (heavier, shorter, leap, bent(proof, scale=proof["scale"] * 2), bent(proof, trees=[])):
        with pytest.raises(CertificateError):
            verify_certificate(fabric, certificate)
