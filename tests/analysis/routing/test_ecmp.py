"""ECMP against the documented hash in plain Python, spray's limit, and polarisation."""

from collections import defaultdict
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from tests.analysis.routing.hashing import top, word
from topo.analysis.demand import Flows, all_to_all, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import fair_rates, route
from topo.design import build, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


def random_fabric(seed: int) -> Fabric:
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.random_regular_graph(4, 10, seed=seed))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
    nx.set_edge_attributes(graph, 400, "gbps")
    for u, v in list(graph.edges())[:6]:
        graph.add_edge(u, v, gbps=400)
    return from_networkx(graph)


def walk(
    fabric: Fabric, seed: int, qp: int, pairs: list[tuple[int, int]], polarised: bool, bundles: bool, weighed=False
) -> dict:
    """Queue pairs on every link and direction, by the words of the documentation; weighed by both line rates."""
    net = switch_network(fabric)
    rate = [Fraction(gbps) if weighed else Fraction(1) for gbps in net.endpoint_gbps.tolist()]
    ports = defaultdict(list)
    for row in np.flatnonzero(net.edge_of_link >= 0).tolist():
        for way, (near, far) in enumerate([(fabric.links.a, fabric.links.b), (fabric.links.b, fabric.links.a)]):
            tail, head = (int(np.searchsorted(net.device, fabric.ports.device[x[row]])) for x in (near, far))
            ports[tail].append((int(fabric.ports.number[near[row]]), head, row, way))
    for found in ports.values():
        found.sort()
    graph = nx.Graph([(v, p[1]) for v, found in ports.items() for p in found])
    far = dict(nx.all_pairs_shortest_path_length(graph))
    count: dict = defaultdict(Fraction)
    for s, d in pairs:
        for q in range(qp):
            key = (word(seed, s, 1) + word(seed, d, 2) + (q + 1) * 0x9E3779B9) % 2**32
            v, t = int(net.at[s]), int(net.at[d])
            while v != t:
                choices = [p for p in ports[v] if far[p[1]][t] == far[v][t] - 1]
                if bundles:
                    seen: dict = {}
                    for p in choices:
                        seen.setdefault(p[1], []).append(p)
                    choices = list(seen.values())
                taken = choices[len(choices) * top(key ^ word(seed, 0 if polarised else v, 3)) // 2**20]
                for p in taken if bundles else [taken]:
                    count[p[2], p[3]] += rate[s] * rate[d] / (len(taken) if bundles else 1)
                v = taken[0][1] if bundles else taken[1]
    return count


@pytest.mark.parametrize(("qp", "polarised", "split"), [(1, False, "port"), (3, True, "port"), (2, False, "next-hop")])
@pytest.mark.parametrize("seed", range(4))
def test_every_flow_of_an_all_to_all(seed, qp, polarised, split):
    fabric = random_fabric(seed)
    n = len(fabric.endpoints)
    pairs = [(s, d) for s in range(n) for d in range(n) if s != d]
    count = walk(fabric, seed, qp, pairs, polarised, split == "next-hop")
    text = f"ecmp:qp={qp},seed={seed},seeds=1,split={split},polarised={str(polarised).lower()}"
    found = route(fabric, all_to_all(fabric), text)
    each = Fraction(400, n - 1) / qp
    assert found.lower == found.upper == 400 / (each * max(count.values()))
    expected = np.zeros((len(fabric.links), 2))
    for (row, way), k in count.items():
        expected[row, way] = k * each
    assert found.link_gbps(fabric) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_flows_weigh_as_much_as_both_line_rates(seed):
    graph = nx.random_regular_graph(4, 10, seed=seed)
    for node in graph:
        graph.nodes[node].update(endpoints=3, endpoint_gbps=[400, 200, 100][node % 3])
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    n = len(fabric.endpoints)
    pairs = [(s, d) for s in range(n) for d in range(n) if s != d]
    count = walk(fabric, seed, 2, pairs, False, False, weighed=True)
    rates = [Fraction(gbps) for gbps in fabric.endpoints.gbps.tolist()]
    found = route(fabric, all_to_all(fabric), f"ecmp:qp=2,seed={seed},seeds=1")
    assert found.lower == 400 * 2 * (sum(rates) - min(rates)) / max(count.values())


def test_choices_are_spread_as_if_drawn_at_random():
    """Chi-square of the choices of one switch, of the next where flows chose alike, of one source, and of two queue
    pairs at once: each a sum over many tables, so that its mean and spread are known."""
    from topo.analysis.routing.hash_kernel import top
    from topo.analysis.routing.hashed import words

    mixed = top.py_func
    n = 24
    found = []
    with np.errstate(over="ignore"):
        for seed in range(20):
            src, dst, salt = (words(count, seed, kind) for count, kind in ((32, 1), (4096, 2), (100, 3)))
            key = src[:, None] + dst[None, :] + np.uint32(0x9E3779B9)
            one = mixed(key ^ salt[0]) * np.uint32(n) >> np.uint32(20)
            behind = mixed(key ^ salt[1 + one]) * np.uint32(n) >> np.uint32(20)
            other = mixed(key + np.uint32(0x9E3779B9) ^ salt[0]) * np.uint32(n) >> np.uint32(20)
            row = np.broadcast_to(np.arange(32, dtype=np.uint32)[:, None], one.shape)
            for by in (np.zeros_like(one), one, row, other):
                table = np.bincount((by * np.uint32(n) + behind).reshape(-1)), np.bincount((by * n + one).reshape(-1))
                found += [t.reshape(-1, n) for t in (table if by is not one else table[:1])]
    degrees = sum(len(t) * (n - 1) for t in found)
    expected = [t.sum(axis=1, keepdims=True) / n for t in found]
    chi = sum(float(((t - e) ** 2 / e).sum()) for t, e in zip(found, expected, strict=True))
    assert abs(chi - degrees) < 4 * (2 * degrees) ** 0.5


def test_more_next_hops_than_the_hash_can_number():
    graph = nx.MultiGraph([(0, 1)] * 4097, endpoint_gbps=400)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    with pytest.raises(InputError, match="choose among 4,097 next hops"):
        route(fabric, all_to_all(fabric), "ecmp:seeds=1")
    with pytest.raises(InputError, match="at most 4,096 next hops"):
        fair_rates(fabric, all_to_all(fabric), "ecmp:seeds=1")
    assert route(fabric, all_to_all(fabric), "ecmp:seeds=1,split=next-hop").lower


@pytest.mark.parametrize("split", ["port", "next-hop"])
@pytest.mark.parametrize("seed", range(3))
def test_every_flow_of_a_sparse_demand(seed, split):
    fabric = random_fabric(seed + 10)
    net = switch_network(fabric)
    n = len(net.at)
    src, dst = np.arange(n), np.random.default_rng(seed).permutation(n)
    count = walk(fabric, 7, 2, list(zip(src.tolist(), dst.tolist(), strict=True)), False, split == "next-hop")
    demand = from_endpoint_pairs(fabric, net, "x", Flows(src, dst, np.full(n, 400.0)))
    found = route(fabric, demand, f"ecmp:qp=2,seed=7,seeds=1,split={split}")
    assert found.lower == found.upper == 400 / (200 * max(count.values()))
    expected = np.zeros((len(fabric.links), 2))
    for (row, way), k in count.items():
        expected[row, way] = k * 200
    assert found.link_gbps(fabric) == pytest.approx(expected)


def test_many_queue_pairs_tend_to_spray():
    fabric = tree("ft2", 256)
    demand = all_to_all(fabric)
    spray = float(route(fabric, demand, "spray").lower)
    gaps = [1 - route(fabric, demand, f"ecmp:qp={qp},seeds=1").samples.mean / spray for qp in (1, 16, 256)]
    assert gaps[0] > 2.5 * gaps[1] > 6 * gaps[2] > 0


def test_one_hash_for_all_switches_polarises():
    """Flows that a leaf hashed to one spine all hash alike there: each spine uses one of its 32 cores."""
    fabric = tree("ft3", 4096)
    demand = all_to_all(fabric)
    good = route(fabric, demand, "ecmp:seeds=1")
    bad = route(fabric, demand, "ecmp:seeds=1,polarised=true")
    assert bad.lower < good.lower / 3
    assert good.lower <= route(fabric, demand, "spray").lower


def test_samples_are_the_seeds_named():
    fabric = tree("ft2", 512)
    demand = all_to_all(fabric)
    three = route(fabric, demand, "ecmp:seed=5,seeds=3")
    assert three.samples.seeds == (5, 6, 7)
    one = [float(route(fabric, demand, f"ecmp:seed={s},seeds=1").lower) for s in (5, 6, 7)]
    assert list(three.samples.values) == one
    assert (float(three.lower), float(three.upper)) == (min(one), max(one))
    assert three.samples.p50 == sorted(one)[1]
    assert not three.exact
    assert len(route(fabric, demand, "ecmp").samples.seeds) == 10


def brute_max_min(paths: list[list], capacity: dict) -> list[float]:
    """Raise all rates by the largest step that fits; freeze whoever crosses a full link; repeat."""
    rate, frozen = [Fraction(0)] * len(paths), [False] * len(paths)
    while not all(frozen):
        used: dict = defaultdict(int)
        left = {e: Fraction(c) for e, c in capacity.items()}
        for p, r, f in zip(paths, rate, frozen, strict=True):
            for e in p:
                left[e] -= r
                used[e] += not f
        step = min(left[e] / n for e, n in used.items() if n)
        rate = [r + (0 if f else step) for r, f in zip(rate, frozen, strict=True)]
        full = {e for e, n in used.items() if n and left[e] == n * step}
        frozen = [f or bool(full & set(p)) for p, f in zip(paths, frozen, strict=True)]
    return [float(r) for r in rate]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("split", ["port", "next-hop"])
@pytest.mark.parametrize("seed", range(4))
def test_fair_rates_equal_plain_progressive_filling(seed, split):
    from topo.analysis.routing.channels import channels_of
    from topo.analysis.routing.ends import flows_of
    from topo.analysis.routing.fair import max_min_rates
    from topo.analysis.routing.hashed import Hash, hashed_paths
    from topo.analysis.routing.targets import per_next_hop, per_port

    fabric = random_fabric(seed + 20)
    demand = all_to_all(fabric)
    targets = (per_port if split == "port" else per_next_hop)(channels_of(fabric, demand.network))
    found = hashed_paths(targets, demand, flows_of(demand, 10_000), Hash(seed, 2))
    lists = [
        [*(("c", int(c)) for c in row[row >= 0]), ("in", int(found.flows.src[f])), ("out", int(found.flows.dst[f]))]
        for row, f in zip(found.channel, found.flow, strict=True)
    ]
    capacity = {e: targets.capacity[e[1]] if e[0] == "c" else 400.0 for p in lists for e in p}
    each = np.bincount(found.flow, weights=brute_max_min(lists, capacity))
    assert max_min_rates(demand.network, found) == pytest.approx(each, rel=1e-9)


def test_fair_rates_of_a_permutation():
    fabric = tree("ft2", 512)
    net = switch_network(fabric)
    n = len(net.at)
    shift = from_endpoint_pairs(fabric, net, "shift", Flows(np.arange(n), (np.arange(n) + 32) % n, np.full(n, 400.0)))
    rates = fair_rates(fabric, shift, "static")
    assert (rates.mean, rates.slowest) == ((1.0,), (1.0,))
    hashed = fair_rates(fabric, shift, "ecmp:seeds=4")
    assert len(hashed.mean) == 4
    assert all(s < m < 1 for s, m in zip(hashed.slowest, hashed.mean, strict=True))
    assert min(hashed.slowest) >= float(route(fabric, shift, "ecmp:seeds=4").lower) - 1e-12
    assert hashed.text().startswith("max-min fair over 4 seeds: mean 0.")
    with pytest.raises(InputError, match="splits flows"):
        fair_rates(fabric, shift, "spray")


def test_fair_rates_of_a_large_all_to_all_are_those_of_some_shifts(monkeypatch):
    """Each shift equals the permutation asked for alone; static shifts of a full tree never share a link."""
    from topo.analysis.routing.rules import ecmp, static
    from topo.analysis.traffic import demand_of

    fabric = tree("ft2", 512)
    everyone = all_to_all(fabric)
    whole = fair_rates(fabric, everyone, "ecmp:seeds=1")
    assert (whole.shifts, whole.flows) == ((), 512 * 511)
    monkeypatch.setattr(ecmp, "MOST_PATHS", 100_000)
    monkeypatch.setattr(static, "MOST_PATHS", 100_000)
    some = fair_rates(fabric, everyone, "ecmp:seeds=2")
    assert (len(some.shifts), some.shifts[0], some.shifts[-1], some.of_shifts) == (16, 1, 511, 511)
    assert some.flows == 16 * 512
    assert some.text().startswith("max-min fair over 16 of 511 shifts, each alone, 2 seeds: mean 0.")
    alone = [fair_rates(fabric, demand_of(fabric, f"shift:k={k}"), "ecmp:seeds=2") for k in some.shifts]
    assert some.mean == pytest.approx(np.mean([a.mean for a in alone], axis=0))
    assert some.slowest == tuple(min(a.slowest[i] for a in alone) for i in range(2))
    tables = fair_rates(fabric, everyone, "static")
    assert (tables.mean, tables.slowest) == ((1.0,), (1.0,))
