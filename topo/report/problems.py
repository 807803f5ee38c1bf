"""What is wrong in a report as flat rows: what the CI formats annotate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from topo.errors import Problem
from topo.report.model import Report, RequirementResult


@dataclass(frozen=True)
class Row:
    """One thing that is wrong. `rule` is the kind of it, `level` error, warning or note, `line` 0 where unknown."""

    rule: str
    level: str
    message: str
    path: str
    line: int


LEVELS = {"error": "error", "warning": "warning", "undecided": "warning"}
"""Level of a row by a finding's severity; all others are notes."""


def explained(report: Report, result: RequirementResult) -> str:
    """What explains that a requirement does not hold, in words; empty where nothing does."""
    own = [finding.message for finding in report.findings if finding.requirement == result.id]
    more = f" (and {len(own) - 1:,} more)" if len(own) > 1 else ""
    return f"; {own[0]}{more}" if own else ""


def told_once(reports: Sequence[Report]) -> list[Report]:
    """The reports without what an earlier one has said of the same line: mistakes of a policy that designs share."""
    seen: set[Problem] = set()
    less = []
    for report in reports:
        less.append(replace(report, errors=tuple(p for p in report.errors if not p.file or p not in seen)))
        seen |= {*report.errors}
    return less


def noted(result: RequirementResult) -> str:
    """What the measured value leaves out, to be told behind it; empty where nothing."""
    return f"; {result.note}" if result.note else ""


def rows(report: Report) -> Iterator[Row]:
    """Errors, requirements that did not hold, each with what explains it, and all other findings, in that order: one
    row a fault."""
    path = report.subject.path
    for problem in report.errors:
        about = f"{problem.key}: {problem.message}" if problem.key else problem.message
        extra = [f"{name}: {text}" for name, text in (("value", problem.value), ("allowed", problem.allowed)) if text]
        extra += [problem.hint] if problem.hint else []
        yield Row("design", "error", "; ".join([about, *extra]), problem.file or path, problem.line)
    for result in report.requirements:
        if result.verdict != "held":
            level = "error" if result.verdict == "broken" else "warning"
            message = f"{result.statement}: {result.verdict}, measured {result.measured:.6g} {result.unit}".rstrip()
            message += noted(result) + explained(report, result)
            yield Row(_rule(result.id), level, message, result.path or path, result.line)
    for finding in report.own_findings:
        level = LEVELS.get(finding.severity, "note")
        yield Row(finding.code, level, finding.message, finding.path or path, finding.line)


def _rule(requirement: str) -> str:
    """hops-3 -> hops; policy rules keep their name."""
    return requirement if requirement.startswith("policy-") else requirement.rsplit("-", 1)[0]
