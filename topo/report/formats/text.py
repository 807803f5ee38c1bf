"""Plain text for a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from topo.checks import Finding
from topo.escape import one_line
from topo.report.answers.cluster import cluster_lines
from topo.report.figure import in_order
from topo.report.look import PLAIN, Look
from topo.report.model import Metrics, Report, RequirementResult
from topo.report.problems import told_once
from topo.report.registry import renderers
from topo.units import amount, unit_of

MOST_FINDINGS = 20
"""A screen's worth, the rest are counted; JSON has them all."""


def render(reports: Sequence[Report], look: Look = PLAIN) -> str:
    """The reports one after the other, and a summary line where there are several."""
    blocks = ["\n".join(_report(*pair, look)) for pair in zip(reports, told_once(reports), strict=True)]
    if len(reports) > 1:
        verdicts = [r.verdict for r in reports]
        tally = ", ".join(look.paint(f"{verdicts.count(v):,} {v}", v) for v in dict.fromkeys(verdicts))
        blocks.append(f"{amount(len(reports), 'design')}: {tally}")
    return "\n\n".join(blocks)


def _report(report: Report, less: Report, look: Look) -> list[str]:
    """A report; `less` has its errors without those told above it."""
    head = [f"{look.paint(f'{report.verdict.upper():9}', report.verdict)} {look.paint(report.subject.name, 'bold')}"]
    if report.errors:
        lines = [f"  {line}" for p in less.errors for line in p.text().splitlines()]
        above = sorted({problem.file for problem in report.errors} - {problem.file for problem in less.errors})
        lines += [f"  {one_line(name)}: as told above" for name in above]
        return head + [folded for line in lines for folded in look.fold(line, 2)]
    lines = _metrics("", report.metrics)
    for name, metrics in report.others.items():
        lines += _metrics(f"{name}: ", metrics)
    lines = [folded for line in lines for folded in look.fold(line, 2)]
    if report.cluster:
        lines += cluster_lines(report.cluster, look)
    for result in report.requirements:
        lines += _requirement(result, look)
    if not report.requirements:
        lines += ["  no requirements stated"]
    return head + lines + _findings(report.findings, look)


def _requirement(result: RequirementResult, look: Look) -> list[str]:
    proof = ", with certificate" if result.certificate is not None else ""
    note = f"; {result.note}" if result.note else ""
    word = f"  {result.verdict.upper():9} "
    unknown = result.verdict == "undecided" and result.measured == float("inf")
    measured = "not known" if unknown else quantity(result.measured, result.unit)
    text = f"{word}{result.statement}: {measured}{proof}{note}"
    first, *more = look.fold(text, len(word) - 2)
    return [look.paint(first[: len(word)], result.verdict) + first[len(word) :], *more]


def quantity(value: float, unit: str = "") -> str:
    """A measured value with its unit, short."""
    if value == float("inf"):
        return "unbounded"
    text = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
    return f"{text} {unit_of(value, unit)}".strip()


def _metrics(head: str, metrics: Metrics) -> list[str]:
    first, *more = (line for _, figure in in_order() for line in figure.lines(metrics))
    return [f"  {head}{first}", *(f"  {line}" for line in more)]


def _findings(findings: Sequence[Finding], look: Look) -> list[str]:
    lines = []
    for finding in findings[:MOST_FINDINGS]:
        first, *more = look.fold(f"  {finding.severity}: {finding.code}: {finding.message}", 2)
        end = len(finding.severity) + 3
        lines += [look.paint(first[:end], finding.severity) + first[end:], *more]
        lines += look.fold(f"    hint: {finding.hint}", 2) if finding.hint else []
    if len(findings) > MOST_FINDINGS:
        lines.append(f"  ... and {amount(len(findings) - MOST_FINDINGS, 'more finding')}")
    return lines


renderers.add("text", render)
