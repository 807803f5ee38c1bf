"""Switches that no path joins to the rest of their plane."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import listed
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.fabric.joined import components
from topo.units import amount, verb

CODE = "islands"


def _run(context: Context) -> list[Finding]:
    fabric, devices = context.fabric, context.fabric.devices
    between = ~fabric.is_endpoint_link & fabric.links.active
    a, b = fabric.link_a[between], fabric.link_b[between]
    size = len(devices)
    label = components(size, a, b)
    parts = int(label.max(initial=-1)) + 1
    linked = np.bincount(np.concatenate([fabric.link_a, fabric.link_b]), minlength=size) > 0
    switch = ~fabric.is_host & linked
    joined = fabric.endpoint_switch[fabric.endpoint_switch >= 0]
    ends = np.bincount(label[joined], minlength=parts)
    switches = np.bincount(label[switch], minlength=parts)
    first = np.full(parts, -1, dtype=np.int64)
    rows = np.flatnonzero(switch)
    first[label[rows[::-1]]] = rows[::-1]
    real = np.flatnonzero(switches)
    lender = np.array([fabric.lender(row) for row in range(len(fabric.networks))] or [0])
    home = lender[devices.network[first[real]]] * (int(devices.plane.max(initial=0)) + 2) + devices.plane[first[real]]
    order = np.lexsort((first[real], -switches[real], -ends[real], home))
    main = np.ones(len(order), dtype=np.bool_)
    main[1:] = home[order][1:] != home[order][:-1]
    islands = real[order][~main]

    def describe(part: int) -> Finding:
        members = np.flatnonzero(switch & (label == part))
        names = [str(n) for n in devices.name[members[:8]]]
        plane = int(devices.plane[members[0]])
        of = f"plane {plane} of " if plane >= 0 else ""
        message = (
            f"{amount(len(members), 'switch')} with {amount(int(ends[part]), 'endpoint')} "
            f"{verb(len(members), 'have')} no path to the "
            f"rest of {of}network {fabric.networks[devices.network[members[0]]]}: {listed(names, len(members))}"
        )
        return Finding(CODE, "error", message, tuple(names))

    return capped(CODE, worst_first(islands, ends[islands]), describe, "groups of switches are cut off")


wiring_checks.add(CODE, WiringCheck("the switches of a plane are one connected network", _run, by_plane=True))
