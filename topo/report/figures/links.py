"""Links by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, figures, known
from topo.report.model import Metrics
from topo.report.words import number

FABRIC = Column("links_fabric", "switch-to-switch links", better="less", at=60, drawn=True)


def _metric(context: Context, network: str) -> Mapping[str, int]:
    return counted(context, network).links


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {FABRIC: known(counted(subject.context, subject.network).links["fabric"])}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {f"links, {kind}": f"{n:,}" for kind, n in (m.links or {}).items()}


def _side(kind: str) -> Side:
    return Side(f"links, {kind.replace('_', '–')}", lambda m: (m.links or {}).get(kind), number, at=200)


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return [_side(kind) for kind in sorted({kind for m in every for kind in m.links or {}})]


figures.add(
    "links",
    Figure(
        "links",
        {
            "endpoint": "links between a NIC port and a switch",
            "leaf_spine": "links between these tiers; other pairs of tiers likewise",
            "local": "links inside a group of a dragonfly; `global` between groups",
            "fabric": "all links between switches",
        },
        at=70, metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides,
    ),
)  # fmt: skip
