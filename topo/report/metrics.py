"""The metrics of a report: what is counted at once, and what the requirements' answers already hold."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from topo.analysis.hops import Hops
from topo.analysis.power import network_rack_units
from topo.checks import Context, answers
from topo.errors import LimitReachedError
from topo.report.counts import cable_counts, network_counts, outside_of
from topo.report.model import Metrics
from topo.report.reliability import failure_rates_of

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection
    from topo.analysis.throughput import Throughput

DEFAULT_QUESTION = ("all-to-all", "adaptive")


def network_metrics(context: Context, name: str) -> Metrics:
    """The metrics of one network: counts, hops, bisection, adaptive all-to-all, and all that requirements asked. What a
    limit left unanswered is absent."""
    fabric = context.fabric
    row = fabric.network_row(name)
    counts = network_counts(fabric, row)
    paths = answers.hops(context, name)
    with contextlib.suppress(LimitReachedError):
        answers.throughput(context, name, *DEFAULT_QUESTION)
    halves, between = None, None
    with contextlib.suppress(LimitReachedError):
        value = answers.bisection(context, name)
        halves, between = bisection_json(value), (value.lower_gbps, value.upper_gbps)
    bought = bool(fabric.origins)
    cables, modules = (bought and cable_counts(fabric, row, answers.cabling(context))) or (None, None)
    cost = answers.cost(context, name) if bought else None
    power_w = answers.power(context, name).value if bought else None
    units = network_rack_units(fabric, row, context.catalog).value if bought else None
    return Metrics(
        gpus=counts.gpus or None,
        hosts=counts.hosts,
        endpoints=counts.endpoints,
        planes=counts.planes,
        rails=counts.rails or None,
        switches=counts.switches,
        links=counts.links,
        cables=cables,
        transceivers=modules,
        hops={"max": paths.max, "mean": paths.mean} if paths.max else None,
        bisection=halves,
        throughput=_throughput(context, name),
        cost_usd=cost.to_json(between) if cost else None,
        power_w=power_w,
        rack_units=units,
        latency_us=_latency(context, name, paths),
        failures=failures_json(context, name),
        failure_rates=failure_rates_of(context, name),
        outside=outside_of(fabric, row),
    )


def default_certificates(context: Context, carried: Sequence[Mapping[str, Any] | None]) -> dict[str, Mapping[str, Any]]:
    """The certificates of all answers, by question, but for those that requirements carry."""
    found: dict[str, Mapping[str, Any]] = {}
    for network in context.fabric.networks:
        for kind in ("bisection", "throughput"):
            for question, answer in answers.asked(context, kind, network).items():
                if answer.certificate is not None and not any(answer.certificate is c for c in carried):
                    found["/".join((network, kind, *question))] = answer.certificate
        for question in answers.asked(context, "failures", network):
            proof = answers.failures_proof(context, network, *question)
            if proof is not None and not any(proof is c for c in carried):
                found["/".join((network, "failures", *question))] = proof
        paths = answers.hops_proof(context, network)
        if paths["claim"] and not any(paths is c for c in carried):
            found[f"{network}/hops"] = paths
    return found


def bisection_json(value: Bisection) -> dict[str, Any]:
    """A bisection as the report's keys; `share` is absent where the hosts have no halves."""
    share = {"lower": value.share_lower, "upper": value.share_upper}
    return {
        "lower_gbps": value.lower_gbps,
        "upper_gbps": value.upper_gbps,
        "full_gbps": value.full_gbps,
        "exact": value.exact,
        **({"share": share} if math.isfinite(value.share_upper) else {}),
    }


def throughput_json(value: Throughput) -> dict[str, Any]:
    """A throughput as the report's keys; unbounded ends are absent. Where endpoints have no path to peers it is 0, and
    `without_unreachable` is what the other pairs get."""
    if value.cut_off:
        rest = throughput_json(replace(value, cut_off=()))
        zero = throughput_json(replace(value.counted(), cut_off=()))
        return {**zero, "cut_off": len(value.cut_off), "without_unreachable": rest}
    ends = {name: getattr(value, name) for name in ("lower", "upper", "network_lower", "network_upper")}
    bounded = {name: float(end) for name, end in ends.items() if end is not None and math.isfinite(end)}
    samples = {"samples": value.samples} if value.samples else {}
    return {**bounded, "exact": value.exact, **samples}


def _throughput(context: Context, network: str) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (traffic, routing), value in sorted(answers.asked(context, "throughput", network).items()):
        found.setdefault(traffic, {})[routing] = throughput_json(value)
    return found


def failures_json(context: Context, network: str) -> list[dict[str, Any]] | None:
    """The rows of every failure that was asked about, as the report's keys."""
    asked = (answers.asked(context, kind, network) for kind in ("failures", "draws"))
    rows = [row for answer in asked for found in answer.values() for row in found]
    return [dict(row.to_json()) for row in rows] or None


def _latency(context: Context, network: str, paths: Hops) -> dict[str, float] | None:
    """Latency of small messages between endpoints, with the cables of a floor plan; None where no model applies."""
    found = answers.latency(context, network) if paths.max else None
    return found.to_json() if found else None
