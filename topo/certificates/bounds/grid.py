"""Exact bound of a grid: two sets of switches, every one of the first joined to every one of the second, and hosts on a
block of each (ZCube).

Both sets fall into blocks of equal size. A host has a link of one capacity to each switch of one block of the first
set, and one of another to each of one block of the second; any two blocks have equally many hosts.

Let s of the first set and t of the second lie on side A. The links between the sets that are cut depend on s and t
alone. The hosts of two blocks of which a and b switches lie on A cost min(x - y, D - x + y) each, where x grows
linearly with a and b, D is what a host has in all and y the price of balance (a Lagrange multiplier): concave in a and
in b. So for every y the sum over all pairs of blocks is least where all blocks but one of each set lie whole on one
side, and these are the same for every y. There the hosts can be put on the sides that are cheapest with half of them
on A, which meets the bound. The least of that over all s and t is what every split cuts, and one split does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph, whole_list
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, IntArray

PAIRS_AT_MOST = 2**22
"""Pairs (s, t) that are gone through: some seconds."""


@dataclass(frozen=True)
class Blocks:
    """The switches of one set by block (shape (blocks, size), nodes), the capacity of a host's link to each, and the
    block of each host (shape (hosts,))."""

    nodes: IntArray
    tie: int
    of_host: IntArray


@dataclass(frozen=True)
class Grid:
    """The two sets, the capacity between any two of their switches, and the hosts of any two blocks."""

    sets: tuple[Blocks, Blocks]
    link: int
    each: int


def grid_of(part: CutGraph, first: BoolArray) -> Grid:
    """A component read as a grid; `first` (shape (nodes,)) are the switches of the first set. Raises CertificateError
    where it is none."""
    hosts = part.hosts
    inner = part.u >= hosts
    switches = part.nodes - hosts
    own = int(first[hosts:].sum())
    across = first[part.u[inner]] != first[part.v[inner]]
    links = np.unique(part.capacity[inner])
    if not hosts or not across.all() or int(inner.sum()) != own * (switches - own) or len(links) != 1:
        raise CertificateError("the switches are not joined as a grid: each of one set to each of the other, all alike")
    one, other = (_blocks(part, ~inner & (first[part.v] == side)) for side in (True, False))
    if one.nodes.size != own or other.nodes.size != switches - own:
        raise CertificateError("a switch of the grid has no host")
    if one.nodes.size * other.nodes.size > PAIRS_AT_MOST:
        raise CertificateError("the grid has too many switches")
    met = np.bincount(one.of_host * len(other.nodes) + other.of_host, minlength=len(one.nodes) * len(other.nodes))
    if (met != met[0]).any():
        raise CertificateError("some blocks of the grid have more hosts in common than others")
    return Grid((one, other), int(links[0]), int(met[0]))


def _blocks(part: CutGraph, ties: BoolArray) -> Blocks:
    """The blocks of the set that these links of hosts lead to."""
    host, node, capacity = part.u[ties], part.v[ties], np.unique(part.capacity[ties])
    count = np.bincount(host, minlength=part.hosts)
    if len(capacity) != 1 or count.min() < 1 or (count != count[0]).any():
        raise CertificateError("the hosts of the grid have unlike links to a set of switches")
    start = np.cumsum(count) - count
    head = np.full(part.nodes, -1, dtype=np.int64)
    head[node] = node[start[host]]
    block = node[start]
    if (head[node] != block[host]).any():
        raise CertificateError("two hosts of the grid share some switches of a set and not all")
    heads, of_host = np.unique(block, return_inverse=True)
    members = np.flatnonzero(head >= 0)
    members = members[np.argsort(head[members], kind="stable")]
    if len(members) != len(heads) * count[0]:
        raise CertificateError("the blocks of the grid have unlike sizes")
    return Blocks(members.reshape(len(heads), -1), int(capacity[0]), of_host.reshape(-1).astype(np.int64))


def cheapest(grid: Grid, hosts: int) -> tuple[int, int, int]:
    """(least capacity in units, switches of the first and of the second set on side A where it is least)."""
    one, other = (blocks.nodes.size for blocks in grid.sets)
    s, t = (x.ravel() for x in np.mgrid[0 : one + 1, 0 : other + 1])
    cut = grid.link * (s * (other - t) + t * (one - s))
    number, gain, whole = kinds(grid, s, t)
    order = np.argsort(-gain, axis=1, kind="stable")
    number, gain = (np.take_along_axis(x, order, axis=1) for x in (number, gain))
    before = np.cumsum(number, axis=1) - number
    best = np.full(len(s), np.iinfo(np.int64).max)
    for on_a in {hosts // 2, hosts - hosts // 2}:
        taken = np.clip(on_a - before, 0, number)
        best = np.minimum(best, (number * gain + taken * (whole - 2 * gain)).sum(axis=1))
    at = int((cut + best).argmin())
    return int((cut + best)[at]), int(s[at]), int(t[at])


def kinds(grid: Grid, s: IntArray, t: IntArray) -> tuple[IntArray, IntArray, int]:
    """Hosts by what they share with side A (shape (pairs, 9)): how many, and the capacity of their links to switches
    of A; then what all links of a host have. Blocks lie on A from the first, but for one that is parted."""
    held, tied, whole = [], [], 0
    for blocks, n in zip(grid.sets, (s, t), strict=True):
        count, size = blocks.nodes.shape
        full, some = np.divmod(n, size)
        held.append(np.stack([full, (some > 0) * 1, count - full - (some > 0)], axis=1))
        tied.append(np.stack([np.full_like(n, size), some, np.zeros_like(n)], axis=1) * blocks.tie)
        whole += size * blocks.tie
    number = (held[0][:, :, None] * held[1][:, None, :]).reshape(len(s), 9) * grid.each
    return number, (tied[0][:, :, None] + tied[1][:, None, :]).reshape(len(s), 9), whole


def grid_bound(part: CutGraph, bound: dict[str, Any]) -> int:
    """The capacity, in units, that every balanced split of the hosts cuts in this component.

    Key: `first`, device rows of the switches of one set, each once.
    """
    rows = whole_list(bound.get("first"))
    switches = part.device[part.hosts :].tolist()
    if len(set(rows)) != len(rows) or not set(rows) <= set(switches):
        raise CertificateError("the first set of the grid must name switches of the component, each once")
    return cheapest(grid_of(part, np.isin(part.device, np.array(rows, dtype=np.int64))), part.hosts)[0]
