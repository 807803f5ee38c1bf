"""Small fabrics and slow, obviously right answers."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import networkx as nx
import numpy as np

from topo.certificates.reading.cut import CutGraph, cut_graph
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.fabric import Fabric

from .cpsat import minimum_bisection


def tree(family: str, gpus: int, host: str = "h800-node", **keys: object) -> Fabric:
    """A tree of a family on QM9700 switches."""
    words = {"family": family, "switch": "nvidia-qm9700", **keys}
    network = ", ".join(f"{k}: {v}" for k, v in words.items())
    return build(parse_design(f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{network}}}\n"))


def by_constraints(fabric: Fabric) -> float:
    """The bisection in Gb/s by CP-SAT, hosts that hang alike counted together."""
    graph = cut_graph(fabric, 0)
    ties: dict[int, list[tuple[int, int]]] = {h: [] for h in range(graph.hosts)}
    inner = graph.u >= graph.hosts
    for h, s, c in zip(
        graph.u[~inner].tolist(), graph.v[~inner].tolist(), graph.capacity[~inner].tolist(), strict=True
    ):
        ties[h].append((s - graph.hosts, c))
    classes = Counter(tuple(sorted(t)) for t in ties.values())
    u, v = graph.u[inner] - graph.hosts, graph.v[inner] - graph.hosts
    found = minimum_bisection(
        graph.nodes - graph.hosts, u, v, graph.capacity[inner], [(n, t) for t, n in classes.items()]
    )
    return found * float(graph.unit)


def by_flows(fabric: Fabric) -> float:
    """The bisection in Gb/s: every balanced set of hosts, each with networkx's minimum cut."""
    graph = cut_graph(fabric, 0)
    return min(
        flow_between(graph, set(a), set(range(graph.hosts)) - set(a))
        for a in combinations(range(graph.hosts), graph.hosts // 2)
    ) * float(graph.unit)


def flow_between(graph: CutGraph, a: set[int], b: set[int]) -> int:
    """The minimum cut between two sets of nodes, by networkx."""
    net = nx.Graph()
    for u, v, c in zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True):
        net.add_edge(u, v, capacity=c)
    for h in a:
        net.add_edge("a", h, capacity=10**9)
    for h in b:
        net.add_edge("b", h, capacity=10**9)
    return int(nx.minimum_cut_value(net, "a", "b"))


def by_every_side(graph: CutGraph) -> int:
    """The bisection in units of a tiny graph: all sides of all nodes."""
    sides = np.array(list(product([False, True], repeat=graph.nodes)))
    size = sides[:, : graph.hosts].sum(axis=1)
    sides = sides[size == graph.hosts // 2]
    return int(((sides[:, graph.u] != sides[:, graph.v]) * graph.capacity).sum(axis=1).min())
