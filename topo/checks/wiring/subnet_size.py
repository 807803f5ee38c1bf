"""InfiniBand subnets with more ports than they have addresses.

A subnet has the unicast local identifiers 0x0001 to 0xBFFF, 49,151 of them (InfiniBand Architecture Specification,
volume 1, section 4.1.3). Every endpoint and every switch takes one. A plane is a subnet of its own.
"""

from __future__ import annotations

import numpy as np

from topo.catalog import Catalog
from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import switch_part
from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray
from topo.units import amount

CODE = "subnet-size"
ADDRESSES = 0xBFFF
"""Unicast local identifiers of an InfiniBand subnet (InfiniBand Architecture Specification, volume 1)."""


def infiniband_parts(fabric: Fabric, catalog: Catalog) -> BoolArray:
    """Shape (parts,): switch parts of the catalog that speak InfiniBand and nothing else."""
    parts = [switch_part(catalog, part) for part in fabric.parts]
    return np.array([part is not None and part.network == ("infiniband",) for part in parts], dtype=np.bool_)


def _run(context: Context) -> list[Finding]:
    fabric, devices = context.fabric, context.fabric.devices
    switches = np.flatnonzero((devices.tier != HOST) & (devices.part >= 0))
    switches = switches[infiniband_parts(fabric, context.catalog)[devices.part[switches]]]
    result = []
    for network, plane in np.unique(np.stack([devices.network[switches], devices.plane[switches]], axis=1), axis=0):
        own = switches[(devices.network[switches] == network) & (devices.plane[switches] == plane)]
        ends = int(((fabric.endpoints.network == network) & (fabric.endpoints.plane == plane)).sum())
        if ends + len(own) <= ADDRESSES:
            continue
        name = fabric.networks[network]
        message = (
            f"plane {plane} of network {name} needs {amount(ends + len(own), 'address')} "
            f"({amount(ends, 'endpoint')}, {amount(len(own), 'switch')}), "
            f"one InfiniBand subnet has {ADDRESSES:,}"
        )
        hint = "use Ethernet switches, more planes, or fewer GPUs"
        result.append((ends + len(own), Finding(CODE, "error", message, (device_label(fabric, int(own[0])),), hint)))
    return [finding for _, finding in sorted(result, key=lambda pair: -pair[0])]


wiring_checks.add(CODE, WiringCheck("every InfiniBand subnet has addresses for its ports", _run))
