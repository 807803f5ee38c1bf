"""A quantity that is cheap for every pattern and goes with the throughput: it takes most of the variance of draws away.

The least share of its links to other switches that a switch with endpoints keeps. Its mean is had from many patterns,
so that the expensive draws only have to tell the mean difference: a control variate with the factor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.reliability.groups import Family
from topo.certificates.replays.chances import Chances
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

MANY = 4000
"""Patterns of which the control's mean is taken."""
STREAM = 1
"""Second word of the seeds of those patterns, so that no draw is one of them."""


@dataclass(frozen=True)
class Control:
    """Links between switches of a network: their ends, speeds, and what each switch has of them in all."""

    rows: IntArray
    a: IntArray
    b: IntArray
    gbps: FloatArray
    full: FloatArray
    at: IntArray
    links: int

    def of(self, links: IntArray, devices: IntArray) -> float:
        """The least share that a switch keeps while these link and device rows are broken; 1 where none is left."""
        alive = np.ones(self.links, dtype=np.bool_)
        alive[links] = False
        dead = np.zeros(len(self.full), dtype=np.bool_)
        dead[devices] = True
        kept = alive[self.rows] & ~dead[self.a] & ~dead[self.b]
        have = np.bincount(self.a[kept], self.gbps[kept], len(self.full))
        have += np.bincount(self.b[kept], self.gbps[kept], len(self.full))
        at = self.at[~dead[self.at]]
        return float((have[at] / self.full[at]).min(initial=1.0))


def control_of(fabric: Fabric, network: int) -> Control:
    """The control of a network."""
    rows = np.flatnonzero((fabric.links.network == network) & ~fabric.is_endpoint_link & fabric.links.active)
    a, b, gbps = fabric.link_a[rows], fabric.link_b[rows], fabric.links.gbps[rows]
    n = len(fabric.devices)
    full = (np.bincount(a, gbps, n) + np.bincount(b, gbps, n)).astype(np.float64)
    mask = (fabric.endpoints.network == network) & (fabric.endpoint_switch >= 0)
    at = np.unique(fabric.endpoint_switch[mask])
    return Control(rows, a, b, gbps, full, at[full[at] > 0], len(fabric.links))


def broken_rows(families: Sequence[Family], drawn: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Link and device rows of a drawn pattern."""
    chosen = [(f, np.array(own, dtype=np.int64)) for f, own in zip(families, drawn, strict=True) if len(own)]
    empty = [np.zeros(0, dtype=np.int64)]
    links = np.concatenate([f.links_of(own) for f, own in chosen] or empty)
    return links, np.concatenate([f.devices_of(own) for f, own in chosen] or empty)


def many(control: Control, odds: Chances, families: Sequence[Family], least: int, first_seed: int) -> FloatArray:
    """Shape (MANY,): the control of patterns with at least so many broken groups, stratified by their number."""
    result = []
    for i in range(MANY):
        rng = np.random.default_rng([first_seed, STREAM, i])
        drawn = odds.draw(rng, least, (i + rng.random()) / MANY)
        result.append(control.of(*broken_rows(families, drawn)))
    return np.array(result)
