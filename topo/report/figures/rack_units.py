"""Rack units that a network's switches take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.analysis.money.power import network_rack_units
from topo.checks import Context
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, figures, known
from topo.report.model import Metrics
from topo.report.words import rounded

TITLE = "rack units of switches"
COLUMN = Column("rack_units", TITLE, better="less", at=120)


def _units(context: Context, network: str) -> float | None:
    return network_rack_units(context.fabric, context.fabric.network_row(network), context.catalog).value


def _metric(context: Context, network: str) -> float | None:
    return _units(context, network) if context.fabric.origins else None


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {COLUMN: known(_units(subject.context, subject.network))}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {TITLE: f"{m.rack_units:,.0f}"} if m.rack_units else {}


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side(TITLE, lambda m: m.rack_units, rounded, at=90),)


figures.add(
    "rack_units",
    Figure(
        TITLE, {"": "heights of all switches, in rack units; absent where a part does not say its height"}, at=150,
        metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides,
    ),
)  # fmt: skip
