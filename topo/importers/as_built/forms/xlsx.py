"""A workbook (XLSX): the first sheet that names columns of cables, or the one that is asked for."""

from __future__ import annotations

import importlib
import io
import warnings
import zipfile
import zlib
from typing import Any

from topo.extras import how_to_install
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.source import Source
from topo.importers.as_built.tables import read_table
from topo.importers.as_built.titles import LOOK, Line, find_columns

MOST_BYTES = 500_000_000
"""Unpacked, some ten million cells: a small archive can unpack to any size."""


def _fits(source: Source) -> bool:
    return source.content[:4] == b"PK\x03\x04"


def _read(source: Source) -> AsBuilt:
    try:
        openpyxl: Any = importlib.import_module("openpyxl")
    except ImportError:
        hint = f"{how_to_install('openpyxl')}, or save it as CSV"
        raise source.wrong("is a workbook, and openpyxl, which reads it, is not installed", hint=hint) from None
    try:
        size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(source.content)).infolist())
        if size > MOST_BYTES:
            raise source.wrong("is too large unpacked", 1, f"{size:,} bytes", f"at most {MOST_BYTES:,} bytes")
        sheets = _sheets(openpyxl, source)
    except (zipfile.BadZipFile, zlib.error, LookupError, ValueError, OSError, EOFError, SyntaxError, TypeError,
            AttributeError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise source.wrong(f"is no workbook that can be read: {type(error).__name__}", 1) from None
    if source.sheet and source.sheet not in sheets:
        raise source.wrong("has no such sheet", 1, source.sheet, ", ".join(sheets))
    for name in [source.sheet] if source.sheet else sheets:
        columns = find_columns(sheets[name][:LOOK], source.columns)
        if columns is not None:
            return read_table(source, sheets[name], "xlsx", columns)
    raise source.wrong(
        "no sheet names columns of cables", 1, allowed="a device and a port for each end", hint="--columns"
    )


def _sheets(openpyxl: Any, source: Source) -> dict[str, list[Line]]:
    """The rows of every sheet, by its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(source.content), read_only=True, data_only=True)
        return {
            sheet.title: [
                Line(number, [_text(value) for value in row])
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
            ]
            for sheet in book.worksheets
        }


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


readers.add("xlsx", Reader("a workbook with a table of cables", _fits, _read))
