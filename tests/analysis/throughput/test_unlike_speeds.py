"""Speeds that differ up to a million times: an answer that the checker proves, beside the same program by HiGHS; and
GPUs that share one NIC."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

import topo
from tests.analysis.drawn import drawn, every
from tests.analysis.failures.test_apart import kept
from tests.analysis.throughput.throughput_oracle import direct
from topo.analysis.demand import all_to_all_scale
from topo.analysis.network import switch_network
from topo.analysis.throughput import throughput
from topo.analysis.throughput.answer import lost_parts
from topo.certificates import verify_certificate
from topo.fabric import Fabric


def of_two_speeds(seed: int, high: float, low: float) -> Fabric:
    graph = nx.random_regular_graph(3, 8, seed=seed)
    for v in graph:
        graph.nodes[v].update(endpoints=1 + v % 2, endpoint_gbps=high if v % 3 else low)
    for i, (a, b) in enumerate(sorted(graph.edges)):
        graph.edges[a, b]["gbps"] = high if i % 2 else low
    return topo.from_networkx(graph)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("high", "low"), [(400, 0.01), (40000, 1), (800, 0.02), (4e5, 1)])
@pytest.mark.parametrize("traffic", ["all-to-all", "gpu-all-to-all"])
def test_speeds_that_differ_by_far(high: float, low: float, traffic: str) -> None:
    for seed in range(2):
        fabric = of_two_speeds(seed, high, low)
        found = throughput(fabric, traffic)
        assert found.certificate is not None
        verify_certificate(fabric, found.certificate)
        assert 0 < found.lower <= found.upper <= found.lower * (1 + 1e-6)
        if traffic == "all-to-all":
            scale = float(all_to_all_scale(switch_network(fabric, 0)))
            assert found.network_lower == pytest.approx(direct(fabric, scale), rel=1e-4)


def test_a_check_of_such_a_fabric_has_verdicts() -> None:
    asked = [{"hops": {"at_most": 9}}, {"throughput": {"at_least": 1e-9}}, {"bisection": {"at_least": 1e-9}}]
    report = topo.check(of_two_speeds(0, 40000, 1), requirements=asked)
    assert [one.verdict for one in report.requirements] == ["held"] * 3


@pytest.mark.parametrize("nics", [1, 2])
def test_gpus_that_share_all_their_nics_have_an_exact_answer(nics: int) -> None:
    """Two GPUs behind the same NICs, without a scale-up domain: nothing is forwarded, so nothing bounds from below but
    the network. A GPU sends to 6 of 7 others over its NIC: 7/6."""
    graph = nx.MultiGraph()
    graph.add_node("S", endpoints=0)
    for i in range(4):
        graph.add_node(f"H{i}", tier="host", gpus=2)
        for _ in range(nics):
            graph.add_edge(f"H{i}", "S", gbps=400)
    fabric = topo.from_networkx(graph)
    found = throughput(fabric, "gpu-all-to-all")
    shared = len(set(zip(fabric.endpoints.gpu_first.tolist(), fabric.endpoints.gpu_count.tolist(), strict=True))) == 1
    if shared:
        assert found.exact
        assert found.lower == pytest.approx(7 / 6)
    assert found.certificate is not None
    verify_certificate(fabric, found.certificate)


def has_its_proof(seed: int) -> None:
    """All-to-alls of a drawn fabric, intact and without a device: proved, and that of endpoints against a linear
    program of its own."""
    fabric = drawn(seed, named_hosts=seed % 2 == 1)
    switches = fabric.devices.name[~fabric.is_host]
    lost = {"devices": [str(switches[seed % len(switches)])]} if seed % 3 and len(switches) > 1 else {}
    holds(fabric, fabric.without(**lost), lost, seed)


def of_a_family_has_its_proof(seed: int) -> None:
    """The same of every family in turn, whole and with links and switches lost."""
    less, fabric = every(3 * seed)
    if len(fabric.networks) == 1:
        holds(fabric, less, lost_parts(less, fabric).get("without", {}), seed)


def holds(fabric: Fabric, less: Fabric, lost: dict[str, Any], seed: int) -> None:
    """What is carried of both all-to-alls is proved, and of endpoints what the linear program says."""
    for traffic in ("all-to-all", "gpu-all-to-all"):
        found = throughput(less, traffic, baseline=fabric)
        assert found.certificate is not None, seed
        verify_certificate(fabric, found.certificate)
        if traffic == "all-to-all":
            truth = kept(fabric, lost, True)[2]
            assert found.lower * (1 - 1e-6) <= truth <= found.upper * (1 + 1e-6), (seed, found.lower, truth)
            assert np.isinf(truth) or found.upper - found.lower <= 1e-3 * found.upper, seed


@pytest.mark.parametrize("seed", range(8))
def test_drawn_fabrics_have_proofs(seed: int) -> None:
    has_its_proof(seed)


@pytest.mark.slow
def test_a_thousand_drawn_fabrics_have_proofs() -> None:
    for seed in range(8, 1008):
        has_its_proof(seed)


@pytest.mark.parametrize("seed", range(6))
def test_families_that_lost_something_have_proofs(seed: int) -> None:
    of_a_family_has_its_proof(seed)


@pytest.mark.slow
def test_families_that_lost_something_have_proofs_many_times() -> None:
    for seed in range(6, 206):
        of_a_family_has_its_proof(seed)
