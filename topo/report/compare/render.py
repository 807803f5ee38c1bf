"""The comparison as text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping

from topo.escape import markdown, spreadsheet
from topo.interval import Words, span
from topo.report.figure import Cell, Comparison, Row, in_order
from topo.report.look import PLAIN, Look
from topo.report.table import table

SCHEMA = "topo.compare/1"


def number(value: float) -> str:
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
    return span(cell.lower, cell.upper, number, Words(at_least="over {}"))


def _title(row: Row) -> str:
    return f"{row.title} ({row.unit})" if row.unit else row.title


def _footnotes(value: Comparison) -> list[str]:
    """What the figures say beneath, in order; what several say alike, once."""
    notes = [note for _, figure in in_order() for note in figure.footnotes(value)]
    return list(dict.fromkeys(note.text for note in sorted(notes, key=lambda note: note.at)))


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
