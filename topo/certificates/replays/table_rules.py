"""Forwarding tables by the rules of `static` routing, compared entry by entry.

Towards an endpoint of rank d (its place among the endpoints of its component, switch by switch in port order) a switch
takes choice (d div h) mod n of its n shortest next hops in port order. By `minhop` h is 1; by `ftree`, which is the
default where all switches have tiers, h is the product of the largest numbers of uplinks of the tiers below the lower
end of the first choice.
"""

from __future__ import annotations

import numpy as np

from topo.certificates.reading.channels import FAR, Channels, distances
from topo.certificates.reading.flow_graph import SwitchGraph
from topo.certificates.reading.named_demand import leaf_order
from topo.certificates.reading.question import Named
from topo.fabric import CORE, LEAF, Fabric
from topo.fabric.joined import least_joined
from topo.fabric.model import IntArray

BLOCK = 1 << 22
"""Distances that are held at once."""


def tables_follow(fabric: Fabric, graph: SwitchGraph, channels: Channels, tables: IntArray, routing: Named) -> bool:
    """Whether `tables` (switches, endpoints sorted by switch and place) are those of the routing's rule."""
    tier = fabric.devices.tier[graph.device].astype(np.int64)
    tiered = bool(((tier >= LEAF) & (tier <= CORE)).all())
    rule = ("ftree" if tiered else "minhop") if routing["rule"] == "auto" else routing["rule"]
    if rule == "ftree" and not tiered:
        return False
    divisor = _divisors(channels, tier) if rule == "ftree" else np.ones(len(channels), dtype=np.int64)
    order = np.argsort(graph.at, kind="stable")
    rank = _ranks(fabric, graph, channels)[order]
    at = graph.at[order]
    targets, first = np.unique(at, return_index=True)
    last = np.append(first[1:], len(at))[: len(first)]
    step = max(BLOCK // max(channels.switches, 1), 1)
    for i in range(0, len(targets), step):
        for j, far in enumerate(distances(channels, targets[i : i + step]), i):
            columns = slice(int(first[j]), int(last[j]))
            if not np.array_equal(tables[:, columns], _expected(channels, divisor, far, rank[columns])):
                return False
    return True


def _expected(channels: Channels, divisor: IntArray, far: IntArray, rank: IntArray) -> IntArray:
    """Shape (switches, endpoints of one switch): port numbers, 0 where nothing is forwarded."""
    here = far[channels.tail]
    choice = np.flatnonzero((far[channels.head] == here - 1) & (here < FAR))
    count = np.bincount(channels.tail[choice], minlength=channels.switches)
    first = np.cumsum(count) - count
    busy = np.flatnonzero(count)
    lead = divisor[choice[first[busy]]]
    taken = first[busy][:, None] + (rank[None, :] // lead[:, None]) % count[busy][:, None]
    result: IntArray = np.zeros((channels.switches, len(rank)), dtype=np.int64)
    result[busy] = channels.number[choice[taken]]
    return result


def _ranks(fabric: Fabric, graph: SwitchGraph, channels: Channels) -> IntArray:
    """Shape (endpoints,): the place of each among those of its component."""
    part = least_joined(channels.switches, channels.tail, channels.head)
    order = leaf_order(fabric, graph)
    own = part[graph.at[order]]
    by_part = np.argsort(own, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[by_part] = np.arange(len(own)) - np.searchsorted(own[by_part], own[by_part])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = place
    return rank


def _divisors(channels: Channels, tier: IntArray) -> IntArray:
    """Shape (channels,): h of every channel."""
    low = np.minimum(tier[channels.tail], tier[channels.head])
    up = tier[channels.head] > tier[channels.tail]
    product = np.ones(len(channels), dtype=np.int64)
    for level in range(LEAF, CORE):
        uplinks = np.bincount(channels.tail[up & (tier[channels.tail] == level)], minlength=1)
        product[low > level] *= max(int(uplinks.max()), 1)
    return product
