"""Two designs, before and after: verdicts, counts, cost, and the cables that somebody has to touch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from topo.placement.change import Changes
from topo.report.model import Metrics, Report
from topo.report.table import table


@dataclass(frozen=True)
class Difference:
    """The reports of the old and the new design, and the change plan."""

    old: Report
    new: Report
    changes: Changes

    @property
    def found(self) -> bool:
        """A cable or a device changes."""
        counts = self.changes.summary()
        return any(n for kind, n in counts.items() if kind != "kept")


def as_json(value: Difference) -> str:
    """The difference as JSON: before and after by figure, counts by kind of change."""
    figures = {name: {"old": a, "new": b} for name, a, b in _figures(value)}
    return json.dumps({"schema": "topo.diff/1", "figures": figures, "cables": value.changes.summary()}, indent=1)


def as_text(value: Difference) -> str:
    """The difference for a terminal."""
    rows = [[name, a, b, "" if a == b else "changed"] for name, a, b in _figures(value)]
    lines = table(["", f"old: {value.old.subject.name}", f"new: {value.new.subject.name}", ""], rows, indent="")
    return "\n".join([*lines, "", *(f"{kind:16} {n:>10,}" for kind, n in value.changes.summary().items())])


def as_markdown(value: Difference) -> str:
    """The difference as a comment for a pull request."""
    lines = [f"### {value.new.subject.name}: {value.old.verdict} → {value.new.verdict}", "", "| | before | after |"]
    lines += ["|---|---:|---:|"]
    lines += [f"| {name} | {a} | {b if a == b else f'**{b}**'} |" for name, a, b in _figures(value)]
    touched = {kind: n for kind, n in value.changes.summary().items() if n and kind != "kept"}
    lines += ["", f"Cables to touch: **{value.changes.touched:,}**"]
    lines += [f"- {kind}: {n:,}" for kind, n in touched.items()]
    broken = [r for r in value.new.requirements if r.verdict != "held"]
    lines += ["", *(f"- :x: {r.statement}: {r.verdict}" for r in broken)] if broken else []
    return "\n".join(lines)


def _figures(value: Difference) -> list[tuple[str, str, str]]:
    """(name, old, new) for everything that both reports or one of them know."""
    old, new = _flat(value.old.metrics), _flat(value.new.metrics)
    names = list(dict.fromkeys([*old, *new]))
    return [("verdict", value.old.verdict, value.new.verdict), *((n, old.get(n, "-"), new.get(n, "-")) for n in names)]


def _flat(metrics: Metrics) -> dict[str, str]:
    found: dict[str, str] = {}
    if metrics.gpus:
        found["GPUs"] = f"{metrics.gpus:,}"
    found |= _counted("switches", metrics.switches) | _counted("links", metrics.links)
    if metrics.cables is not None:
        found["cables"] = f"{metrics.cables:,}"
        found["transceivers"] = f"{metrics.transceivers or 0:,}"
    if metrics.hops:
        found["switches on a path"] = f"{metrics.hops['max']:.0f}"
    if metrics.bisection:
        low, high = metrics.bisection["lower_gbps"], metrics.bisection["upper_gbps"]
        found["bisection, Gb/s"] = f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
    for traffic, routings in (metrics.throughput or {}).items():
        for routing, ends in routings.items():
            low, high = ends.get("lower"), ends.get("upper")
            found[f"{traffic}, {routing}"] = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    if metrics.cost_usd:
        found["cost, USD"] = f"{metrics.cost_usd['total']:,.0f}"
    if metrics.power_w:
        found["power, W"] = f"{metrics.power_w:,.0f}"
    return found


def _counted(what: str, counts: Mapping[str, int] | None) -> dict[str, str]:
    return {f"{what}, {kind}": f"{n:,}" for kind, n in (counts or {}).items()}
