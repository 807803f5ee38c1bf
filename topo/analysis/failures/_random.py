"""Several random failures at once: a distribution over stated seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.failures._rows import FailureRow
from topo.analysis.failures._single import BEFORE, Asked, examined, remaining
from topo.analysis.failures._things import TIERS, Thing, of_kind
from topo.analysis.throughput import before_failures
from topo.errors import ParameterError
from topo.fabric import Fabric, carried
from topo.fabric.model import FloatArray, IntArray
from topo.solvers.budget import now

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
    asked: Asked | None = None,
) -> RandomFailures:
    """`count` things of one kind, drawn without replacement for each seed (numpy's PCG64), fail at once.

    Cables are those between switches, each with all its links as the fabric knows them; a switch is one of any tier.
    `asked` answers as in `single_failures`. Raises ParameterError for an unknown kind or a count that the network does
    not have.
    """
    row = fabric.network_row(network) if isinstance(network, str) else network
    if what not in KINDS:
        raise ParameterError("what", what, "no such kind of random failure", ", ".join(KINDS))
    pool = _pool(fabric, row, what)
    if not pool:
        between = " between switches" if what == "cable" else ""
        message = f"network {fabric.networks[row]} has no {what}{between} to draw"
        raise ParameterError("any", what, message, ", ".join(drawn_from(fabric, row)))
    if not 0 < count <= len(pool):
        raise ParameterError(
            "count",
            count,
            f"the network has {len(pool):,} of kind {what}",
            f"1 to {len(pool):,}" if len(pool) > 1 else "1",
        )
    start, rows = now(), []
    before = None if asked else before_failures(fabric, row, traffic, routing, BEFORE * time_limit_s)
    for i, seed in enumerate(seeds):
        drawn = np.sort(np.random.default_rng(seed).choice(len(pool), count, replace=False)).tolist()
        links = sorted({link for j in drawn for link in pool[j].links})
        devices = [name for j in drawn for name in pool[j].devices]
        thing = Thing(f"seed {seed}", tuple(links), tuple(devices))
        left = remaining(start, time_limit_s) / (len(seeds) - i)
        rows.append(examined(fabric, row, what, count, thing, 1, (traffic, routing), left, before, asked))
    return RandomFailures(tuple(int(s) for s in seeds), tuple(rows))


def drawn_from(fabric: Fabric, network: int) -> dict[str, int]:
    """How many things of each kind there are to draw from, without kinds that the network does not have."""
    found = {kind: len(_pool(fabric, network, kind)) for kind in KINDS}
    return {kind: number for kind, number in found.items() if number}


def _pool(fabric: Fabric, network: int, what: str) -> list[Thing]:
    """What is drawn from, in order of first links or of device rows."""
    if what == "cable":
        rows, cable = carried(fabric, np.flatnonzero((fabric.links.network == network) & fabric.links.active))
        start = np.flatnonzero(np.diff(cable, prepend=-1))
        ids, inner = fabric.links.id[rows].tolist(), ~fabric.is_endpoint_link[rows]
        ends = [*start.tolist(), len(rows)]
        between = np.logical_or.reduceat(inner, start) if len(start) else inner
        mine = np.flatnonzero(between).tolist()
        return [Thing("", tuple(ids[ends[i] : ends[i + 1]])) for i in mine]
    if what == "host":
        mine = np.unique(fabric.endpoints.host[fabric.endpoints.network == network]).tolist()
    else:
        mine = np.flatnonzero(fabric.switches_in(network) & of_kind(fabric.devices.tier, what)).tolist()
    return [Thing("", devices=(str(fabric.devices.name[row]),)) for row in mine]
