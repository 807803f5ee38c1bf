"""What the requirement kinds share: an interval, a bound, and the verdict that follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from topo.checks.model import Finding, Outcome, Verdict, at_least, at_most
from topo.errors import LimitReachedError


@dataclass(frozen=True)
class Answer:
    """What was found: the value lies in [lower, upper]. `worst` is told only where the requirement does not hold:
    as errors where it is broken, as warnings where it is undecided."""

    lower: float
    upper: float
    certificate: dict[str, Any] | None = None
    worst: Callable[[], tuple[Finding, ...]] = tuple
    note: str = ""


def exactly(value: float, worst: Callable[[], tuple[Finding, ...]] = tuple) -> Answer:
    """An answer without a gap."""
    return Answer(float(value), float(value), None, worst)


def bounded(
    statement: str,
    unit: str,
    bound: float,
    answer: Callable[[], Answer],
    *,
    from_below: bool = False,
    by_certificate: bool = False,
) -> Outcome:
    """The outcome of 'value <= bound' ('value >= bound' where `from_below`). A limit that ends the computation leaves
    the requirement undecided, with a finding that says which; so does an answer without a certificate where the kind
    is held `by_certificate` alone."""
    try:
        result = answer()
    except LimitReachedError as error:
        finding = Finding("limit-reached", "warning", f"undecided: {statement[:1].lower()}{statement[1:]} ({error})")
        return Outcome(statement, Verdict.UNDECIDED, 0.0, math.inf, bound, unit, None, (finding,), from_below)
    decide = at_least if from_below else at_most
    verdict = decide(result.lower, result.upper, bound)
    if verdict is Verdict.HELD and by_certificate and result.certificate is None:
        finding = Finding("no-proof", "warning", f"undecided: {statement[:1].lower()}{statement[1:]} (not proved)")
        return Outcome(
            statement, Verdict.UNDECIDED, result.lower, result.upper, bound, unit, None, (finding,), from_below
        )
    severity = "error" if verdict is Verdict.BROKEN else "warning"
    findings = () if verdict is Verdict.HELD else tuple(replace(f, severity=severity) for f in result.worst())
    return Outcome(
        statement, verdict, result.lower, result.upper, float(bound), unit, result.certificate, findings, from_below,
        result.note,
    )  # fmt: skip
