"""Latency of small messages over shortest paths, as a distribution over all pairs.

A path costs `base + per_switch x switches`, plus the cables where their lengths are known, plus the time to put a
longer message on the wire once (switches cut through). The constants are a `LatencyModel` of the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.analysis.paths.cable_spread import cable_spread
from topo.analysis.paths.hops import Hops, hops, pair_hops
from topo.catalog import Catalog, LatencyModel
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import FloatArray

DEFAULTS: Mapping[str, str] = {"infiniband": "infiniband", "ethernet": "roce"}
"""The latency model of each protocol that is used where none is named."""


@dataclass(frozen=True)
class Latency:
    """Latencies in microseconds (ascending) with the number of ordered pairs that have each. Empty where no pair is
    joined."""

    model: str
    us: FloatArray
    pairs: FloatArray

    @property
    def mean_us(self) -> float:
        """The mean over all pairs."""
        return float(self.us @ self.pairs / self.pairs.sum()) if len(self.us) else 0.0

    def quantile_us(self, q: float) -> float:
        """The smallest latency that at least a share `q` of the pairs does not exceed."""
        reached = np.cumsum(self.pairs) >= q * self.pairs.sum() - 1e-9
        return float(self.us[np.argmax(reached)])

    def to_json(self) -> dict[str, float]:
        """The report's keys; empty where no pair is joined."""
        if not len(self.us):
            return {}
        ends = {"min": float(self.us[0]), "mean": self.mean_us, "p50": self.quantile_us(0.5)}
        return {**ends, "p99": self.quantile_us(0.99), "max": float(self.us[-1])}


def default_model(fabric: Fabric, network: int, catalog: Catalog) -> LatencyModel | None:
    """The model of the protocol that all switches of a network speak; None where they do not say or differ."""
    rows = np.unique(fabric.devices.part[fabric.switches_in(network)])
    names = {fabric.parts[row] if row >= 0 else "" for row in rows.tolist()}
    if not names or any(not name or catalog.path("switch", name) is None for name in names):
        return None
    protocols = set.intersection(*(set(catalog.switch(name).network) for name in names))
    known = [DEFAULTS[p] for p in DEFAULTS if p in protocols]
    return latency_model(catalog, known[0]) if known else None


def latency_model(catalog: Catalog, name: str, key: str = "latency") -> LatencyModel:
    """A latency model by id; raises ParameterError under `key`."""
    return cast(LatencyModel, catalog.get("latency", name, key))


def path_us(
    model: LatencyModel, switches: float, metres: float = 0.0, message_bytes: int = 0, gbps: float = 0.0
) -> float:
    """Latency over so many switches and metres of cable. A message longer than the model's takes its further bytes at
    `gbps` in addition."""
    longer = _longer_us(model, message_bytes, gbps) if gbps else 0.0
    return model.base_us + model.per_switch_us * switches + model.cable_ns_per_m * 1e-3 * metres + longer


def scale_up_path_us(model: LatencyModel, message_bytes: int, gbps: float) -> float:
    """Latency between two GPUs of a scale-up domain in which each sends at `gbps`; a message longer than the model's
    takes its further bytes at that rate in addition."""
    return model.scale_up_us + _longer_us(model, message_bytes, gbps)


def _longer_us(model: LatencyModel, message_bytes: int, gbps: float) -> float:
    return max(message_bytes - model.message_bytes, 0) * 8e-3 / gbps


def endpoint_latency(
    fabric: Fabric,
    net: SwitchNetwork,
    model: LatencyModel,
    message_bytes: int = 0,
    length_m: FloatArray | None = None,
    counted: Hops | None = None,
) -> Latency:
    """Over ordered pairs of different endpoints that are joined.

    `length_m` (shape (fabric links,)) adds the cables: those of the two endpoint links, and of the shortest of the
    paths with the fewest switches. `counted` saves counting hops again where lengths are not given. Messages are sent
    at the slowest endpoint's rate.
    """
    gbps = float(net.endpoint_gbps.min(initial=np.inf))
    fixed = path_us(model, 0, 0.0, message_bytes, gbps)
    if length_m is None:
        histogram = (counted or hops(net)).histogram
        switches = np.array(list(histogram), dtype=np.float64)
        pairs = np.array(list(histogram.values()), dtype=np.float64)
        return Latency(model.id, fixed + model.per_switch_us * switches, pairs)
    spread = cable_spread(fabric, net, length_m)
    return _sorted(model, *_spread_us(model, fixed, spread.pairs, spread.per_m))


def _spread_us(model: LatencyModel, fixed: float, pairs: FloatArray, per_m: float) -> tuple[FloatArray, FloatArray]:
    """Latencies and pairs of a table by switches and parts of a metre."""
    switches, parts = np.nonzero(pairs)
    us = fixed + model.per_switch_us * switches + model.cable_ns_per_m * 1e-3 / per_m * parts
    return us, pairs[switches, parts]


def _sorted(model: LatencyModel, us: FloatArray, pairs: FloatArray) -> Latency:
    """Equal latencies summed, ascending; those without pairs left out."""
    values, where = np.unique(np.round(us, 9), return_inverse=True)
    summed = np.bincount(where, pairs, len(values)).astype(np.float64)
    return Latency(model.id, values[summed > 0], summed[summed > 0])


