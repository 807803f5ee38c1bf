"""Border leaves whose ports to the outside are not those of the design: too few, too many, or of another speed."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.fabric import LEAF, Fabric, PortRole
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.shape_keys import OUTSIDE_MBPS, OUTSIDE_PORTS
from topo.units import amount, verb

CODE = "outside-ports"


def wanted_outside(fabric: Fabric) -> tuple[IntArray, FloatArray]:
    """Shape (devices,) twice: the ports of each device that lead out by the sizes of its network, and their speed in
    Gb/s (0 where there are none)."""
    devices = fabric.devices
    ports, gbps = np.zeros(len(devices), dtype=np.int64), np.zeros(len(devices))
    for origin in fabric.origins:
        shape = dict(origin.shape)
        sizes = [n for key, n in shape.items() if key.startswith("leaves-")]
        if origin.network not in fabric.networks or not sizes:
            continue
        row = fabric.network_row(origin.network)
        leaves = np.flatnonzero((devices.network == row) & (devices.tier == LEAF))
        kind = np.searchsorted(np.cumsum(sizes), devices.index[leaves], side="right")
        for i in range(len(sizes)):
            own = leaves[kind == i]
            ports[own], gbps[own] = shape.get(f"{OUTSIDE_PORTS}{i}", 0), shape.get(f"{OUTSIDE_MBPS}{i}", 0) / 1000
    return ports, gbps


def _run(context: Context) -> list[Finding]:
    fabric, ports = context.fabric, context.fabric.ports
    out = ports.role == PortRole.OUTSIDE
    wanted, gbps = wanted_outside(fabric)
    if not out.any() and not wanted.any():
        return []
    right = out & np.isclose(ports.gbps, gbps[ports.device])
    size = len(fabric.devices)
    have, fit = (np.bincount(ports.device[own], minlength=size) for own in (out, right))
    wrong = np.abs(have - wanted) + (have - fit)

    def describe(row: int) -> Finding:
        name = device_label(fabric, row)
        if have[row] == wanted[row]:
            slow = have[row] - fit[row]
            message = (
                f"{slow:,} of the {amount(have[row], 'port')} of {name} to the outside {verb(slow, 'are')} not "
                f"at {gbps[row]:,g} Gb/s"
            )
        else:
            message = f"{name} has {amount(have[row], 'port')} to the outside, the design gives it {wanted[row]:,}"
        return Finding(CODE, "error", message, (name,), "`outside: {ports, gbps}` of the kind of leaves says how many")

    return capped(
        CODE, worst_first(np.flatnonzero(wrong), wrong[wrong > 0]), describe, "devices have other outside ports"
    )


wiring_checks.add(CODE, WiringCheck("border leaves have the ports to the outside that they should", _run))
