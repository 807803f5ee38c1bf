"""Plain text for a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topo.checks import Finding
from topo.interval import span
from topo.report.look import PLAIN, Look
from topo.report.model import Metrics, Report, RequirementResult
from topo.report.rates_text import lines_of
from topo.report.registry import renderers
from topo.report.spare import words_of
from topo.units import count, gbps

MOST_FINDINGS = 20


def render(reports: Sequence[Report], look: Look = PLAIN) -> str:
    """The reports one after the other, and a summary line where there are several."""
    blocks = ["\n".join(_report(report, look)) for report in reports]
    if len(reports) > 1:
        verdicts = [r.verdict for r in reports]
        tally = ", ".join(look.paint(f"{verdicts.count(v)} {v}", v) for v in dict.fromkeys(verdicts))
        blocks.append(f"{len(reports)} designs: {tally}")
    return "\n\n".join(blocks)


def _report(report: Report, look: Look) -> list[str]:
    head = [f"{look.paint(f'{report.verdict.upper():9}', report.verdict)} {look.paint(report.subject.name, 'bold')}"]
    if report.errors:
        lines = [f"  {line}" for p in report.errors for line in p.text().splitlines()]
        return head + [folded for line in lines for folded in look.fold(line, 2)]
    lines = _metrics("", report.metrics)
    for name, metrics in report.others.items():
        lines += _metrics(f"{name}: ", metrics)
    lines = [folded for line in lines for folded in look.fold(line, 2)]
    for result in report.requirements:
        lines += _requirement(result, look)
    if not report.requirements:
        lines += ["  no requirements stated"]
    return head + lines + _findings(report.findings, look)


def _requirement(result: RequirementResult, look: Look) -> list[str]:
    proof = ", with certificate" if result.certificate is not None else ""
    word = f"  {result.verdict.upper():9} "
    text = f"{word}{result.statement}: {quantity(result.measured, result.unit)}{proof}"
    first, *more = look.fold(text, len(word) - 2)
    return [look.paint(first[: len(word)], result.verdict) + first[len(word) :], *more]


def quantity(value: float, unit: str = "") -> str:
    """A measured value with its unit, short."""
    if value == float("inf"):
        return "unbounded"
    text = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
    return f"{text} {unit}".strip()


def _metrics(head: str, metrics: Metrics) -> list[str]:
    switches, links = metrics.switches or {}, metrics.links or {}
    tiers = ", ".join(f"{count(n)} {tier}" for tier, n in switches.items() if tier != "total")
    ends = f"{count(metrics.gpus)} GPUs" if metrics.gpus else f"{count(metrics.endpoints or 0)} endpoints"
    lines = [
        f"  {head}{ends}, {count(switches.get('total', 0))} switches ({tiers}), "
        f"{count(links.get('fabric', 0))} switch-to-switch links"
    ]
    if metrics.hops:
        lines.append(f"  switches on a path: at most {metrics.hops['max']}, mean {metrics.hops['mean']:.4g}")
    if metrics.bisection:
        lines.append(f"  bisection {_bisection(metrics.bisection)}")
    for traffic, routings in (metrics.throughput or {}).items():
        for routing, value in routings.items():
            lines.append(f"  throughput of {traffic}, {routing}: {_throughput(value)}")
    if metrics.outside:
        lines.append(f"  {outside_words(metrics.outside)}")
    if metrics.cost_usd:
        lines.append(f"  {cost_words(metrics.cost_usd)}")
    lines += [f"  {line}" for line in lines_of(metrics.failure_rates)] if metrics.failure_rates else []
    return lines + [f"  {line}" for line in words_of(metrics.spare or ())]


def outside_words(outside: Mapping[str, float]) -> str:
    """How a network leads out of the fabric, and what of it is in no bill."""
    switches, ports = (count(int(outside[key])) for key in ("switches", "ports"))
    return (
        f"leads outside: {ports} ports on {switches} switches, {gbps(outside['gbps'])}; modules and cables of these "
        "ports are in no bill here"
    )


def cost_words(cost: Mapping[str, Any]) -> str:
    """A sum with all that it rests on: the book, what is none of the market, what has no price, what is left out."""
    basis = f" ({cost['basis']})" if cost.get("basis") else ""
    partly = "".join(
        f"; {words} {', '.join(cost[key])}"
        for key, words in (
            ("not_fitted", "not fitted to"),
            ("unpriced", "not complete, no price for"),
            ("leaves_out", "leaves out"),
        )
        if cost.get(key)
    )
    return f"cost {count(round(cost['total']))} USD by {cost['price_book']}{basis}{partly}"


def _bisection(value: Mapping[str, Any]) -> str:
    if "share" not in value:
        return f"{gbps(value['lower_gbps'])}: the hosts have no two halves"
    share = f"{span(value['share']['lower'], value['share']['upper'], '{:.4g}'.format)} of full"
    if value["exact"]:
        return f"{gbps(value['lower_gbps'])} (exact), {share}"
    return f"between {gbps(value['lower_gbps'])} and {gbps(value['upper_gbps'])}, {share}"


def _throughput(value: Mapping[str, Any]) -> str:
    if "cut_off" in value:
        rest = _throughput(value["without_unreachable"])
        return f"0: {value['cut_off']:,} endpoints have no path to peers; the other pairs alone: {rest}"
    exact = " (exact)" if value.get("exact") else ""
    alone = span(value.get("network_lower"), value.get("network_upper"))
    return f"{span(value.get('lower'), value.get('upper'))}{exact}; network alone {alone}"


def _findings(findings: Sequence[Finding], look: Look) -> list[str]:
    lines = []
    for finding in findings[:MOST_FINDINGS]:
        first, *more = look.fold(f"  {finding.severity}: {finding.code}: {finding.message}", 2)
        end = len(finding.severity) + 3
        lines += [look.paint(first[:end], finding.severity) + first[end:], *more]
        lines += look.fold(f"    hint: {finding.hint}", 2) if finding.hint else []
    if len(findings) > MOST_FINDINGS:
        lines.append(f"  ... and {len(findings) - MOST_FINDINGS} more findings")
    return lines


renderers.add("text", render)
