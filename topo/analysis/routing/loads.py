"""What channels carry, and the throughput that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from topo.analysis.routing.channels import Channels, channel_names
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.fabric.speed import exact
from topo.interval import UNBOUNDED, Interval

ROUNDING = 2.0**-53
"""Half a unit in the last place of a double."""


@dataclass(frozen=True)
class ChannelLoads:
    """`value[c] * unit` Gb/s cross channel c at t = 1; each value is right within the relative `error`, 0.0 where it
    is exact. `unserved` is the demand in Gb/s that no path serves."""

    channels: Channels
    value: FloatArray
    unit: Fraction
    error: float
    unserved: float = 0.0

    @cached_property
    def gbps(self) -> FloatArray:
        """Shape (channels,): Gb/s at t = 1."""
        return np.asarray(self.value * float(self.unit))

    @cached_property
    def carried(self) -> Interval:
        """The largest t that overloads no channel: exact where the loads are, unbounded where nothing is loaded."""
        busy = self.value > 0
        if not busy.any():
            return UNBOUNDED
        room = self.channels.gbps[busy] / self.value[busy]
        near = room <= room.min() * (1 + 1e-9)
        pairs = np.unique(np.stack([self.channels.gbps[busy][near], self.value[busy][near]], axis=1), axis=0)
        best = min(exact(g) / Fraction(v) for g, v in pairs.tolist()) / self.unit
        if not self.error:
            return Interval(best, best)
        slack = Fraction(self.error)
        return Interval(best * (1 - slack), best * (1 + 2 * slack))

    def link_gbps(self, links: int) -> FloatArray:
        """Shape (links, 2): Gb/s at t = 1 on every link of the fabric, from end a to end b and back."""
        result = np.zeros((links, 2))
        result[self.channels.link, self.channels.way] = self.gbps
        return result

    def worst(self, fabric: Fabric, most: int = 10) -> tuple[WorstLink, ...]:
        """The most loaded channels, worst first; ties in the order of switches and ports."""
        use = self.gbps / self.channels.gbps if len(self.channels) else self.gbps
        order = np.argsort(-use, kind="stable")[:most]
        order = order[use[order] > 0]
        names = channel_names(fabric, self.channels, order)
        return tuple(
            WorstLink(*name, gbps=float(self.gbps[c]), use=float(use[c]))
            for name, c in zip(names, order.tolist(), strict=True)
        )


@dataclass(frozen=True)
class WorstLink:
    """A link in the direction of travel, what it would carry at t = 1, and that over its speed."""

    from_device: str
    from_port: str
    to_device: str
    to_port: str
    gbps: float
    use: float

    def text(self) -> str:
        """One line for people."""
        return (
            f"{self.from_device} {self.from_port} -> {self.to_device} {self.to_port}: "
            f"{self.gbps:,.6g} Gb/s at t = 1, {self.use:.4g} of its speed"
        )
