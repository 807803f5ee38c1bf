"""The checker's own reading of a fabric: the switches of a network, their arcs and what they send each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from topo.certificates.reading.whole import Whole, times, whole
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.fabric.once import once
from topo.fabric.ranks import distinct_rows, grouped, stable_order
from topo.fabric.speed import exact, speeds

UNLIMITED = -1
"""The capacity of an arc that nothing bounds."""


@dataclass(frozen=True)
class SwitchGraph:
    """Switches (device rows `device`), arcs sorted by (tail, head), and the connected endpoints on the switches."""

    name: str
    names: tuple[str, ...]
    device: IntArray
    plane: IntArray
    tail: IntArray
    head: IntArray
    gbps: FloatArray
    at: IntArray
    rate: FloatArray
    attach: FloatArray
    endpoint: IntArray
    endpoint_plane: IntArray

    @cached_property
    def digest(self) -> str:
        """A fingerprint of all columns."""
        result = hashlib.sha256("\n".join((self.name, *self.names)).encode())
        for column in (self.plane, self.tail, self.head, self.at, self.endpoint_plane):
            result.update(np.ascontiguousarray(column, dtype="<i8").data)
        for gbps in (self.gbps, self.rate, self.attach):
            result.update(np.ascontiguousarray(gbps, dtype="<f8").data)
        return result.hexdigest()

    @cached_property
    def group(self) -> IntArray:
        """Shape (switches,): switches of one plane in one connected component share a number."""
        up = self.tail < self.head  # each arc has its reverse
        both = np.stack([least_joined(len(self.device), self.tail[up], self.head[up]), self.plane])
        result: IntArray = np.unique(both, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
        result.setflags(write=False)
        return result


def switch_graph(fabric: Fabric, network: str) -> SwitchGraph:
    """The switch graph of a network by name; raises CertificateError where the fabric has none of this name."""
    if network not in fabric.networks:
        raise CertificateError(f"the fabric has no network {network!r}")
    return once(fabric, ("switch graph", network), lambda: _read(fabric, network))


def _read(fabric: Fabric, network: str) -> SwitchGraph:
    row = fabric.networks.index(network)
    device = np.flatnonzero(fabric.switches_in(row))
    n = len(device)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[device] = np.arange(n)
    rows = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    a, b = local[fabric.link_a[rows]], local[fabric.link_b[rows]]
    tail, head, gbps = _arcs(a, b, fabric.links.gbps[rows], n)
    link = fabric.endpoint_link
    joined = (fabric.endpoints.network == row) & (fabric.endpoint_switch >= 0) & (link >= 0)
    joined &= fabric.links.active[np.maximum(link, 0)] if len(fabric.links) else False
    ends = np.flatnonzero(joined)
    return SwitchGraph(
        network,
        tuple(fabric.devices.name[device].tolist()),
        device,
        fabric.devices.plane[device].astype(np.int64),
        tail,
        head,
        speeds(gbps),
        local[fabric.endpoint_switch[ends]],
        fabric.endpoints.gbps[ends],
        fabric.links.gbps[link[ends]],
        ends,
        fabric.endpoints.plane[ends].astype(np.int64),
    )


def _arcs(a: IntArray, b: IntArray, gbps: FloatArray, n: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Tail, head and Gb/s of the arcs that links from switches `a` to `b` are, both ways, sorted by tail and head."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    key, first, edge = grouped(low * n + high)
    u, v = low[first], high[first]
    along = a <= b
    carried = np.bincount(edge[along], gbps[along], len(key)) + np.bincount(edge[~along], gbps[~along], len(key))
    carried[u == v] *= 2  # a link from a switch to itself is one arc
    back = stable_order(v)
    back = back[u[back] != v[back]]
    order = np.argsort(np.concatenate([key, v[back] * n + u[back]]), kind="stable")  # two runs that ascend, merged
    tail, head, each = (np.concatenate(pair)[order] for pair in ((u, v[back]), (v, u[back]), (carried, carried[back])))
    return tail, head, each


def remaining(graph: SwitchGraph, fabric: Fabric, devices: BoolArray) -> SwitchGraph:
    """What is left of the switch graph of a fabric where only the `devices` of a mask (devices,) stay. Each port has
    one link, each endpoint is a port of its host, and no network lends it switches: what stays is as it was."""
    stays = devices[graph.device]
    local, row = np.cumsum(stays) - 1, np.cumsum(devices) - 1
    arcs = stays[graph.tail] & stays[graph.head]
    host = fabric.endpoints.host
    ends = stays[graph.at] & devices[host[graph.endpoint]]
    return SwitchGraph(
        graph.name,
        tuple(name for name, there in zip(graph.names, stays.tolist(), strict=True) if there),
        row[graph.device[stays]],
        graph.plane[stays],
        local[graph.tail[arcs]],
        local[graph.head[arcs]],
        graph.gbps[arcs],
        local[graph.at[ends]],
        graph.rate[ends],
        graph.attach[ends],
        (np.cumsum(devices[host]) - 1)[graph.endpoint[ends]],
        graph.endpoint_plane[ends],
    )


def switch_graph_digest(fabric: Fabric, network: str) -> str:
    """What binds a certificate to a fabric: a fingerprint of one network's switches, arcs and endpoints."""
    return switch_graph(fabric, network).digest


