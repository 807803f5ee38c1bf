"""Certificates of worst permutations: bounds that hold for every permutation, refused when anything is changed."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from functools import cache

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tests.certificates.common import KEYS, changed, designed, less, random_fabric
from topo.analysis.demand import Flows, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import route
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.throughput import throughput
from topo.analysis.throughput.ends import Ends
from topo.analysis.throughput.prices import permutations_proof
from topo.analysis.traffic import demand_of
from topo.analysis.traffic import worst as _worst
from topo.certificates import verify_certificate
from topo.certificates.bounds.crossing import crossings
from topo.certificates.reading.channels import bundled, channels_of
from topo.certificates.reading.flow_graph import switch_graph
from topo.errors import CertificateError
from topo.importers.networkx_graph import from_networkx
from topo.interval import Interval

SMALL = {
    "prism": nx.circular_ladder_graph(3),
    "ring": nx.cycle_graph(6),
    "wheel": nx.wheel_graph(6),
    "tree": nx.balanced_tree(2, 2),
    "k23": nx.complete_bipartite_graph(2, 3),
    "random": nx.gnm_random_graph(7, 10, seed=4),
}


def small(name: str):
    """At most seven endpoints, one on a switch."""
    graph = nx.MultiGraph(SMALL[name])
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    u, v = next(iter(graph.edges()))[:2]
    graph.add_edge(u, v, gbps=200)
    return graph


def least_of_all(graph: nx.MultiGraph) -> Fraction:
    """The least spray throughput over every permutation, flow by flow in fractions."""
    far = dict(nx.all_pairs_shortest_path_length(nx.Graph(graph)))

    @cache
    def loads(s, t) -> dict:
        if s == t:
            return {}
        ports = [(s, x, k) for x in graph[s] if far[x][t] == far[s][t] - 1 for k in graph[s][x]]
        found: dict = {}
        for port in ports:
            for link, load in [(port, Fraction(1)), *loads(port[1], t).items()]:
                found[link] = found.get(link, Fraction(0)) + load / len(ports)
        return found

    nodes = list(graph)
    worst = Fraction(10**9)
    for image in itertools.permutations(nodes):
        total: dict = {}
        for s, t in zip(nodes, image, strict=True):
            for link, load in loads(s, t).items():
                total[link] = total.get(link, Fraction(0)) + load
        for (u, v, k), load in total.items():
            worst = min(worst, Fraction(graph[u][v][k]["gbps"]) / (400 * load))
    return worst


def checked(fabric, found) -> dict:
    """What the certificate of an answer proves, after it went through JSON; it is what the answer says."""
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.kind == "permutations"
    for key in KEYS:
        assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)
    return dict(proved.bounds)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", sorted(SMALL))
def test_every_permutation_of_a_small_graph(name):
    graph = small(name)
    fabric = from_networkx(graph)
    proved = checked(fabric, throughput(fabric, "worst-permutation", "spray"))
    assert proved["network_lower"] == proved["network_upper"] == least_of_all(graph)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", ["k23", "prism"])
def test_every_permutation_by_tables_and_by_hashes(name):
    fabric = from_networkx(small(name))
    net = switch_network(fabric)
    everyone = np.arange(len(net.at))
    tables, hashes = [], []
    for image in itertools.permutations(everyone.tolist()):
        moved = np.flatnonzero(everyone != image)
        demand = from_endpoint_pairs(fabric, net, "x", Flows(moved, np.array(image)[moved], net.endpoint_gbps[moved]))
        tables.append(route(fabric, demand, "static").lower)
        if len(hashes) < 150:
            hashes.append(route(fabric, demand, "ecmp:seeds=2").lower)
    static = checked(fabric, throughput(fabric, "worst-permutation:of=static", "static"))
    assert static["network_lower"] == static["network_upper"] == min(v for v in tables if v is not None)
    hashed = checked(fabric, throughput(fabric, "worst-permutation:of=ecmp", "ecmp:seeds=2"))
    assert 0 < hashed["network_lower"] <= min(v for v in hashes if v is not None)


def most_assigned(fabric, uses) -> Fraction | None:
    """The least speed over worst load, each channel's worst load by scipy's assignment; `uses` is of booleans or
    floats (channels, endpoints, endpoints), the line rates are alike."""
    graph = switch_graph(fabric, fabric.networks[0])
    channels = channels_of(fabric, graph)
    worst = None
    for c, matrix in enumerate(uses):
        rows, columns = linear_sum_assignment(matrix, maximize=True)
        load = Fraction(float(matrix[rows, columns].sum())).limit_denominator(10**6)
        if load:
            value = Fraction(float(channels.gbps[c])) / (load * Fraction(float(graph.rate[0])))
            worst = value if worst is None else min(worst, value)
    return worst


def shortest(fabric):
    """(switch of each endpoint, channels, hops (switches, switches) by networkx)."""
    graph = switch_graph(fabric, fabric.networks[0])
    channels = channels_of(fabric, graph)
    plain = nx.Graph(list(zip(channels.tail.tolist(), channels.head.tolist(), strict=True)))
    far = np.full((channels.switches,) * 2, -9)
    for s, row in nx.all_pairs_shortest_path_length(plain):
        far[s, list(row)] = list(row.values())
    return graph.at, channels, far


@pytest.mark.parametrize("seed", range(6))
def test_any_path_by_assignment(seed):
    fabric = random_fabric(seed)
    at, channels, far = shortest(fabric)
    uses = [
        (far[at, u][:, None] + 1 + far[v, at][None, :] == far[at][:, at]).astype(float)
        for u, v in zip(channels.tail.tolist(), channels.head.tolist(), strict=True)
    ]
    proved = checked(fabric, throughput(fabric, "worst-permutation:of=ecmp", "ecmp:seeds=2"))
    assert proved["network_lower"] == most_assigned(fabric, uses)
    spread = checked(fabric, throughput(fabric, "worst-permutation:of=ecmp", "adaptive"))
    assert spread["network_lower"] == proved["network_lower"]


@pytest.mark.parametrize("seed", range(6))
def test_tables_by_assignment(seed):
    fabric = random_fabric(seed)
    at, channels, _ = shortest(fabric)
    tables = static_tables(fabric)
    n = len(at)
    rows = tables.channel_rows(np.arange(n))
    uses = np.zeros((len(channels), n, n))
    for s, t in itertools.product(range(n), range(n)):
        v = int(at[s])
        while v != at[t]:
            c = rows[t, v]
            uses[c, s, t] = 1
            v = int(channels.head[c])
    truth = most_assigned(fabric, uses)
    proved = checked(fabric, throughput(fabric, "worst-permutation:of=static", "static"))
    assert proved["network_lower"] == proved["network_upper"] == truth
    other = checked(fabric, throughput(fabric, "worst-permutation", "static"))
    assert 0 < other["network_lower"] <= truth


@pytest.mark.sampled(6)
@pytest.mark.parametrize("routing", ["spray", "static", "ecmp:seeds=2", "adaptive", "spray:split=next-hop"])
@pytest.mark.parametrize("of", ["spray", "spray-next-hop", "static", "ecmp"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_end_without_proof(seed, of, routing):
    """Whatever permutation is shown, the lower end is proved of the routing that is asked."""
    fabric = random_fabric(seed)
    proved = checked(fabric, throughput(fabric, f"worst-permutation:of={of}", routing))
    assert 0 < proved["network_lower"] <= proved["network_upper"]
    own = {"spray:split=next-hop": "spray-next-hop"}.get(routing, routing.partition(":")[0])
    if own != "adaptive":
        best = checked(fabric, throughput(fabric, f"worst-permutation:of={own}", routing))
        assert proved["network_lower"] <= best["network_lower"]


@pytest.mark.parametrize("routing", ["spray", "static", "ecmp", "adaptive"])
def test_after_a_loss(routing):
    whole = random_fabric(3)
    net = switch_network(whole)
    link = int(whole.links.id[np.flatnonzero(net.edge_of_link >= 0)[-1]])
    less_one = whole.without(links=[link])
    of = "spray" if routing == "adaptive" else routing
    found = throughput(less_one, f"worst-permutation:of={of}", routing, baseline=whole)
    assert found.certificate["without"]["links"] == [link]
    proved = checked(whole, found)
    alone = throughput(less_one, f"worst-permutation:of={of}", routing)
    assert float(proved["network_lower"]) == alone.network_lower > 0
    with pytest.raises(CertificateError, match="another fabric"):
        verify_certificate(whole, less(found.certificate, "without"))


@pytest.mark.sampled(9)
@pytest.mark.parametrize("routing", ["spray", "static", "ecmp:seeds=1"])
@pytest.mark.parametrize(
    "compute",
    [
        "family: ft2",
        "family: mrft",
        "family: slim-fly, q: 5, p: 4",
        "family: dragonfly, p: 2, a: 4, h: 2",
        "family: hyperx, shape: [5, 5], p: 8",
        "family: jellyfish, p: 4, r: 8, seed: 1",
    ],
)
def test_families(compute, routing):
    gpus = {"family: ft2": 512, "family: mrft": 512, "family: dragonfly, p: 2, a: 4, h: 2": 72}.get(compute, 200)
    fabric = designed(compute, gpus)
    of = routing.partition(":")[0]
    found = throughput(fabric, f"worst-permutation:of={of}", routing)
    assert checked(fabric, found)["network_lower"] > 0
    assert found.exact or of == "ecmp"


def test_full_trees_adapt_to_every_permutation():
    fabric = designed("family: mrft", 512)
    found = throughput(fabric, "worst-permutation", "adaptive")
    assert found.exact
    assert checked(fabric, found)["network_lower"] == 1


def test_without_a_list_less_is_claimed(monkeypatch):
    """Where prices may not be listed, the interval is wider, and what it says is still proved."""
    fabric = random_fabric(1, 24)
    for routing in ("spray", "static", "ecmp"):
        traffic = f"worst-permutation:of={routing}"
        full = throughput(fabric, traffic, routing)
        assert full.certificate["lower"]["prices"]
        with monkeypatch.context() as patch:
            patch.setattr(_worst, "MOST_LISTED", 0)
            bare = throughput(fabric, traffic, routing)
        assert bare.certificate["lower"]["prices"] == []
        assert checked(fabric, bare)["network_lower"] < checked(fabric, full)["network_lower"]


def test_where_time_is_short_the_checker_counts():
    """Channels that the search did not reach are only known to carry no more than everything; counting says more."""
    fabric = random_fabric(1, 24)
    net = switch_network(fabric)
    found = _worst.worst_permutation(fabric, net, 0)
    assert found.priced.complete
    full = throughput(fabric, "worst-permutation", "spray")
    demand = demand_of(fabric, "worst-permutation")
    short = replace(demand.worst, lower=Fraction(1, 10**9), priced=replace(found.priced, prices=(), complete=False))
    shown = full.certificate["shown"]
    low, high, network_low, network_high = (Fraction(full.certificate["claim"][key]) for key in KEYS)
    ends = Ends(Interval(low, high), Interval(network_low, network_high))
    proof, proved = permutations_proof(fabric, 0, replace(demand, worst=short), shown, ends)
    assert short.lower < proved.network.lower < network_low
    assert verify_certificate(fabric, proof).bounds["network_lower"] == proved.network.lower


def test_rounded_shares_are_proved(monkeypatch):
    from topo.analysis.traffic import worst_spread as _worst_spread

    fabric = random_fabric(2)
    exact = checked(fabric, throughput(fabric, "worst-permutation", "spray"))
    monkeypatch.setattr(_worst_spread, "split_divisor", lambda *_: 0)
    rough = checked(fabric, throughput(fabric, "worst-permutation", "spray"))
    assert rough["network_lower"] < exact["network_lower"]
    assert float(rough["network_lower"]) == pytest.approx(float(exact["network_lower"]), rel=1e-9)


@pytest.mark.parametrize("kind", ["port", "next-hop", "any"])
@pytest.mark.parametrize("seed", range(3))
def test_crossings_flow_by_flow(seed, kind):
    fabric = random_fabric(seed, 10)
    graph = switch_graph(fabric, fabric.networks[0])
    channels = bundled(channels_of(fabric, graph))
    n = channels.switches
    part = channels.links if kind == "port" else np.ones(len(channels), dtype=np.int64)
    plain = nx.Graph(list(zip(channels.tail.tolist(), channels.head.tolist(), strict=True)))
    far = dict(nx.all_pairs_shortest_path_length(plain))
    scale = 1 if kind == "any" else 60**5

    def shares(s: int, t: int) -> dict[int, Fraction]:
        held, found = {s: Fraction(1)}, {}
        for _ in range(far[s][t]):
            onwards: dict[int, Fraction] = {}
            for v, amount in held.items():
                ways = [
                    c for c in range(len(channels)) if channels.tail[c] == v and far[channels.head[c]][t] < far[v][t]
                ]
                total = sum(int(part[c]) for c in ways)
                for c in ways:
                    found[c] = found.get(c, Fraction(0)) + amount * int(part[c]) / total
                    head = int(channels.head[c])
                    onwards[head] = onwards.get(head, Fraction(0)) + amount * int(part[c]) / total
            held = onwards
        return found

    expected = {
        (s, t, c): Fraction(1) if kind == "any" else share
        for s in range(n)
        for t in range(n)
        for c, share in shares(s, t).items()
    }
    everyone, arcs = np.arange(n), np.arange(len(channels))
    found = {}
    for block in crossings(channels, None if kind == "any" else part, arcs, everyone, scale):
        rows = zip(block.sender.tolist(), block.to[block.pair].tolist(), block.arc[block.pair].tolist(), strict=True)
        found |= dict(zip(rows, (Fraction(x, scale) for x in block.share.tolist()), strict=True))
    assert found == expected


def test_changes_are_refused():
    fabric = designed("family: hyperx, shape: [5, 5], p: 8", 200)
    good = throughput(fabric, "worst-permutation", "spray").certificate
    low = Fraction(verify_certificate(fabric, good).bounds["network_lower"])
    lower, shown = good["lower"], good["shown"]
    first, *others = lower["prices"]
    tail, port, *pairs = first
    halved = [x // 2 if i % 2 else x for i, x in enumerate(pairs)]
    other = next(number for number in range(1, 64) if number != port)
    twice = changed(shown, "demand", "gbps", [2 * x for x in shown["demand"]["gbps"]])

    def listed(*rows) -> dict:
        return changed(good, "lower", "prices", list(rows))

    bad = [
        (changed(good, "claim", "network_lower", str(low * 2)), "claims"),
        (changed(good, "claim", "network_upper", str(low / 2)), "claims"),
        (changed(good, "claim", "lower", "1"), "claims lower"),
        (listed(*others), "claims"),
        (listed([tail, port, *halved], *others), "claims"),
        (listed([tail, 10**6, *pairs], *others), "that there is not"),
        (listed([10**6, port, *pairs], *others), "that there is not"),
        (listed(first, first), "twice"),
        (listed([tail, port, *pairs, *pairs[:2]], *others), "one for each switch"),
        (listed([tail, port, 10**6, 1], *others), "of no switch"),
        (listed([tail, port, pairs[0], lower["scale"] + 1], *others), "more than a share"),
        (listed([tail, port, pairs[0]]), "2 numbers each"),
        (listed([tail, port, pairs[0], -1]), "no whole number from 0"),
        (listed([]), "without an arc"),
        (listed(first, [tail, other, *pairs]), "two arcs of an orbit|twice|claims|not"),
        (changed(good, "lower", "prices", 7), "no list of lists"),
        (changed(good, "lower", "scale", 0), "scale"),
        (changed(good, "lower", "scale", 2**60), "parts of"),
        (changed(good, "lower", "scale", lower["scale"] * 4), "claims"),
        (changed(good, "lower", "split", "any"), "parts of"),
        (changed(good, "lower", "split", "tables"), "says nothing"),
        (changed(good, "lower", "split", "next-hops"), "says nothing"),
        (changed(good, "lower", "generators", [{"moved": [0, 1], "to": [1, 0]}]), "generator|claims"),
        (changed(good, "question", "routing", "adaptive"), "another question"),
        (changed(good, "question", "routing", "spray:split=next-hop"), "says nothing"),
        (changed(good, "question", "routing", "static"), "says nothing"),
        (changed(good, "shown", twice), "line rates allow"),
        (changed(good, "shown", "demand", {"form": "all-to-all"}), "no traffic between endpoints"),
        (changed(good, "shown", "kind", "static"), "another question"),
        (changed(good, "shown", "without", {"links": [int(fabric.links.id[-1])]}), "another question"),
        (changed(good, "without", {"links": [int(fabric.links.id[-1])]}), "another fabric"),
        (less(good, "shown"), "no part 'shown'"),
        (less(good, "claim"), "no part 'claim'"),
        (less(good, "lower"), "claims"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_changed_tables_are_refused():
    fabric = random_fabric(1)
    good = throughput(fabric, "worst-permutation:of=static", "static").certificate
    low = Fraction(good["claim"]["network_lower"])
    empty = changed(good["shown"], "tables", {"bytes": 1, "ports": ""})
    bad = [
        (changed(good, "lower", "split", "any"), "says nothing"),
        (changed(good, "lower", "scale", 2), "parts of"),
        (changed(good, "shown", empty), "entries|unpacked"),
        (changed(good, "shown", less(good["shown"], "tables")), "no part 'tables'"),
        (changed(good, "claim", "network_lower", str(low * Fraction(1001, 1000))), "claims"),
        (changed(good, "question", "routing", "static:rule=minhop"), "another question"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)
