"""Links between planes, which share no switch by definition."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import at_ends, capped, differ, networks_at_ends

CODE = "planes"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = at_ends(fabric, fabric.devices.plane, fabric.endpoints.plane)
    network_a, network_b = networks_at_ends(fabric)
    between = differ(a, b) & (network_a == network_b)
    wrong = (differ(a, links.plane) | differ(b, links.plane)) & (network_a == network_b)

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        if between[row]:
            message = f"{low} of plane {a[row]} is cabled to {high} of plane {b[row]}"
        else:
            message = f"the link from {low} to {high} is planned for plane {links.plane[row]}, its ends are on {a[row]}"
        return Finding(CODE, "error", message, (low, high), "planes share no switch and no link")

    return capped(CODE, np.flatnonzero(between | wrong), describe, "links leave their plane")


wiring_checks.add(CODE, WiringCheck("no link joins two planes", _run, by_plane=True))
