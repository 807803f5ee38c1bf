"""Several random failures at once: a distribution over stated seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeVar

import numpy as np

from topo.analysis.failures._rows import FailureRow
from topo.analysis.failures._single import BEFORE, Asked, Asking, Failure, examined, refuse_many, remaining
from topo.analysis.failures._things import TIERS, Thing, of_kind
from topo.analysis.throughput import before_failures
from topo.errors import ParameterError
from topo.fabric import Fabric, carried
from topo.fabric.model import FloatArray, IntArray
from topo.solvers.budget import QUESTION_S, counted_time, is_counted, now

T = TypeVar("T")
R = TypeVar("R")

KINDS = ("cable", "host", *TIERS)
PARTS = 2
"""Parts of the draws for each that examines them at once."""


class Spread(Protocol):
    """Whoever does tasks elsewhere, `width` of them at once."""

    @property
    def width(self) -> int:
        """How many tasks are done at once."""

    def __call__(self, work: Callable[[T], R], tasks: Sequence[T], /) -> list[R]:
        """What `work` gives for each task, in their order; raises what kept one from giving anything."""


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
    time_limit_s: float = QUESTION_S,
    asked: Asked | None = None,
    spread: Spread | None = None,
) -> RandomFailures:
    """`count` things of one kind, drawn without replacement for each seed (numpy's PCG64), fail at once.

    Cables are those between switches, each with all its links as the fabric knows them; a switch is one of any tier.
    `asked` answers as in `single_failures`; `spread` has the draws examined elsewhere, to the same rows. Raises
    ParameterError for an unknown kind or a count that the network does not have, LimitReachedError where the draws are
    too many to look at each within `time_limit_s`.
    """
    row = fabric.network_row(network) if isinstance(network, str) else network
    if what not in KINDS:
        raise ParameterError("what", what, "no such kind of random failure", ", ".join(KINDS))
    pool = _pool(fabric, row, what)
    _refuse_count(fabric, row, what, count, len(pool))
    if asked is None:
        refuse_many(fabric, len(seeds), time_limit_s)
    things = []
    for seed in seeds:
        drawn = np.sort(np.random.default_rng(seed).choice(len(pool), count, replace=False)).tolist()
        links = sorted({link for j in drawn for link in pool[j].links})
        devices = [name for j in drawn for name in pool[j].devices]
        things.append(Thing(f"seed {seed}", tuple(links), tuple(devices)))
    parts = min(PARTS * spread.width, len(things)) if spread is not None and asked is None else 1
    cuts = [len(things) * i // max(parts, 1) for i in range(parts + 1)]
    tasks = [
        Draws(
            fabric,
            row,
            what,
            count,
            tuple(things[a:b]),
            (traffic, routing),
            time_limit_s * (b - a) / len(things),
            is_counted(),
        )
        for a, b in pairwise(cuts)
    ]
    if spread is None or len(tasks) < 2:
        result = [examine_draws(task, asked) for task in tasks]
    else:
        result = spread(examine_draws, tasks)
    return RandomFailures(tuple(int(s) for s in seeds), tuple(row for rows in result for row in rows))


def _refuse_count(fabric: Fabric, network: int, what: str, count: int, number: int) -> None:
    """Raises ParameterError where a network has nothing of this kind, or fewer things than are to be drawn."""
    if not number:
        between = " between switches" if what == "cable" else ""
        message = f"network {fabric.networks[network]} has no {what}{between} to draw"
        raise ParameterError("any", what, message, ", ".join(drawn_from(fabric, network)))
    if not 0 < count <= number:
        message = f"the network has {number:,} of kind {what}"
        raise ParameterError("count", count, message, f"1 to {number:,}" if number > 1 else "1")


@dataclass(frozen=True)
class Draws:
    """Some draws of a question, to be examined within a time; picklable."""

    fabric: Fabric
    network: int
    what: str
    count: int
    things: tuple[Thing, ...]
    question: tuple[str, str]
    time_limit_s: float
    counted: bool = False
    """Whether its time is counted work."""


def examine_draws(task: Draws, asked: Asked | None = None) -> tuple[FailureRow, ...]:
    """A row for each draw, in their order."""
    with counted_time() if task.counted else nullcontext():
        return _examined(task, asked)


def _examined(task: Draws, asked: Asked | None) -> tuple[FailureRow, ...]:
    start, rows = now(), []
    before = None if asked else before_failures(task.fabric, task.network, *task.question, BEFORE * task.time_limit_s)
    asking = Asking(task.fabric, task.network, task.question, before, asked)
    for i, thing in enumerate(task.things):
        left = remaining(start, task.time_limit_s) / (len(task.things) - i)
        rows.append(examined(asking, Failure(task.what, task.count, thing, 1), left))
    return tuple(rows)


def drawn_from(fabric: Fabric, network: int) -> dict[str, int]:
    """How many things of each kind there are to draw from, without kinds that the network does not have."""
    result = {kind: len(_pool(fabric, network, kind)) for kind in KINDS}
    return {kind: number for kind, number in result.items() if number}


def _pool(fabric: Fabric, network: int, what: str) -> list[Thing]:
    """What is drawn from, in order of first links or of device rows."""
    if what == "cable":
        rows, cable = carried(fabric, np.flatnonzero((fabric.links.network == network) & fabric.links.active))
        start = np.flatnonzero(np.diff(cable, prepend=-1))
        ids, inner = fabric.links.id[rows].tolist(), ~fabric.is_endpoint_link[rows]
        ends = [*start.tolist(), len(rows)]
        between = np.logical_or.reduceat(inner, start) if len(start) else inner
        selected = np.flatnonzero(between).tolist()
        return [Thing("", tuple(ids[ends[i] : ends[i + 1]])) for i in selected]
    if what == "host":
        selected = np.unique(fabric.endpoints.host[fabric.endpoints.network == network]).tolist()
    else:
        selected = np.flatnonzero(fabric.switches_in(network) & of_kind(fabric.devices.tier, what)).tolist()
    return [Thing("", devices=(str(fabric.devices.name[row]),)) for row in selected]
