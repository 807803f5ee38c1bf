"""Questions about what failures leave of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from topo.checks.model import Context, Question
from topo.checks.questions.bought import Cabling
from topo.checks.questions.proof import Certificate, Proof

if TYPE_CHECKING:
    from topo.analysis.failures import FailureRow, HostedGraph
    from topo.fabric import Fabric


@dataclass(frozen=True)
class Cabled(Question["Fabric"]):
    """The fabric that knows which links share a cable: those that are planned, or those it came with."""

    def answer(self, context: Context) -> Fabric:
        from topo.fabric import with_cables

        if context.fabric.cables is not None:
            return context.fabric
        pairs = context.ask(Cabling()).cable_links
        return with_cables(context.fabric, pairs.link, pairs.cable)


def failing(context: Context, what: str) -> Fabric:
    """The fabric in which things of a kind fail: where these are cables, it knows which links share one."""
    return context.ask(Cabled()) if what == "cable" else context.fabric


@dataclass(frozen=True)
class Hosted(Question["HostedGraph"]):
    """The symmetry of a network with its hosts, which every kind of failure needs."""

    network: str

    def answer(self, context: Context) -> HostedGraph:
        from topo.analysis.failures import hosted_graph

        return hosted_graph(context.fabric, context.fabric.network_row(self.network))


@dataclass(frozen=True)
class Failures(Question["tuple[FailureRow, ...]"]):
    """What each single failure of a kind leaves of one network: a row for each orbit of alike failures."""

    network: str
    what: str
    traffic: str = "all-to-all"
    routing: str = "adaptive"
    solved: ClassVar = True

    def answer(self, context: Context) -> tuple[FailureRow, ...]:
        from topo.analysis.failures import single_failures

        limit, graph = context.time_limit_s, context.ask(Hosted(self.network))
        fabric = failing(context, self.what)
        return single_failures(fabric, [self.what], self.network, self.traffic, self.routing, None, limit, graph)

    def proof(self) -> FailuresProof:
        """The question for its certificate."""
        return FailuresProof(self.network, self)


@dataclass(frozen=True)
class FailuresProof(Proof):
    """The certificate of `Failures`; None where there is nothing that could fail, or no proof."""

    of: Failures
    kinds: ClassVar = ("failures",)

    def answer(self, context: Context) -> Certificate | None:
        from topo.analysis.failures import failures_proof

        rows, row = context.ask(self.of), context.fabric.network_row(self.network)
        if not rows:
            return None
        return failures_proof(failing(context, self.of.what), row, rows, context.ask(Hosted(self.network)))


@dataclass(frozen=True)
class RandomFailures(Question["tuple[FailureRow, ...]"]):
    """What `count` random failures of a kind leave of one network: a row for each seed."""

    network: str
    what: str
    count: int
    seeds: range
    traffic: str = "all-to-all"
    routing: str = "adaptive"
    solved: ClassVar = True

    def answer(self, context: Context) -> tuple[FailureRow, ...]:
        from topo.analysis.failures import random_failures

        fabric, limit, spread = failing(context, self.what), context.time_limit_s, context.spread
        asked = (self.what, self.count, self.seeds, self.network, self.traffic, self.routing)
        return random_failures(fabric, *asked, time_limit_s=limit, spread=spread).rows

    def proof(self, counted: int) -> DrawsProof:
        """The question for its certificate, where `counted` of the draws count."""
        return DrawsProof(self.network, self, counted)


@dataclass(frozen=True)
class DrawsProof(Proof):
    """The certificate of `RandomFailures`, where `counted` of the draws count."""

    of: RandomFailures
    counted: int
    kinds: ClassVar = ("draws",)

    def answer(self, context: Context) -> Certificate:
        from topo.analysis.failures import draws_proof

        rows, row = context.ask(self.of), context.fabric.network_row(self.network)
        return draws_proof(failing(context, self.of.what), row, self.of.seeds, rows, self.counted)
