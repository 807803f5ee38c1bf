"""What requirements and certificates answer, as `answers` remembers it."""

from __future__ import annotations

from typing import Any

from topo.report.make import Question
from topo.report.proofs import Key


def asked_by(question: Question) -> Key | None:
    """What a requirement asks, as `answers` remembers it (`hops`, `connected` and `lanes` are counted again)."""
    params: Any = question.params
    network = params.network
    match question.kind:
        case "throughput":
            return "throughput", network, params.traffic, params.routing
        case "failure":
            return "failures", network, params.any, params.traffic, params.routing
        case "random_failures":
            seeds = range(params.first_seed, params.first_seed + params.seeds)
            asked = (params.any, params.count, seeds, params.traffic, params.routing, params.draws_that_count)
            return "draws", network, *asked
        case "virtual_lanes":
            return "lanes", network, params.routing, params.fixed
        case "bisection" | "hops" | "connected":
            return question.kind, network
    return None


def key_of(name: str) -> Key | None:
    """What a certificate outside of requirements is filed under."""
    network, _, rest = name.partition("/")
    kind, _, question = rest.partition("/")
    if kind in ("bisection", "hops") and not question:
        return kind, network
    if kind == "throughput":
        traffic, _, routing = question.rpartition("/")
        return kind, network, traffic, routing
    if kind == "failures":
        what, _, more = question.partition("/")
        traffic, _, routing = more.rpartition("/")
        return kind, network, what, traffic, routing
    return None