@dataclass(frozen=True)
class FlowGraph:
    """Nodes and arcs (sorted by tail, then head) with capacities, and demands, all in whole numbers.

    Node a sends node b (sends[a] * receives[b] where their groups are equal and a differs from b, plus the `extra` of
    the pair) * `demand_unit` Gb/s at t = 1.
    """

    nodes: int
    tail: IntArray
    head: IntArray
    capacity: Whole
    capacity_unit: Fraction
    sends: Whole
    receives: Whole
    group: IntArray
    extra_src: IntArray
    extra_dst: IntArray
    extra: Whole
    demand_unit: Fraction

    @cached_property
    def key(self) -> IntArray:
        """Shape (arcs,): tail * nodes + head, ascending."""
        return self.tail * self.nodes + self.head

    def arcs_of(self, tail: IntArray, head: IntArray) -> IntArray:
        """The arcs between given nodes; raises CertificateError where there is none."""
        wanted = tail * self.nodes + head
        at = np.minimum(np.searchsorted(self.key, wanted), max(len(self.key) - 1, 0))
        if len(wanted) and (not len(self.key) or (self.key[at] != wanted).any()):
            raise CertificateError("the certificate names an arc that the fabric does not have")
        return at

    def column(self, node: int) -> Whole:
        """Shape (nodes,): what every node sends to this one, in demand units."""
        sent = times(self.sends, int(self.receives[node]))
        sent = np.where((self.group == self.group[node]) & (self.group >= 0), sent, 0)
        sent[node] = 0
        mask = self.extra_dst == node
        if mask.any():
            sent = sent.astype(object)
            np.add.at(sent, self.extra_src[mask], self.extra[mask])
        return sent

    @cached_property
    def possible_destinations(self) -> IntArray:
        """Nodes that may be sent something."""
        product = np.flatnonzero((self.receives != 0) & (self.group >= 0))
        result: IntArray = np.union1d(product, self.extra_dst).astype(np.int64)
        return result


def groups(graph: SwitchGraph) -> IntArray:
    """Shape (switches,): switches of one plane in one connected component share a number."""
    return graph.group


def all_to_all_graph(graph: SwitchGraph, scale: Fraction) -> FlowGraph:
    """Every endpoint to every other of its plane, `scale` Gb/s per product of two line rates in Gb/s."""
    n = len(graph.device)
    weight, unit = whole(speeds(np.bincount(graph.at, graph.rate, n)))
    capacity, capacity_unit = whole(graph.gbps)
    group = np.where(weight > 0, groups(graph), -1)
    none = np.zeros(0, dtype=np.int64)
    return FlowGraph(
        n, graph.tail, graph.head, capacity, capacity_unit, weight, weight, group, none, none, none, scale * unit * unit
    )


def all_to_all_scale(graph: SwitchGraph) -> Fraction:
    """1 / the greatest sum of line rates of the other endpoints of one's plane: who sends most, sends at line rate."""
    if not len(graph.rate):
        return Fraction(0)
    plane = np.unique(graph.endpoint_plane, return_inverse=True)[1].reshape(-1)
    others = speeds(np.bincount(plane, graph.rate)[plane] - graph.rate)
    return 1 / exact(float(others.max())) if others.max() > 0 else Fraction(0)


def all_to_all_endpoint_limit(graph: SwitchGraph, scale: Fraction) -> Fraction | None:
    """The largest t at which no endpoint link is overloaded; None where none is loaded."""
    if not len(graph.rate) or not scale:
        return None
    group = groups(graph)[graph.at]
    others = speeds(np.bincount(group, graph.rate)[group] - graph.rate)
    busy = (graph.rate > 0) & (others > 0)
    sent = distinct_rows(graph.attach[busy], graph.rate[busy], others[busy]).tolist()
    return min((exact(a) / (scale * exact(r) * exact(o)) for a, r, o in sent), default=None)
