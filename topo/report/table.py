"""Plain aligned tables for terminals and pipes."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "  ", left: int = 1) -> list[str]:
    """Lines of a table: the first `left` columns to the left, all others to the right."""
    every = [head, *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    lines = [
        indent
        + "  ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in every
    ]
    lines.insert(1, indent + "  ".join("-" * w for w in widths))
    return [line.rstrip() for line in lines]
