"""How long the steps of a collective take that follow each other, for messages too short to fill a link.

A collective takes the time of its bytes (see `timing`) plus that of its longest chain of messages: a ring's piece goes
round through all ranks, a tree's goes from the deepest rank to the root and back, an all-to-all sends once. A message
inside a host costs `scale_up_us` of the latency model; one between hosts `base_us` and `per_switch_us` for each switch
on its shortest path (cables apart), and `scale_up_us` more where it is forwarded inside the sender's host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from topo.analysis.collectives.lowering import Forwarding, nics_of, sources
from topo.analysis.collectives.messages import host_rings, tree_parents
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.hops import pair_hops
from topo.analysis.network import SwitchNetwork
from topo.catalog import LatencyModel
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

MOST_PAIRS = 1 << 22


@dataclass(frozen=True)
class Chain:
    """Messages from rank `src[i]` to `dst[i]`: one after the other (`sum`), or at once (`max`), `times` times over."""

    src: IntArray
    dst: IntArray
    kind: Literal["sum", "max"]
    times: int = 1


def _path(order: IntArray, times: int) -> list[Chain]:
    return [Chain(order[:-1], order[1:], "sum", times)]


def _deepest(parent: IntArray) -> IntArray:
    """The nodes from a deepest one up to the root."""
    depth = np.zeros(len(parent), np.int64)
    above = np.array(parent)
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parent[above], -1)
    walk = [int(depth.argmax())]
    while parent[walk[-1]] >= 0:
        walk.append(int(parent[walk[-1]]))
    return np.array(walk)


def _tree(ranks: Ranks) -> list[Chain]:
    hosts = _deepest(tree_parents(ranks.hosts)[0])
    return [*_path(ranks.grid[hosts, 0], 2), *_path(ranks.grid[0], 2)]


def _flat_tree(ranks: Ranks) -> list[Chain]:
    node = np.arange(len(ranks))
    return _path(_deepest(np.where(node > 0, (node - 1) // 2, -1)), 2)


def _hierarchical(turns: int) -> Callable[[Ranks], list[Chain]]:
    def chains(ranks: Ranks) -> list[Chain]:
        inside = [Chain(ranks.grid[0, :1], ranks.grid[0, 1:2], "max", turns)] if ranks.per_host > 1 else []
        return [*inside, *_path(ranks.grid[:, 0], turns)]

    return chains


def _once(ranks: Ranks) -> list[Chain]:
    """Everybody to everybody at once: pairs of ranks that differ in host and switch stand for all."""
    first = np.unique(np.concatenate([ranks.grid[:, 0], ranks.grid[:, -1]]))
    most = max(int(MOST_PAIRS / len(ranks)), 1)
    some = first if len(first) <= most else first[np.linspace(0, len(first) - 1, most).astype(np.int64)]
    src, dst = np.repeat(some, len(ranks)), np.tile(np.arange(len(ranks)), len(some))
    return [Chain(src[src != dst], dst[src != dst], "max")]


def _experts(ranks: Ranks) -> list[Chain]:
    """Over the network to the GPU of the same number, then inside the host (combining: the other way round)."""
    inside = [Chain(ranks.grid[0, :1], ranks.grid[0, 1:2], "max")] if ranks.per_host > 1 else []
    across = [Chain(np.repeat(ranks.grid[0, 0], ranks.hosts - 1), ranks.grid[1:, 0], "max")] if ranks.hosts > 1 else []
    return [*inside, *across]


CHAINS: Mapping[tuple[str, str], Callable[[Ranks], list[Chain]]] = {
    **{
        (name, algorithm): make
        for name, turns in (("all-gather", 1), ("reduce-scatter", 1), ("all-reduce", 2))
        for algorithm, make in (
            ("ring", lambda ranks, turns=turns: _path(host_rings(ranks)[0], turns)),
            ("flat-ring", lambda ranks, turns=turns: _path(np.arange(len(ranks)), turns)),
            ("hierarchical", _hierarchical(turns)),
        )
    },
    ("all-reduce", "tree"): _tree,
    ("all-reduce", "flat-tree"): _flat_tree,
    ("all-to-all", "direct"): _once,
    ("point-to-point", "direct"): lambda ranks: _path(np.array([0, len(ranks) - 1]), 1),
    ("dispatch", "node-limited"): _experts,
    ("combine", "node-limited"): _experts,
}


def steps_us(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    name: str,
    algorithm: str,
    forwarding: Forwarding,
    model: LatencyModel,
) -> float:
    """The time of the longest chain of messages of a collective, in microseconds."""
    total = 0.0
    for chain in CHAINS[name, algorithm](ranks):
        us = message_us(fabric, net, ranks, chain.src, chain.dst, forwarding, model)
        total += chain.times * float(us.sum() if chain.kind == "sum" else us.max(initial=0.0))
    return total


def message_us(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    src: IntArray,
    dst: IntArray,
    forwarding: Forwarding,
    model: LatencyModel,
) -> FloatArray:
    """Shape (messages,): the latency of a short message between ranks, to the first endpoint of the receiving GPU."""
    fast = np.array(fabric.scale_up_gbps)[fabric.devices.group[ranks.host]] > 0
    found = np.full(len(src), model.scale_up_us)
    rows = np.flatnonzero((ranks.domain[src] != ranks.domain[dst]) | ~fast[src])
    i, j = src[rows], dst[rows]
    nics = nics_of(fabric, net)
    target = nics.of_gpu[nics.host[ranks.host[j]], ranks.gpu[j], 0]
    if (target < 0).any():
        raise ParameterError("ranks", "", "a receiving GPU has no endpoint in this network", "GPUs with a NIC in it")
    source, own = sources(fabric, net, ranks, nics, i, target, forwarding)
    pair, where = np.unique(net.at[source] * net.switches + net.at[target], return_inverse=True)
    crossed = pair_hops(net, pair // net.switches, pair % net.switches)[where]
    found[rows] = model.base_us + model.per_switch_us * crossed + np.where(own, 0.0, model.scale_up_us)
    return found
