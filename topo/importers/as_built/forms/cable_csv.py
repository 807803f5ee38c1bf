"""A table of cables as CSV, with any delimiter and rows above its titles: our cable schedule, NetBox's cables, NVIDIA's
point-to-point and Links sheets, AVD's, SONiC's, UFM's, and what people keep in spreadsheets."""

from __future__ import annotations

from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.source import Source
from topo.importers.as_built.tables import csv_lines, delimited, read_table
from topo.importers.as_built.titles import A_WORDS, B_WORDS, find_columns


def _fits(source: Source) -> bool:
    return source.head.lstrip()[:1] not in ("{", "[") and bool(delimited(source.head)[1])


def _read(source: Source) -> AsBuilt:
    rows, delimiter = delimited(source.text)
    columns = find_columns(rows, source.columns) if rows or source.columns else None
    if source.columns and columns is None:
        delimiter = max(",;\t|", key=source.head.count)
        columns = find_columns([*csv_lines(source, delimiter)][:30], source.columns)
    if columns is None:
        words = f"a device and a port a side: {', '.join(A_WORDS[:6])}, ... and {', '.join(B_WORDS[:8])}, ..."
        hint = "say which: --columns a_device=TITLE,a_port=TITLE,b_device=TITLE,b_port=TITLE"
        raise source.wrong("the header names no cable columns", 1, allowed=words, hint=hint)
    return read_table(source, csv_lines(source, delimiter), "cable-csv", columns)


readers.add("cable-csv", Reader("a table of cables", _fits, _read))
