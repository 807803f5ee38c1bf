"""Random small fabrics of the kinds that an import can be: unlike speeds and planes, several components, parallel
links, switches without endpoints, hosts with several NICs on one switch or on several."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np

from topo.design import build, load_design
from topo.fabric import Fabric
from topo.generators.family import families
from topo.importers.networkx_graph import from_networkx

SPEEDS = (100.0, 200.0, 400.0, 800.0)
ODD = (99.9, 400 / 3, 250.0, 1e3 / 7)


def drawn(seed: int, switches: int = 7, planes: int = 3, named_hosts: bool = False) -> Fabric:
    """At most so many switches in at most so many planes. Every third seed draws odd speeds as well, and every other
    repeats planes, so that symmetry is there to be found and to be mistaken."""
    rng = np.random.default_rng(seed)
    speeds = SPEEDS + ODD * (seed % 3 == 0)
    graph = nx.MultiGraph()
    pattern: list[tuple[int, int, list[tuple[int, int, float]], list[tuple[int, float]]]] = []
    for plane in range(int(rng.integers(1, planes + 1))):
        if not pattern or seed % 2 or rng.random() < 0.3:
            n = int(rng.integers(1, max(2, switches // planes + 2)))
            speed = float(rng.choice(speeds))
            edges = [
                (a, b, speed if rng.random() < 0.6 else float(rng.choice(speeds)))
                for a in range(n)
                for b in range(a)
                for _ in range(int(rng.choice([0, 1, 1, 2])))
            ]
            ends = [(int(rng.integers(0, 4)), float(rng.choice(speeds[:4]))) for _ in range(n)]
            one = n, plane, edges, ends
        else:
            one = pattern[-1]
        pattern.append(one)
        n, _, edges, ends = one
        order = rng.permutation(n)
        for i in order.tolist():
            count, rate = ends[i]
            graph.add_node(f"p{plane}s{i}", plane=plane, endpoints=count, endpoint_gbps=rate)
        for a, b, gbps in edges:
            graph.add_edge(f"p{plane}s{a}", f"p{plane}s{b}", gbps=gbps)
    if named_hosts:
        names = list(graph)
        for h in range(int(rng.integers(1, 5))):
            nics = int(rng.integers(1, 4))
            graph.add_node(f"h{h}", tier="host", gpus=int(rng.integers(1, 4)))
            for _ in range(nics):
                graph.add_edge(f"h{h}", str(rng.choice(names)), gbps=float(rng.choice(speeds)))
    if not any(d.get("endpoints") or d.get("tier") for _, d in graph.nodes(data=True)):
        graph.nodes[next(iter(graph))]["endpoints"] = 2
    return from_networkx(graph)


def exact_gbps(value: float) -> Fraction:
    """A speed as whole bit/s."""
    return Fraction(round(Fraction(value) * 10**9), 10**9)


@cache
def of_family(name: str) -> Fabric:
    """The smallest design that is shipped of a family."""
    return build(load_design(Path(__file__).parents[2] / "designs" / f"tiny-{name}.yaml"))


def every(seed: int) -> tuple[Fabric, Fabric]:
    """A fabric, and that from which it was made: of every family in turn or drawn, in half of the cases with links and
    devices lost."""
    rng, names = np.random.default_rng(seed), families.names()
    intact = of_family(names[seed // 3 % len(names)]) if seed % 3 == 0 else drawn(seed, named_hosts=seed % 4 == 1)
    if seed // 2 % 2:
        return intact, intact
    switches = intact.devices.name[~intact.is_host]
    lost = rng.choice(intact.links.id, min(len(intact.links), int(rng.integers(1, 4))), replace=False).tolist()
    gone = [str(rng.choice(switches))] if len(switches) > 2 and rng.random() < 0.5 else []
    return intact.without(links=lost, devices=gone), intact
