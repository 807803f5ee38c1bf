"""The comparison as text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping

from topo.escape import markdown, spreadsheet
from topo.interval import span
from topo.report.compare.table import Comparison, Row
from topo.report.figure import Cell
from topo.report.look import PLAIN, Look
from topo.report.table import table

SCHEMA = "topo.compare/1"
LIFETIME = "lifetime_cost_per_gpu_usd"


def figure(value: float) -> str:
    """A number with at most four significant digits behind whole thousands."""
    if math.isinf(value):
        return "unbounded"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cell_text(cell: Cell | None) -> str:
    """A cell for people: a figure, or an interval."""
    if cell is None:
        return "-"
    return span(cell.lower, cell.upper, figure, at_least="over {}")


def _title(row: Row) -> str:
    return f"{row.title} ({row.unit})" if row.unit else row.title


def _footnotes(value: Comparison) -> list[str]:
    lines = []
    if value.row("cost_per_gpu_usd"):
        basis = f" ({value.price_basis})" if value.price_basis else ""
        lines.append(f"Costs by price book {value.price_book}{basis}: switches and links of the compute network.")
        lines += _apart(value, "cost_per_gpu_usd", "Costs leave out")
    if value.row(LIFETIME):
        on = "each design's own terms, which differ" if value.own_terms else "one set of terms"
        lines.append(f"Costs over life are of all networks, on {on}.")
        lines += _apart(value, LIFETIME, "Costs over life leave out")
    if any(key in {row.key for row in value.rows} for key in ("all_to_all_adaptive", "bisection_share")):
        lines.append("Throughput 1 is line rate. 'a to b' is a proved interval, or the worst to the best hash seed.")
    ecmp = value.row("all_to_all_ecmp")
    seeds = {cell.note for cell in ecmp.cells if cell is not None} if ecmp else set()
    if len(seeds) == 1 and any(seeds):
        lines.append(f"ECMP hashes every flow, one queue pair each: {seeds.pop()}.")
    cable = value.row("after_one_cable")
    if cable is not None:
        lines.append(
            "After any one cable: the worst of all, examined where few stand for all (or with --failures); elsewhere "
            "between what is left when its load takes all ways around it, and no loss at all."
        )
        if None in cable.cells:
            lines.append("'-' there: some cable has no way around it, or the network is too large for its least cut.")
    latency = value.row("latency_mean_us")
    if latency is not None:
        with_cables = [n for n, cell in zip(value.names, latency.cells, strict=True) if cell is not None and cell.note]
        lines.append(f"Latency of 64 bytes by the switches' protocol, {_cables_of(with_cables, value.names)}.")
    for row in value.rows:
        unknown = [n for n, cell in zip(value.names, row.cells, strict=True) if cell is None]
        if row.key == "cost_per_gpu_usd" and unknown:
            lines.append(f"{row.title} of {', '.join(unknown)} is not known, as no part of its switches is.")
        if row.key == LIFETIME and unknown:
            lines.append(f"{row.title} of {', '.join(unknown)} is not known: it states no terms (cost), or no parts.")
        for name, cell in zip(value.names, row.cells, strict=True):
            if cell is not None and cell.note and row.key in ("cost_per_gpu_usd", LIFETIME):
                lines.append(f"{row.title} of {name}: {cell.note}.")
    return lines


def _apart(value: Comparison, key: str, words: str) -> list[str]:
    """What a row of costs is without, once for all designs that leave out the same."""
    row = value.row(key)
    names: dict[str, list[str]] = {}
    for name, cell in zip(value.names, row.cells if row else (), strict=bool(row)):
        if cell is not None and cell.apart:
            names.setdefault(cell.apart, []).append(name)
    every = len(names) == 1 and len(next(iter(names.values()))) == len(value.names)
    return [f"{words}{'' if every else ' for ' + ', '.join(those)}: {what}." for what, those in names.items()]


def _cables_of(some: list[str], names: tuple[str, ...]) -> str:
    """Which designs' latencies hold cables."""
    if not some:
        return "without cables: no design has a floor plan"
    return "with cables" if len(some) == len(names) else f"with cables where there is a floor plan ({', '.join(some)})"


def _text(value: Comparison, look: Look = PLAIN) -> str:
    rows = [[_title(row), *map(cell_text, row.cells)] for row in value.rows]
    notes = [line for note in _footnotes(value) for line in look.fold(note)]
    return "\n".join([*table(["", *value.names], rows, indent="", look=look), "", *notes]) + "\n"


def _markdown(value: Comparison) -> str:
    lines = ["| | " + " | ".join(map(markdown, value.names)) + " |", "|---|" + "---:|" * len(value.names)]
    for row in value.rows:
        lines.append(
            f"| {markdown(_title(row).strip())} | " + " | ".join(markdown(cell_text(cell)) for cell in row.cells) + " |"
        )
    return "\n".join([*lines, "", *map(markdown, _footnotes(value))]) + "\n"


def _csv(value: Comparison) -> str:
    """One line for each row and design: lower and upper end, as precise as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["key", "unit", "design", "lower", "upper", "note"])
    for row in value.rows:
        for name, cell in zip(value.names, row.cells, strict=True):
            if cell is not None:
                writer.writerow(
                    [
                        row.key,
                        row.unit,
                        spreadsheet(name),
                        _csv_end(cell.lower),
                        _csv_end(cell.upper),
                        spreadsheet(_csv_note(value, row, cell)),
                    ]
                )
    return out.getvalue()


def _csv_note(value: Comparison, row: Row, cell: Cell) -> str:
    """What a figure rests on and is without."""
    basis = value.price_basis if row.unit == "USD" else ""
    return "; ".join(text for text in (cell.note, f"leaves out {cell.apart}" if cell.apart else "", basis) if text)


def _csv_end(value: float) -> str:
    return "unbounded" if math.isinf(value) else repr(value)


def _json(value: Comparison) -> str:
    """A list of designs with their metrics; "unbounded" where nothing loads the network, and an upper end that is not
    finite beside a lower that is, is absent."""
    designs = []
    for i, (name, title) in enumerate(zip(value.names, value.titles, strict=True)):
        cells = {row.key: cell for row in value.rows if (cell := row.cells[i]) is not None}
        metrics = {key: _cell_json(cell) for key, cell in cells.items()}
        apart = {key: cell.apart for key, cell in cells.items() if cell.apart}
        designs.append({"name": name, "title": title, "metrics": metrics, **({"leaves_out": apart} if apart else {})})
    head = {"schema": SCHEMA, "price_book": value.price_book}
    head |= {"price_basis": value.price_basis} if value.price_basis else {}
    return json.dumps({**head, "designs": designs}, indent=1) + "\n"


def _cell_json(cell: Cell) -> float | str | dict[str, float | str]:
    if math.isinf(cell.lower):
        return "unbounded"
    if cell.lower == cell.upper and not cell.note:
        return int(cell.lower) if cell.lower == int(cell.lower) else cell.lower
    ends = {"lower": cell.lower, "upper": cell.upper}
    return {**{k: v for k, v in ends.items() if math.isfinite(v)}, **({"note": cell.note} if cell.note else {})}


FORMATS: Mapping[str, Callable[[Comparison], str]] = {"text": _text, "json": _json, "csv": _csv, "md": _markdown}


def render(value: Comparison, output: str = "text", look: Look = PLAIN) -> str:
    """The comparison in one of FORMATS; raises ParameterError for another. Only text has a look."""
    if output not in FORMATS:
        from topo.errors import ParameterError

        raise ParameterError("--format", output, "unknown format", ", ".join(FORMATS))
    return _text(value, look) if output == "text" else FORMATS[output](value)
