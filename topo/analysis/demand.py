"""Traffic as demands between switches at t = 1: what every routing loads and every throughput is measured in.

Normalisation: demand is proportional to the product of the two line rates, scaled so that the most demanding endpoint
sends at its line rate at t = 1. Pairs on one switch load endpoint links only; pairs without a path are dropped and
listed. A degraded fabric keeps the scale of the intact one (`baseline`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.symmetry import Symmetry
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.ranks import distinct, distinct_rows, ranks
from topo.fabric.speed import exact, speeds


@dataclass(frozen=True)
class Uniform:
    """Demand from switch u to switch v of one group: scale * weight[u] * weight[v] Gb/s; none between groups.

    `weight` (switches,) is the summed line rate of the endpoints on each switch; `group` (switches,) numbers the
    sets of switches that talk to each other (one plane, one component), -1 for switches without endpoints.
    """

    weight: FloatArray
    group: IntArray
    scale: Fraction


@dataclass(frozen=True)
class Sparse:
    """Demand of `gbps[i]` from switch `src[i]` to switch `dst[i]`, shape (pairs,) each; src differs from dst, pairs
    are unique and sorted by (dst, src)."""

    src: IntArray
    dst: IntArray
    gbps: FloatArray


@dataclass(frozen=True)
class Flows:
    """Flows of `gbps[i]` from endpoint `src[i]` to endpoint `dst[i]`: positions in the network's `endpoint`."""

    src: IntArray
    dst: IntArray
    gbps: FloatArray


@dataclass(frozen=True)
class Priced:
    """What proves of every permutation how it is carried (see `topo.certificates.kinds.permutations`): shares in parts
    of `scale`, listed prices, and the symmetry whose orbits of arcs were looked at (None: every arc was). Where time
    ended the search, it is not `complete`, and what is proved may be more than what was found."""

    scale: int
    prices: tuple[tuple[int, ...], ...]
    symmetry: Symmetry | None
    complete: bool = True


@dataclass(frozen=True)
class WorstCase:
    """What is proved of every permutation of a network's endpoints: the routing `of` carries each at least at `lower`
    times the line rates between the switches (None: nothing loads them), and the endpoint links at `endpoint_lower`.
    What another routing carries of every permutation is counted where `time_limit_s` is enough for it."""

    of: str
    lower: Fraction | None
    endpoint_lower: Fraction | None
    priced: Priced
    time_limit_s: float = 60.0


@dataclass(frozen=True)
class Demand:
    """One traffic matrix of one network at t = 1.

    `endpoint_limit` is the largest t that the endpoint links allow (None: they never bind). `cut_off` names the
    endpoints ("host:port") that lost peers, with all demands to peers they cannot reach dropped. `flows` tells a sparse
    demand endpoint by endpoint, as hashed and static routing need it; None where only switch pairs are known. With
    `rounded` the numbers of `form` are only the nearest to the true ones.
    """

    network: SwitchNetwork
    traffic: str
    form: Uniform | Sparse
    endpoint_limit: Fraction | None
    cut_off: tuple[str, ...] = ()
    flows: Flows | None = None
    worst: WorstCase | None = None
    rounded: bool = False

    @cached_property
    def destinations(self) -> IntArray:
        """Switches that some other switch sends to, ascending."""
        if isinstance(self.form, Sparse):
            return np.unique(self.form.dst)
        weight, group = self.form.weight, self.form.group
        if not (group >= 0).any():
            return np.zeros(0, dtype=np.int64)
        senders = np.bincount(group[weight > 0], minlength=int(group.max(initial=-1)) + 1)
        return np.flatnonzero((weight > 0) & (senders[group] > 1))

    @property
    def is_empty(self) -> bool:
        """Nothing loads the network: its throughput is unbounded."""
        return len(self.destinations) == 0

    def to(self, switch: int) -> FloatArray:
        """Shape (switches,): Gb/s that each switch sends to this one at t = 1."""
        column: FloatArray = self.to_many(np.array([switch]))[0]
        return column

    def to_many(self, switches: IntArray) -> FloatArray:
        """Shape (len(switches), switches): row i is `to(switches[i])`."""
        n = self.network.switches
        if isinstance(self.form, Sparse):
            row = np.full(n, -1, dtype=np.int64)
            row[switches] = np.arange(len(switches))
            hit = row[self.form.dst] >= 0
            result = np.zeros((len(switches), n))
            np.add.at(result, (row[self.form.dst[hit]], self.form.src[hit]), self.form.gbps[hit])
            return result
        weight, group = self.form.weight, self.form.group
        result = np.outer(weight[switches], weight) * float(self.form.scale)
        result[group[switches][:, None] != group[None, :]] = 0.0
        result[np.arange(len(switches)), switches] = 0.0
        return result


