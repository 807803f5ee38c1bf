"""How wide a text is in the shipped font, DejaVu Sans: from the font's own advance widths."""

from __future__ import annotations

from functools import lru_cache

ASCII_WIDTHS = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 "
    "636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 "
    "695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 "
    "579 278 974 634 612 635 635 411 521 392 634 592 818 592 592 525 636 337 636 838 "
)
"""Advance widths of U+0020 .. U+007E in thousandths of the size."""

_WIDTH = {chr(32 + i): int(w) for i, w in enumerate(ASCII_WIDTHS.split())} | {"·": 318, "–": 500}
_OTHER = 1000
"""No character of the font's Latin, Greek and symbol ranges that titles use is wider."""


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Points that `text` takes at `size` points; never less than the font's, save for rare wide symbols. Widths are
    summed as whole numbers: sums of fractions differ between versions of Python."""
    return size * sum(_WIDTH.get(c, _OTHER) for c in text) / 1000


def fitted(text: str, size: float, width: float) -> str:
    """`text`, or as much of it as fits into `width` points, with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def fits(texts: list[str], size: float, width: float) -> bool:
    """Whether each of the texts fits into `width` points."""
    return all(text_width(t, size) <= width for t in texts)
