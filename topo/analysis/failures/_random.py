"""Several random failures at once: a distribution over stated seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from topo.analysis.failures._rows import FailureRow
from topo.analysis.failures._single import examined
from topo.analysis.failures._things import TIERS, Thing
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

KINDS = ("cable", "host", *TIERS)


@dataclass(frozen=True)
class RandomFailures:
    """`rows[i]` is the draw of `seeds[i]`. Throughputs below are proved lower ends; `worst` is the row of the least."""

    seeds: tuple[int, ...]
    rows: tuple[FailureRow, ...]

    @property
    def lower(self) -> FloatArray:
        """Shape (seeds,): proved lower ends."""
        return np.array([row.lower for row in self.rows])

    @property
    def upper(self) -> FloatArray:
        """Shape (seeds,): proved upper ends."""
        return np.array([row.upper for row in self.rows])

    @property
    def cut_off(self) -> IntArray:
        """Shape (seeds,): GPUs cut off."""
        return np.array([row.cut_off for row in self.rows])

    @property
    def worst(self) -> FailureRow:
        """The draw with the least lower end; the first of equals."""
        return self.rows[int(self.lower.argmin())]


def random_failures(
    fabric: Fabric,
    what: str = "cable",
    count: int = 1,
    seeds: Sequence[int] = range(10),
    network: str | int = 0,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    time_limit_s: float = 60.0,
) -> RandomFailures:
    """`count` things of one kind, drawn without replacement for each seed (numpy's PCG64), fail at once.

    Cables are single links between switches. Raises ParameterError for an unknown kind or a count that the network does
    not have.
    """
    row = fabric.network_row(network) if isinstance(network, str) else network
    if what not in KINDS:
        raise ParameterError("what", what, "no such kind of random failure", ", ".join(KINDS))
    pool = _pool(fabric, row, what)
    if not 0 < count <= len(pool):
        raise ParameterError("count", count, f"the network has {len(pool)} of kind {what}", f"1 to {len(pool)}")
    start, rows = monotonic(), []
    for i, seed in enumerate(seeds):
        drawn = np.sort(np.random.default_rng(seed).choice(pool, count, replace=False))
        thing = (
            Thing(f"seed {seed}", links=tuple(fabric.links.id[drawn].tolist()))
            if what == "cable"
            else Thing(f"seed {seed}", devices=tuple(fabric.devices.name[drawn].tolist()))
        )
        left = max(time_limit_s - (monotonic() - start), 1.0) / (len(seeds) - i)
        rows.append(examined(fabric, row, what, count, thing, 1, (traffic, routing), left))
    return RandomFailures(tuple(int(s) for s in seeds), tuple(rows))


def _pool(fabric: Fabric, network: int, what: str) -> IntArray:
    """Rows of links or devices to draw from."""
    if what == "cable":
        mine = (fabric.links.network == network) & ~fabric.is_endpoint_link & fabric.links.active
        return np.flatnonzero(mine)
    if what == "host":
        return np.unique(fabric.endpoints.host[fabric.endpoints.network == network])
    return np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier == TIERS[what]))
