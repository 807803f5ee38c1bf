"""The bound that topo.searching.bounds.anything proves, against every small graph and every family."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, product

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from tests.searching.small import CATALOG, found, request
from topo.design import closed_forms, parse_design
from topo.searching.bounds.anything import least_distance, least_switches, lower_bound
from topo.searching.candidates.count import Counted


def graphs(switches: int, most: int) -> Iterator[tuple[list[tuple[int, int]], list[int]]]:
    """Every connected multigraph on so many switches with up to two parallel links a pair, up to isomorphism, as its
    links and degrees."""
    seen: list[nx.Graph] = []
    pairs = [(u, v) for u in range(switches) for v in range(u)]
    for widths in product(range(most + 1), repeat=len(pairs)):
        links = [pair for pair, n in zip(pairs, widths, strict=True) for _ in range(n)]
        graph = nx.Graph()
        graph.add_nodes_from(range(switches))
        for pair, n in zip(pairs, widths, strict=True):
            if n:
                graph.add_edge(*pair, n=n)
        if not nx.is_connected(graph):
            continue
        same = nx.algorithms.isomorphism.numerical_edge_match("n", 0)
        if any(nx.is_isomorphic(graph, other, edge_match=same) for other in seen):
            continue
        seen.append(graph)
        degree = np.bincount(np.array(links).ravel(), minlength=switches).tolist()
        yield links, degree


def throughput(links: list[tuple[int, int]], endpoints: list[int]) -> float:
    """The most of line rate of all-to-all among the endpoints, by a linear program over arcs."""
    n, total = len(endpoints), sum(endpoints)
    arcs = [*links, *((v, u) for u, v in links)]
    sources = [s for s in range(n) if endpoints[s]]
    size = len(arcs) * len(sources) + 1
    cost = np.zeros(size)
    cost[-1] = -1
    balance, right = [], []
    for i, s in enumerate(sources):
        for v in range(n):
            if v == s:
                continue
            row = np.zeros(size)
            for a, (tail, head) in enumerate(arcs):
                row[i * len(arcs) + a] = (head == v) - (tail == v)
            row[-1] = -endpoints[s] * endpoints[v] / (total - 1)
            balance.append(row)
            right.append(0.0)
    room = np.zeros((len(arcs), size))
    for a in range(len(arcs)):
        room[a, a : size - 1 : len(arcs)] = 1
    answer = linprog(cost, room, np.ones(len(arcs)), np.array(balance), np.array(right), [(0, None)] * size)
    return float(min(-answer.fun, 1.0)) if answer.status == 0 else 1.0


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("switches", "parallel"), [(2, 3), (3, 2), (4, 1)])
def test_no_small_graph_has_fewer_switches_than_the_bound(switches: int, parallel: int) -> None:
    checked = 0
    for links, degree in graphs(switches, parallel):
        for ports in range(max(degree), max(degree) + 4):
            free = [ports - d for d in degree]
            for endpoints in product(*(range(n + 1) for n in free)):
                if sum(endpoints) < 2 or sum(endpoints) + sum(degree) < switches * ports - 2:
                    continue
                total = sum(endpoints)
                share = throughput(links, list(endpoints))
                needed = total * (1 + share * float(least_distance(total, ports)))
                assert needed <= switches * ports + 1e-6, (links, endpoints, ports)
                checked += 1
    assert checked > 20


def test_the_mean_distance_of_every_small_graph_is_no_less() -> None:
    checked = 0
    for graph in nx.graph_atlas_g():
        if not 2 <= len(graph) <= 6 or not nx.is_connected(graph):
            continue
        far = dict(nx.all_pairs_shortest_path_length(graph))
        for placed in combinations_with_replacement((0, 1, 3), len(graph)):
            ends = [s for s, n in enumerate(placed) for _ in range(n)]
            if len(ends) < 2:
                continue
            ports = max(graph.degree[s] + placed[s] for s in graph)
            mean = Fraction(sum(far[u][v] for u in ends for v in ends), len(ends) * (len(ends) - 1))
            assert least_distance(len(ends), ports) <= mean
            checked += 1
    assert checked > 500


FAMILIES = [
    ("ft2", 2048, "{family: ft2, switch: nvidia-qm9700}", 1, 1.0),
    ("mpft", 16384, "{family: mpft, switch: nvidia-qm9700}", 8, 1.0),
    ("ft3", 16384, "{family: ft3, switch: nvidia-qm9700}", 1, 1.0),
    ("mrft", 8192, "{family: mrft, switch: nvidia-qm9700}", 1, 1.0),
    ("slim-fly", 2048, "{family: slim-fly, switch: nvidia-qm9700, q: 7, p: 21}", 1, 0.9),
    ("dragonfly", 4096, "{family: dragonfly, switch: nvidia-qm9700, p: 16, a: 32, h: 16}", 1, 0.7),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("family", "gpus", "network", "planes", "least"), FAMILIES, ids=[f[0] for f in FAMILIES])
def test_every_family_has_at_least_as_many_switches(
    family: str, gpus: int, network: str, planes: int, least: float
) -> None:
    import topo

    text = f"name: x\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n"
    design = parse_design(text, "x.yaml", CATALOG)
    number = sum(closed_forms(design)["compute"].switches.values())
    share = topo.throughput(topo.build(design)).lower
    bound = planes * least_switches(gpus // planes, 64, Fraction(min(float(share), 1.0)))
    assert bound <= number
    assert share >= least or family in ("slim-fly", "dragonfly")


@pytest.mark.slow
def test_the_bound_is_near_the_best_that_is_known() -> None:
    search = found("gpus: 2048\nhost: h800-node\nchoose: {families: [jellyfish, ft2], switches: [nvidia-qm9700]}\n")
    assert search.winner is not None
    assert search.lower_bound["switches"] == least_switches(2048, 64, Fraction(1)) == 80
    assert search.winner.values["switches"] == 82


@pytest.mark.parametrize("gpus", [8, 24, 64, 160])
@pytest.mark.parametrize("host", ["dgx-h100", "example-host-2"])
def test_however_many_planes_there_are_the_winner_needs_no_less(host: str, gpus: int) -> None:
    """Few planes may fill a switch that many leave half empty: the bound is no higher than either."""
    switch = "nvidia-qm9700" if host == "dgx-h100" else "example-switch-8"
    gpus = gpus if host == "dgx-h100" else gpus // 4
    search = found(f"gpus: {gpus}\nhost: {host}\nchoose: {{families: [ft2, mpft, rail-only], switches: [{switch}]}}\n")
    assert search.winner is not None
    counted = search.winner.row.counted
    assert isinstance(counted, Counted)
    assert search.lower_bound["switches"] <= counted.total
    assert search.lower_bound["cost_usd"] <= search.winner.values["cost_usd"]
    proof = search.lower_bound["certificate"]
    part = CATALOG.host(host)
    each = sum(nics.count * CATALOG.nic(nics.nic).ports for nics in part.nics if nics.network == "compute")
    endpoints = gpus // part.gpus * each
    ports = max(kind["ports"] for kind in proof["switches"])
    every = [n for n in range(1, each + 1) if each % n == 0]
    assert search.lower_bound["switches"] == min(n * least_switches(endpoints // n, ports, Fraction(1)) for n in every)


def test_pairs_that_may_be_left_out_need_no_links() -> None:
    text = "gpus: 512\nhost: h800-node\nchoose: {{families: [ft2], switches: [nvidia-qm9700]}}\nrequirements:\n  - {}\n"
    ask = "throughput: {at_least: 1.0, unreachable: leave-out}"
    assert lower_bound(request(text.format(ask)), None)["switches"] == 8


def test_one_switch_is_enough_where_all_fits_on_it() -> None:
    assert least_distance(64, 64) == 0
    assert least_switches(64, 64, Fraction(1)) == 1
    assert least_distance(1, 64) == 0
    assert least_switches(65, 64, Fraction(1)) > 1


def test_more_planes_need_no_more() -> None:
    one = least_switches(2048, 64, Fraction(1))
    for planes in (2, 4, 8):
        assert planes * least_switches(2048 // planes, 64, Fraction(1)) <= one


def test_the_bound_follows_what_is_asked() -> None:
    text = "gpus: 512\nhost: h800-node\nchoose: {{families: [ft2], switches: [nvidia-qm9700]}}\nrequirements:\n  - {}\n"
    bounds = [
        lower_bound(request(text.format(ask)), None)["switches"]
        for ask in ("connected: {}", "throughput: {at_least: 0.5}", "throughput: {at_least: 1.0}")
    ]
    assert bounds == sorted(bounds)
    assert bounds[0] == 8
