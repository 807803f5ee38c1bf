"""Plain text for a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topo.checks import Finding
from topo.report.model import Metrics, Report, RequirementResult
from topo.report.registry import renderers
from topo.units import count, gbps

MOST_FINDINGS = 20


def render(reports: Sequence[Report]) -> str:
    """The reports one after the other, and a summary line where there are several."""
    blocks = ["\n".join(_report(report)) for report in reports]
    if len(reports) > 1:
        verdicts = [r.verdict for r in reports]
        tally = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
        blocks.append(f"{len(reports)} designs: {tally}")
    return "\n\n".join(blocks)


def _report(report: Report) -> list[str]:
    lines = [f"{report.verdict.upper():9} {report.subject.name}"]
    if report.errors:
        return lines + [f"  {line}" for p in report.errors for line in p.text().splitlines()]
    lines += _metrics("", report.metrics)
    for name, metrics in report.others.items():
        lines += _metrics(f"{name}: ", metrics)
    if report.requirements:
        lines += [_requirement(r) for r in report.requirements]
    else:
        lines += ["  no requirements stated"]
    lines += _findings(report.findings)
    return lines


def _requirement(result: RequirementResult) -> str:
    proof = ", with certificate" if result.certificate is not None else ""
    return f"  {result.verdict.upper():9} {result.statement}: {quantity(result.measured, result.unit)}{proof}"


def quantity(value: float, unit: str = "") -> str:
    """A measured value with its unit, short."""
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
    if metrics.cost_usd:
        book, total = metrics.cost_usd["price_book"], metrics.cost_usd["total"]
        partly = "" if metrics.cost_usd.get("complete", True) else ", not complete"
        lines.append(f"  cost {count(round(total))} USD by {book}{partly}")
    return lines


def _bisection(value: Mapping[str, Any]) -> str:
    full = value["full_gbps"]
    if not full:
        return f"{gbps(value['lower_gbps'])}: the hosts have no two halves"
    if value["exact"]:
        return f"{gbps(value['lower_gbps'])} (exact), {value['lower_gbps'] / full:.4g} of full"
    low, high = value["lower_gbps"], value["upper_gbps"]
    return f"between {gbps(low)} and {gbps(high)}, {low / full:.4g} to {high / full:.4g} of full"


def _throughput(value: Mapping[str, Any]) -> str:
    def interval(low: str, high: str) -> str:
        if low not in value:
            return "unbounded"
        if value[low] == value.get(high):
            return f"{value[low]:.6g}"
        return f"{value[low]:.6g} to {value[high]:.6g}" if high in value else f"at least {value[low]:.6g}"

    exact = " (exact)" if value.get("exact") else ""
    return f"{interval('lower', 'upper')}{exact}; network alone {interval('network_lower', 'network_upper')}"


def _findings(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for finding in findings[:MOST_FINDINGS]:
        lines.append(f"  {finding.severity}: {finding.code}: {finding.message}")
        lines += [f"    hint: {finding.hint}"] if finding.hint else []
    if len(findings) > MOST_FINDINGS:
        lines.append(f"  ... and {len(findings) - MOST_FINDINGS} more findings")
    return lines


renderers.add("text", render)
