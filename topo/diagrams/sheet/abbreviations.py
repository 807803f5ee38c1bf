"""Names and figures as short as a drawing has room for."""

from __future__ import annotations

from collections.abc import Sequence

from topo.diagrams.sheet.textwidth import text_width


def short_names(names: Sequence[str]) -> list[str]:
    """What tells names of equally many parts apart: the parts (between blanks and dashes) that differ, without the
    letters they share: 'sf0-00-07', 'sf1-00-22' give '0-07', '1-22'. Else the last part of each."""
    parts = [name.replace(" ", "-").split("-") for name in names]
    if len({len(p) for p in parts}) != 1 or len(names) < 2:
        return [p[-1] for p in parts]
    columns = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    if not columns:
        return [p[-1] for p in parts]
    return ["-".join(row) for row in zip(*(_without_shared_letters(c) for c in columns), strict=True)]


def _without_shared_letters(words: Sequence[str]) -> list[str]:
    shared = 0
    while shared < min(map(len, words)) and len({word[shared] for word in words}) == 1:
        shared += 1
    while shared and words[0][shared - 1].isdigit():
        shared -= 1
    return [word[shared:] for word in words] if all(len(word) > shared for word in words) else list(words)


def broken(name: str, size: float, width: float) -> list[str]:
    """A name in as few lines as fit `width` points, broken after dashes only: 'p0-su000-', 'leaf-r0'."""
    lines = [""]
    for part in name.replace("-", "-\n").split("\n"):
        if lines[-1] and text_width(lines[-1] + part, size) > width:
            lines.append("")
        lines[-1] += part
    return lines


def share(value: float) -> str:
    """A share of a speed with three decimals, and more where it is nearly, not quite, the whole: '0.985', '1.00006'."""
    if 0 < abs(value - 1) < 5e-4:
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return f"{value:.3f}"
