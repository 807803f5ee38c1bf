"""The certificate that a requirement asks for."""

from __future__ import annotations

from typing import Any

from topo.checks import Context, questions
from topo.checks.requirements.failure import WHOLE, groups_asked
from topo.report.question import Question


def asked_by(context: Context, question: Question) -> questions.Proof | None:
    """The question for a requirement's certificate; None where its kind has none."""
    params: Any = question.params
    network = params.network
    match question.kind:
        case "throughput":
            return questions.Throughput(network, params.traffic, params.routing).proof()
        case "failure" if params.any in WHOLE:
            groups, pairs = groups_asked(context, params), params.any == "pair"
            return questions.Together(network, groups, pairs, params.traffic, params.routing).proof()
        case "failure":
            return questions.Failures(network, params.any, params.traffic, params.routing).proof()
        case "random_failures":
            seeds = range(params.first_seed, params.first_seed + params.seeds)
            asked = (params.any, params.count, seeds, params.traffic, params.routing)
            return questions.RandomFailures(network, *asked).proof(params.draws_that_count)
        case "expected_throughput":
            of = (params.traffic, params.routing, params.draws, params.first_seed)
            return questions.Steady(network, *of).proof()
        case "virtual_lanes":
            return questions.Deadlock(network, params.routing).proof(params.fixed)
        case "bisection":
            return questions.Bisection(network).proof()
        case "hops":
            return questions.Hops(network).proof()
        case "connected":
            return questions.Connected(network).proof()
    return None
