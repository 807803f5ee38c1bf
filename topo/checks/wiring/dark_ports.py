"""Switch ports that are meant to carry a link and carry none."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped
from topo.fabric import PortRole

CODE = "dark-ports"


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    role = fabric.ports.role
    meant = (role == PortRole.FABRIC) | (role == PortRole.HOST) | (role == PortRole.BACKUP)
    dark = meant & (fabric.link_of_port < 0) & ~fabric.is_host[fabric.ports.device]

    def describe(row: int) -> Finding:
        here = port_label(fabric, row)
        to = "a host" if role[row] == PortRole.HOST else "another switch"
        return Finding(CODE, "error", f"{here} should carry a link to {to} and carries none", (here,))

    return capped(CODE, np.flatnonzero(dark), describe, "ports carry no link and should")


wiring_checks.add(CODE, WiringCheck("every port that should carry a link carries one", _run))
