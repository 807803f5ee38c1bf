"""Links between the leaves of one pod and the spines of another."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, differ
from topo.fabric import LEAF, SPINE

CODE = "pods"


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    tier, pod = fabric.devices.tier, fabric.devices.pod
    a, b = fabric.link_a, fabric.link_b
    joined = (tier[a] == LEAF) & (tier[b] == SPINE)

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        message = f"{low} of pod {pod[a[row]]} is cabled to {high} of pod {pod[b[row]]}"
        return Finding(CODE, "error", message, (low, high), "a leaf's uplinks end on the spines of its own pod")

    return capped(CODE, np.flatnonzero(joined & differ(pod[a], pod[b])), describe, "links leave their pod")


wiring_checks.add(CODE, WiringCheck("a leaf's uplinks stay in its pod", _run, by_plane=True))
