"""One network as a graph of hosts and switches with whole-number capacities: what a cut is counted on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import Any

import numpy as np

from topo.errors import CertificateError, LimitReachedError
from topo.fabric import Fabric
from topo.fabric.joined import components
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.fabric.ranks import firsts, grouped, ranks, stable_order
from topo.fabric.speed import exact


@dataclass(frozen=True)
class CutGraph:
    """Nodes are the hosts that have an endpoint in the network (rows 0 .. hosts - 1), then its switches.

    Parallel active links are one edge with their summed `capacity`, counted in `unit` Gb/s (the largest speed that
    divides all of them), so every cut is a whole number. `u` < `v` row by row, sorted; a host is always `u`.
    """

    device: IntArray
    """Shape (nodes,): device rows of the fabric."""
    hosts: int
    u: IntArray
    v: IntArray
    capacity: IntArray
    unit: Fraction

    @property
    def nodes(self) -> int:
        """Hosts and switches."""
        return len(self.device)

    def cut(self, side: BoolArray) -> int:
        """The capacity between the nodes of `side` (shape (nodes,)) and the others, in units."""
        return int(self.capacity[side[self.u] != side[self.v]].sum())

    @cached_property
    def component(self) -> IntArray:
        """Shape (nodes,): the component of each switch, hosts not forwarding, numbered by least row; -1 for hosts."""
        inner = self.u >= self.hosts
        label = components(self.nodes - self.hosts, self.u[inner] - self.hosts, self.v[inner] - self.hosts)
        return np.concatenate([np.full(self.hosts, -1, dtype=np.int64), label])

    @cached_property
    def parts(self) -> list[CutGraph]:
        """Each component with all hosts, by its number."""
        count = int(self.component.max(initial=-1)) + 1
        if int(self.v.min(initial=self.hosts)) < self.hosts:  # hosts joined by a link are in every part
            return [self.part(c) for c in range(count)]
        of_edge = self.component[self.v]
        start = np.concatenate([[0], np.cumsum(np.bincount(of_edge, minlength=count))]).tolist()
        order = stable_order(of_edge)
        return [self._of(self._with_hosts(c), order[start[c] : start[c + 1]]) for c in range(count)]

    def equals(self, other: CutGraph) -> bool:
        """Whether both have the same edges between the same rows, with the same capacities."""
        own, theirs = ((g.u, g.v, g.capacity) for g in (self, other))
        same = (self.nodes, self.hosts, self.unit) == (other.nodes, other.hosts, other.unit)
        return same and all(np.array_equal(a, b) for a, b in zip(own, theirs, strict=True))

    def part(self, component: int) -> CutGraph:
        """All hosts with the switches of one component and the edges that touch them."""
        return self.induced(self._with_hosts(component))

    def _with_hosts(self, component: int) -> BoolArray:
        mask = self.component == component
        mask[: self.hosts] = True
        return np.asarray(mask)

    def induced(self, nodes: BoolArray) -> CutGraph:
        """The graph on the nodes of a mask that holds all hosts."""
        return self._of(nodes, np.flatnonzero(nodes[self.u] & nodes[self.v]))

    def _of(self, nodes: BoolArray, edges: IntArray) -> CutGraph:
        new = np.cumsum(nodes) - 1
        return CutGraph(
            self.device[nodes], self.hosts, new[self.u[edges]], new[self.v[edges]], self.capacity[edges], self.unit
        )

    def edge_rows(self, a: IntArray, b: IntArray) -> IntArray:
        """The edges between nodes a and b (shape (n,) each), -1 where there is none."""
        key = self.u * self.nodes + self.v
        wanted = np.minimum(a, b) * self.nodes + np.maximum(a, b)
        at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        return np.where(key[at] == wanted, at, -1) if len(key) else np.full(len(wanted), -1)


def cut_graph(fabric: Fabric, network: int) -> CutGraph:
    """The cut graph of a network row. Raises LimitReachedError where the capacities need more than 62 bits."""
    hosts = np.unique(fabric.endpoints.host[fabric.endpoints.network == network]).astype(np.int64)
    switches = np.flatnonzero(fabric.switches_in(network))
    device = np.concatenate([hosts, switches])
    node = np.full(len(fabric.devices), -1, dtype=np.int64)
    node[device] = np.arange(len(device))
    mask = (fabric.links.network == network) & fabric.links.active
    a, b = node[fabric.link_a[mask]], node[fabric.link_b[mask]]
    whole, unit = whole_numbers(fabric.links.gbps[mask])
    joined = (a >= 0) & (b >= 0) & (a != b)
    a, b, whole = a[joined], b[joined], whole[joined]
    low, high = np.minimum(a, b), np.maximum(a, b)
    to_host = low < len(hosts)
    ends, links = (_edges(low[own], high[own], whole[own], len(device)) for own in (to_host, ~to_host))
    u, v, capacity = (
        np.concatenate(pair) for pair in zip(ends, links, strict=True)
    )  # a host's row is below a switch's
    return CutGraph(device, len(hosts), u, v, capacity, unit)


def _edges(u: IntArray, v: IntArray, whole: IntArray, nodes: int) -> tuple[IntArray, IntArray, IntArray]:
    """The distinct pairs of nodes, ascending, and the sum of each."""
    key, first, edge = grouped(u * nodes + v)
    capacity = np.zeros(len(key), dtype=np.int64)
    np.add.at(capacity, edge, whole)
    return u[first], v[first], capacity


def whole_numbers(gbps: FloatArray) -> tuple[IntArray, Fraction]:
    """Speeds as whole multiples of the largest unit that divides them all (`topo.fabric.speed`)."""
    row = ranks(gbps)
    speeds = gbps[firsts(row)[1]]
    numbers = [exact(s) for s in speeds.tolist()]
    if not numbers:
        return np.zeros(0, dtype=np.int64), Fraction(1)
    denominator = lcm(*(s.denominator for s in numbers))
    numerators = [int(s * denominator) for s in numbers]
    step = gcd(*numerators)
    counts = [n // step for n in numerators]
    if max(counts) * max(len(gbps), 1) >= 2**62:
        raise LimitReachedError("the link speeds have no common unit small enough to count cuts in whole numbers")
    return np.array(counts, dtype=np.int64)[row], Fraction(step, denominator)


def runs(rows: IntArray) -> list[int]:
    """Sorted rows as [start, length, start, length, ...]."""
    rows = np.unique(rows)
    first = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
    length = np.diff(np.append(first, len(rows)))
    return [int(x) for x in np.stack([rows[first], length], axis=1).ravel()]


def mask_of(encoded: object, size: int) -> BoolArray:
    """The mask that `runs` encoded; raises CertificateError for anything that is not ascending runs below `size`."""
    numbers = whole_list(encoded)
    if len(numbers) % 2:
        raise CertificateError("runs come in pairs of start and length")
    mask = np.zeros(size, dtype=np.bool_)
    end = 0
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        if start < end or length < 1 or start + length > size:
            raise CertificateError("runs must ascend and stay within the fabric")
        end = start + length
        mask[start:end] = True
    return mask


def whole_list(value: object, minimum: int = 0, length: int | None = None) -> list[int]:
    """A list of whole numbers of at least `minimum`; raises CertificateError for anything else."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise CertificateError("a list of whole numbers is missing")
    for x in value:
        if type(x) is not int or not minimum <= x < 2**62:
            raise CertificateError(f"{x!r} is not a whole number of at least {minimum:,}")
    if length is not None and len(value) != length:
        raise CertificateError(f"a list has {len(value)} entries instead of {length}")
    return list(value)


def whole_number(certificate: dict[str, Any], key: str, minimum: int = 0) -> int:
    """A whole number of a certificate; raises CertificateError where it is missing or below `minimum`."""
    return whole_list([certificate.get(key)], minimum)[0]


def node_rows(graph: CutGraph, devices: Iterable[int], missing: bool = False) -> IntArray:
    """Nodes of device rows (-1 stays -1 where `missing` allows it); raises CertificateError for a stranger."""
    rows = np.fromiter(devices, dtype=np.int64)
    at = np.minimum(np.searchsorted(graph.device[graph.hosts :], rows), graph.nodes - graph.hosts - 1) + graph.hosts
    if graph.nodes == graph.hosts:
        raise CertificateError("the network has no switches")
    known = graph.device[at] == rows
    if not (known | (missing & (rows == -1))).all():
        raise CertificateError("the certificate names a device that is no switch of this component")
    return np.where(known, at, -1)


def network_row(fabric: Fabric, certificate: dict[str, Any]) -> int:
    """The row of the network that a certificate is about."""
    name = certificate.get("network")
    if not isinstance(name, str) or name not in fabric.networks:
        raise CertificateError(f"the fabric has no network {name!r}")
    return fabric.networks.index(name)
