"""Endpoints of hosts that no active link joins to a switch."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import device_label, listed, port_labels
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first

CODE = "cut-off"


def _run(context: Context) -> list[Finding]:
    fabric, ends = context.fabric, context.fabric.endpoints
    active = np.append(fabric.links.active, False)
    missing = ~active[fabric.endpoint_link] | (fabric.endpoint_link < 0)
    devices = len(fabric.devices)
    lost = np.bincount(ends.host[missing], minlength=devices)
    all_of = np.bincount(ends.host, minlength=devices)

    def describe(row: int) -> Finding:
        name = device_label(fabric, row)
        rows = ends.port[missing & (ends.host == row)]
        where = port_labels(fabric, rows)
        head = "is cut off" if lost[row] == all_of[row] else "is cut off in part"
        message = f"host {name} {head}: {lost[row]:,} of {all_of[row]:,} NIC ports have no link: " + listed(
            where, len(rows)
        )
        return Finding(CODE, "error", message, (name, *where), "cable the NIC port to a leaf")

    rows = np.flatnonzero(lost)
    return capped(CODE, worst_first(rows, lost[rows]), describe, "hosts have NIC ports without a link")


wiring_checks.add(CODE, WiringCheck("every NIC port has a link", _run))
