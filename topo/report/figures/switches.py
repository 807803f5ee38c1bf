"""Switches by tier, and the line of the terminal that says how large a network is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import LAST, Answers, Asked, Column, Figure, Side, Subject, Tile, Tiled, figures, known
from topo.report.model import Metrics, Report
from topo.report.over_networks import over_networks
from topo.report.words import number
from topo.units import amount, count

TIERS = {tier: 41 + i for i, tier in enumerate(("leaf", "spine", "core", "switch"))}
TOTAL = Column("switches_total", "switches", better="less", at=50, drawn=True)


def _metric(context: Context, network: str) -> Mapping[str, int]:
    return counted(context, network).switches


def _column(tier: str) -> Column:
    if tier == "total":
        return TOTAL
    title = f"  {tier} switches" if tier != "switch" else "  untiered switches"
    return Column(f"switches_{tier}", title, at=TIERS.get(tier, LAST))


def _asked(asked: Asked, subject: Subject) -> Answers:
    result = counted(subject.context, subject.network).switches
    return {_column(tier): known(n) for tier, n in result.items()}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {f"switches, {tier}": f"{n:,}" for tier, n in (m.switches or {}).items()}


def _lines(m: Metrics) -> Sequence[str]:
    switches, links = m.switches or {}, m.links or {}
    tiers = ", ".join(f"{count(n)} {tier}" for tier, n in switches.items() if tier != "total")
    ends = amount(m.gpus, "GPU") if m.gpus else f"{amount(m.endpoints or 0, 'endpoint')}"
    of = amount(switches.get("total", 0), "switch") + (f" ({tiers})" if tiers else "")
    return (f"{ends}, {of}, {amount(links.get('fabric', 0), 'switch-to-switch link')}",)


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("switches", lambda m: (m.switches or {}).get("total"), number, at=20),)


def _tile(report: Report) -> Tile | None:
    result = report.metrics.switches
    if not result:
        return None
    split = ", ".join(f"{number(n)} {tier}" for tier, n in result.items() if tier != "total")
    return over_networks(report, "switches", split, lambda m: (m.switches or {}).get("total", 0))


figures.add(
    "switches",
    Figure(
        "switches",
        {
            "leaf": "switches of the lowest tier; `spine` and `core` likewise",
            "switch": "switches of a family without tiers",
            "total": "all switches of the network",
        },
        at=60, metric=_metric, asked={"counted": _asked}, changes=_changes, lines=_lines, sides=_sides,
        tile=Tiled(_tile, 20),
    ),
)  # fmt: skip