def components(net: SwitchNetwork) -> IntArray:
    """Shape (switches,): the connected component of each switch."""
    return net.component


def all_to_all(fabric: Fabric, network: str | int = 0, baseline: Fabric | None = None) -> Demand:
    """Every endpoint to every other endpoint of its own plane, at rates in proportion to both line rates."""
    net = switch_network(fabric, network)
    return Demand(net, "all-to-all", *_uniform(fabric, net, network, baseline))


def _uniform(
    fabric: Fabric, net: SwitchNetwork, network: str | int, baseline: Fabric | None
) -> tuple[Uniform, Fraction | None, tuple[str, ...]]:
    intact = net if baseline is None else switch_network(baseline, network)
    scale = all_to_all_scale(intact)
    weight = speeds(np.bincount(net.at, weights=net.endpoint_gbps, minlength=net.switches))
    group = _groups(net)
    group_of = group[net.at]
    total = np.bincount(group_of, weights=net.endpoint_gbps)
    others = speeds(total[group_of] - net.endpoint_gbps)
    group[weight == 0] = -1
    cut = cut_off_endpoints(baseline or fabric, fabric, net, _outside(net, group_of))
    limit = _endpoint_limit(net.attach_gbps, net.endpoint_gbps, others, scale)
    return Uniform(weight, group, scale), limit, cut


def all_to_all_scale(net: SwitchNetwork) -> Fraction:
    """Gb/s of demand per product of two line rates in Gb/s: 1 / max over endpoints of (its plane's sum - its own)."""
    if not len(net.endpoint):
        return Fraction(0)
    total = np.bincount(net.endpoint_plane - net.endpoint_plane.min(), weights=net.endpoint_gbps)
    others = speeds(total[net.endpoint_plane - net.endpoint_plane.min()] - net.endpoint_gbps)
    most = float(others.max())
    return 1 / exact(most) if most > 0 else Fraction(0)


