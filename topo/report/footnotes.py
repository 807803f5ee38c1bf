"""What several figures say beneath the comparison."""

from __future__ import annotations

from topo.report.figure import Comparison, Footnote, Row

LINE_RATE = Footnote(
    "Throughput 1 is line rate. 'a to b' is a proved interval, or the worst to the best hash seed.", 30
)


def left_apart(row: Row, names: tuple[str, ...], words: str) -> list[str]:
    """What a row of costs is without, once for all designs that leave out the same."""
    without: dict[str, list[str]] = {}
    for name, cell in zip(names, row.cells, strict=True):
        if cell is not None and cell.apart:
            without.setdefault(cell.apart, []).append(name)
    every = len(without) == 1 and len(next(iter(without.values()))) == len(names)
    return [f"{words}{'' if every else ' for ' + ', '.join(those)}: {what}." for what, those in without.items()]


def rests_on(row: Row, names: tuple[str, ...], unknown: str) -> list[str]:
    """Why some designs have no figure, and what those of the others rest on."""
    without = [name for name, cell in zip(names, row.cells, strict=True) if cell is None]
    lines = [f"{row.title} of {', '.join(without)} is not known{unknown}"] if without else []
    noted = [(name, cell.note) for name, cell in zip(names, row.cells, strict=True) if cell is not None and cell.note]
    return [*lines, *(f"{row.title} of {name}: {note}." for name, note in noted)]


def has_row(value: Comparison, key: str, note: Footnote) -> list[Footnote]:
    """The note, where some design has an answer."""
    return [note] if value.row(key) else []
