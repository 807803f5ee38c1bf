"""Sets of nodes that lie at hand: GPUs, hosts, domains, what shares leaves or pods. The best of them bounds an
all-reduce or an all-to-all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from topo.certificates.kinds.collective import bound_of
from topo.certificates.reading.rank_graph import RankGraph
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import BoolArray, IntArray


def single(side: BoolArray) -> IntArray:
    """The labels of one set."""
    return np.where(side, 0, -1)


def natural(fabric: Fabric, graph: RankGraph, name: str, gather: BoolArray) -> IntArray:
    """The labels of natural sets that bound an all-reduce (all sets of a kind together) or an all-to-all best (one)."""
    result: list[IntArray] = []
    for label in _partitions(fabric, graph):
        if name == "all-reduce":
            result.append(label)
            continue
        many = int(label.max()) + 1
        crossing = label[graph.u] != label[graph.v]
        out = np.zeros(many + 1, dtype=np.int64)
        for end in (graph.u, graph.v):
            np.add.at(out, label[end][crossing] + 1, graph.capacity[crossing])
        k = np.bincount(label[graph.rank], minlength=many).astype(np.float64)
        result.append(single(label == int((out[1:] / (k * (len(graph.rank) - k))).argmin())))
    result.append(np.where(gather, 0, 1) if name == "all-reduce" else single(gather))
    return min(result, key=lambda label: bound_of(graph, name, label))


def _partitions(fabric: Fabric, graph: RankGraph) -> Iterator[IntArray]:
    """Labels of nodes (-1 in none) that put all ranks into two sets at least: each GPU its own, by host, by domain, by
    the leaves and by the pods of the GPU or of its domain. Other nodes go with what most of their capacity leads to."""
    width = int(fabric.devices.gpus.max(initial=1))
    host = graph.key // width
    domain = np.unique(joined_hosts(fabric, host), return_inverse=True)[1].reshape(-1)
    leaf, pod = _attached(fabric, graph, np.arange(len(host))), _attached(fabric, graph, np.arange(len(host)), True)
    kinds = [np.arange(len(host)), host, domain, leaf, pod]
    kinds += [_attached(fabric, graph, domain), _attached(fabric, graph, domain, True)]
    ranked = graph.is_rank[: len(graph.key)]
    for kind in kinds:
        used = np.unique(kind[ranked], return_inverse=True)[1].reshape(-1)
        if used.max() < 1:
            continue
        number = np.full(int(kind.max()) + 1, -1, dtype=np.int64)
        number[kind[ranked]] = used
        label = np.full(graph.nodes, -1, dtype=np.int64)
        label[: len(graph.key)] = number[kind]
        yield _grown(graph, label)


def _attached(fabric: Fabric, graph: RankGraph, group: IntArray, pods: bool = False) -> IntArray:
    """Shape (GPUs,): equal numbers for GPUs whose groups (shape (GPUs,)) hang on the same switches, or pods of
    these."""
    first = graph.nodes - len(graph.switch)
    ends = [(graph.u, graph.v), (graph.v, graph.u)]
    gpu = len(graph.key)
    nic = np.full(graph.nodes, -1, dtype=np.int64)
    shared = (graph.u >= gpu) & (graph.u < first) & (graph.v >= first)
    nic[graph.u[shared]] = graph.v[shared]
    place = np.arange(len(graph.switch))
    if pods:
        d = fabric.devices
        place = np.unique(np.stack([d.plane[graph.switch], d.pod[graph.switch]]), axis=1, return_inverse=True)[1]
    rows: list[IntArray] = []
    for a, b in ends:
        b = np.where((b < first) & (nic[b] >= 0), nic[b], b)
        mask = (a < gpu) & (b >= first)
        rows.append(np.stack([group[a[mask]], place.reshape(-1)[b[mask] - first]]))
    pairs = np.unique(np.concatenate(rows, axis=1), axis=1)
    sets: dict[int, list[int]] = {}
    for g, s in pairs.T.tolist():
        sets.setdefault(g, []).append(s)
    number: dict[tuple[int, ...], int] = {}
    of = {g: number.setdefault(tuple(s), len(number)) for g, s in sets.items()}
    return np.array([of.get(g, len(number)) for g in group.tolist()], dtype=np.int64)


def _grown(graph: RankGraph, label: IntArray) -> IntArray:
    """Nodes without a label get that to which more than half of their capacity leads, in four rounds."""
    total = np.zeros(graph.nodes, dtype=np.int64)
    for end in (graph.u, graph.v):
        np.add.at(total, end, graph.capacity)
    for _ in range(4):
        here, there = np.concatenate([graph.u, graph.v]), np.concatenate([graph.v, graph.u])
        amount = np.concatenate([graph.capacity, graph.capacity])
        open_ = (label[here] < 0) & (label[there] >= 0) & (here >= len(graph.key))
        many = int(label.max()) + 1
        pair, row = np.unique(here[open_] * many + label[there[open_]], return_inverse=True)
        summed = np.zeros(len(pair), dtype=np.int64)
        np.add.at(summed, row.reshape(-1), amount[open_])
        node, wanted = np.divmod(pair, many)
        won = 2 * summed > total[node]
        if not won.any():
            break
        label = np.array(label)
        label[node[won]] = wanted[won]
    return label
