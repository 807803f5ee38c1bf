"""The switch whose own links limit a traffic most: where to look when a throughput is too low."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topo.checks.labels import dark_ports, device_label, port_labels
from topo.fabric import Fabric
from topo.fabric.model import FloatArray

if TYPE_CHECKING:
    from topo.analysis.demand import Demand


@dataclass(frozen=True)
class Bottleneck:
    """A switch that has `have_gbps` of links to other switches for `need_gbps` of demand in one direction at t = 1."""

    where: tuple[str, ...]
    need_gbps: float
    have_gbps: float

    @property
    def limit(self) -> float:
        """The throughput of the network that this switch alone allows."""
        return self.have_gbps / self.need_gbps if self.need_gbps > 0 else math.inf

    @property
    def why(self) -> str:
        """The bottleneck in words."""
        have, need = f"{self.have_gbps:,.6g}", f"{self.need_gbps:,.6g}"
        return f"{self.where[0]} has {have} Gb/s of links to other switches for {need} Gb/s of demand at line rate"


def crossing_gbps(demand: Demand) -> FloatArray:
    """Shape (switches,): what the endpoints of each switch send to or receive from other switches at t = 1, whichever
    is more."""
    from topo.analysis.demand import Uniform

    form, size = demand.form, demand.network.switches
    if isinstance(form, Uniform):
        whole = np.bincount(np.maximum(form.group, 0), weights=np.where(form.group >= 0, form.weight, 0.0))
        others = np.where(form.group >= 0, whole[np.maximum(form.group, 0)] - form.weight, 0.0)
        return np.asarray(form.weight * others * float(form.scale))
    sent = np.bincount(form.src, weights=form.gbps, minlength=size)
    received = np.bincount(form.dst, weights=form.gbps, minlength=size)
    return np.asarray(np.maximum(sent, received))


def bottleneck(fabric: Fabric, demand: Demand) -> Bottleneck | None:
    """The switch whose links to other switches allow the least throughput; None where nothing crosses."""
    net = demand.network
    need = crossing_gbps(demand)
    if not len(need) or need.max() <= 0:
        return None
    have = np.bincount(net.tail, weights=net.capacity, minlength=net.switches)
    share = np.where(need > 0, have / np.maximum(need, 1e-300), math.inf)
    worst = int(np.argmin(share))
    device = int(net.device[worst])
    where = (device_label(fabric, device), *port_labels(fabric, dark_ports(fabric, device)))
    return Bottleneck(where, float(need[worst]), float(have[worst]))
