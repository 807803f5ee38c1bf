"""Rings, trees and exchanges among ranks: what the algorithms of several operations are made of.

`flat-ring` and `flat-tree` know rank numbers alone. The others work on scale-up domains (a host, where it has none): a
ring or a tree for each GPU of a domain, which enters and leaves the domain on the rail and plane of one GPU.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.operation import Chain, Messages
from topo.analysis.collectives.ranks import Ranks
from topo.fabric.model import IntArray


def share(n: int, size: float) -> float:
    """What all but one of n equal parts of `size` are."""
    return size * (n - 1) / n


def ring(order: IntArray, size: float) -> Messages:
    """Every member (last axis of `order`) sends to the next, the last to the first."""
    here, there = order.ravel(), np.roll(order, -1, axis=-1).ravel()
    return Messages(here, there, np.full(len(here), size))


def both_ways(child: IntArray, parent: IntArray, size: float) -> list[Messages]:
    """`size` up to the parents and down again."""
    sizes = np.full(len(child), size)
    return [Messages(child, parent, sizes), Messages(parent, child, sizes)]


def inside(ranks: Ranks, size: float) -> Messages:
    """Every rank sends `size` to each other rank of its domain."""
    first, second = np.nonzero(~np.eye(ranks.per_domain, dtype=np.bool_))
    here, there = ranks.blocks[:, first].ravel(), ranks.blocks[:, second].ravel()
    return Messages(here, there, np.full(len(here), size))


def domain_rings(ranks: Ranks, rings: int | None = None) -> IntArray:
    """Shape (rings, ranks): rings through all ranks, domain by domain; one for each rank of a domain, or the first
    few. Ring c walks the ranks of even domains from c upwards and of odd ones back, so that domains are left and
    entered at one rank."""
    width, domains = ranks.per_domain, ranks.domains
    first = np.arange(width if rings is None else rings)
    steps = (first[:, None] + np.arange(width)[None, :]) % width
    walk = np.where((np.arange(domains) % 2 == 0)[None, :, None], steps[:, None, :], steps[:, None, ::-1])
    return np.asarray(ranks.blocks[np.arange(domains)[None, :, None], walk]).reshape(len(first), -1)


def ring_messages(ranks: Ranks, size: float) -> list[Messages]:
    """`size` over every hop of `domain_rings`, summed: each of a domain's rings but one takes each hop inside it."""
    width, domains = ranks.per_domain, ranks.domains
    result = []
    if width > 1:
        forward, back = ranks.blocks[0::2], ranks.blocks[1::2, ::-1]
        result += [ring(order, size * (width - 1)) for order in (forward, back) if len(order)]
    if domains > 1:
        first = np.arange(width)
        last = (first - 1) % width
        enter = [first if d % 2 == 0 else last for d in range(domains)]
        leave = [last if d % 2 == 0 else first for d in range(domains)]
        here = ranks.blocks[np.arange(domains)[:, None], np.array(leave)].ravel()
        there = np.roll(ranks.blocks[np.arange(domains)[:, None], np.array(enter)], -1, axis=0).ravel()
        result.append(Messages(here, there, np.full(len(here), size)))
    elif width > 1:
        closing = ranks.blocks[0]
        result.append(Messages(np.roll(closing, 1), closing, np.full(width, size)))
    return result


def tree_parents(n: int) -> tuple[IntArray, IntArray]:
    """Shape (n,) each: the parent of every node in two binary trees, -1 at the roots (Sanders, Speck, Traeff, "Two-tree
    algorithms for full bandwidth broadcast, reduction and scan", 2009).

    In the first, node i with lowest set bit b hangs below i - b + 2b, or i - b where that is no node, and 0 is the
    root: odd nodes are leaves. The second is the first mirrored, or shifted by one for odd n: all inner nodes of one
    but for one are leaves there.
    """
    node = np.arange(n)
    bit = node & -node
    above = (node ^ bit) | (bit << 1)
    parent = np.where(node == 0, -1, np.where(above < n, above, node ^ bit))
    other = (n - 1 - node) if n % 2 == 0 else (node - 1) % n
    back = np.argsort(other)
    second = parent[other]
    return parent, np.where(second < 0, -1, back[second])


def path(order: IntArray, times: int = 1) -> list[Chain]:
    """One message after the other along `order`."""
    return [Chain(order[:-1], order[1:], "sum", times)]


def around(order: IntArray, times: int = 1) -> list[Chain]:
    """The messages of a ring along `order` and back to its first; none where there is one rank."""
    return [Chain(order, np.roll(order, -1), "ring", times)] if len(order) > 1 else []


def deepest(parent: IntArray) -> IntArray:
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


def in_domain(ranks: Ranks, times: int = 1) -> list[Chain]:
    """One message inside a domain, where there are ranks to send it to."""
    return [Chain(ranks.blocks[0, :1], ranks.blocks[0, 1:2], "max", times)] if ranks.per_domain > 1 else []
