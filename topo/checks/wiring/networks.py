"""Links between networks (compute, storage, management), which are separate by definition."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, differ, networks_at_ends

CODE = "networks"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = networks_at_ends(fabric)
    between = differ(a, b)
    wrong = differ(a, links.network) | differ(b, links.network)

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        if between[row]:
            message = f"{low} of network {fabric.networks[a[row]]} is cabled to {high} of {fabric.networks[b[row]]}"
        else:
            message = f"the link from {low} to {high} is planned for network {fabric.networks[links.network[row]]}"
        return Finding(
            CODE, "error", message, (low, high), "networks share no link, and no switch but those that one lends"
        )

    return capped(CODE, np.flatnonzero(between | wrong), describe, "links leave their network")


wiring_checks.add(CODE, WiringCheck("no link joins two networks", _run, by_plane=True))
