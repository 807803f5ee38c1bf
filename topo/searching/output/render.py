"""A search on the terminal, and as CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

from topo.report.look import PLAIN, Look
from topo.report.table import table
from topo.searching.bounds.anything import gap
from topo.searching.bounds.limited import filling_text
from topo.searching.candidates.objectives import OBJECTIVES, figure
from topo.searching.record.listed import as_json
from topo.searching.record.result import Point, Search
from topo.units import amount


def text(search: Search, look: Look = PLAIN) -> str:
    """What was found, in a page of text."""
    request, space = search.request, search.space
    lines = [f"{request.name}: {search.claim}"]
    if request.neighbour_of:
        lines.append(
            f"  in the neighbourhood of the design {request.neighbour_of}: its switches, every family and size"
        )
    lines += [f"  assumed {what}" for what in request.assumed]
    lines += [f"  {request.prices_text}"] if request.prices_text else []
    counts = ", ".join(f"{number:,} {state}" for state, number in space.items() if state != "candidates")
    lines += [f"  {amount(space['candidates'], 'candidate')}: {counts}", ""]
    shown = search.top if len(search.top) > 1 and len(search.front) < 2 else search.front
    if shown:
        lines += table(_head(search), [_cells(search, point) for point in shown], left=2, look=look)
        lines.append("")
    lines += _stages(search)
    lines += _bound(search)
    if search.why_not:
        lines += ["why not"]
        rows = [[family, reason["requirement"], reason["reason"]] for family, reason in search.why_not.items()]
        lines += table(["family", "fails", "because"], rows, left=3, look=look)
    for undecided in search.undecided_below[:5]:
        row = search.rows[undecided]
        lines.append(f"undecided: {row.candidate.text}: {row.reason}")
    return "\n".join(lines).rstrip() + "\n"


def as_csv(search: Search) -> str:
    """The front, one design a line."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["design", "family", "keys", "switches", *_names(search)])
    for point in search.front:
        keys = point.row.candidate.text.partition(" ")[2]
        values = [_plain(point.values[name]) for name in _names(search)]
        writer.writerow([point.path, point.row.candidate.family, keys, int(point.values["switches"]), *values])
    return stream.getvalue()


def as_markdown(search: Search) -> str:
    """The front as a table."""
    head = _head(search)
    lines = [f"**{search.request.name}**: {search.claim}.", "", "| " + " | ".join(head) + " |"]
    lines.append("|" + "---|" * 2 + "---:|" * (len(head) - 2))
    lines += ["| " + " | ".join(_cells(search, point)) + " |" for point in search.front]
    rests_on = [f"C{search.request.prices_text[1:]}.", ""] if search.request.prices_text else []
    return "\n".join([*lines, "", *rests_on, *_bound(search)]).rstrip() + "\n"


def as_json_text(search: Search) -> str:
    """The same as `search.json`."""
    return as_json(search.to_json()).decode()


RENDERERS: Mapping[str, Callable[[Search], str]] = MappingProxyType(
    {"text": text, "json": as_json_text, "md": as_markdown, "csv": as_csv}
)


def _names(search: Search) -> list[str]:
    return [name for name in search.request.objectives if name != "switches"]


def _head(search: Search) -> list[str]:
    units = {name: OBJECTIVES[name].unit for name in _names(search)}
    return ["family", "keys", "switches", *(f"{n} ({u})" if u and u.lower() not in n else n for n, u in units.items())]


def _cells(search: Search, point: Point) -> list[str]:
    keys = point.row.candidate.text.partition(" ")[2]
    values = [figure(point.values[name]) for name in _names(search)]
    return [point.row.candidate.family, keys, f"{point.values['switches']:,.0f}", *values]


def _plain(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.9g}"


def _stages(search: Search) -> list[str]:
    """What each stage of the winner is, buys and moves."""
    stages = search.to_json().get("winner", {}).get("stages", [])
    if not stages:
        return []
    head = ["gpus", "keys", "switches", "bought (usd)", "links moved", "fewest possible", "moving (usd)"]
    rows = [
        [f"{one['gpus']:,}", " ".join(f"{k}={v}" for k, v in one["keys"].items() if k not in ("host", "family")),
         f"{one['switches']['total']:,}", figure(one["bought_usd"]), f"{one['moves']:,}",
         f"{one['moves_at_least']:,}", figure(one["moves_usd"])]
        for one in stages
    ]  # fmt: skip
    return ["stages of the winner", *table(head, rows, left=2), ""]


def within_limits(search: Search) -> list[str]:
    """What the limits leave where parts may share a tier, in words."""
    result = search.within_limits
    if not result:
        return []
    lines = [str(result.get("statement") or f"what limits leave at least is not known: {result['undecided']}")]
    if result.get("filling", {}).get("shared"):
        filling = result["filling"]
        usd = figure(filling["cost_usd_at_least"])
        lines.append(
            f"parts that share a tier keep them from {usd} USD: {filling_text(filling)}; designs have one a tier"
        )
    return lines


def _bound(search: Search) -> list[str]:
    bound, lines = search.lower_bound, within_limits(search)
    if not bound:
        return [*lines, ""] if lines else []
    lines.append(bound["certificate"]["statement"])
    if search.winner is not None:
        parts = []
        for key, word in (("switches", "switches"), ("cost_usd", "cost")):
            value = search.winner.values.get(key)
            over = gap(value, bound, key) if value is not None else None
            if over is not None:
                parts.append(f"{100 * over:.3g} % in {word} ({figure(float(bound[key]))})")
        if parts:
            lines.append(f"the winner is within {' and '.join(parts)} of that")
    return [*lines, ""]
