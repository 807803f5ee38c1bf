"""The metrics of a report: what is counted at once, and what the requirements' answers already hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from topo.checks import Context, questions
from topo.report.figure import in_order
from topo.report.filing import filed_under
from topo.report.model import Metrics

FIELDS = {field.name for field in fields(Metrics)}


def network_metrics(context: Context, name: str) -> Metrics:
    """The metrics of one network: counts, hops, bisection, adaptive all-to-all, and all that requirements asked. What a
    limit left unanswered is absent."""
    result = {key: figure.metric(context, name) for key, figure in in_order() if figure.metric is not None}
    more = {key: value for key, value in result.items() if key not in FIELDS and value is not None}
    return Metrics(**{key: value for key, value in result.items() if key in FIELDS}, more=more)


def default_certificates(context: Context, carried: Sequence[Mapping[str, Any] | None]) -> dict[str, Mapping[str, Any]]:
    """The certificates of all answers, by question, but for those that requirements carry."""
    result: dict[str, Mapping[str, Any]] = {}
    for network in context.fabric.networks:
        proofs: list[questions.Proof] = [one.proof() for one in context.asked(questions.Bisection, network)]
        proofs += [one.proof() for one in context.asked(questions.Throughput, network)]
        proofs += [one.proof() for one in context.asked(questions.Failures, network)]
        proofs += [one.proof() for one in context.asked(questions.Steady, network)]
        for proof in proofs:
            certificate = context.ask(proof)
            if certificate is not None and not any(certificate is c for c in carried):
                result[filed_under(proof)] = certificate
        hops = questions.Hops(network).proof()
        paths = context.ask(hops)
        if paths is not None and paths["claim"] and not any(paths is c for c in carried):
            result[filed_under(hops)] = paths
    return result
