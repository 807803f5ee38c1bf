"""Whether the cables of a floor plan can be bought, reach, and fit both cages."""

from __future__ import annotations

from topo.checks import answers
from topo.checks.model import Context, Finding


def plug_findings(context: Context) -> list[Finding]:
    """An error for every kind of fault in the cables that a floor plan asks for; none without one, where lengths are
    assumed."""
    if context.floor_cabling is None:
        return []
    from topo.placement.inspect import inspect

    return [
        Finding(
            f"cable-{fault.check}",
            "error",
            f"{fault.message} ({fault.count:,} link{'s' if fault.count > 1 else ''})",
            (fault.example,),
            "cabling-checks.csv of `topo build` lists every check",
        )
        for fault in inspect(context.fabric, context.catalog, answers.cabling(context))
    ]
