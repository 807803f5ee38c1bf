"""The throughput that loads on channels leave."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from topo.certificates.reading.channels import Channels
from topo.certificates.reading.whole import Whole
from topo.fabric.model import FloatArray
from topo.fabric.speed import exact


def proved_throughput(channels: Channels, load: Whole, unit: Fraction) -> Fraction | None:
    """The largest t at which no channel that carries t * load * unit Gb/s is overloaded; None where none carries."""
    busy = np.flatnonzero(load)
    if not len(busy):
        return None
    if load.dtype == object:
        every = zip(channels.gbps[busy].tolist(), channels.links[busy].tolist(), load[busy].tolist(), strict=True)
        slowest: Fraction = min(exact(speed) * n / x for speed, n, x in every)
        return slowest / unit
    room: FloatArray = channels.gbps[busy] * channels.links[busy] / load[busy].astype(np.float64)
    near = busy[room <= room.min() * (1 + 1e-9)]
    rows = zip(channels.gbps[near].tolist(), channels.links[near].tolist(), load[near].tolist(), strict=True)
    least: Fraction = min(exact(speed) * n / x for speed, n, x in set(rows))
    return least / unit
