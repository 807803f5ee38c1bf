"""What an adversary works with: an honest certificate of every kind, ways to make a false one of it, and what is true.

`honest` has one maker for each registered kind; `truth` tells, with networkx or brute force where that is short and
else by asking again, between which ends a bound may lie of which a certificate says that it is proved.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations, permutations, product
from random import Random
from typing import Any

import networkx as nx
import numpy as np

import topo
from topo.analysis.bisection import cut_capacity
from topo.analysis.bisection._permutation import permutation_proof
from topo.analysis.collectives.optimum import optima, schedule
from topo.analysis.collectives.ranks import place
from topo.analysis.deadlock.deadlock import deadlock
from topo.analysis.deadlock.proof import deadlock_proof
from topo.analysis.failures import after_any_link, draws_proof, failures_proof, random_failures, single_failures
from topo.analysis.network import switch_network
from topo.analysis.paths.hops import hops, hops_proof
from topo.analysis.reliability import (
    GroupRule,
    Rate,
    Rates,
    families_of,
    steady_proof,
    steady_state,
    together,
    together_proof,
)
from topo.certificates import Proved
from topo.errors import InputError
from topo.fabric import HOST, Fabric
from topo.importers.networkx_graph import from_networkx

Certificate = dict[str, Any]
Ends = tuple[float, float]
SPEED = 400


def graph_of(name: str) -> nx.MultiGraph[int]:
    """Small networks: a ring, and what has a chord, a pair of parallel links, a slower one, a leaf and unlike hosts."""
    graph = nx.MultiGraph(nx.cycle_graph(4 if name == "odd" else 5))
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, SPEED, "gbps")
    if name == "odd":
        for a, b, gbps in ((0, 2, SPEED), (0, 1, SPEED), (3, 4, SPEED), (2, 3, 100)):
            graph.add_edge(a, b, gbps=gbps)
        graph.nodes[4]["endpoints"] = 2
    return graph


@cache
def fabric_of(name: str, slower: bool = False) -> Fabric:
    """A fabric by name; `slower` is another one of the same shape and names, whose links are slower."""
    if name == "ranks":
        return topo.build(topo.design.parse_design(RANKS.format("example-switch-8" if slower else "nvidia-qm9700")))
    graph = graph_of(name)
    if slower:
        nx.set_edge_attributes(graph, {next(iter(graph.edges)): {"gbps": SPEED // 4}})
    return from_networkx(graph)


RANKS = "name: ranks\ngpus: 16\nhost: example-host-1\nnetworks:\n  compute: {{family: ft2, switch: {}}}\n"
HONEST: dict[str, Callable[[Fabric], Certificate]] = {}


@cache
def honest(name: str, kind: str, slower: bool = False) -> Certificate:
    """A certificate of a kind, about the fabric of a name, as it is written: plain data that JSON holds."""
    found: Certificate = json.loads(json.dumps(HONEST[kind](fabric_of(name, slower))))
    return found


def _asked(traffic: str, routing: str) -> Callable[[Fabric], Certificate]:
    return lambda fabric: topo.throughput(fabric, traffic, routing).certificate


def _named_cut(fabric: Fabric) -> Certificate:
    hosts = fabric.devices.name[fabric.is_host].tolist()
    return cut_capacity(fabric, hosts[:1], hosts[2:]).certificate


def _schedule(fabric: Fabric) -> Certificate:
    found = schedule(fabric, optima(fabric, place(fabric))["all-gather"])
    assert found is not None
    return found


def _rerouted(fabric: Fabric) -> Certificate:
    found = after_any_link(fabric, 0, topo.throughput(fabric))
    assert found is not None
    return found.certificate


def _connected(fabric: Fabric) -> Certificate:
    net = switch_network(fabric, 0)
    name = fabric.networks[0]
    assert nx.is_connected(nx.Graph(list(zip(net.tail.tolist(), net.head.tolist(), strict=True))))
    return {"kind": "connected", "fabric": fabric.name, "network": name, "claim": {"endpoints": 0}}


def _draws(fabric: Fabric) -> Certificate:
    return draws_proof(fabric, 0, range(2), random_failures(fabric, "cable", 1, range(2), 0).rows)


def _lanes(fabric: Fabric) -> Certificate:
    found = deadlock_proof(fabric, fabric.networks[0], deadlock(fabric, fabric.networks[0], "spray"))
    assert found is not None
    return found


def _hops(fabric: Fabric) -> Certificate:
    return hops_proof(fabric, fabric.networks[0], hops(switch_network(fabric, 0)))


def _steady(fabric: Fabric) -> Certificate:
    first, second, *_ = fabric.devices.name[~fabric.is_host].tolist()
    rules = {"one": GroupRule(devices=(first,)), "two": GroupRule(devices=(first, second))}
    rates = Rates({key: Rate(mtbf_hours=900) for key in rules}, 100.0, dict(rules))
    families = families_of(fabric, 0, rates)
    found = steady_proof(fabric, 0, families, steady_state(fabric, 0, families))
    assert found is not None
    return found


def _together(fabric: Fabric) -> Certificate:
    """Any two of three groups: a switch, a switch with another, and a host."""
    first, second, *_ = fabric.devices.name[~fabric.is_host].tolist()
    of = {"one": (first,), "two": (first, second), "host": (fabric.devices.name[fabric.is_host].tolist()[-1],)}
    rules = {key: GroupRule(devices=names) for key, names in of.items()}
    families = families_of(fabric, 0, Rates({key: Rate(afr=1.0) for key in rules}, None, dict(rules)))
    found = together_proof(fabric, 0, families, (tuple(rules), True), together(fabric, 0, families, True))
    assert found is not None
    return found


def together_by_force(fabric: Fabric, question: Mapping[str, Any]) -> Mapping[str, Ends]:
    """Every group, or every two, taken away one by one; nothing is known of more than ten groups."""
    groups = []
    for family in question["families"]:
        runs = family.get("spans", [])
        ids = [i for a, n in zip(runs[::2], runs[1::2], strict=True) for i in range(a, a + n)]
        groups += [(set(one.get("links", ())), set(one.get("devices", ()))) for one in family.get(
            "sets", [{"links": [i]} for i in ids])]  # fmt: skip
    if len(groups) > 10:
        return {}
    broken = [(a | c, b | d) for (a, b), (c, d) in combinations(groups, 2)] if question["pairs"] else groups
    found = []
    for links, devices in broken:
        try:
            less = fabric.without(links=links, devices=devices)
        except InputError:
            return {}
        found.append((ask(less, fabric, question["traffic"], question["routing"]), cut_off(less, fabric)))
    if not found:
        return {}
    gone = {key: max(one[key] for _, one in found) for key in ("cut_off", "hosts_cut_off")}
    ends = _within(min(t.lower for t, _ in found), min(t.upper for t, _ in found))
    return {**ends, **{key: (value,) * 2 for key, value in gone.items()}}


def steady_by_force(fabric: Fabric, question: Mapping[str, Any]) -> Mapping[str, Ends]:
    """The mean over all patterns of up to six groups; nothing is known of more."""
    groups = []
    for family in question["families"]:
        runs = family.get("spans", [])
        ids = [i for a, n in zip(runs[::2], runs[1::2], strict=True) for i in range(a, a + n)]
        sets = family.get("sets", [{"links": [i]} for i in ids])
        groups += [(family["unavailable"], one.get("links", []), one.get("devices", [])) for one in sets]
    if len(groups) > 6:
        return {}
    low = high = 0.0
    for down in product((False, True), repeat=len(groups)):
        broken = [g for g, d in zip(groups, down, strict=True) if d]
        weight = float(np.prod([s if d else 1 - s for (s, *_), d in zip(groups, down, strict=True)]))
        links, devices = ({i for g in broken for i in g[k]} for k in (1, 2))
        try:
            less = fabric.without(links=links, devices=devices)
        except InputError:
            return {}
        found = ask(less, fabric, question["traffic"], question["routing"])
        low += weight * (0.0 if np.isinf(found.lower) else min(found.lower, 1.0))
        high += weight * (0.0 if np.isinf(found.lower) else min(found.upper, 1.0))
    return _within(low, high)


HONEST.update(
    {
        "bisection": lambda fabric: topo.bisection(fabric).certificate,
        "collective": lambda fabric: optima(fabric, place(fabric))["all-reduce"].certificate,
        "collective-trees": _schedule,
        "connected": _connected,
        "cut": _named_cut,
        "draws": _draws,
        "ecmp": _asked("all-to-all", "ecmp:seeds=2"),
        "failures": lambda fabric: failures_proof(fabric, 0, single_failures(fabric, ["cable"], 0)) or {},
        "hops": _hops,
        "lanes": _lanes,
        "permutations": _asked("worst-permutation", "spray"),
        "rerouted": _rerouted,
        "spray": _asked("shift:k=1", "spray"),
        "steady": _steady,
        "static": _asked("permutation:seed=3", "static"),
        "throughput": _asked("all-to-all", "adaptive"),
        "together": _together,
        "wcmp": _asked("all-to-all", "wcmp"),
        "worst-permutation": lambda fabric: permutation_proof(fabric, 0) or {},
    }
)
NAMES = {kind: "ranks" if kind.startswith("collective") else "odd" for kind in HONEST} | {
    "rerouted": "ring",
    "lanes": "ring",
}

# What is true.


def truth(fabric: Fabric, proved: Proved) -> Mapping[str, Ends]:
    """Between which ends each bound of a proved statement may lie, by its name."""
    less = fabric.without(**{key: list(value) for key, value in proved.without.items()}) if proved.without else fabric
    key = (proved.kind, json.dumps(dict(proved.question), sort_keys=True), str(proved.without), id(fabric))
    if key not in _KNOWN:
        _KNOWN[key] = dict(_true(less, fabric, proved))
    return _KNOWN[key]


_KNOWN: dict[Any, dict[str, Ends]] = {}


def _true(fabric: Fabric, intact: Fabric, proved: Proved) -> Mapping[str, Ends]:
    question = proved.question
    match proved.kind:
        case "cut":
            return _both(most_between(fabric, question["hosts_a"], question["hosts_b"]))
        case "bisection":
            return _both(least_half(fabric))
        case "connected":
            return _both(cut_off(fabric)["endpoints"])
        case "hops":
            found = switches_between(fabric)
            return {**_both(max(found)), "mean": (sum(found) / len(found),) * 2} if found else {}
        case "failures":
            return after_any_one(fabric, question)
        case "worst-permutation":
            return {"network_lower": (worst_by_force(fabric),) * 2}
        case "lanes":
            found = deadlock(fabric, proved.network, question.get("routing_called", question["routing"]))
            return {"lower": (1, found.minimum or found.lanes), "upper": (found.minimum or 1, 255)}
        case "collective" | "collective-trees":
            found = optima(fabric, place(fabric), wanted=(question["operation"],))[question["operation"]]
            return _both(float(found.algbw_gbps)) if question["ranks"] == honest("ranks", "collective")["ranks"] else {}
        case "draws":
            seeds = range(question["seeds"][0], sum(question["seeds"]))
            asked = (question["traffic"], question["routing"])
            rows = random_failures(fabric, question["what"], question["count"], seeds, 0, *asked).rows
            many = question["draws_that_count"] - 1
            ends = {
                key: sorted((getattr(r, key) for r in rows), reverse=key == "lower")[many] for key in ("lower", "upper")
            }
            lost = {"cut_off": [r.cut_off for r in rows], "hosts_cut_off": [len(r.lost.hosts) for r in rows]}
            return {
                "lower": (ends["lower"], ends["upper"]),
                "upper": (ends["lower"], ends["upper"]),
                **{key: (sorted(values)[many],) * 2 for key, values in lost.items()},
            }
        case "steady":
            return steady_by_force(fabric, question)
        case "together":
            return together_by_force(fabric, question)
        case "rerouted":
            links = np.flatnonzero(~fabric.is_endpoint_link)
            every = [ask(fabric.without(links=[i]), fabric) for i in fabric.links.id[links].tolist()]
            return _within(min(one.lower for one in every), min(one.upper for one in every))
    routing = question.get("routing_called", question["routing"])
    if question["routing"] == "listed" or question["traffic"] == "listed":
        return {}
    if "seeds" in question:
        name, _, given = routing.partition(":")
        kept = [one for one in given.split(",") if one and not one.startswith(("seed=", "seeds="))]
        first, many = question["seeds"]
        routing = f"{name}:{','.join([*kept, f'seed={first}', f'seeds={many}'])}"
    found = ask(fabric, intact, question["traffic"], routing)
    return {
        **_within(found.lower, found.upper),
        "network_lower": (found.network_lower, found.network_upper),
        "network_upper": (found.network_lower, found.network_upper),
    }


def ask(fabric: Fabric, intact: Fabric, traffic: str = "all-to-all", routing: str = "adaptive") -> topo.Throughput:
    """The answer that certificates are about: of the pairs that are joined."""
    return topo.throughput(fabric, traffic, routing, unreachable="leave-out", baseline=intact)


def _both(value: float) -> dict[str, Ends]:
    return _within(value, value)


def _within(low: float, high: float) -> dict[str, Ends]:
    return {"lower": (low, high), "upper": (low, high)}


def multigraph(fabric: Fabric, hosts: tuple[str, ...] | None = None) -> nx.MultiGraph[str]:
    """Switches and the hosts of some names (all by default), by active links."""
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    names, tier = fabric.devices.name.tolist(), fabric.devices.tier.tolist()
    kept = [str(n) for n, t in zip(names, tier, strict=True) if t != HOST or hosts is None or n in hosts]
    graph.add_nodes_from(kept)
    for a, b, gbps, active in zip(
        fabric.link_a.tolist(),
        fabric.link_b.tolist(),
        fabric.links.gbps.tolist(),
        fabric.links.active.tolist(),
        strict=True,
    ):
        if active and str(names[a]) in graph and str(names[b]) in graph:
            graph.add_edge(str(names[a]), str(names[b]), gbps=gbps)
    return graph


def most_between(fabric: Fabric, a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """The greatest flow from hosts to hosts, others left out (networkx)."""
    flow: nx.DiGraph[str] = nx.DiGraph()
    for u, v, gbps in multigraph(fabric, (*a, *b)).edges(data="gbps"):
        for ends in ((u, v), (v, u)):
            flow.add_edge(*ends, capacity=flow.get_edge_data(*ends, {"capacity": 0})["capacity"] + gbps)
    flow.add_nodes_from((*a, *b))
    flow.add_edges_from([("source", one) for one in a] + [(one, "sink") for one in b])
    return float(nx.maximum_flow_value(flow, "source", "sink"))


def least_half(fabric: Fabric) -> float:
    """The least capacity between two halves of the hosts, over all sides of all devices."""
    graph = multigraph(fabric)
    hosts = [str(n) for n in fabric.devices.name[fabric.is_host].tolist()]
    switches = [n for n in graph if n not in hosts]
    best = float("inf")
    for many in {len(hosts) // 2, len(hosts) - len(hosts) // 2}:
        for half in combinations(hosts, many):
            for size in range(len(switches) + 1):
                for side in combinations(switches, size):
                    inside = {*half, *side}
                    best = min(best, sum(g for u, v, g in graph.edges(data="gbps") if (u in inside) != (v in inside)))
    return best


def cut_off(fabric: Fabric, of: Fabric | None = None) -> dict[str, int]:
    """Endpoints and hosts outside the largest set that is joined (one plane, one endpoint and GPU to a host)."""
    whole = of or fabric
    hosts = {str(n) for n in whole.devices.name[whole.is_host].tolist()}
    graph = multigraph(fabric)
    joined = [len(hosts & part) for part in nx.connected_components(graph) if len(part) > 1 or not part & hosts]
    lost = len(hosts) - max(joined, default=0)
    return {"endpoints": lost, "cut_off": lost, "hosts_cut_off": lost}


def switches_between(fabric: Fabric) -> list[int]:
    """Switches on the shortest path of each ordered pair of endpoints (networkx)."""
    hosts = [str(n) for n in fabric.devices.name[fabric.is_host].tolist()]
    graph = nx.Graph(multigraph(fabric))
    far = dict(nx.all_pairs_shortest_path_length(graph))
    return [far[a][b] - 1 for a in hosts for b in hosts if a != b and b in far[a]]


def after_any_one(fabric: Fabric, question: Mapping[str, Any]) -> Mapping[str, Ends]:
    """Everything of a kind taken away, one by one."""
    what = question["what"]
    if what in ("cable", "nic"):
        rows = np.arange(len(fabric.links)) if what == "cable" else fabric.endpoint_link
        every = [{"links": [i]} for i in fabric.links.id[rows].tolist()]
    else:
        of = fabric.is_host if what == "host" else ~fabric.is_host
        every = [{"devices": [name]} for name in fabric.devices.name[of].tolist()]
    left = [fabric.without(**one) for one in every]
    lost = [cut_off(less, fabric) for less in left]
    rows = [ask(less, fabric, question["traffic"], question["routing"]) for less in left]
    return {
        **_within(min(one.lower for one in rows), min(one.upper for one in rows)),
        "cut_off": (max(one["cut_off"] for one in lost),) * 2,
        "hosts_cut_off": (max(one["hosts_cut_off"] for one in lost),) * 2,
    }


def worst_by_force(fabric: Fabric) -> float:
    """The least throughput of any permutation of the endpoints that is split equally over shortest next links."""
    graph = multigraph(fabric, ())
    hosts = [str(n) for n in fabric.devices.name[fabric.is_host].tolist()]
    at = {h: next(iter(multigraph(fabric)[h])) for h in hosts}
    links = [(u, v, k, g) for u, v, k, g in graph.edges(keys=True, data="gbps") for u, v in ((u, v), (v, u))]
    row = {(u, v, k): i for i, (u, v, k, _) in enumerate(links)}
    part: dict[tuple[str, str], Any] = {}
    for to in graph:
        far = nx.single_source_shortest_path_length(graph, to)
        for start in far:
            load, here = np.zeros(len(links)), {start: 1.0}
            while here and to not in here:
                onward: dict[str, float] = {}
                for node, amount in here.items():
                    ways = [(v, k) for _, v, k in graph.edges(node, keys=True) if far[v] == far[node] - 1]
                    for v, k in ways:
                        load[row[node, v, k]] += amount / len(ways)
                        onward[v] = onward.get(v, 0.0) + amount / len(ways)
                here = onward
            part[start, to] = load
    speed = np.array([g for *_, g in links], dtype=float)
    worst = max(
        float((sum(part[at[a], at[b]] for a, b in zip(hosts, to, strict=True)) / speed).max())
        for to in permutations(hosts)
    )
    return 1 / (worst * SPEED)


# What is false.

LOST = ({"links": [0]}, {"links": [5]}, {"devices": ["0"]}, {}, {"links": []})
NUMBERS = (-1, 0, 1, 2, 3, 2**31, 2**53, 2**61, 2**62 - 1, 2**63, 2**64, -(2**62), True, False, 1.0, 0.5)
TEXTS = ("0", "1", "2", "1/3", "-1", "99999999", "compute", "storage", "adaptive", "spray", "", "é")


def mutants(good: Certificate, others: list[Certificate], seed: int) -> Iterator[Certificate]:
    """False or altered certificates without end: entries changed, taken away, put twice, exchanged, grafted."""
    rng = Random(seed)
    while True:
        found = copy.deepcopy(good)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            _once(found, others, rng)
        yield found


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, key) for key in keys]
    return found + [place for key in keys for place in _places(value[key])]


def _once(certificate: Certificate, others: list[Certificate], rng: Random) -> None:
    places = _places(certificate)
    inside, key = rng.choice(places)
    value = inside[key]
    match rng.randrange(7):
        case 0 | 1 | 2:
            inside[key] = _other(value, rng)
        case 3:
            del inside[key]
        case 4:
            second, other = rng.choice(places)
            inside[key], second[other] = copy.deepcopy(second[other]), copy.deepcopy(value)
        case 5:
            if isinstance(inside, list):
                inside.insert(rng.randrange(len(inside) + 1), copy.deepcopy(value))
            else:
                certificate["without"] = rng.choice(LOST)
        case 6:
            grafted, at = rng.choice(_places(rng.choice(others)))
            inside[key] = copy.deepcopy(grafted[at])


def _other(value: Any, rng: Random) -> Any:
    if isinstance(value, int):
        return rng.choice((*NUMBERS, value + 1, value - 1, 2 * value, -value))
    if isinstance(value, str):
        numbers = [f"{2 * int(value)}", f"{int(value) + 1}"] if value.isdecimal() and len(value) < 9 else []
        return rng.choice((*TEXTS, *numbers, f"{value}0", f"1{value}"))
    return rng.choice((None, [], {}, [value], 1))
