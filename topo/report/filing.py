"""The name that a certificate outside of requirements is filed under, and what a name says was asked."""

from __future__ import annotations

from topo.checks import questions


def filed_under(proof: questions.Proof) -> str:
    """`NETWORK/KIND` and, where there is more than one question of the kind, what is asked."""
    match proof:
        case questions.ThroughputProof(network, of):
            return f"{network}/throughput/{of.traffic}/{of.routing}"
        case questions.FailuresProof(network, of):
            return f"{network}/failures/{of.what}/{of.traffic}/{of.routing}"
        case questions.SteadyProof(network, of):
            return f"{network}/steady/{of.traffic}/{of.routing}"
    return f"{proof.network}/{proof.kinds[0]}"


def proof_of(name: str) -> questions.Proof | None:
    """The question for the certificate that is filed under a name; None where there is no such question."""
    network, _, rest = name.partition("/")
    kind, _, asked = rest.partition("/")
    match kind:
        case "bisection" | "hops" if not asked:
            return questions.BisectionProof(network) if kind == "bisection" else questions.HopsProof(network)
        case "throughput":
            traffic, _, routing = asked.rpartition("/")
            return questions.Throughput(network, traffic, routing).proof()
        case "steady":
            traffic, _, routing = asked.rpartition("/")
            return questions.Steady(network, traffic, routing).proof()
        case "failures":
            what, _, more = asked.partition("/")
            traffic, _, routing = more.rpartition("/")
            return questions.Failures(network, what, traffic, routing).proof()
    return None
