"""Balanced splits from METIS (G. Karypis and V. Kumar, SIAM J. Sci. Comput. 20, 1998)."""

from __future__ import annotations

import numpy as np

from topo.analysis.bisection.sides import Split, improved, with_hosts, with_switches
from topo.certificates.reading.cut import CutGraph
from topo.fabric.model import IntArray


def partition(graph: CutGraph, seed: int) -> Split:
    """A balanced split: METIS on the switches, weighted with their hosts, then hosts and switches moved in turn.

    Hosts with links to several switches are vertices of their own, one per set of hosts that hang on the same switches.
    """
    import pymetis

    vertices, weights, u, v, capacity = contracted(graph)
    order = np.lexsort((np.concatenate([v, u]), np.concatenate([u, v])))
    tail, head = np.concatenate([u, v])[order], np.concatenate([v, u])[order]
    step = max(int(capacity.max(initial=1)) // 2**20, 1)
    edge_weights = np.maximum(np.concatenate([capacity, capacity])[order] // step, 1)
    start = np.searchsorted(tail, np.arange(len(weights) + 1))
    options = pymetis.Options(seed=seed, ncuts=4, niter=20, ufactor=1)
    _, membership = pymetis.part_graph(
        2,
        adjacency=pymetis.CSRAdjacency(start.astype(np.int32), head.astype(np.int32)),
        vweights=weights.astype(np.int32),
        eweights=edge_weights.astype(np.int32),
        recursive=True,
        options=options,
    )
    on_a = np.asarray(membership, dtype=np.int64)[vertices] == 1
    split = with_hosts(graph, on_a)
    split = min(split, with_switches(graph, np.flatnonzero(split.on_a[: graph.hosts])), key=lambda s: s.cut)
    return improved(graph, split)


def contracted(graph: CutGraph) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Vertex of each node; hosts per vertex; and the edges between vertices."""
    ties = graph.u < graph.hosts
    host, at = graph.u[ties], graph.v[ties]
    degree = np.bincount(host, minlength=graph.hosts)
    start = np.searchsorted(host, np.arange(graph.hosts + 1))
    switches = graph.nodes - graph.hosts
    vertices = np.concatenate([np.zeros(graph.hosts, dtype=np.int64), np.arange(switches)])
    known: dict[bytes, int] = {}
    free: list[int] = []
    for h in range(graph.hosts):
        if degree[h] == 0:
            free.append(h)
            continue
        own = at[start[h] : start[h + 1]]
        if degree[h] == 1:
            vertices[h] = own[0] - graph.hosts
        else:
            vertices[h] = known.setdefault(own.tobytes(), switches + len(known))
    total = switches + len(known)
    vertices[free] = 0
    weights = np.zeros(total, dtype=np.int64)
    held = np.setdiff1d(np.arange(graph.hosts), np.array(free, dtype=np.int64))
    np.add.at(weights, vertices[held], 1)
    a, b = vertices[graph.u], vertices[graph.v]
    inner = a != b
    low, high = np.minimum(a, b)[inner], np.maximum(a, b)[inner]
    key, edge = np.unique(low * total + high, return_inverse=True)
    capacity = np.zeros(len(key), dtype=np.int64)
    np.add.at(capacity, edge, graph.capacity[inner])
    return vertices, weights, key // total, key % total, capacity
