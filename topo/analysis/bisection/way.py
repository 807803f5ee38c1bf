"""What a way to bound a bisection is given: what is proved from below and found from above so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from topo.analysis.bisection.fold import Fold
from topo.analysis.bisection.sides import Split
from topo.certificates.bounds.share import HostRates
from topo.certificates.reading.cut import CutGraph
from topo.fabric import Fabric
from topo.registry import Registry
from topo.solvers.budget import Budget

SPLITS_SHARE = 0.5
"""Of the limit, how long splits are sought: bounds from below need the rest."""

Bound = tuple[int, dict[str, Any]]
"""What is proved for a component, in units, and how; 0 where nothing is."""


@dataclass
class Search:
    """The best split so far by capacity, and by share of the weaker half's line rate (in units of both)."""

    graph: CutGraph
    rates: HostRates
    best: Split
    method: str
    weakest: Split

    def offer(self, split: Split, method: str) -> None:
        """Keeps the split where it is better than the best, called by how it was found."""
        if split.cut < self.best.cut:
            self.best, self.method = split, method
        if self.share(split) < self.share(self.weakest):
            self.weakest = split

    def share(self, split: Split) -> Fraction:
        """The capacity of a split over the line rate of its weaker half."""
        if self.graph.hosts < 2:
            return Fraction(split.cut)
        return split.cut * self.graph.unit / self.rates.weaker(split.on_a)


@dataclass
class Asked:
    """One network. `parts` are its components with their `shapes` as trees and, in `bounds`, what is proved of each;
    `whole` is what is proved of all together, by its key in a certificate, and `shared` of the share alone. The whole
    question is to take `budget`."""

    fabric: Fabric
    intact: Fabric
    row: int
    graph: CutGraph
    parts: list[CutGraph]
    shapes: list[Fold | None]
    search: Search
    budget: Budget
    bounds: list[Bound] = field(init=False)
    whole: tuple[int, dict[str, Any]] | None = field(default=None, init=False)
    shared: Fraction = field(default=Fraction(0), init=False)
    bounded_at: int = field(default=0, init=False)
    """The least cut known when the components were bounded last."""

    def __post_init__(self) -> None:
        self.bounds = [(0, {})] * len(self.parts)

    @property
    def lower(self) -> int:
        """What is proved, in units."""
        return sum(value for value, _ in self.bounds) if self.whole is None else self.whole[0]

    @property
    def open(self) -> bool:
        """Whether more may be proved, or cut less."""
        return self.lower < self.search.best.cut

    @property
    def joined(self) -> bool:
        """Whether the network is one component."""
        return bool(self.graph.component.max(initial=-1) == 0)

    @property
    def switches(self) -> int:
        """How many switches there are."""
        return self.graph.nodes - self.graph.hosts

    @property
    def proof(self) -> dict[str, Any]:
        """What a certificate says of the lower end."""
        if self.whole is not None:
            return {"bounds": [], **self.whole[1]}
        return {"bounds": [bound for value, bound in self.bounds if value > 0]}

    def seeks_splits(self) -> bool:
        """Whether a split may still cut less, and there is time to seek one."""
        return self.open and self.budget.used() <= SPLITS_SHARE * self.budget.seconds

    def seeks_bounds(self) -> bool:
        """Whether more may be proved, and there is time for it."""
        return self.open and self.budget.used() <= self.budget.seconds


@dataclass(frozen=True)
class Way:
    """One way to prove more or to cut less; tried in the order of `at`, cheap ones first. `accepts` says whether it
    fits the network and is worth the time that is left; `bounds` puts what it proves and finds into what is asked."""

    title: str
    at: int
    accepts: Callable[[Asked], bool]
    bounds: Callable[[Asked], None]


ways: Registry[Way] = Registry("way to bound a bisection", "topo.analysis.bisection.ways")


def in_order() -> list[Way]:
    """Every way, in the order in which they are tried."""
    return sorted((ways.get(name) for name in ways.names()), key=lambda way: way.at)
