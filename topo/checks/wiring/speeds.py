"""Links, their two ports and their endpoints that are configured for different speeds."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label, port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first

CODE = "speeds"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = fabric.ports.gbps[links.a], fabric.ports.gbps[links.b]
    gap = np.maximum(np.maximum(np.abs(a - b), np.abs(a - links.gbps)), np.abs(b - links.gbps))

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        message = (
            f"speeds differ: {low} is set to {a[row]:,g} Gb/s, {high} to {b[row]:,g} Gb/s, "
            f"the link is planned at {links.gbps[row]:,g} Gb/s"
        )
        return Finding(CODE, "error", message, (low, high), "set both ports to the speed of the link")

    rows = np.flatnonzero(gap > 0)
    result = capped(CODE, worst_first(rows, gap[rows]), describe, "links differ in speed from one of their ports")
    ends = fabric.endpoints
    lack = np.flatnonzero(ends.gbps != fabric.ports.gbps[ends.port])

    def describe_end(row: int) -> Finding:
        here = port_label(fabric, int(ends.port[row]))
        rate, port = ends.gbps[row], fabric.ports.gbps[ends.port[row]]
        return Finding(
            CODE, "error", f"endpoint {here} has a line rate of {rate:,g} Gb/s on a port set to {port:,g} Gb/s", (here,)
        )

    return result + capped(CODE, lack, describe_end, "endpoints differ in speed from their port")


wiring_checks.add(CODE, WiringCheck("a link and its two ports have one speed", _run, by_plane=True))
