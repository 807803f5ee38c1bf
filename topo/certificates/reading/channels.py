"""The checker's own reading of directed links, and the distances over them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.flow_graph import SwitchGraph
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

FAR = np.iinfo(np.int16).max
"""The distance of what no path joins."""


@dataclass(frozen=True)
class Channels:
    """Active switch-to-switch links, each in both directions, sorted by the tail and its port number.

    Channels that leave switch s are rows start[s] .. start[s + 1] - 1. A channel may stand for `links` parallel ones
    that share its load evenly; `gbps` is then the speed of the slowest.
    """

    switches: int
    start: IntArray
    tail: IntArray
    head: IntArray
    number: IntArray
    gbps: FloatArray
    links: IntArray

    def __len__(self) -> int:
        return len(self.tail)


def channels_of(fabric: Fabric, graph: SwitchGraph) -> Channels:
    """The channels of a network."""
    row = fabric.networks.index(graph.name)
    rows = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[graph.device] = np.arange(len(graph.device))
    a, b = fabric.links.a[rows], fabric.links.b[rows]
    near, far = np.concatenate([a, b]), np.concatenate([b, a])
    tail, number = local[fabric.ports.device[near]], fabric.ports.number[near].astype(np.int64)
    order = np.lexsort((number, tail))
    n = len(graph.device)
    start = np.searchsorted(tail[order], np.arange(n + 1)).astype(np.int64)
    head = local[fabric.ports.device[far]][order]
    gbps = np.tile(fabric.links.gbps[rows], 2)[order].astype(np.float64)
    return Channels(n, start, tail[order], head, number[order], gbps, np.ones(len(order), dtype=np.int64))


def bundled(channels: Channels) -> Channels:
    """Each bundle as one channel in the place of its first link."""
    key = channels.tail * max(channels.switches, 1) + channels.head
    _, first, of, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    slowest = np.full(len(first), np.inf)
    np.minimum.at(slowest, of.reshape(-1), channels.gbps)
    order = np.argsort(first)
    kept = first[order]
    return replace(
        channels,
        start=np.searchsorted(channels.tail[kept], np.arange(channels.switches + 1)).astype(np.int64),
        tail=channels.tail[kept],
        head=channels.head[kept],
        number=channels.number[kept],
        gbps=slowest[order],
        links=count[order].astype(np.int64),
    )


def channel_by_port(channels: Channels) -> IntArray:
    """Shape (switches, ports + 2): the channel behind each port number, -1 where it is none."""
    most = int(channels.number.max(initial=0))
    result = np.full((channels.switches, most + 2), -1, dtype=np.int64)
    result[channels.tail, channels.number] = np.arange(len(channels))
    return result


def distances(channels: Channels, to: IntArray) -> npt.NDArray[np.int16]:
    """Shape (len(to), switches): links on a shortest path from every switch to each of `to`, FAR where none is."""
    return hops_between(channels.start, channels.head, to)


def hops_between(start: IntArray, head: IntArray, to: IntArray) -> npt.NDArray[np.int16]:
    """Shape (len(to), nodes): arcs on a shortest path from every node to each of `to`; FAR where there is none. Arcs of
    node v lead to head[start[v]:start[v + 1]].

    All of `to` at once, 64 to a machine word.
    """
    n, words = len(start) - 1, -(-len(to) // 64)
    result = np.full((len(to), n), FAR, dtype=np.int16)
    reached = np.zeros((n, words), dtype=np.uint64)
    rows = np.arange(len(to))
    np.bitwise_or.at(reached, (to, rows // 64), np.uint64(1) << (rows % 64).astype(np.uint64))
    tails = np.flatnonzero(np.diff(start) > 0)
    step, fresh = 0, reached
    while fresh.any():
        bits = np.unpackbits(fresh.view(np.uint8), axis=1, count=len(to), bitorder="little")
        node, target = np.nonzero(bits)
        result[target, node] = step
        wider = reached.copy()
        if len(tails):
            wider[tails] |= np.bitwise_or.reduceat(reached[head], start[tails], axis=0)
        fresh = wider & ~reached
        reached, step = wider, step + 1
    return result
