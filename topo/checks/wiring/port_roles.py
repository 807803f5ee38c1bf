"""Links on ports that are meant for something else: spares, reserved ports, host links on fabric ports."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped
from topo.fabric import PortRole

CODE = "port-roles"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    wanted = np.where(fabric.is_endpoint_link, PortRole.HOST, PortRole.FABRIC)
    ends, wants = np.concatenate([links.a, links.b]), np.tile(wanted, 2)
    active = np.tile(links.active, 2)
    role = fabric.ports.role[ends]
    wrong = np.where(active, role != wants, (role != wants) & (role != PortRole.BACKUP))
    use = dict(zip(ends[wrong].tolist(), wants[wrong].tolist(), strict=True))

    def describe(row: int) -> Finding:
        here = port_label(fabric, row)
        meant = PortRole(int(fabric.ports.role[row])).name.lower()
        kind = "a host link" if use[row] == PortRole.HOST else "a switch-to-switch link"
        return Finding(CODE, "error", f"{here} is a {meant} port and carries {kind}", (here,))

    return capped(CODE, np.unique(ends[wrong]), describe, "ports carry a link that they are not meant for")


wiring_checks.add(CODE, WiringCheck("every port carries what it is meant for", _run, by_plane=True))
