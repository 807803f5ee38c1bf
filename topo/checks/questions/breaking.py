"""Questions about failures over time, where the design states rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from topo.checks.model import Context, Question
from topo.checks.questions.bought import Cabling, Laid
from topo.checks.questions.failing import Hosted
from topo.checks.questions.proof import Certificate, Proof
from topo.errors import LimitReachedError, ParameterError

if TYPE_CHECKING:
    from topo.analysis import reliability
    from topo.analysis.failures import FailureRow
    from topo.analysis.throughput import Throughput


@dataclass(frozen=True)
class Families(Question["tuple[reliability.Family, ...]"]):
    """What fails in a network, by the keys of the design's `failure_rates`; nothing where it states none."""

    network: str

    def answer(self, context: Context) -> tuple[reliability.Family, ...]:
        from topo.analysis.reliability import cages_of_cards, families_of
        from topo.analysis.reliability.groups import CABLED

        rates, fabric = context.rates, context.fabric
        if rates is None:
            return ()
        bought = any(key in CABLED or (key not in fabric.parts and key not in rates.groups) for key in rates.by_key)
        floor = context.ask(Laid())
        cables = context.ask(Cabling()) if bought else None
        places, cards = floor.places if floor else None, cages_of_cards(fabric.parts, context.catalog)
        return families_of(fabric, fabric.network_row(self.network), rates, cables, places, cards)


def _unknown(links: tuple[int, ...], devices: tuple[str, ...]) -> Throughput:
    raise LimitReachedError("no certificate of a report tells what a group leaves")


@dataclass(frozen=True)
class Together(Question["tuple[FailureRow, ...]"]):
    """What groups leave that fail as a whole, alone or two at a time; raises ParameterError for what there is not.
    Without solving it is known who is cut off, and nothing of the throughput."""

    network: str
    of: tuple[str, ...]
    pairs: bool
    traffic: str = "all-to-all"
    routing: str = "adaptive"

    def answer(self, context: Context) -> tuple[FailureRow, ...]:
        from topo.analysis.reliability import together

        fabric, row, result = context.fabric, context.fabric.network_row(self.network), self.families(context)
        asked_of = None if context.solving else _unknown
        return together(fabric, row, result, self.pairs, self.traffic, self.routing, context.time_limit_s, asked_of)

    def families(self, context: Context) -> tuple[reliability.Family, ...]:
        """The groups that may fail; raises ParameterError for a kind of which there are none."""
        return context.ask(GroupsOf(self.network, self.of))

    def proof(self) -> TogetherProof:
        """The question for its certificate."""
        return TogetherProof(self.network, self)


@dataclass(frozen=True)
class GroupsOf(Question["tuple[reliability.Family, ...]"]):
    """The groups of a network by the kinds that are named, whatever their rates; raises ParameterError for a kind of
    which there are none."""

    network: str
    of: tuple[str, ...]

    def answer(self, context: Context) -> tuple[reliability.Family, ...]:
        from topo.analysis.reliability import Family, Rate, Rates, cages_of_cards, families_of

        fabric, row, floor = context.fabric, context.fabric.network_row(self.network), context.ask(Laid())
        free = context.rates.groups if context.rates else {}
        places, cards = floor.places if floor else None, cages_of_cards(fabric.parts, context.catalog)
        result: list[Family] = []
        for key in self.of:
            one = Rates({key: Rate(afr=1.0)}, None, dict(free))
            members = families_of(fabric, row, one, context.ask(Cabling()), places, cards)
            if not members:
                raise ParameterError("of", key, f"the {self.network} network has none")
            result += members
        return tuple(result)


@dataclass(frozen=True)
class TogetherProof(Proof):
    """The certificate of `Together`; None where the checker cannot follow its classes, or certificates are not
    wanted."""

    of: Together
    kinds: ClassVar = ("together",)

    def answer(self, context: Context) -> Certificate | None:
        return self._found(context, context.ask(self.of)) if context.certified else None

    def owed(self, context: Context) -> bool:
        """Whether a report that answers the question has the certificate, whatever time there was."""
        from topo.analysis.reliability import together

        of, row = self.of, context.fabric.network_row(self.network)
        asked = (of.families(context), of.pairs, of.traffic, of.routing)
        return self._found(context, together(context.fabric, row, *asked, asked_of=_unknown)) is not None

    def _found(self, context: Context, rows: tuple[FailureRow, ...]) -> Certificate | None:
        from topo.analysis.reliability import together_proof

        of, row = self.of, context.fabric.network_row(self.network)
        asked = (of.of, of.pairs)
        return together_proof(context.fabric, row, of.families(context), asked, rows, context.ask(Hosted(self.network)))


@dataclass(frozen=True)
class Steady(Question["reliability.Steady"]):
    """What is carried while things fail and are repaired; raises ParameterError where their repair is not known."""

    network: str
    traffic: str = "all-to-all"
    routing: str = "adaptive"
    draws: int = 100
    first_seed: int = 0
    solved: ClassVar = True

    def answer(self, context: Context) -> reliability.Steady:
        from topo.analysis.reliability import steady_state

        fabric, row, families = context.fabric, context.fabric.network_row(self.network), Families(self.network)
        return steady_state(
            fabric, row, context.ask(families), self.traffic, self.routing, self.draws, self.first_seed,
            context.time_limit_s,
        )  # fmt: skip

    def proof(self) -> SteadyProof:
        """The question for its certificate."""
        return SteadyProof(self.network, self)


@dataclass(frozen=True)
class SteadyProof(Proof):
    """The certificate of `Steady`; None where the checker cannot follow its classes, or certificates are not wanted."""

    of: Steady
    kinds: ClassVar = ("steady",)

    def answer(self, context: Context) -> Certificate | None:
        from topo.analysis.reliability import steady_proof

        if not context.certified:
            return None
        row, families = context.fabric.network_row(self.network), context.ask(Families(self.network))
        return steady_proof(context.fabric, row, families, context.ask(self.of))

    def owed(self, context: Context) -> bool:
        """Whether a report that answers the question has the certificate, whatever time there was."""
        from topo.analysis.reliability import has_steady_proof

        row, of, families = context.fabric.network_row(self.network), self.of, context.ask(Families(self.network))
        seeds = range(of.first_seed, of.first_seed + of.draws)
        return has_steady_proof(context.fabric, row, families, of.traffic, of.routing, seeds)


@dataclass(frozen=True)
class Interruptions(Question["reliability.Interruptions"]):
    """How often a job on the first `gpus` GPUs (all, by default) is interrupted."""

    network: str
    gpus: int | None = None

    def answer(self, context: Context) -> reliability.Interruptions:
        from topo.analysis.reliability import interruptions

        families = context.ask(Families(self.network))
        return interruptions(context.fabric, context.fabric.network_row(self.network), families, self.gpus)
