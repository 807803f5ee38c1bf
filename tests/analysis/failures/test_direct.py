"""Every family, intact, after single failures of each kind and after two at once: the rows against a linear program of
the degraded fabric that shares no code with the analysis, and against a count of who is cut off by networkx."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from tests.analysis.failures.test_single import every_failure, small
from topo.analysis.failures import KINDS, FailureRow, random_failures, single_failures
from topo.fabric import HOST, Fabric

CLOSE = 1e-6
FABRICS: dict[str, dict[str, Any]] = {
    "ft2": {"family": "ft2", "hosts": 7, "radix": 8},
    "ft2 domains": {"family": "ft2", "hosts": 5, "radix": 8, "per_domain": 3, "scale_up": True},
    "ft2 no scale-up": {"family": "ft2", "hosts": 5, "radix": 8, "nics": 3, "gpus": 4, "scale_up": False},
    "ft3": {"family": "ft3", "hosts": 7, "radix": 4, "nics": 1},
    "mpft": {"family": "mpft", "hosts": 7, "radix": 4, "nics": 2},
    "mrft": {"family": "mrft", "hosts": 6, "radix": 4, "nics": 2},
    "rail-only": {"family": "rail-only", "hosts": 6, "radix": 8, "nics": 2},
    "slim-fly": {"family": "slim-fly", "hosts": 18, "radix": 8, "nics": 2, "q": 3, "p": 2},
    "dragonfly": {"family": "dragonfly", "hosts": 5, "radix": 4, "nics": 1, "p": 1},
    "hyperx": {"family": "hyperx", "hosts": 8, "radix": 8, "nics": 2, "shape": (3, 3), "p": 2},
    "torus": {"family": "torus", "hosts": 6, "radix": 8, "nics": 1, "shape": (2, 3)},
    "dragonfly-plus": {"family": "dragonfly-plus", "hosts": 6, "radix": 4, "nics": 1},
    "jellyfish": {"family": "jellyfish", "hosts": 8, "radix": 8, "nics": 2, "p": 2, "r": 3, "seed": 5},
}


def left(fabric: Fabric, without: dict[str, Any]) -> tuple[float, int]:
    """The throughput after a failure (infinite where nothing is carried), and how many GPUs are cut off."""
    dead, gone = set(without.get("devices", ())), set(without.get("links", ()))
    name = fabric.devices.name.tolist()
    graph = nx.Graph()
    graph.add_nodes_from(d for d in range(len(name)) if fabric.devices.tier[d] != HOST and name[d] not in dead)
    links = fabric.links
    columns = (links.id, fabric.link_a, fabric.link_b, links.gbps)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    alive = {i: (a, b, g) for i, a, b, g in rows if i not in gone and not {name[a], name[b]} & dead}
    for a, b, gbps in alive.values():
        if a in graph and b in graph:
            graph.add_edge(a, b, gbps=graph.get_edge_data(a, b, {"gbps": 0.0})["gbps"] + gbps)
    part = {d: i for i, nodes in enumerate(sorted(nx.connected_components(graph), key=min)) for d in nodes}
    ends = fabric.endpoints
    of_plane = Counter(ends.plane.tolist())
    rate = float(ends.gbps[0])
    assert (ends.gbps == rate).all()
    scale = 1 / (rate * (max(of_plane.values()) - 1))
    at: dict[int, tuple[int, int]] = {}
    for e, link in enumerate(fabric.endpoint_link.tolist()):
        if int(fabric.links.id[link]) in alive:
            a, b, _ = alive[int(fabric.links.id[link])]
            at[e] = (b if a == int(ends.host[e]) else a), int(ends.plane[e])
    size = Counter((part[switch], plane) for switch, plane in at.values())
    largest = {p: max((k for k in size if k[1] == p), key=lambda k: (size[k], -k[0])) for _, p in size}
    inside = {e for e, (switch, plane) in at.items() if (part[switch], plane) == largest[plane]}
    count = Counter(at.values())
    demand = {
        (u, v): scale * rate * rate * n * m
        for (u, p), n in count.items()
        for (v, q), m in count.items()
        if p == q and u != v and part[u] == part[v]
    }
    network = concurrent(graph, demand)
    peers = max(size.values(), default=1) - 1
    endpoint = 1 / (scale * rate * peers) if peers else np.inf
    return min(network, endpoint), cut_off(fabric, inside, dead)


def cut_off(fabric: Fabric, inside: set[int], dead: set[str]) -> int:
    """GPUs that neither an endpoint of theirs nor a host of their domain connects, and those of dead hosts."""
    ends, devices = fabric.endpoints, fabric.devices
    served: dict[tuple[int, int], bool] = defaultdict(bool)
    reached = {int(devices.domain[ends.host[e]]) for e in inside}
    columns = (ends.host, ends.gpu_first, ends.gpu_count)
    for e, (host, first, many) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        saved = fabric.scale_up_gbps[devices.group[host]] > 0 and int(devices.domain[host]) in reached
        saved = saved and str(devices.name[host]) not in dead
        for gpu in range(first, first + many):
            served[host, gpu] |= e in inside or saved
    return sum(not connected for connected in served.values())


def concurrent(graph: nx.Graph, demand: dict[tuple[int, int], float]) -> float:
    """The largest multiple of the demand that fits: one flow per destination, as a linear program."""
    if not demand:
        return np.inf
    arcs = [(u, v, d["gbps"]) for a, b, d in graph.edges(data=True) for u, v in ((a, b), (b, a))]
    nodes = {u: i for i, u in enumerate(graph)}
    targets = sorted({v for _, v in demand})
    m, n, k = len(arcs), len(nodes), len(targets)
    row, column, value = [], [], []
    for j, target in enumerate(targets):
        for i, (u, v, _) in enumerate(arcs):
            row += [j * n + nodes[u], j * n + nodes[v]]
            column += [j * m + i] * 2
            value += [1.0, -1.0]
        for node in nodes:
            total = sum(f for (_, v), f in demand.items() if v == target)
            sent = -total if node == target else demand.get((node, target), 0.0)
            row, column, value = [*row, j * n + nodes[node]], [*column, k * m], [*value, -sent]
    flow = coo_array((value, (row, column)), shape=(k * n, k * m + 1)).tocsr()
    load = coo_array((np.ones(k * m), (np.tile(np.arange(m), k), np.arange(k * m))), shape=(m, k * m + 1)).tocsr()
    cost = np.zeros(k * m + 1)
    cost[-1] = -1.0
    found = linprog(cost, load, [g for _, _, g in arcs], flow, np.zeros(k * n), method="highs")
    assert found.status == 0
    return float(found.x[-1])


def agrees(row: FailureRow, truth: tuple[float, int]) -> bool:
    value, gpus = truth
    upper = row.upper + CLOSE if np.isfinite(row.upper) else np.inf
    return row.cut_off == gpus and row.lower - CLOSE <= value <= upper


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", FABRICS)
def test_failures_of_every_family(name: str) -> None:
    fabric = small(**FABRICS[name])
    rng = np.random.default_rng(len(name))
    rows = single_failures(fabric, KINDS)
    for row in rows:
        assert agrees(row, left(fabric, {"links": row.links, "devices": row.devices})), row
        assert np.isinf(row.upper) or row.upper - row.lower <= 0.01
    for kind in KINDS:
        tiers = ("leaf", "spine", "core", "switch") if kind == "switch" else (kind,)
        every = [one for tier in tiers for one in every_failure(fabric, tier)]
        mine = [row for row in rows if row.what == kind]
        assert sum(row.stands_for for row in mine) == len(every), kind
        for i in rng.permutation(len(every))[:3].tolist():
            truth = left(fabric, every[i])
            assert any(agrees(row, truth) for row in mine), (kind, every[i], truth)
    for what in ("cable", "host"):
        links = int((~fabric.is_endpoint_link).sum())
        for row in random_failures(fabric, what, 2, range(3)).rows if what == "host" or links > 2 else ():
            assert agrees(row, left(fabric, {"links": row.links, "devices": row.devices})), row
