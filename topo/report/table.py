"""Aligned tables for terminals and pipes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from topo.report.look import PLAIN, Look

GAP = "  "
LEAST_TEXT = 12
"""A column of text is not made narrower than this to let a table fit, nor all of them than `TEXT_SHARE` of its room."""
TEXT_SHARE = 0.4
"""Of the room, for all columns of text together, where a table is too wide: numbers are never broken."""


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "  ", left: int = 1, look: Look = PLAIN
) -> list[str]:
    """Lines of a table: the first `left` columns to the left, all others to the right.

    Where the look has a width, cells of text are folded, then the columns to the right are dealt out to several tables
    below one another, each with the columns to the left again.
    """
    columns = list(range(len(head)))
    text, figures = columns[:left], columns[left:]
    every = [[str(cell) for cell in row] for row in (head, *rows)]
    blocks = _blocks(every, text, figures, look.width - len(indent)) if look.width else [columns]
    lines: list[str] = []
    for block in blocks:
        lines += [""] if lines else []
        lines += _block([[row[i] for i in block] for row in every], indent, left, look)
    return lines


def _blocks(every: list[list[str]], text: list[int], figures: list[int], width: int) -> list[list[int]]:
    """Columns of each table; one table where all of it fits."""
    least = sum(_least_text(every, i, len(text), width) + len(GAP) for i in text)
    blocks, room = [list(text)], width - least
    for i in figures:
        needed = _least(every, i) + len(GAP)
        if needed > room + len(GAP) and len(blocks[-1]) > len(text):
            blocks.append(list(text))
            room = width - least
        blocks[-1].append(i)
        room -= needed
    return blocks


def _least_text(every: list[list[str]], column: int, columns: int, room: int) -> int:
    """The width below which a column of text is not folded."""
    return min(_width(every, column), max(LEAST_TEXT, int(room * TEXT_SHARE / columns)))


def _least(every: list[list[str]], column: int) -> int:
    """The width of a column of figures whose head may be folded at spaces and hyphens."""
    words = every[0][column].replace("-", "- ").split()
    return max([len(row[column]) for row in every[1:]] + [min(len(word), LEAST_TEXT) for word in words], default=0)


def _width(every: list[list[str]], column: int) -> int:
    return max(len(row[column]) for row in every)


def _block(every: list[list[str]], indent: str, left: int, look: Look) -> list[str]:
    widths = _widths(every, left, look.width - len(indent) if look.width else 0)
    lines = []
    for n, row in enumerate(every):
        cells = [_fold(cell, width) for cell, width in zip(row, widths, strict=True)]
        deep = max(len(cell) for cell in cells)
        for k in range(deep):
            parts = []
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                part = cell[k] if k < len(cell) else ""
                parts.append(part.ljust(width) if i < left else part.rjust(width))
            line = (indent + GAP.join(parts)).rstrip()
            lines.append(look.paint(line, "bold") if n == 0 else line)
        if n == 0:
            lines.append(look.paint(indent + GAP.join("-" * width for width in widths), "dim"))
    return lines


def _widths(every: list[list[str]], left: int, room: int) -> list[int]:
    """The widths of columns: as wide as their longest cell, or, in a limited room, text and heads narrower."""
    wide = [_width(every, i) for i in range(len(every[0]))]
    if not room:
        return wide
    least = [_least_text(every, i, left, room) if i < left else _least(every, i) for i in range(len(wide))]
    excess = sum(wide) + len(GAP) * (len(wide) - 1) - room
    for i in sorted(range(len(wide)), key=lambda i: wide[i] - least[i], reverse=True):
        taken = max(min(wide[i] - least[i], excess), 0)
        wide[i] -= taken
        excess -= taken
    return wide


def _fold(cell: str, width: int) -> list[str]:
    indent = " " * (len(cell) - len(cell.lstrip()))
    return [cell] if len(cell) <= width else textwrap.wrap(cell, max(width, 1), subsequent_indent=indent) or [""]
