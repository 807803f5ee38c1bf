"""How text looks: colours where they are wanted, and how wide a line may be."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

STYLES: Mapping[str, str] = {
    "held": "1;32",
    "broken": "1;31",
    "undecided": "1;33",
    "invalid": "1;35",
    "error": "1;31",
    "warning": "33",
    "changed": "1",
    "bold": "1",
    "dim": "2",
    "hint": "36",
}
"""Parameters of the terminal's "select graphic rendition" (ECMA-48) by what a word means."""

LEAST_WIDTH = 24
"""Columns: in a narrower terminal lines are left to the terminal to break."""


@dataclass(frozen=True)
class Look:
    """What a stream can show. `width` is the number of columns, 0 where lines may be as long as they are."""

    colour: bool = False
    width: int = 0

    def paint(self, text: str, style: str) -> str:
        """The text in a style of STYLES; as it is without colours or for a style that there is not."""
        code = STYLES.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def heading(self, text: str) -> list[str]:
        """A line above others, bold, as lines that fit."""
        return [self.paint(line, "bold") for line in self.fold(text)]

    def fold(self, text: str, hang: int = 0) -> list[str]:
        """The text as lines that fit, the second and later ones indented by `hang` columns more than the first."""
        if not self.width or len(text) <= self.width:
            return [text]
        indent = " " * min(len(text) - len(text.lstrip()) + hang, self.width // 2)
        width = max(self.width, LEAST_WIDTH)
        return textwrap.wrap(
            text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, tabsize=1
        )


PLAIN = Look()
