"""Latency of short messages over shortest paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.analysis.network import switch_network
from topo.analysis.paths.latency import gpu_latency, latency_model
from topo.checks import Context, questions
from topo.report.figure import (
    Answers,
    Asked,
    Column,
    Comparison,
    Figure,
    Footnote,
    Side,
    Subject,
    Tile,
    Tiled,
    figures,
    known,
)
from topo.report.model import Metrics, Report

MEAN = Column("latency_mean_us", "mean latency, endpoints", "us", "less", 150, drawn=True)
LARGEST = Column("latency_max_us", "largest latency, endpoints", "us", "less", 160)
GPUS = Column("gpu_latency_mean_us", "mean latency, GPUs", "us", "less", 170, drawn=True)


def _metric(context: Context, network: str) -> Mapping[str, float] | None:
    """With the cables of a floor plan; None where no model applies."""
    result = context.ask(questions.Latency(network)) if context.ask(questions.Hops(network)).max else None
    return result.to_json() if result else None


def _asked(asked: Asked, subject: Subject) -> Answers:
    context, network = subject.context, subject.network
    counted = context.ask(questions.Hops(network))
    ends = context.ask(questions.Latency(network)) if counted.max else None
    if ends is None:
        return {}
    net, length_m = switch_network(context.fabric, subject.row), context.ask(questions.PlacedLengths())
    model = latency_model(context.catalog, ends.model)
    gpus = gpu_latency(context.fabric, net, model, counted=counted, length_m=length_m)
    note = "with cables" if length_m is not None else ""
    return {
        MEAN: known(ends.mean_us, note),
        LARGEST: known(float(ends.us[-1]), note),
        GPUS: known(gpus.mean_us if gpus else None, note),
    }


def _footnotes(value: Comparison) -> list[Footnote]:
    row = value.row(MEAN.key)
    if row is None:
        return []
    some = [name for name, cell in zip(value.names, row.cells, strict=True) if cell is not None and cell.note]
    cables = "without cables: no design has a floor plan"
    if some:
        cables = "with cables"
        cables += "" if len(some) == len(value.names) else f" where there is a floor plan ({', '.join(some)})"
    return [Footnote(f"Latency of 64 bytes by the switches' protocol, {cables}.", 60)]


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("longest latency, µs", lambda m: (m.latency_us or {}).get("max"), "{:.2f}".format, at=100),)


def _tile(report: Report) -> Tile | None:
    result = report.metrics.latency_us
    return Tile("latency", f"{result['max']:.2f} µs", "longest shortest path") if result else None


figures.add(
    "latency_us",
    Figure(
        "latency",
        {
            "min": "least over pairs of endpoints of the time of 64 bytes on a shortest path, in us",
            "mean": "the mean over pairs; `p50` and `p99` are quantiles",
            "p50": "see `mean`",
            "p99": "see `mean`",
            "max": "the largest over pairs",
        },
        at=160, metric=_metric, asked={"counted": _asked}, footnotes=_footnotes, sides=_sides, tile=Tiled(_tile, 90),
    ),
)  # fmt: skip
