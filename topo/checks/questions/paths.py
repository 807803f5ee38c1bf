"""Questions about paths: which there are, how long they are, and whether packets on them can block each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from topo.checks.model import Context, Question
from topo.checks.questions.bought import PlacedLengths
from topo.checks.questions.proof import Certificate, Proof

if TYPE_CHECKING:
    from topo.analysis.deadlock import deadlock
    from topo.analysis.paths import hops, latency
    from topo.fabric.model import IntArray


@dataclass(frozen=True)
class Connected(Question["IntArray"]):
    """Endpoint rows of a network that have no path to the largest connected part of their plane."""

    network: str

    def answer(self, context: Context) -> IntArray:
        from topo.analysis.connected import cut_off_endpoints

        return cut_off_endpoints(context.fabric, self.network)

    def proof(self) -> ConnectedProof:
        """The question for its certificate."""
        return ConnectedProof(self.network)


@dataclass(frozen=True)
class ConnectedProof(Proof):
    """The certificate of `Connected`."""

    kinds: ClassVar = ("connected",)

    def answer(self, context: Context) -> Certificate:
        claim = {"endpoints": len(context.ask(Connected(self.network)))}
        return {"kind": "connected", "fabric": context.fabric.name, "network": self.network, "claim": claim}


@dataclass(frozen=True)
class Hops(Question["hops.Hops"]):
    """Switches on shortest paths between the endpoints of one network."""

    network: str

    def answer(self, context: Context) -> hops.Hops:
        from topo.analysis.network import switch_network
        from topo.analysis.paths.hops import hops

        return hops(switch_network(context.fabric, self.network))

    def proof(self) -> HopsProof:
        """The question for its certificate."""
        return HopsProof(self.network)


@dataclass(frozen=True)
class HopsProof(Proof):
    """The certificate of `Hops`."""

    kinds: ClassVar = ("hops",)

    def answer(self, context: Context) -> dict[str, Any]:
        from topo.analysis.paths.hops import hops_proof

        return hops_proof(context.fabric, self.network, context.ask(Hops(self.network)))


@dataclass(frozen=True)
class Latency(Question["latency.Latency | None"]):
    """Latencies of short messages between the endpoints of a network, with the cables where there is a floor plan; None
    where the parts do not say which protocol they speak, or differ."""

    network: str

    def answer(self, context: Context) -> latency.Latency | None:
        from topo.analysis.network import switch_network
        from topo.analysis.paths.latency import default_model, endpoint_latency

        row = context.fabric.network_row(self.network)
        model = default_model(context.fabric, row, context.catalog)
        if model is None:
            return None
        counted, length_m = context.ask(Hops(self.network)), context.ask(PlacedLengths())
        return endpoint_latency(context.fabric, switch_network(context.fabric, row), model, 0, length_m, counted)


@dataclass(frozen=True)
class Deadlock(Question["deadlock.Deadlock"]):
    """Whether a routing can deadlock in one network, and how many virtual lanes suffice."""

    network: str
    routing: str

    def answer(self, context: Context) -> deadlock.Deadlock:
        from topo.analysis.deadlock.deadlock import deadlock

        return deadlock(context.fabric, self.network, self.routing)

    def proof(self, fixed: bool) -> DeadlockProof:
        """The question for its certificate, with `fixed` that of one lane for each pair of switches."""
        return DeadlockProof(self.network, self, fixed)


@dataclass(frozen=True)
class DeadlockProof(Proof):
    """The certificate of `Deadlock`, with `fixed` that of one lane for each pair of switches."""

    of: Deadlock
    fixed: bool
    kinds: ClassVar = ("lanes",)

    def answer(self, context: Context) -> Certificate | None:
        from topo.analysis.deadlock.proof import deadlock_proof

        return deadlock_proof(context.fabric, self.network, context.ask(self.of), self.fixed)
