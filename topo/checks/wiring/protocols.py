"""Links between an InfiniBand-only and an Ethernet-only device."""

from __future__ import annotations

import numpy as np

from topo.catalog import Catalog
from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.wiring._find import capped, host_part, switch_part
from topo.fabric import Fabric
from topo.fabric.model import IntArray

CODE = "protocols"
BITS = {"infiniband": 1, "ethernet": 2}
WORDS = ("nothing", "InfiniBand", "Ethernet", "both")


def _bits(spoken: tuple[str, ...]) -> int:
    return sum({BITS[word] for word in spoken})


def _spoken(fabric: Fabric, catalog: Catalog, network: str) -> IntArray:
    """Shape (parts + 1,): what each part speaks in a network as bits; 3 for parts not in the catalog."""
    found = []
    for part in fabric.parts:
        bits = 3
        if (switch := switch_part(catalog, part)) is not None:
            bits = _bits(switch.network)
        elif (host := host_part(catalog, part)) is not None:
            nics = [catalog.nic(n.nic) for n in host.nics if n.network == network]
            bits = min((_bits(nic.network) for nic in nics), default=3)
        found.append(bits)
    return np.array([*found, 3])


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = np.full(len(links), 3), np.full(len(links), 3)
    for row, network in enumerate(fabric.networks):
        spoken = _spoken(fabric, context.catalog, network)
        mine = links.network == row
        a[mine] = spoken[fabric.devices.part[fabric.link_a[mine]]]
        b[mine] = spoken[fabric.devices.part[fabric.link_b[mine]]]

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        return Finding(CODE, "error", f"{low} speaks {WORDS[a[row]]}, {high} speaks {WORDS[b[row]]}", (low, high))

    return capped(CODE, np.flatnonzero((a & b) == 0), describe, "links join devices that do not speak alike")


wiring_checks.add(CODE, WiringCheck("both ends of a link speak the same protocol", _run))
