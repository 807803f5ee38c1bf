"""The ranks of a collective as nodes of a graph with whole capacities: what leaves a set of them is counted here.

Nodes are GPUs, the scale-up domains that join them, NIC ports that several GPUs share, and the switches of one network,
in this order. An edge can carry its `capacity` (in `unit` Gb/s) each way at once; GPUs may pass on what they have.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.certificates.reading.cut import whole_numbers
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import BoolArray, IntArray


@dataclass(frozen=True)
class RankGraph:
    """`rank` (shape (ranks,)) are nodes, ascending; `key` (shape (GPUs,)) is a GPU's host row x most GPUs of a host +
    its number; `domain` (shape (GPUs,)) the node of its domain, -1 without one; `switch` (shape (switches,)) are device
    rows of the last nodes. Parallel edges are summed; `u` < `v`."""

    nodes: int
    key: IntArray
    domain: IntArray
    switch: IntArray
    rank: IntArray
    u: IntArray
    v: IntArray
    capacity: IntArray
    unit: Fraction

    @property
    def is_rank(self) -> BoolArray:
        """Shape (nodes,)."""
        result = np.zeros(self.nodes, dtype=np.bool_)
        result[self.rank] = True
        return result

    def out(self, side: BoolArray) -> int:
        """The capacity that leaves the nodes of `side` (shape (nodes,)), in units."""
        return int(self.capacity[side[self.u] != side[self.v]].sum())


def gpu_keys(fabric: Fabric, host: IntArray, gpu: IntArray) -> IntArray:
    """The keys of GPUs by host row and number."""
    return np.asarray(host.astype(np.int64) * int(fabric.devices.gpus.max(initial=1)) + gpu)


def rank_graph(fabric: Fabric, network: int, ranks: IntArray, relays: bool) -> RankGraph:
    """The graph of the GPUs with keys `ranks`, and with `relays` of all other GPUs of their scale-up domains (hosts).

    Raises CertificateError for keys that are no GPUs, LimitReachedError where speeds have no small common unit.
    """
    width = int(fabric.devices.gpus.max(initial=1))
    ranks = np.unique(ranks)
    host, gpu = ranks // width, ranks % width
    known = (ranks >= 0) & (host < len(fabric.devices))
    if not len(ranks) or not known.all() or (gpu >= fabric.devices.gpus[host]).any() or (~fabric.is_host[host]).any():
        raise CertificateError("ranks are GPUs of hosts")
    key = _with_relays(fabric, host, width) if relays else ranks
    host = key // width
    fast = np.array([*fabric.scale_up_gbps, 0.0])[fabric.devices.group[host]]
    _, local = np.unique(joined_hosts(fabric, host), return_inverse=True)
    joined = np.flatnonzero(fast > 0)
    named, row = np.unique(local.reshape(-1)[joined], return_inverse=True)
    domain = np.full(len(key), -1, dtype=np.int64)
    domain[joined] = len(key) + row.reshape(-1)
    first_nic = len(key) + len(named)
    switch = np.flatnonzero(fabric.switches_in(network))
    a, b, gbps, nics = _nic_edges(fabric, network, key, width, first_nic, switch)
    nodes = first_nic + nics + len(switch)
    inner = np.flatnonzero((fabric.links.network == network) & ~fabric.is_endpoint_link & fabric.links.active)
    place = np.full(len(fabric.devices), -1, dtype=np.int64)
    place[switch] = first_nic + nics + np.arange(len(switch))
    ends = [
        (joined, domain[joined], fast[joined]),
        (a, b, gbps),
        (place[fabric.link_a[inner]], place[fabric.link_b[inner]], fabric.links.gbps[inner]),
    ]
    x, y, speed = (np.concatenate(column) for column in zip(*ends, strict=True))
    whole, unit = whole_numbers(speed)
    pair, edge = np.unique(np.minimum(x, y) * nodes + np.maximum(x, y), return_inverse=True)
    capacity = np.zeros(len(pair), dtype=np.int64)
    np.add.at(capacity, edge.reshape(-1), whole)
    u, v = np.divmod(pair, max(nodes, 1))
    kept = u != v
    return RankGraph(nodes, key, domain, switch, np.searchsorted(key, ranks), u[kept], v[kept], capacity[kept], unit)


def _with_relays(fabric: Fabric, host: IntArray, width: int) -> IntArray:
    """Keys of all GPUs of the hosts that a scale-up domain joins with any of `host`, ascending."""
    every = np.flatnonzero(fabric.is_host & (fabric.devices.gpus > 0))
    domain = joined_hosts(fabric, every)
    own = every[np.isin(domain, joined_hosts(fabric, np.unique(host)))]
    count = fabric.devices.gpus[own]
    start = np.repeat(own.astype(np.int64) * width, count)
    return np.asarray(start + np.arange(len(start)) - np.repeat(np.cumsum(count) - count, count))


def _nic_edges(
    fabric: Fabric, network: int, key: IntArray, width: int, first_nic: int, switch: IntArray
) -> tuple[IntArray, IntArray, np.ndarray[tuple[int, ...], np.dtype[np.float64]], int]:
    """Edges of GPUs to switches, through a node of its own for each NIC port that several GPUs share; and how many such
    nodes there are."""
    ends, link = fabric.endpoints, fabric.endpoint_link
    own = np.flatnonzero((ends.network == network) & (link >= 0) & (ends.gpu_count > 0))
    own = own[fabric.links.active[link[own]]]
    many = ends.gpu_count[own]
    row = np.repeat(np.arange(len(own)), many)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    served = ends.host[own][row].astype(np.int64) * width + ends.gpu_first[own][row] + nth
    at = np.minimum(np.searchsorted(key, served), len(key) - 1)
    here = key[at] == served
    row, gpu = row[here], at[here]
    shared = np.flatnonzero((many > 1) & np.isin(np.arange(len(own)), row))
    nic = np.full(len(own), -1, dtype=np.int64)
    nic[shared] = first_nic + np.arange(len(shared))
    place = np.full(len(fabric.devices), -1, dtype=np.int64)
    place[switch] = first_nic + len(shared) + np.arange(len(switch))
    up = place[fabric.endpoint_switch[own]]
    gbps = fabric.links.gbps[link[own]]
    a = np.concatenate([gpu, nic[shared]])
    b = np.concatenate([np.where(nic[row] >= 0, nic[row], up[row]), up[shared]])
    return a, b, np.concatenate([gbps[row], gbps[shared]]), len(shared)
