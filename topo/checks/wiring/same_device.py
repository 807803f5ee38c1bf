"""Links whose two ends are on one device."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped

CODE = "same-device"


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric

    def describe(row: int) -> Finding:
        a, b = link_label(fabric, row)
        return Finding(CODE, "error", f"the link from {a} to {b} stays on one device", (a, b))

    rows = np.flatnonzero(fabric.link_a == fabric.link_b)
    return capped(CODE, rows, describe, "links stay on one device")


wiring_checks.add(CODE, WiringCheck("every link joins two devices", _run))
