"""Text tables by column, each distinct value written once, and their CSV form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.escape import spreadsheet
from topo.fabric.model import IntArray
from topo.fabric.ranks import ranks


@dataclass(frozen=True)
class Column:
    """One column: distinct `values`, and for every row the code of its value. Numbers are already written out."""

    title: str
    values: Sequence[str]
    codes: IntArray
    is_number: bool = False

    def texts(self, written: Callable[[str], str] | None = None) -> list[str]:
        """The column row by row, each value passed through `written` once."""
        values = list(self.values) if written is None else [written(v) for v in self.values]
        return list(map(values.__getitem__, self.codes.tolist()))

    def rows(self, index: npt.NDArray[Any]) -> Column:
        """The column of the selected rows."""
        return Column(self.title, self.values, self.codes[index], self.is_number)


def constant(title: str, value: str, rows: int, is_number: bool = False) -> Column:
    """The same value in every row."""
    return Column(title, [value], np.zeros(rows, dtype=np.int32), is_number)


def texts(title: str, values: Sequence[str]) -> Column:
    """One text a row."""
    return Column(title, values, np.arange(len(values)))


def picked(title: str, values: Sequence[str], codes: IntArray, is_number: bool = False) -> Column:
    """A value by code in every row, the empty text for -1."""
    return Column(title, [*values, ""], np.where(codes < 0, len(values), codes), is_number)


def numbers(title: str, values: npt.NDArray[Any]) -> Column:
    """Numbers as a person writes them; the empty text for NaN."""
    if values.dtype.kind in "iu":
        codes = ranks(values)
        whole = np.zeros(int(codes.max(initial=-1)) + 1, dtype=values.dtype)
        whole[codes] = values
        return Column(title, list(map(str, whole.tolist())), codes, True)
    distinct, codes = np.unique(values, return_inverse=True)
    return Column(title, [written(v) for v in distinct.tolist()], codes, True)


def written(value: float | int | None) -> str:
    """A number to six decimals without needless ones: 400.0 as 400, 12.5 as 12.5, 71289424.35 in full; the empty text
    for None and NaN."""
    if value is None or value != value:
        return ""
    return str(int(value)) if float(value).is_integer() else f"{value:.6f}".rstrip("0").rstrip(".")


def csv_text(value: str) -> str:
    """A text as a CSV field (RFC 4180). A leading = + - @ or tab gets an apostrophe, or a spreadsheet would run it."""
    value = spreadsheet(value)
    if any(c in value for c in ',"\r\n') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def csv_bytes(columns: Sequence[Column]) -> bytes:
    """A table as UTF-8 CSV with a header line and LF line ends."""
    head = ",".join(csv_text(c.title) for c in columns)
    body = [c.texts(None if c.is_number else csv_text) for c in columns]
    lines = map(",".join, zip(*body, strict=True))
    return ("\n".join([head, *lines]) + "\n").encode()


def rows_to_columns(titles: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[str] = ()) -> list[Column]:
    """A small table given row by row."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(titles)
    return [
        Column(title, list(column), np.arange(len(rows)), title in numeric)
        for title, column in zip(titles, cells, strict=True)
    ]
