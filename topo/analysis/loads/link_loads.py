"""What every link of a network carries at t = 1 under a routing: link by link, and by kind and direction."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import ChannelLoads, channels_of
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

DIRECTIONS = ("up", "down", "across")


@dataclass(frozen=True)
class LinkLoads:
    """The links of one network (rows `link` of the fabric's) and `gbps` (links, 2), what each carries at t = 1 from end
    a to end b and back."""

    link: IntArray
    gbps: FloatArray


@dataclass(frozen=True)
class LoadClass:
    """Links of one kind in one direction: `up` from a lower tier to a higher one, `down`, or `across`.

    `links` of them, of which `idle` carry nothing; Gb/s at t = 1, then the share of their speed in use: least, mean,
    median, 90 and 99 percent quantiles, most.
    """

    kind: str
    direction: str
    links: int
    idle: int
    mean_gbps: float
    most_gbps: float
    least: float
    mean: float
    p50: float
    p90: float
    p99: float
    most: float


def adaptive_loads(fabric: Fabric, net: SwitchNetwork, arc_use: FloatArray) -> ChannelLoads:
    """The loads of a routing that is known by the share in use of every arc (shape (2 * edges,)): parallel links share
    an arc's load by their speeds."""
    channels = channels_of(fabric, net)
    return ChannelLoads(channels, arc_use[channels.arc] * channels.gbps, Fraction(1), 2.0**-40)


def link_loads(fabric: Fabric, demand: Demand, loads: ChannelLoads) -> LinkLoads:
    """Every active link of the demand's network between switches, and its endpoint links where it is known what each
    endpoint sends and receives."""
    net = demand.network
    gbps = loads.link_gbps(len(fabric.links))
    mask = net.edge_of_link >= 0
    ends = endpoint_gbps(demand)
    if ends is not None:
        link = fabric.endpoint_link[net.endpoint]
        way = (fabric.links.a[link] != fabric.endpoints.port[net.endpoint]).astype(np.int64)
        gbps[link, way], gbps[link, 1 - way] = ends
        mask[link] = True
    rows: IntArray = np.flatnonzero(mask)
    return LinkLoads(rows, gbps[rows])


def endpoint_gbps(demand: Demand) -> tuple[FloatArray, FloatArray] | None:
    """Shape (endpoints,) each, by position in the network: Gb/s that every endpoint sends and receives at t = 1, pairs
    on one switch included; None for a traffic that is known between switches only."""
    net, form = demand.network, demand.form
    n = len(net.at)
    if demand.flows is not None:
        src, dst, gbps = demand.flows.src, demand.flows.dst, demand.flows.gbps
        return np.bincount(src, gbps, n).astype(np.float64), np.bincount(dst, gbps, n).astype(np.float64)
    if not isinstance(form, Uniform) or demand.traffic != "all-to-all":
        return None
    group = form.group[net.at] + 1
    others = np.bincount(group, net.endpoint_gbps, 1)[group] - net.endpoint_gbps
    sent = np.where(group > 0, net.endpoint_gbps * others * float(form.scale), 0.0)
    return sent, sent


def load_classes(fabric: Fabric, loads: LinkLoads) -> tuple[LoadClass, ...]:
    """Loads by kind of link and direction, kinds in the fabric's order."""
    link = np.tile(loads.link, 2)
    gbps = np.concatenate([loads.gbps[:, 0], loads.gbps[:, 1]])
    a, b = (fabric.devices.tier[ends[loads.link]].astype(np.int64) for ends in (fabric.link_a, fabric.link_b))
    rise = np.concatenate([b - a, a - b])
    way = np.where(rise > 0, 0, np.where(rise < 0, 1, 2))
    result = []
    for kind, title in enumerate(fabric.link_kinds):
        for d, word in enumerate(DIRECTIONS):
            mask = (fabric.links.kind[link] == kind) & (way == d)
            if mask.any():
                result.append(_class(title, word, gbps[mask], gbps[mask] / fabric.links.gbps[link[mask]]))
    return tuple(result)


def _class(kind: str, direction: str, gbps: FloatArray, use: FloatArray) -> LoadClass:
    marks = [float(q) for q in np.quantile(use, (0.0, 0.5, 0.9, 0.99, 1.0))]
    figures = float(gbps.mean()), float(gbps.max()), marks[0], float(use.mean()), *marks[1:]
    return LoadClass(kind, direction, len(gbps), int((gbps == 0).sum()), *figures)


def as_full_as(loads: ChannelLoads, use: float) -> int:
    """How many channels are in use by at least this share of their speed, up to rounding."""
    return int((loads.gbps >= use * (1 - 1e-9) * loads.channels.gbps).sum())


def total_gbps(demand: Demand) -> float:
    """What is sent between different switches at t = 1."""
    form = demand.form
    if not isinstance(form, Uniform):
        return float(form.gbps.sum())
    busy = form.group >= 0
    weight, group = form.weight[busy], form.group[busy]
    others = np.bincount(group, weight, 1)[group] - weight
    return float((weight * others).sum() * float(form.scale))
