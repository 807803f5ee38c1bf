"""Weighted split against packets walked one by one in fractions, and against what other routings carry."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

import topo
from topo.analysis.network import switch_network
from topo.analysis.routing import channels_of
from topo.analysis.routing.weighted import WeightedSplit, table_entries
from topo.certificates.bounds.weights import _entries
from topo.design import build, parse_design
from topo.errors import CertificateError, ParameterError
from topo.fabric import Fabric


def tree(gpus: int, keys: str, host: str = "h800-node", switch: str = "nvidia-qm9700") -> Fabric:
    text = f"{{name: t, gpus: {gpus}, host: {host}, networks: {{compute: {{switch: {switch}, {keys}}}}}}}"
    return build(parse_design(text, "t.yaml"))


def best_entries(has: list[Fraction], most: int) -> list[int]:
    """The rounding of the definition, tried out."""
    best: tuple[Fraction, int, list[int]] | None = None
    for k in range(1, most + 1):
        n = [max(1, int(w * k / max(has) + Fraction(1, 2))) for w in has]
        if sum(n) <= most:
            one = max(Fraction(x, sum(n)) / (w / sum(has)) for x, w in zip(n, has, strict=True)), k, n
            best = one if best is None else min(best, one)
    assert best is not None
    return best[2]


def walked(fabric: Fabric, most: int) -> Fraction:
    """The throughput of all-to-all over endpoints, every pair of switches walked hop by hop in a networkx graph."""
    net = switch_network(fabric)
    graph: nx.Graph[Any] = nx.Graph()
    for u, v, gbps in zip(net.u.tolist(), net.v.tolist(), net.gbps.tolist(), strict=True):
        graph.add_edge(u, v, gbps=Fraction(gbps))
    ends, rate = net.endpoints_at.tolist(), Fraction(float(net.endpoint_gbps[0]))
    load: dict[tuple[int, int], Fraction] = {}
    for t in range(net.switches):
        if not ends[t]:
            continue
        far = nx.single_source_shortest_path_length(graph, t)
        left: dict[int, Fraction] = {}
        parts: dict[int, list[tuple[int, int]]] = {}
        for s in sorted(far, key=far.__getitem__)[1:]:
            hops = sorted(n for n in graph[s] if far[n] == far[s] - 1)
            has = [min(graph[s][n]["gbps"], left.get(n, graph[s][n]["gbps"])) for n in hops]
            left[s] = sum(has, Fraction(0))
            parts[s] = list(zip(hops, best_entries(has, most), strict=True))
        held = {s: rate * ends[s] * ends[t] / (sum(ends) - 1) for s in far if s != t}
        for s in sorted(parts, key=far.__getitem__, reverse=True):
            for n, entries in parts[s]:
                share = held[s] * entries / sum(e for _, e in parts[s])
                load[s, n] = load.get((s, n), Fraction(0)) + share
                if n != t:
                    held[n] += share
    return min(graph[u][v]["gbps"] / x for (u, v), x in load.items() if x)


UNEVEN = {
    "by one": (8 * 24, "family: ft2, spines: 5", 64),
    "by one, few entries": (8 * 36, "family: ft2, spines: 5", 8),
    "by one, part filled": (8 * 22, "family: mrft, rails_per_leaf: 1, spines: 5", 64),
    "cores by one": (8 * 36, "family: ft3, leaves_per_pod: 3, spread: by-one", 64),
    "even": (8 * 16, "family: ft2", 64),
    "torus": (24, "family: torus, shape: [3, 4, 2], width: [1, 2, 3]", 64),
    "random": (64, "family: jellyfish, switches: 16, p: 4, r: 4, seed: 3", 64),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", UNEVEN)
@pytest.mark.parametrize("lost", [0, 3])
def test_it_is_the_walk_of_its_definition(name: str, lost: int) -> None:
    gpus, keys, entries = UNEVEN[name]
    intact = tree(gpus, keys)
    between = np.flatnonzero(~intact.is_endpoint_link)
    away = np.random.default_rng(lost).choice(between, lost, replace=False)
    fabric = intact.without(links=intact.links.id[away].tolist()) if lost else intact
    found = topo.throughput(fabric, "all-to-all", f"wcmp:entries={entries}", baseline=intact if lost else None)
    assert found.exact
    proved = topo.verify_certificate(intact, found.certificate)
    assert proved.bounds["network_lower"] == proved.bounds["network_upper"]
    if not lost:
        assert proved.bounds["network_lower"] == walked(fabric, entries)
    assert found.network_lower == pytest.approx(float(proved.bounds["network_lower"]), rel=1e-12)
    assert proved.question["routing"] == ("wcmp" if entries == 64 else f"wcmp:entries={entries}")


def test_36_leaves_on_18_spines() -> None:
    """Equal split reaches 0.571 per port and 0.578 per next hop, the weighted one 0.923, the optimum line rate."""
    fabric = tree(1152, "family: ft2, spines: 18")
    spray, hop, wcmp, best = (
        topo.throughput(fabric, "all-to-all", r).lower for r in ("spray", "spray:split=next-hop", "wcmp", "adaptive")
    )
    assert (round(spray, 3), round(hop, 3), round(wcmp, 3), best) == (0.571, 0.578, 0.923, 1.0)


@pytest.mark.parametrize("keys", ["family: ft2", "family: mpft", "family: mrft"])
def test_on_even_trees_it_is_equal_split(keys: str) -> None:
    fabric = tree(256, keys)
    for traffic in ("all-to-all", "gpu-all-to-all", "permutation:seed=2"):
        equal, weighted = (topo.throughput(fabric, traffic, r) for r in ("spray", "wcmp"))
        assert (equal.lower, equal.upper) == (weighted.lower, weighted.upper)


@pytest.mark.parametrize("seed", range(6))
def test_entries_fit_and_both_codes_round_alike(seed: int) -> None:
    chance = np.random.default_rng(seed)
    for most in (8, 16, 64):
        has = tuple(chance.integers(1, 40, int(chance.integers(1, 9))).tolist())
        found = table_entries(has, most)
        assert sum(found) <= most
        assert min(found) >= 1
        assert found == _entries(has, most) == tuple(best_entries([Fraction(x) for x in has], most))
        if sum(has) <= most:
            assert [Fraction(n, sum(found)) for n in found] == [Fraction(w, sum(has)) for w in has]


def test_more_next_hops_than_entries_are_refused() -> None:
    with pytest.raises(ParameterError) as error:
        topo.throughput(tree(1024, "family: ft2"), "all-to-all", "wcmp:entries=4")
    assert error.value.problems[0].allowed == "entries of at least 16"


@pytest.mark.parametrize("keys", ["cores: 8", "spread: by-one, cores: 6", "uplinks: 3, spines: 3"])
def test_the_entries_that_a_refusal_names_are_enough(keys: str) -> None:
    """Not only for the first switch that has too few."""
    fabric = tree(24, f"family: ft3, {keys}", "example-host-1", "example-switch-8")
    with pytest.raises(ParameterError) as error:
        topo.throughput(fabric, "all-to-all", "wcmp:entries=1")
    enough = int(error.value.problems[0].allowed.rpartition(" ")[2])
    topo.throughput(fabric, "all-to-all", f"wcmp:entries={enough}")
    with pytest.raises(ParameterError):
        topo.throughput(fabric, "all-to-all", f"wcmp:entries={enough - 1}")


def test_forged_certificates_are_refused() -> None:
    fabric = tree(8 * 24, "family: ft2, spines: 5")
    found = topo.throughput(fabric, "all-to-all", "wcmp").certificate
    assert found is not None
    question = {**found["question"], "routing": "wcmp:entries=8"}
    for key, value in (
        ("claim", {**found["claim"], "lower": "99/100", "upper": "99/100", "network_lower": "99/100"}),
        ("question", question),
        ("question", {**found["question"], "entries": 8}),
        ("kind", "spray"),
    ):
        with pytest.raises(CertificateError):
            topo.verify_certificate(fabric, {**found, key: value})


def test_weights_are_data() -> None:
    """Towards leaf 0, a leaf's next hops are spines; each has what the smaller of two bundles has."""
    fabric = tree(8 * 24, "family: ft2, spines: 5")
    net = switch_network(fabric)
    split = WeightedSplit(net, channels_of(fabric, net), 64)
    hops = split.towards(0)
    both = {(int(net.tail[a]), int(net.head[a])): int(net.gbps[a % net.edges]) for a in range(2 * net.edges)}
    seen = 0
    for arc, capacity in zip(hops.arc.tolist(), hops.capacity.tolist(), strict=True):
        s, n = int(net.tail[arc]), int(net.head[arc])
        if n != 0:
            assert capacity * split.unit == min(both[s, n], both[n, 0])
            seen += 1
    assert seen == 5 * (net.endpoints_at > 0).sum() - 5


def test_weights_are_written_as_a_table() -> None:
    import csv
    import io

    from topo.report.answers.routings import routing_page
    from topo.report.answers.weights import weights_csv

    text = "{name: t, gpus: 192, host: h800-node, networks: {compute: {family: ft2, switch: nvidia-qm9700, spines: 5}}}"
    page = routing_page(parse_design(text, "t.yaml"), "wcmp")
    rows = list(csv.DictReader(io.StringIO(weights_csv(page))))
    leaves = {row["destination"] for row in rows}
    assert len(rows) == len(leaves) * (5 + 5 * (len(leaves) - 1))
    for leaf in leaves:
        mine = [row for row in rows if row["destination"] == leaf]
        for switch in {row["switch"] for row in mine}:
            held = [int(row["entries"]) for row in mine if row["switch"] == switch]
            assert 0 < sum(held) <= 64
    with pytest.raises(ParameterError):
        weights_csv(routing_page(parse_design(text, "t.yaml"), "spray"))
