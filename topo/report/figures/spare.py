"""What a network has beyond need; the design's sizes tell it, so the report adds it where there is a design."""

from __future__ import annotations

from collections.abc import Sequence

from topo.report.figure import Figure, figures
from topo.report.model import Metrics
from topo.report.spare import words_of


def _lines(m: Metrics) -> Sequence[str]:
    return words_of(m.spare or ())


figures.add(
    "spare",
    Figure(
        "spare",
        {
            "[].tier": "the tier that has more than it needs",
            "[].what": "`switches` or `ports`",
            "[].number": "how many",
            "[].usd": "what they cost, in USD; absent without a price",
            "[].avoid": "`key` and `value` of the design that would avoid them, and what that `costs`",
        },
        at=190, lines=_lines,
    ),
)  # fmt: skip
