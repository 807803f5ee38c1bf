"""Ports that more than one link uses."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label, listed, port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.units import amount

CODE = "port-reuse"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    uses = np.bincount(np.concatenate([links.a, links.b]), minlength=len(fabric.ports))
    rows = np.flatnonzero(uses > 1)

    def describe(row: int) -> Finding:
        here = port_label(fabric, row)
        users = np.flatnonzero((links.a == row) | (links.b == row))
        ends = [link_label(fabric, int(link)) for link in users]
        others = [b if a == here else a for a, b in ends]
        message = f"{here} is used by {amount(len(users), 'link')}: to {listed(others)}"
        return Finding(CODE, "error", message, (here, *others[:8]), "give each link a port of its own")

    return capped(CODE, worst_first(rows, uses[rows]), describe, "ports are used by more than one link")


wiring_checks.add(CODE, WiringCheck("no port is used twice", _run))
