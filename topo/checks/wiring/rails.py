"""Cables of one rail that end on a leaf of another."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import at_ends, capped, differ, networks_at_ends

CODE = "rails"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = at_ends(fabric, fabric.devices.rail, fabric.endpoints.rail)
    network_a, network_b = networks_at_ends(fabric)
    between = differ(a, b) & (network_a == network_b) & links.active
    wrong = (differ(a, links.rail) | differ(b, links.rail)) & (network_a == network_b) & links.active

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        if between[row]:
            message = f"{low} of rail {a[row]} is cabled to {high} of rail {b[row]}"
        else:
            rail = a[row] if a[row] >= 0 else b[row]
            message = f"the link from {low} to {high} is planned for rail {links.rail[row]}, its devices are on {rail}"
        return Finding(CODE, "error", message, (low, high), "cable NIC i of every host to the leaves of rail i")

    return capped(CODE, np.flatnonzero(between | wrong), describe, "links leave their rail")


wiring_checks.add(CODE, WiringCheck("every cable stays on its rail", _run, by_plane=True))