def _groups(net: SwitchNetwork) -> IntArray:
    """Shape (switches,): switches of one plane and one component share a number."""
    if not net.switches:
        return np.zeros(0, dtype=np.int64)
    both = np.stack([components(net), net.plane.astype(np.int64)])
    group: IntArray = np.unique(both, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return group


def _outside(net: SwitchNetwork, group_of: IntArray) -> IntArray:
    """Positions of endpoints outside the largest group of their plane (ties: the first group stays)."""
    lost: list[IntArray] = []
    planes, groups = ranks(net.endpoint_plane), int(group_of.max(initial=-1)) + 1
    if len(distinct(planes * groups + group_of)) == int(planes.max(initial=-1)) + 1:
        return np.zeros(0, dtype=np.int64)
    for plane in np.unique(net.endpoint_plane):
        rows = np.flatnonzero(net.endpoint_plane == plane)
        rates = np.bincount(group_of[rows], weights=net.endpoint_gbps[rows])
        lost.append(rows[group_of[rows] != int(rates.argmax())])
    return np.concatenate(lost) if lost else np.zeros(0, dtype=np.int64)


def _endpoint_limit(attach: FloatArray, rate: FloatArray, others: FloatArray, scale: Fraction) -> Fraction | None:
    """The least attach / (scale * rate * others), exactly, over the distinct rows."""
    busy = (rate > 0) & (others > 0) & (scale > 0)
    rows = distinct_rows(attach[busy], rate[busy], others[busy])
    limits = [exact(a) / (scale * exact(r) * exact(o)) for a, r, o in rows.tolist()]
    return min(limits) if limits else None


def endpoint_names(fabric: Fabric, rows: IntArray) -> tuple[str, ...]:
    """Names "host:port" of the given endpoint rows."""
    hosts = fabric.devices.name[fabric.endpoints.host[rows]].tolist()
    ports = fabric.port_name(fabric.endpoints.port[rows]).tolist()
    return tuple(f"{host}:{port}" for host, port in zip(hosts, ports, strict=True))


def cut_off_endpoints(
    baseline: Fabric, fabric: Fabric, net: SwitchNetwork, outside: IntArray | Sequence[int] = ()
) -> tuple[str, ...]:
    """Endpoints of the network that the baseline has and that are unconnected in the fabric, or are at the positions
    `outside` of `net`; in the baseline's order."""
    network = net.row
    kept = np.delete(net.endpoint, np.asarray(outside, dtype=np.int64)) if len(outside) else net.endpoint
    everyone = np.flatnonzero(baseline.endpoints.network == network)
    if baseline is fabric:
        if len(kept) == len(everyone):
            return ()
        gone = np.ones(len(fabric.endpoints), dtype=np.bool_)
        gone[kept] = False
        return endpoint_names(fabric, everyone[gone[everyone]])
    names, order = baseline.devices.name, np.argsort(baseline.devices.name)
    now = fabric.devices.name
    same = order[np.minimum(np.searchsorted(names, now, sorter=order), len(names) - 1)]
    row = np.where(names[same] == now, same, -1)
    width = int(max(f.ports.number.max(initial=0) for f in (baseline, fabric))) + 1
    alive = _port_keys(fabric, kept, row, width)
    before = _port_keys(baseline, everyone, np.arange(len(names)), width)
    return endpoint_names(baseline, everyone[~np.isin(before, alive)])


def _port_keys(fabric: Fabric, rows: IntArray, device: IntArray, width: int) -> IntArray:
    """Shape (len(rows),): one number for the port of each endpoint row, by the number that `device` gives its host;
    port numbers lie below `width`."""
    key: IntArray = device[fabric.endpoints.host[rows]] * width + fabric.ports.number[fabric.endpoints.port[rows]]
    return key


def from_endpoint_pairs(
    fabric: Fabric,
    net: SwitchNetwork,
    traffic: str,
    flows: Flows,
    baseline: Fabric | None = None,
) -> Demand:
    """A demand from flows between endpoints, with the Gb/s of each at t = 1.

    Flows between components are dropped. The endpoint limit is the least of attach speed over what is sent or received.
    """
    part = components(net)
    src, dst, gbps = flows.src, flows.dst, flows.gbps
    joined = part[net.at[src]] == part[net.at[dst]]
    lost = np.unique(np.concatenate([src[~joined], dst[~joined]]))
    src, dst, gbps = src[joined], dst[joined], gbps[joined]
    n = len(net.endpoint)
    busiest = np.maximum(np.bincount(src, gbps, n), np.bincount(dst, gbps, n))
    u, v = net.at[src], net.at[dst]
    apart = u != v
    key, at = np.unique(v[apart] * net.switches + u[apart], return_inverse=True)
    summed = np.bincount(at, weights=gbps[apart], minlength=len(key)).astype(np.float64)
    form = Sparse(key % max(net.switches, 1), key // max(net.switches, 1), summed)
    limit = _endpoint_limit(net.attach_gbps, busiest, np.ones(n), Fraction(1))
    cut = cut_off_endpoints(baseline or fabric, fabric, net, lost)
    return Demand(net, traffic, form, limit, cut, Flows(src, dst, gbps))
