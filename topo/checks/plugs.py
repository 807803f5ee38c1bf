"""Whether what a design asks for can be cabled: parts that fit and reach, racks and trays that hold it."""

from __future__ import annotations

from topo.checks import questions
from topo.checks.model import Context, Finding

UNDECIDED = "undecided"
"""Severity of a finding that leaves the verdict open: what it names is not known."""


def plug_findings(context: Context) -> list[Finding]:
    """A finding for every kind of fault in the cables, and with a floor plan in its racks and trays. None for fabrics
    that topo did not design: nobody asks which parts they are made of."""
    if not context.fabric.origins:
        return []
    from topo.placement.faults.inspect import OF_FLOOR, Fault, inspect

    def severity(fault: Fault) -> str:
        return UNDECIDED if fault.undecided else "error"

    laid = context.laid and context.ask(questions.Laid())
    at = (laid.places, laid.floor) if laid else ()
    return [
        Finding(
            f"{'floor' if fault.check in OF_FLOOR else 'cable'}-{fault.check}",
            severity(fault),
            f"{fault.message} ({fault.count:,} {fault.unit}{'s' if fault.count > 1 else ''})",
            (fault.example,),
            HINTS.get(fault.check, HINT),
        )
        for fault in inspect(context.fabric, context.catalog, context.ask(questions.Cabling()), *at)
    ]


HINT = "cabling-checks.csv of `topo build` lists every check"
HINTS = {
    "no-part": "other switches, hosts or lengths_m, or parts of your own with --catalog",
    "tray-fill": "wider trays (tray_mm2), more cross_trays, or a rule that keeps cables shorter; trays.csv of `topo "
    "build` lists every tray",
    "rack-limits": "power_max_w in the parts, rack_power_w of the floor, or fewer hosts_per_rack",
}
"""What may help, by check."""
