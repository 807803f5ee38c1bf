"""Links between devices that have no protocol in common."""

from __future__ import annotations

import numpy as np

from topo.catalog import Catalog
from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, host_part, switch_part
from topo.fabric import Fabric
from topo.fabric.model import IntArray

CODE = "protocols"
NAMES = {
    "infiniband": "InfiniBand", "ethernet": "Ethernet", "nvlink": "NVLink", "ualink": "UALink",
    "unified-bus": "Unified Bus",
}  # fmt: skip
BITS = {word: 1 << i for i, word in enumerate(NAMES)}
UNKNOWN = (1 << len(NAMES)) - 1
"""A part that is not in the catalog may speak anything."""


def _bits(spoken: tuple[str, ...]) -> int:
    return sum({BITS[word] for word in spoken})


def _words(bits: int) -> str:
    if bits == BITS["infiniband"] | BITS["ethernet"]:
        return "both"
    return " and ".join(name for word, name in NAMES.items() if bits & BITS[word]) or "nothing"


def _spoken(fabric: Fabric, catalog: Catalog, network: str) -> IntArray:
    """Shape (parts + 1,): what each part speaks in a network as bits; all of them for parts not in the catalog."""
    result = []
    for part in fabric.parts:
        bits = UNKNOWN
        if (switch := switch_part(catalog, part)) is not None:
            bits = _bits(switch.network)
        elif (host := host_part(catalog, part)) is not None:
            nics = [catalog.nic(n.nic) for n in host.nics if n.network == network]
            bits = min((_bits(nic.network) for nic in nics), default=UNKNOWN)
        result.append(bits)
    return np.array([*result, UNKNOWN])


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = np.full(len(links), UNKNOWN), np.full(len(links), UNKNOWN)
    for row, network in enumerate(fabric.networks):
        spoken = _spoken(fabric, context.catalog, network)
        mask = links.network == row
        a[mask] = spoken[fabric.devices.part[fabric.link_a[mask]]]
        b[mask] = spoken[fabric.devices.part[fabric.link_b[mask]]]

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        message = f"{low} speaks {_words(int(a[row]))}, {high} speaks {_words(int(b[row]))}"
        return Finding(CODE, "error", message, (low, high))

    return capped(CODE, np.flatnonzero((a & b) == 0), describe, "links join devices that do not speak alike")


wiring_checks.add(CODE, WiringCheck("both ends of a link speak the same protocol", _run, by_plane=True))
