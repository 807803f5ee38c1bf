"""What a routing is and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.routing.fair import FairRates
from topo.analysis.routing.loads import ChannelLoads, WorstLink
from topo.catalog.models import Strict
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.interval import Interval
from topo.solvers.budget import Budget

if TYPE_CHECKING:
    from topo.analysis.routing.tables import ForwardingTables

LEAST_S = 1.0
"""What a limit counts as at least: small networks are routed whatever it is."""


@dataclass(frozen=True)
class Samples:
    """Network throughputs of a hashed routing, one per seed, in the order of the seeds."""

    seeds: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return float(np.mean(self.values))

    @property
    def least(self) -> float:
        """The worst seed's."""
        return min(self.values)

    @property
    def p50(self) -> float:
        """The median over the seeds."""
        return float(np.median(self.values))


@dataclass(frozen=True)
class Replay:
    """How a checker finds a routing's figures again: the kind of its certificate, more keys of the question, and for a
    hashed routing the interval that each seed reaches."""

    kind: str
    question: Mapping[str, Any]
    samples: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Routed:
    """The answer of one routing to one demand, for the network alone (endpoint links apart).

    `carried` encloses the largest t at which no switch-to-switch link is overloaded: exact where the loads are, apart
    by the rounding bound where they are floating point, the worst and the best seed of a hashed routing; unbounded
    where nothing loads the network. `loads` are those of the first seed. `length_gbps` is the demand in Gb/s at
    t = 1 by the number of switches its paths cross. `remark` states what the figures rest on, `replay` what a checker
    needs to find them again: the certificate's kind and what its question says beyond traffic and routing. `tables`
    are those that a static routing follows.
    """

    routing: str
    carried: Interval
    loads: ChannelLoads
    length_gbps: Mapping[int, float]
    samples: Samples | None = None
    remark: str = ""
    replay: Replay | None = None
    tables: ForwardingTables | None = None

    @property
    def lower(self) -> Fraction | None:
        """The lower end of `carried`."""
        return self.carried.lower

    @property
    def upper(self) -> Fraction | None:
        """The upper end of `carried`."""
        return self.carried.upper

    @property
    def exact(self) -> bool:
        """The two ends meet, and no hash was drawn."""
        return self.carried.exact and self.samples is None

    @property
    def max_switches(self) -> int:
        """Switches on the longest path that carries anything; 0 where nothing does."""
        return max(self.length_gbps, default=0)

    @property
    def mean_switches(self) -> float:
        """The mean number of switches crossed, weighted by demand; 0.0 where there is none."""
        total = sum(self.length_gbps.values())
        return sum(n * gbps for n, gbps in self.length_gbps.items()) / total if total else 0.0

    def link_gbps(self, fabric: Fabric) -> FloatArray:
        """Shape (links, 2): Gb/s at t = 1 on every link of the fabric from end a to end b and back; 0.0 elsewhere."""
        return self.loads.link_gbps(len(fabric.links))

    def worst(self, fabric: Fabric, most: int = 10) -> tuple[WorstLink, ...]:
        """The most loaded links by name, worst first."""
        return self.loads.worst(fabric, most)


P = TypeVar("P", bound=Strict)


@dataclass(frozen=True)
class Work:
    """What routing a demand takes, counted beforehand: `amount` of what `what` says, of which a core does `per_s` in a
    second. `merged` counts it again where symmetry may leave less."""

    amount: float
    per_s: float
    what: str
    merged: Callable[[], float] | None = None

    def refuse_beyond(self, limit_s: float) -> None:
        """Raises LimitReachedError where a limit, which counts as a second at least, has no time for it."""
        limit = Budget(max(limit_s, LEAST_S))
        if limit.allows(self.amount, self.per_s) or (self.merged and limit.allows(self.merged(), self.per_s)):
            return
        raise LimitReachedError(f"{self.what} are too many for {limit_s:g} s")


@dataclass(frozen=True)
class Routing(Generic[P]):
    """A way to route: its parameters, the loads it gives, where flows keep to single paths their fair rates, and how
    much work the loads are."""

    title: str
    params: type[P]
    route: Callable[[Fabric, Demand, P], Routed]
    fair: Callable[[Fabric, Demand, P], FairRates] | None = None
    work: Callable[[Fabric, Demand, P], Work] | None = None


def by_switches(by_length: FloatArray) -> dict[int, float]:
    """Demand by switches crossed from demand by distance, without empty rows."""
    return {d + 1: float(gbps) for d, gbps in enumerate(by_length.tolist()) if gbps > 0}
