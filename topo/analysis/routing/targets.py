"""What a hash chooses among: every port, or every neighbour with its bundle as one link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from topo.analysis.routing.channels import Channels
from topo.analysis.routing.loads import ChannelLoads
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Targets:
    """`used` are the channels that paths are made of, each with `capacity` Gb/s; `row` (channels,) is the row of `used`
    that each of `channels` belongs to. Per port both are the same; per next hop the first link of a bundle stands for
    all of it, and the bundle shares evenly."""

    channels: Channels
    used: Channels
    row: IntArray
    capacity: FloatArray

    def loads(self, value: FloatArray, unit: Fraction, error: float) -> ChannelLoads:
        """Loads of all channels from those of `used`, value * unit Gb/s each."""
        if len(self.used) == len(self.channels):
            return ChannelLoads(self.channels, value, unit, error)
        common = int(np.lcm.reduce(self.channels.parallel))
        return ChannelLoads(self.channels, value[self.row] * (common // self.channels.parallel), unit / common, error)


def per_port(channels: Channels) -> Targets:
    """Each of several parallel links is a choice of its own."""
    return Targets(channels, channels, np.arange(len(channels)), channels.gbps)


def per_next_hop(channels: Channels) -> Targets:
    """Each neighbour is one choice. A bundle carries as much as its links times the slowest of them."""
    _, first, which = np.unique(channels.arc, return_index=True, return_inverse=True)
    kept = np.sort(first)
    row = np.searchsorted(kept, first)[which]
    slowest = np.full(len(kept), np.inf)
    np.minimum.at(slowest, row, channels.gbps)
    names = ("tail", "head", "link", "way", "port", "number", "gbps", "arc")
    columns = {name: getattr(channels, name)[kept] for name in names}
    used = replace(channels, start=np.searchsorted(kept, channels.start), twin=row[channels.twin[kept]], **columns)
    return Targets(channels, used, row, slowest * channels.parallel[kept])
