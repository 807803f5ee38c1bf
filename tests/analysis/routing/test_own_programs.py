"""Loads, rates and lanes against programs of their own, on every family and on imports with unlike speeds and planes,
and several components, with and without failures: a walk of every flow by the documented hash, an equal split packet by
packet, tables followed port by port, progressive filling, channel dependencies of every path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf

import networkx as nx
import numpy as np
import pytest

from tests.analysis.drawn import every, exact_gbps
from tests.analysis.routing.hashing import top, word
from topo.analysis.deadlock.deadlock import deadlock, fixed_lanes
from topo.analysis.network import switch_network
from topo.analysis.routing import fair_rates
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.throughput import throughput
from topo.analysis.traffic import demand_of
from topo.certificates import verify_certificate
from topo.fabric import HOST, Fabric

Port = tuple[int, int, int, int]
"""Number, switch behind it, link row, direction."""
Step = tuple[int, int]
"""Link row and direction."""


@dataclass(frozen=True)
class Plain:
    """The first network of a fabric as plain lists; switches and endpoints numbered in the order of their rows."""

    fabric: Fabric
    intact: Fabric

    @cached_property
    def switches(self) -> dict[int, int]:
        rows = np.flatnonzero((self.fabric.devices.tier != HOST) & (self.fabric.devices.network == 0))
        return {int(row): i for i, row in enumerate(rows)}

    @cached_property
    def ports(self) -> dict[int, list[Port]]:
        found: dict[int, list[Port]] = {i: [] for i in self.switches.values()}
        fabric = self.fabric
        for row, (a, b) in enumerate(zip(fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True)):
            for way, (near, far) in enumerate(((a, b), (b, a))):
                v, u = (self.switches.get(int(fabric.ports.device[end])) for end in (near, far))
                if v is not None and u is not None and fabric.links.active[row]:
                    found[v].append((int(fabric.ports.number[near]), u, row, way))
        return {v: sorted(ports) for v, ports in found.items()}

    @cached_property
    def ends(self) -> list[tuple[int, Fraction, int, Fraction]]:
        """(switch, line rate, plane, speed of the link) of each endpoint that has a link."""
        table, fabric = self.fabric.endpoints, self.fabric
        rows = [e for e in range(len(table)) if table.network[e] == 0 and fabric.endpoint_link[e] >= 0]
        return [
            (
                self.switches[int(fabric.endpoint_switch[e])],
                exact_gbps(table.gbps[e]),
                int(table.plane[e]),
                exact_gbps(fabric.links.gbps[fabric.endpoint_link[e]]),
            )
            for e in rows
        ]

    @cached_property
    def far(self) -> dict[int, dict[int, int]]:
        graph = nx.Graph([(v, port[1]) for v, ports in self.ports.items() for port in ports])
        graph.add_nodes_from(self.switches.values())
        return dict(nx.all_pairs_shortest_path_length(graph))

    def gbps(self, row: int) -> Fraction:
        return exact_gbps(self.fabric.links.gbps[row])

    @cached_property
    def all_to_all(self) -> list[tuple[int, int, Fraction]]:
        """Gb/s from endpoint to endpoint: what an intact endpoint of the busiest plane shares out over all others."""
        table = self.intact.endpoints
        mine = [(exact_gbps(g), p) for g, p, n in zip(table.gbps, table.plane, table.network, strict=True) if n == 0]
        total: dict[int, Fraction] = defaultdict(Fraction)
        for rate, plane in mine:
            total[plane] += rate
        most = max((total[plane] - rate for rate, plane in mine), default=Fraction(0))
        return [
            (s, d, rate * other / most)
            for s, (at, rate, plane, _) in enumerate(self.ends)
            for d, (to, other, its, _) in enumerate(self.ends)
            if s != d and plane == its and to in self.far[at]
        ]

    def nearer(self, v: int, t: int) -> list[Port]:
        return [port for port in self.ports[v] if self.far[port[1]][t] == self.far[v][t] - 1]

    def hashed(self, s: int, d: int, seed: int, pair: int, bundles: bool) -> Iterator[list[Step]]:
        """The links of each hop of one queue pair; several where a bundle is one choice."""
        key = (word(seed, s, 1) + word(seed, d, 2) + (pair + 1) * 0x9E3779B9) % 2**32
        v, t = self.ends[s][0], self.ends[d][0]
        while v != t:
            choices: dict[int, list[Port]] = {}
            for port in self.nearer(v, t):
                choices.setdefault(port[1] if bundles else port[0], []).append(port)
            taken = list(choices.values())[len(choices) * top(key ^ word(seed, v, 3)) // 2**20]
            yield [port[2:] for port in taken]
            v = taken[0][1]


def by_hash(net: Plain, seed: int, pairs: int, bundles: bool) -> dict[Step, Fraction]:
    load: dict[Step, Fraction] = defaultdict(Fraction)
    for s, d, gbps in net.all_to_all:
        for pair in range(pairs):
            for links in net.hashed(s, d, seed, pair, bundles):
                for step in links:
                    load[step] += gbps / pairs / len(links)
    return load


def by_packets(net: Plain, bundles: bool) -> dict[Step, Fraction]:
    load: dict[Step, Fraction] = defaultdict(Fraction)
    between: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for s, d, gbps in net.all_to_all:
        between[net.ends[s][0], net.ends[d][0]] += gbps
    for (start, t), gbps in between.items():
        here = {start: gbps} if start != t else {}
        while here:
            after: dict[int, Fraction] = defaultdict(Fraction)
            for v, amount in here.items():
                ports = net.nearer(v, t)
                beside = [sum(p[1] == port[1] for p in ports) for port in ports]
                for port, many in zip(ports, beside, strict=True):
                    part = amount / len({p[1] for p in ports}) / many if bundles else amount / len(ports)
                    load[port[2:]] += part
                    after[port[1]] += part
            here = {v: amount for v, amount in after.items() if v != t}
    return load


def followed(net: Plain) -> dict[tuple[int, int], list[Port]]:
    """The ports that the exported tables of `static` send a packet of each pair over."""
    numbers = static_tables(net.fabric).port_numbers(np.arange(len(net.ends)))
    by_number = {(v, port[0]): port for v, ports in net.ports.items() for port in ports}
    found = {}
    for s, d, _ in net.all_to_all:
        v, path = net.ends[s][0], []
        while v != net.ends[d][0]:
            path.append(by_number[v, int(numbers[d][v])])
            v = path[-1][1]
            assert len(path) <= len(net.switches)
        assert len(path) == net.far[net.ends[s][0]][net.ends[d][0]]
        found[s, d] = path
    return found


def by_tables(net: Plain) -> dict[Step, Fraction]:
    load: dict[Step, Fraction] = defaultdict(Fraction)
    paths = followed(net)
    for s, d, gbps in net.all_to_all:
        for port in paths[s, d]:
            load[port[2:]] += gbps
    return load


def carries(net: Plain, routing: str, load: dict[Step, Fraction], seed: int) -> None:
    truth = min((float(net.gbps(row) / gbps) for (row, _), gbps in load.items() if gbps), default=inf)
    found = throughput(net.fabric, "all-to-all", routing, baseline=net.intact)
    assert found.network_lower == pytest.approx(truth, rel=1e-9), (seed, routing)
    assert found.network_upper == pytest.approx(truth, rel=1e-9), (seed, routing)
    if seed % 4 == 0:
        assert found.certificate is not None
        proved = verify_certificate(net.intact, found.certificate).bounds
        assert truth == inf or float(proved["network_lower"]) == pytest.approx(truth, rel=1e-9)


def hashed_alike(seed: int) -> None:
    net, pairs, bundles = Plain(*every(seed)), 1 + seed % 2, seed % 5 == 0
    split = "next-hop" if bundles else "port"
    routing = f"ecmp:qp={pairs},seed={seed},seeds=1,split={split}"
    carries(net, routing, by_hash(net, seed, pairs, bundles), seed)


def sprayed_alike(seed: int) -> None:
    net, bundles = Plain(*every(seed)), seed % 2 == 0
    carries(net, "spray:split=next-hop" if bundles else "spray", by_packets(net, bundles), seed)


def tables_alike(seed: int) -> None:
    net = Plain(*every(seed))
    carries(net, "static", by_tables(net), seed)


def filled(paths: list[list[object]], room: dict[object, float]) -> list[float]:
    """All rates rise alike; who crosses a link that is full stays as it is."""
    rate, open_ = [0.0] * len(paths), set(range(len(paths)))
    left, users = dict(room), defaultdict(set)
    for i, path in enumerate(paths):
        for one in path:
            users[one].add(i)
    while open_:
        busy = {one: len(who & open_) for one, who in users.items() if who & open_}
        step = min(left[one] / many for one, many in busy.items())
        for i in open_:
            rate[i] += step
        for one, many in busy.items():
            left[one] -= step * many
        full = {one for one in busy if left[one] <= 1e-9 * room[one]}
        open_ -= {i for i in open_ if full & set(paths[i])}
    return rate


def fair_alike(seed: int) -> None:
    net = Plain(*every(seed))
    static = seed % 3 == 1
    demand = demand_of(net.fabric, f"permutation:seed={seed}", 0, net.intact)
    flows = demand.flows
    if flows is None or not len(flows.src):
        return
    pairs = 1 if static else 2
    tables = followed(net) if static else {}
    paths: list[list[object]] = []
    for s, d in zip(flows.src.tolist(), flows.dst.tolist(), strict=True):
        for pair in range(pairs):
            steps = [p[2:] for p in tables[s, d]] if static else [x for (x,) in net.hashed(s, d, seed, pair, False)]
            paths.append([*steps, ("out", s), ("in", d)])
    attach = {(way, e): float(one[3]) for e, one in enumerate(net.ends) for way in ("out", "in")}
    room = {one: attach[one] if one in attach else float(net.gbps(one[0])) for path in paths for one in path}
    rates = np.array(filled(paths, room)).reshape(-1, pairs).sum(axis=1) / flows.gbps
    found = fair_rates(net.fabric, demand, "static" if static else f"ecmp:qp=2,seed={seed},seeds=1")
    assert found.slowest[0] == pytest.approx(rates.min(), rel=1e-6), seed
    assert found.mean[0] == pytest.approx(rates.mean(), rel=1e-6), seed


def lanes_alike(seed: int) -> None:
    """One lane is free of circles exactly where the dependencies of all paths are; several are, each by itself."""
    net = Plain(*every(seed))
    static = seed % 2 == 1
    graph = nx.Graph([(v, port[1]) for v, ports in net.ports.items() for port in ports])
    busy = sorted({at for at, *_ in net.ends})
    paths: dict[tuple[int, int], list[list[Step]]] = defaultdict(list)
    if static:
        for (s, _), path in followed(net).items():
            hops = [net.ends[s][0], *(port[1] for port in path)]
            paths[hops[0], hops[-1]].append(list(pairwise(hops)))
    else:
        for s in busy:
            for t in busy:
                if s != t and t in net.far[s]:
                    paths[s, t] = [list(pairwise(path)) for path in nx.all_shortest_paths(graph, s, t)]
    routing = "static" if static else "spray"
    found = deadlock(net.fabric, routing=routing)
    needs = nx.DiGraph([turn for ways in paths.values() for path in ways for turn in pairwise(path)])
    if not static or nx.is_directed_acyclic_graph(needs):
        assert found.acyclic == nx.is_directed_acyclic_graph(needs), seed
    assert found.acyclic == (found.lanes == 1), seed
    fixed = fixed_lanes(net.fabric, routing=routing)
    if fixed is None:
        assert not any(path for ways in paths.values() for path in ways), seed
        return
    place = {int(t): j for j, t in enumerate(fixed.dest)}
    lanes = [nx.DiGraph() for _ in range(fixed.lanes)]
    for (s, t), ways in paths.items():
        for path in ways:
            if path:
                lanes[fixed.lane[s, place[t]]].add_edges_from(pairwise(path))
    assert all(nx.is_directed_acyclic_graph(lane) for lane in lanes), seed


PROGRAMS = (hashed_alike, sprayed_alike, tables_alike, fair_alike, lanes_alike)
FEW, MANY = 2, 1003


@pytest.mark.parametrize("program", PROGRAMS)
def test_own_programs_agree(program: Callable[[int], None]) -> None:
    for seed in range(FEW):
        program(seed)


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_own_programs_agree_a_thousand_times(program: Callable[[int], None]) -> None:
    for seed in range(FEW + MANY):
        program(seed)


def test_numbering_is_that_of_the_analysis() -> None:
    """Switches and endpoints are numbered alike here and there."""
    for seed in range(FEW):
        net = Plain(*every(seed))
        own = switch_network(net.fabric)
        assert list(net.switches) == own.device.tolist()
        assert [at for at, *_ in net.ends] == own.at.tolist()
