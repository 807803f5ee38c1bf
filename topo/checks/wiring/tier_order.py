"""Links that skip or reverse the order of tiers: host below leaf below spine below core."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped
from topo.fabric import HOST, LEAF, SPINE, SWITCH, TIER_NAMES

CODE = "tier-order"


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    a, b = fabric.devices.tier[fabric.link_a], fabric.devices.tier[fabric.link_b]
    untiered = (b == SWITCH) & ((a == SWITCH) | (a == HOST))
    step = (b < SWITCH) & (b == a + 1)
    step |= ~fabric.links.active & (a == LEAF) & (b == LEAF)
    for row in range(len(fabric.networks)):
        above = fabric.lent_to(row, SPINE) & (fabric.devices.tier == LEAF)
        if above.any():
            below = fabric.tier_in(row, LEAF) & ~above
            mask = (fabric.links.network == row) & (a == LEAF)
            step[mask & above[fabric.link_b]] = below[fabric.link_a][mask & above[fabric.link_b]]
            step[mask & above[fabric.link_a]] = False

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        message = f"{low} on tier {TIER_NAMES[a[row]]} is cabled to {high} on tier {TIER_NAMES[b[row]]}"
        return Finding(
            CODE, "error", message, (low, high), "end a is one tier below end b; hosts are cabled to leaves only"
        )

    return capped(CODE, np.flatnonzero(~(untiered | step)), describe, "links do not join a tier to the next above")


wiring_checks.add(CODE, WiringCheck("every link joins a tier to the next one above", _run, by_plane=True))
