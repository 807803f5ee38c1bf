"""What a network draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context, questions
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, Tile, Tiled, figures, known
from topo.report.model import Metrics, Report
from topo.report.words import rounded

PER_GPU = Column("power_per_gpu_w", "power per GPU", "W", "less", 110, drawn=True)


def _metric(context: Context, network: str) -> float | None:
    return context.ask(questions.Power(network)).value if context.fabric.origins else None


def _asked(asked: Asked, subject: Subject) -> Answers:
    context, network = subject.context, subject.network
    watts, gpus = context.ask(questions.Power(network)).value, counted(context, network).gpus
    return {PER_GPU: known(watts / gpus)} if gpus and watts is not None else {}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {"power, W": f"{m.power_w:,.0f}"} if m.power_w else {}


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("network power, W", lambda m: m.power_w, rounded, at=80),)


def _tile(report: Report) -> Tile | None:
    m, whole = report.metrics, (report.cluster or {}).get("total", {})
    if "power_w" in whole:
        missing = whole["unknown"].get("power_w", [])
        rows = report.cluster["networks"] if report.cluster else {}
        notes = [", ".join(f"{row['power_w'] / 1e3:,.1f} kW {n}" for n, row in rows.items() if "power_w" in row)]
        notes += [f"not known of {', '.join(missing)}"] if missing else []
        least = "at least " if missing else ""
        return Tile("network power", f"{least}{whole['power_w'] / 1e3:,.0f} kW", "; ".join(notes))
    if not m.power_w:
        return None
    units = f"{rounded(m.rack_units)} rack units of switches" if m.rack_units else ""
    return Tile("network power", f"{m.power_w / 1e3:,.0f} kW", units)


figures.add(
    "power_w",
    Figure(
        "power", {"": "switches, modules and active cables, in W; absent where a part does not say what it draws"},
        at=140, metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides, tile=Tiled(_tile, 80),
    ),
)  # fmt: skip
