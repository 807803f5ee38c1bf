"""Fabrics and mutations that the certificate tests share."""

import copy

import networkx as nx
import numpy as np

from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

KEYS = ("lower", "upper", "network_lower", "network_upper")


def designed(compute: str, gpus: int, host: str = "h800-node") -> Fabric:
    """A fabric of one network."""
    text = f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}, switch: nvidia-qm9700}}\n"
    return build(parse_design(text))


def random_fabric(seed: int, switches: int = 14) -> Fabric:
    """A random graph with unlike endpoint counts and a few bundles of unlike links."""
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.random_regular_graph(3, switches, seed=seed))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
    nx.set_edge_attributes(graph, 400, "gbps")
    for u, v in list(graph.edges())[:5]:
        graph.add_edge(u, v, gbps=int(rng.choice([200, 400])))
    return from_networkx(graph)


def changed(certificate: dict, *path_and_value) -> dict:
    """A copy with one entry replaced."""
    copied = copy.deepcopy(certificate)
    *path, last, value = path_and_value
    inner = copied
    for step in path:
        inner = inner[step]
    inner[last] = value
    return copied


def less(certificate: dict, key: str) -> dict:
    """A copy without one key."""
    return {k: v for k, v in certificate.items() if k != key}
