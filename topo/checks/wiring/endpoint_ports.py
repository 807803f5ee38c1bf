"""Endpoints that are not a port of their host, or share a port, or are on a switch."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import device_label, port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped

CODE = "endpoint-ports"


def _run(context: Context) -> list[Finding]:
    fabric, ends = context.fabric, context.fabric.endpoints
    device = fabric.ports.device[ends.port]
    astray = (device != ends.host) | ~fabric.is_host[ends.host]

    def describe(row: int) -> Finding:
        here, host = port_label(fabric, int(ends.port[row])), device_label(fabric, int(ends.host[row]))
        return Finding(CODE, "error", f"an endpoint of {host} is said to be port {here}", (here, host))

    result = capped(CODE, np.flatnonzero(astray), describe, "endpoints are no port of their host")
    ports, times = np.unique(ends.port, return_counts=True)

    def shared(row: int) -> Finding:
        return Finding(
            CODE, "error", f"{port_label(fabric, row)} is more than one endpoint", (port_label(fabric, row),)
        )

    return result + capped(CODE, ports[times > 1], shared, "ports are more than one endpoint")


wiring_checks.add(CODE, WiringCheck("every endpoint is a port of its host", _run))
