"""What of a report rests on failures that were solved one by one, by classes or drawn: no certificate holds it, and no
solver is asked again. It is told, and what can be counted beside it is counted again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topo.checks.requirements.failure import WHOLE
from topo.report.verify.difference import listed
from topo.units import MET_WITHIN, amount

KIND = "expected_throughput"
"""The kind of requirement, and the key of `failure_rates`."""
KEYS = (KIND, f"more_{KIND}")
COUNTED = ("groups", "mean_broken", "none_broken")
"""What follows of it from the rates alone."""

CLASSES = (
    "rests on the throughput after the loss of one group or pair of each class, whose certificates were checked while "
    "the requirement was judged, and are not in the report, as no checker follows the classes without a solver"
)


def in_classes(kind: str, params: Any) -> bool:
    """Whether a requirement is about the throughput that the loss of whole groups or of pairs leaves."""
    return kind == "failure" and params.any in WHOLE and params.throughput_at_least is not None


def why(state: Mapping[str, Any]) -> str:
    """Why a steady state of a report is not proved: what it rests on."""
    seeds = state.get("seeds")
    if isinstance(seeds, list) and seeds:
        return (
            f"rests on {amount(len(seeds), 'drawn pattern')} (seeds {seeds[0]} to {seeds[-1]}), solved "
            "without certificates: "
            "`topo check` draws the same"
        )
    return "rests on the patterns of few failures, solved without certificates; `topo check` asks them again"


def states_of(rates: object) -> list[Mapping[str, Any]]:
    """The steady states that a report's `failure_rates` show."""
    if not isinstance(rates, Mapping):
        return []
    more = rates.get(KEYS[1])
    every = [rates.get(KIND), *(more if isinstance(more, list) else [])]
    return [one for one in every if isinstance(one, Mapping)]


def without_states(rates: Any) -> Any:
    """The rest of `failure_rates`."""
    return {key: value for key, value in rates.items() if key not in KEYS} if isinstance(rates, Mapping) else rates


def counted_wrong(state: Mapping[str, Any], counted: Mapping[str, float]) -> str:
    """Where a steady state differs from what follows from the rates: the number of groups, how many are broken on
    average, and the share of time in which none is; and ends that cross. Empty where nothing does."""
    for key, value in counted.items():
        have: Any = state.get(key)
        if type(have) not in (int, float) or abs(float(have) - value) > 1e-9 * max(abs(value), 1e-300):
            return f"{KIND}.{key} is {have}, {value:g} follows"
    ends: list[Any] = [state.get("lower"), state.get("upper")]
    if not all(type(end) in (int, float) for end in ends) or not 0 <= float(ends[0]) <= float(ends[1]) <= 1 + 1e-9:
        return f"{KIND} lies between {ends[0]} and {ends[1]}, which is no interval of shares"
    return ""


def answered_wrong(want: Mapping[str, Any], stated: Mapping[str, Any], shown: bool) -> str:
    """Where a requirement that rests on a steady state asks another thing than the design's, `want`, or its verdict
    does not go with what it shows as measured, or no such state is shown; empty where nothing is wrong."""
    measured, bound, verdict = stated.get("measured"), stated.get("bound"), stated.get("verdict")
    if (want.get("bound"), want.get("unit")) != (bound, stated.get("unit")):
        return "its bound is not the design's"
    if not isinstance(measured, (int, float)) or not isinstance(bound, (int, float)):
        return "it does not say what was measured"
    if verdict != "undecided" and (verdict == "held") != (measured >= bound * (1 - MET_WITHIN)):
        return f"{measured:g} is shown as {verdict}, where {bound:g} is asked"
    if (note := want.get("note", stated.get("note"))) != stated.get("note"):
        return f"its note is {stated.get('note', '')!r}, {note!r} follows"
    return "" if shown else "the report shows no such steady state"


def apart_from(findings: list[Mapping[str, Any]], ids: set[str]) -> list[Mapping[str, Any]]:
    """Findings without those that explain these requirements."""
    return [one for one in findings if one.get("requirement") not in ids]


def verdict_of(made: Mapping[str, Any], stated: Mapping[str, Any], ids: set[str]) -> str:
    """The verdict that follows where the verdicts of these requirements are taken as they are shown."""
    shown = {one.get("id"): one.get("verdict") for one in listed(stated, "requirements")}
    verdicts = {shown.get(one["id"]) if one["id"] in ids else one["verdict"] for one in made["requirements"]}
    severities = {one["severity"] for one in apart_from(list(made["findings"]), ids)}
    if "error" in severities or "broken" in verdicts:
        return "broken"
    return "undecided" if "undecided" in severities or "undecided" in verdicts else "held"