@dataclass(frozen=True)
class _Alike:
    """What hosts that are all alike have: GPUs, endpoints in each plane, GPUs with an endpoint in a given plane, and
    the share of a GPU that one endpoint stands for as a destination."""

    gpus: int
    in_plane: int
    direct: int
    weight: float


def gpu_latency(
    fabric: Fabric,
    net: SwitchNetwork,
    model: LatencyModel,
    message_bytes: int = 0,
    counted: Hops | None = None,
    length_m: FloatArray | None = None,
) -> Latency | None:
    """Over ordered pairs of different GPUs; None where the hosts are not all alike. `length_m` (shape (fabric links,))
    adds the cables as `endpoint_latency` does.

    GPUs of one scale-up domain talk over that alone. Otherwise a message ends on an endpoint of the receiving GPU,
    evenly over those it has, and starts in the same plane: on the sending GPU's own endpoint, or after a transfer
    inside the sender's domain to a GPU that has one there (`scale_up_path_us` more: the whole message is there before
    it goes on). Pairs that would need a scale-up domain where there is none are left out.
    """
    alike = _alike(fabric, net)
    if alike is None:
        return None
    fixed = path_us(model, 0, 0.0, message_bytes, float(net.endpoint_gbps.min(initial=np.inf)))
    slowest = min(fabric.scale_up_gbps[group] for group in np.unique(fabric.devices.group[net.host]).tolist())
    if length_m is None:
        within = _within_domains(fabric, net)
        rest = {s: n - within.get(s, 0) for s, n in (counted or hops(net)).histogram.items()}
        us = fixed + model.per_switch_us * np.array(list(rest), dtype=np.float64)
        pairs = np.array(list(rest.values()), dtype=np.float64)
    else:
        spread = cable_spread(fabric, net, length_m)
        us, pairs = _spread_us(model, fixed, spread.pairs - spread.within, spread.per_m)
    share = pairs * alike.weight / alike.in_plane
    parts = [(us, share * alike.direct)]
    if slowest > 0:
        hosts = np.unique(net.host)
        in_domain = np.unique(joined_hosts(fabric, hosts), return_counts=True)[1] * float(alike.gpus)
        inside = np.array([float((in_domain * (in_domain - 1)).sum())])
        transfer = scale_up_path_us(model, message_bytes, slowest)
        parts.append((us + transfer, share * (alike.gpus - alike.direct)))
        parts.append((np.array([transfer]), inside))
    return _sorted(model, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def _alike(fabric: Fabric, net: SwitchNetwork) -> _Alike | None:
    """What the hosts of a network have in common; None where they differ or have no GPUs."""
    ends, gpus = fabric.endpoints.rows(net.endpoint), fabric.devices.gpus[net.host]
    hosts, width = np.unique(ends.host, return_counts=True)
    if not len(hosts) or len(np.unique(width)) > 1 or len(np.unique(gpus)) > 1 or not gpus[0]:
        return None
    order = np.argsort(ends.host, kind="stable")
    columns = np.stack([ends.plane, ends.gpu_first, ends.gpu_count])[:, order].reshape(3, len(hosts), -1)
    if (columns != columns[:, :1]).any():
        return None
    plane, first, count = columns[:, 0]
    per_plane = {
        p: [range(f, f + n) for q, f, n in zip(plane, first, count, strict=True) if p == q] for p in set(plane)
    }
    direct = {len({gpu for reach in ranges for gpu in reach}) for ranges in per_plane.values()}
    in_plane = {len(ranges) for ranges in per_plane.values()}
    total = int(count.sum())
    if len(direct) > 1 or len(in_plane) > 1 or len(set(count)) > 1 or not total:
        return None
    g = int(gpus[0])
    return _Alike(g, in_plane.pop(), direct.pop(), g / int(width[0]))


def _within_domains(fabric: Fabric, net: SwitchNetwork) -> dict[int, int]:
    """Ordered pairs of different endpoints of one scale-up domain in one plane, by switches on their path."""
    domain = np.unique(joined_hosts(fabric, net.host), return_inverse=True)[1].astype(np.int64)
    place, count = np.unique(domain * net.switches + net.at, return_counts=True)
    at, of = place % net.switches, place // net.switches
    width = np.bincount(of)
    start = np.cumsum(width) - width
    total: dict[int, int] = {}
    for size in np.unique(width).tolist():
        rows = start[width == size][:, None] + np.arange(size)[None, :]
        first, second = np.nonzero(np.ones((size, size), dtype=np.bool_))
        u, v = rows[:, first].ravel(), rows[:, second].ravel()
        weight = count[u] * (count[v] - (u == v))
        both, where = np.unique(at[u] * net.switches + at[v], return_inverse=True)
        pairs = np.bincount(where.reshape(-1), weight).astype(np.int64)
        crossed = pair_hops(net, both // net.switches, both % net.switches)
        for switches, n in zip(crossed.tolist(), pairs.tolist(), strict=True):
            if switches and n:
                total[switches] = total.get(switches, 0) + n
    return total
