"""What a check takes and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from pydantic import Field

from topo.analysis.reliability.rates import Rates
from topo.catalog import Catalog, PriceBook
from topo.catalog.models import Strict
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.generators import Counts
from topo.units import MET_WITHIN

if TYPE_CHECKING:
    from topo.analysis.failures import Spread
    from topo.analysis.money import CostTerms
    from topo.placement import Cabling, Floor, Places


class Verdict(StrEnum):
    """The answer to a question. UNDECIDED is never reported as held."""

    HELD = "held"
    BROKEN = "broken"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing. `where` names devices and ports, worst first; `line` of the file `path`
    (the design's, where that is empty) asks for what is wrong, 0 where none does. `requirement` is the id of the one
    that it explains: such a finding is no fault of its own."""

    code: str
    severity: str
    message: str
    where: tuple[str, ...] = ()
    hint: str = ""
    path: str = ""
    line: int = 0
    requirement: str = ""


@dataclass(frozen=True)
class Laid:
    """A fabric on its floor: where the devices stand, and the cables between them."""

    floor: Floor
    places: Places
    cabling: Cabling


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Question(ABC, Generic[T_co]):
    """What can be asked of a context: a frozen dataclass, so that the same question has the same answer. `solved`: it
    takes a solver or a search, and a certificate may answer it instead."""

    solved: ClassVar[bool] = False

    @abstractmethod
    def answer(self, context: Context) -> T_co:
        """The answer, computed; `Context.ask` remembers it."""


Q = TypeVar("Q", bound=Question[Any])


@dataclass(frozen=True)
class Context:
    """What a check may look at. `counts` are the closed forms by network name; none for fabrics topo did not design.
    `laid` puts a fabric on the floor of its plan; without it cable lengths are assumed. Without `certified`,
    certificates that take time of their own are not written. `spares_percent` of modules and cables are spare parts.
    `rates`: how often things break. `terms`: what is paid beside prices, and for how long. `spread`: who examines
    draws of random failures, if not this process. Without `solving`, what takes a solver is known only where it was
    told (`remember`)."""

    fabric: Fabric
    catalog: Catalog
    counts: Mapping[str, Counts] = field(default_factory=dict)
    price_book: PriceBook | None = None
    lengths_m: Mapping[str, float] = field(default_factory=dict)
    time_limit_s: float = 60.0
    laid: Callable[[Fabric], Laid] | None = None
    certified: bool = True
    spares_percent: float = 0.0
    rates: Rates | None = None
    terms: CostTerms | None = None
    spread: Spread | None = None
    solving: bool = True

    @cached_property
    def _answers(self) -> dict[Question[Any], Any]:
        return {}

    def ask(self, question: Question[T]) -> T:
        """The answer to a question, computed where it is asked for the first time. Raises what computing it raises, and
        LimitReachedError for what a context without `solving` was not told."""
        if question not in self._answers:
            if question.solved and not self.solving:
                raise LimitReachedError("no certificate of the report answers this")
            self._answers[question] = question.answer(self)
        return cast(T, self._answers[question])

    def remember(self, question: Question[T], answer: T) -> None:
        """Answers a question once for all."""
        self._answers[question] = answer

    def known(self, question: Question[T]) -> T | None:
        """The answer where it is at hand, None where it is not."""
        return cast("T | None", self._answers.get(question))

    def asked(self, kind: type[Q], network: str) -> list[Q]:
        """The questions of one kind about one network that were answered, in the order of their answers."""
        return [one for one in self._answers if isinstance(one, kind) and getattr(one, "network", "") == network]


@dataclass(frozen=True)
class WiringCheck:
    """A vectorised question about the wiring: every finding at once, none where the fabric is right. `by_plane`: of
    planes that are equal (`topo.fabric.planes`) none has a finding where one has none."""

    title: str
    run: Callable[[Context], list[Finding]]
    by_plane: bool = False


class RequirementParams(Strict):
    """Keys of every requirement."""

    network: str = Field("compute", description="the network it is about")


@dataclass(frozen=True)
class Outcome:
    """A requirement's answer: `lower` and `upper` enclose the measured value (equal where it is exact). `from_below`
    tells the sense of the bound: True for "at least", False for "at most"."""

    statement: str
    verdict: Verdict
    lower: float
    upper: float
    bound: float
    unit: str
    certificate: dict[str, Any] | None = None
    findings: tuple[Finding, ...] = ()
    from_below: bool = True
    note: str = ""
    """What the measured value leaves out, told beside it; empty where there is nothing to say."""

    @property
    def measured(self) -> float:
        """The proved end that decides: the pessimistic one, or the optimistic one where even that breaks the bound."""
        pessimistic, optimistic = (self.lower, self.upper) if self.from_below else (self.upper, self.lower)
        return optimistic if self.verdict is Verdict.BROKEN else pessimistic


P = TypeVar("P", bound=RequirementParams)


@dataclass(frozen=True)
class RequirementKind(Generic[P]):
    """A kind of requirement: its keys, and how it is judged."""

    title: str
    params: type[P]
    judge: Callable[[Context, P], Outcome]


def at_least(lower: float, upper: float, bound: float) -> Verdict:
    """The verdict on 'value >= bound' when the value lies in [lower, upper]."""
    if lower >= bound - abs(bound) * MET_WITHIN:
        return Verdict.HELD
    return Verdict.BROKEN if upper < bound - abs(bound) * MET_WITHIN else Verdict.UNDECIDED


def at_most(lower: float, upper: float, bound: float) -> Verdict:
    """The verdict on 'value <= bound' when the value lies in [lower, upper]."""
    if upper <= bound + abs(bound) * MET_WITHIN:
        return Verdict.HELD
    return Verdict.BROKEN if lower > bound + abs(bound) * MET_WITHIN else Verdict.UNDECIDED
