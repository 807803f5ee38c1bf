"""Switches, links and spare ports whose numbers differ from the family's closed form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.fabric import HOST, TIER_NAMES, Fabric, PortRole

CODE = "counts"


def counted(fabric: Fabric, network: int) -> dict[str, dict[str, int]]:
    """Switches by tier, links by kind and free switch ports by tier of one network, as its tables hold them."""
    devices, links = fabric.devices, fabric.links
    mask = (devices.network == network) & (devices.tier != HOST)
    tiers = np.bincount(devices.tier[mask], minlength=len(TIER_NAMES))
    kinds = np.bincount(links.kind[links.network == network], minlength=len(fabric.link_kinds))
    kept = np.isin(fabric.ports.role, [PortRole.RESERVED, PortRole.OUTSIDE])
    free = (fabric.link_of_port < 0) & mask[fabric.ports.device] & ~kept
    spare = np.bincount(devices.tier[fabric.ports.device[free]], minlength=len(TIER_NAMES))
    return {
        "switches": {name: int(n) for name, n in zip(TIER_NAMES, tiers, strict=True)},
        "links": {name: int(n) for name, n in zip(fabric.link_kinds, kinds, strict=True)},
        "spare ports": {name: int(n) for name, n in zip(TIER_NAMES, spare, strict=True)},
    }


def _differences(
    what: str, network: str, have: Mapping[str, int], want: Mapping[str, int], formula: str
) -> list[Finding]:
    result = []
    for name in sorted(set(have) | set(want)):
        there, planned = have.get(name, 0), want.get(name, 0)
        if there != planned:
            message = f"network {network} has {there:,} {what} of kind {name}, the closed form gives {planned:,}"
            result.append((abs(there - planned), Finding(CODE, "error", message, (), f"closed form: {formula}")))
    return [finding for _, finding in sorted(result, key=lambda pair: -pair[0])]


def _run(context: Context) -> list[Finding]:
    result: list[Finding] = []
    for network, counts in context.counts.items():
        have = counted(context.fabric, context.fabric.network_row(network))
        for what, want in (("switches", counts.switches), ("links", counts.links), ("spare ports", counts.spare)):
            result += _differences(what, network, have[what], want, counts.formula)
    return result


wiring_checks.add(CODE, WiringCheck("the numbers of switches, links and spare ports are the closed form's", _run))
