"""Failures over time in words, each figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topo.interval import Words, span
from topo.units import amount


def lines_of(result: Mapping[str, Any]) -> list[str]:
    """Lines of `metrics.failure_rates`."""
    upper = result.get("interruptions_per_month_upper")
    many = span(result["interruptions_per_month"], upper, "{:.4g}".format, Words(at_least="{}"))
    more = "" if upper is not None else " by single failures (repairs are not known)"
    lines = [
        f"failures: {result['broken_per_month']:.4g} things break a month, {result['broken_per_year']:.4g} a year; "
        f"a job on {amount(result['job_gpus'], 'GPU')} is interrupted {many} times a month{more}"
    ]
    states = [result["expected_throughput"]] if "expected_throughput" in result else []
    for state in (*states, *result.get("more_expected_throughput", ())):
        lines.append(_steady(state))
    kept, out = result["spares_for"], result["leaves_out"]
    spares = ", ".join(f"{row['spares']:,} {row['key']}" for row in result["by_key"])
    lines.append(f"spares for {kept['lead_days']:g} days at {kept['service_level']:.0%}: {spares}")
    return [*lines, *([f"left out of failures: {'; '.join(out)}"] if out else [])]


def _steady(state: Mapping[str, Any]) -> str:
    sure = (
        f" at {state['confidence']:.0%} confidence, {amount(len(state['seeds']), 'draw')}"
        if "seeds" in state
        else ", proved"
    )
    worst = ", ".join(f"{_ends(v)} but for {float(q):.1%} of the time" for q, v in state["quantiles"].items())
    off = state["gpus_cut_off"]
    return (
        f"steady state of {state['traffic']}, {state['routing']}: {_ends(state)} of line rate on average{sure}; "
        f"at least {worst}; {_ends(off)} GPUs cut off on average"
    )


def _ends(value: Mapping[str, float]) -> str:
    return span(value["lower"], value["upper"], "{:.4g}".format)
