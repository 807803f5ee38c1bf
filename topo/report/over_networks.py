"""Figures of all networks together, as the bill of materials has them."""

from __future__ import annotations

from collections.abc import Callable

from topo.report.figure import Tile
from topo.report.model import Metrics, Report
from topo.report.words import number


def over_networks(report: Report, label: str, note: str, figure: Callable[[Metrics], int | None]) -> Tile:
    """A figure summed over all networks, with each network's own beside it."""
    every = [report.metrics, *report.others.values()]
    values = [figure(m) for m in every]
    known = [value for value in values if value is not None]
    if len(every) == 1 or len(known) < len(every):
        return Tile(label, number(values[0]), note)
    others = ", ".join(f"{number(figure(m))} {name}" for name, m in report.others.items())
    first = f"{number(values[0])} main network{f' ({note})' if label == 'switches' else ''}, {others}"
    return Tile(label, number(sum(known)), first if label == "switches" else f"{first}; {note}")
