"""Ratios that a design writes rounded: worth knowing, not wrong."""

from __future__ import annotations

from topo.checks.model import Context, Finding

CODE = "ratio-read"


def ratio_notes(context: Context) -> list[Finding]:
    """A note for each ratio that is the rounding of one that the ports give, and is built as that."""
    return [
        Finding(CODE, "note", f"{network}: {text}, of which it is the rounding", (network,))
        for network, counts in context.counts.items()
        for text in counts.read
    ]
