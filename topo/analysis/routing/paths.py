"""Flows on one path each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import Flows
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import EXACT_BELOW, whole_numbers
from topo.analysis.routing.targets import Targets
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Paths:
    """Row r of `channel` (paths, longest) holds the rows of `targets.used` that path r takes, in order, then -1.

    It belongs to flow `flow[r]` of `flows`, whose rate its `share` paths divide equally. Flows on one switch have an
    empty path.
    """

    targets: Targets
    flows: Flows
    channel: IntArray
    flow: IntArray
    share: int

    @property
    def length(self) -> IntArray:
        """Shape (paths,): links on each path."""
        return np.asarray((self.channel >= 0).sum(axis=1))


def path_loads(paths: Paths) -> tuple[ChannelLoads, FloatArray]:
    """Loads on every channel, and the demand in Gb/s by path length (0: flows on one switch, not counted)."""
    amount, unit, whole = whole_numbers(paths.flows.gbps)
    each = amount[paths.flow]
    used = paths.channel >= 0
    rows = np.broadcast_to(np.arange(len(each))[:, None], used.shape)[used]
    value = np.bincount(paths.channel[used], weights=each[rows], minlength=len(paths.targets.used)).astype(np.float64)
    exact = whole and float(each.sum()) < EXACT_BELOW
    error = 0.0 if exact else 1.01 * (len(each) + 2) * ROUNDING
    by_length = np.bincount(paths.length, weights=each, minlength=1).astype(np.float64) * float(unit / paths.share)
    by_length[0] = 0.0
    return paths.targets.loads(value, unit / paths.share, error), by_length
