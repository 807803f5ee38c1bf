"""Switches that no link reaches."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped

CODE = "dark-switches"


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    degree = np.bincount(np.concatenate([fabric.link_a, fabric.link_b]), minlength=len(fabric.devices))

    def describe(row: int) -> Finding:
        name = device_label(fabric, row)
        return Finding(CODE, "error", f"switch {name} has no link", (name,), "cable it or leave it out")

    return capped(CODE, np.flatnonzero((degree == 0) & ~fabric.is_host), describe, "switches have no link")


wiring_checks.add(CODE, WiringCheck("every switch has links", _run, by_plane=True))
