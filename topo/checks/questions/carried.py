"""Questions about what a network carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from topo.checks.model import Context, Question
from topo.checks.questions.proof import Certificate, Proof

if TYPE_CHECKING:
    from topo.analysis import bisection, throughput


@dataclass(frozen=True)
class Throughput(Question["throughput.Throughput"]):
    """The throughput of a traffic under a routing in one network."""

    network: str
    traffic: str = "all-to-all"
    routing: str = "adaptive"
    solved: ClassVar = True

    def answer(self, context: Context) -> throughput.Throughput:
        from topo.analysis.throughput import throughput

        return throughput(
            context.fabric,
            self.traffic,
            self.routing,
            self.network,
            time_limit_s=context.time_limit_s,
            endpoints=lambda: context.ask(Throughput(self.network, "all-to-all", self.routing)),
            certified=context.certified,
        )

    def proof(self) -> ThroughputProof:
        """The question for its certificate."""
        return ThroughputProof(self.network, self)


@dataclass(frozen=True)
class ThroughputProof(Proof):
    """The certificate of `Throughput`."""

    of: Throughput
    kinds: ClassVar = ("ecmp", "permutations", "spray", "static", "throughput", "wcmp")

    def answer(self, context: Context) -> Certificate | None:
        return context.ask(self.of).certificate


@dataclass(frozen=True)
class Bisection(Question["bisection.Bisection"]):
    """The bisection of one network."""

    network: str
    solved: ClassVar = True

    def answer(self, context: Context) -> bisection.Bisection:
        from topo.analysis.bisection import bisection

        return bisection(context.fabric, self.network, context.time_limit_s)

    def proof(self) -> BisectionProof:
        """The question for its certificate."""
        return BisectionProof(self.network)


@dataclass(frozen=True)
class BisectionProof(Proof):
    """The certificate of `Bisection`."""

    kinds: ClassVar = ("bisection",)

    def answer(self, context: Context) -> Certificate:
        return context.ask(Bisection(self.network)).certificate
