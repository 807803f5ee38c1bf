"""Uplinks that are not spread evenly: per leaf over the spines of its pod, per spine over the cores of its group.

Switches of one part, tier and network have equally many uplinks, u. With n switches above in its group, each pair has
floor(u / n) or ceil(u / n) links, and each upper switch floor or ceil of its share of all links of the group.

A family promises that. Somebody else's fabric may be uneven on purpose: there it is a warning, and a requirement says
whether what it carries is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.checks.labels import dark_ports, device_label, listed, port_labels
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, typical, worst_first
from topo.fabric import CORE, LEAF, SPINE, TIER_NAMES, Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.units import amount

CODE = "uplink-spread"


@dataclass(frozen=True)
class _Tier:
    """The links from one tier to the next. `group` numbers, per device, the sets of lower and upper switches that are
    wired to each other (-1 outside both tiers); `pairs` are device rows with `times` links (shape (pairs,) each)."""

    lower: IntArray
    upper: IntArray
    group: IntArray
    groups: int
    pair_lower: IntArray
    pair_upper: IntArray
    times: IntArray


def _borrowers(fabric: Fabric) -> list[int]:
    """Rows of the networks on switches of another."""
    return [row for row in range(len(fabric.networks)) if fabric.lender(row) != row]


def _core_groups(fabric: Fabric) -> IntArray:
    """Shape (devices,): for spines and cores of a tree the core group they meet in, which follows from the position
    of the spine in its pod."""
    devices = fabric.devices
    group = np.array(devices.index, dtype=np.int64)
    core = devices.tier == CORE
    for row, name in enumerate(fabric.networks):
        mask = core & (devices.network == row)
        shape = next((dict(o.shape) for o in fabric.origins if o.network == name), {})
        cores, share = shape.get("cores", 0), shape.get("share", 1)
        if cores:
            group[mask] //= cores
            group[(devices.network == row) & (devices.tier == SPINE)] //= share
        elif mask.any():
            group[(devices.network == row) & ((devices.tier == SPINE) | core)] = 0
    return group


def _tier(fabric: Fabric, low: int, high: int, row: int, here: BoolArray) -> _Tier:
    """The tiers of the networks that run over the switches `here` (shape (devices,)): one of those on switches of
    another, or all that have switches of their own alone (`row` -1)."""
    devices = fabric.devices
    below, above = here & (devices.tier == low), here & (devices.tier == high)
    if row >= 0 and high == SPINE:
        below, above = fabric.tier_in(row, LEAF), fabric.tier_in(row, SPINE)
    lower, upper = np.flatnonzero(below), np.flatnonzero(above)
    both = np.concatenate([lower, upper])
    inner = devices.pod if low == LEAF else _core_groups(fabric)
    network = devices.network[both] if row < 0 else np.full(len(both), row)
    unique, at = np.unique(np.stack([network, devices.plane[both], inner[both]], axis=1), axis=0, return_inverse=True)
    group = np.full(len(devices), -1, dtype=np.int64)
    group[both] = at.ravel()
    own = fabric.links.active & ~np.isin(fabric.links.network, _borrowers(fabric))
    own = own if row < 0 else fabric.links.active & (fabric.links.network == row)
    own &= below[fabric.link_a] & above[fabric.link_b]
    pair, times = np.unique(fabric.link_a[own] * len(devices) + fabric.link_b[own], return_counts=True)
    a, b = np.divmod(pair, max(len(devices), 1))
    return _Tier(lower, upper, group, len(unique), a, b, times)


def _spread(fabric: Fabric, tier: _Tier) -> list[Finding]:
    size = len(fabric.devices)
    up = np.bincount(tier.pair_lower, weights=tier.times, minlength=size).astype(np.int64)
    down = np.bincount(tier.pair_upper, weights=tier.times, minlength=size).astype(np.int64)
    uppers = np.bincount(tier.group[tier.upper], minlength=tier.groups)
    usual = _usual(fabric, tier.lower, up)
    above = np.maximum(uppers[tier.group], 1)
    least, most = usual // above, -(-usual // above)
    low, high = tier.pair_lower, tier.pair_upper
    inside = tier.group[low] == tier.group[high]
    over = np.where(inside, np.maximum(tier.times - most[low], 0), tier.times)
    under = np.where(inside, np.maximum(least[low] - tier.times, 0), 0)
    met = np.bincount(low[inside], minlength=size)
    wrong = np.bincount(low, weights=over + under, minlength=size).astype(np.int64) + (above - met) * least
    wrong = np.where(usual > 0, np.maximum(wrong, np.abs(up - usual)), up)
    wrong[np.setdiff1d(np.arange(size), tier.lower[uppers[tier.group[tier.lower]] > 0])] = 0
    rows = np.flatnonzero(wrong)

    def describe(row: int) -> Finding:
        g = int(tier.group[row])
        pairs = np.flatnonzero(tier.pair_lower == row)
        many = pairs[over[pairs] > 0]
        peers = tier.upper[tier.group[tier.upper] == g]
        links = np.zeros(size, dtype=np.int64)
        links[tier.pair_upper[pairs]] = tier.times[pairs]
        few = peers[links[peers] < least[row]]
        ports = np.concatenate([_ports_between(fabric, row, tier.pair_upper[many]), dark_ports(fabric, row)])
        names = [device_label(fabric, int(r)) for r in (*tier.pair_upper[many][:4], *few[:4])]
        name = device_label(fabric, row)
        share = f"{least[row]:,}" if least[row] == most[row] else f"{least[row]:,} or {most[row]:,}"
        parts = [f"{device_label(fabric, int(tier.pair_upper[p]))} has {tier.times[p]:,}" for p in many]
        parts += [f"{device_label(fabric, int(r))} has {links[r]:,}" for r in few]
        message = (
            f"{name} spreads {amount(up[row], 'uplink')} unevenly ({usual[row]} on most of its peers, {share} to each)"
        )
        message += f": {listed(parts)}" if parts else ""
        return Finding(CODE, _severity(fabric, row), message, (name, *port_labels(fabric, ports), *names))

    tier_name = TIER_NAMES[fabric.devices.tier[tier.lower[0]]]
    result = capped(
        CODE,
        worst_first(rows, wrong[rows]),
        describe,
        f"switches of tier {tier_name} spread uplinks unevenly",
        min((_severity(fabric, int(r)) for r in rows), default="error"),
    )
    share = np.bincount(tier.group[tier.lower], weights=usual[tier.lower], minlength=tier.groups).astype(np.int64)
    return result + _totals(fabric, tier, down, share, uppers)


def _severity(fabric: Fabric, device: int) -> str:
    network = fabric.networks[int(fabric.devices.network[device])]
    promised = any(o.network == network and o.family not in ("", "imported") for o in fabric.origins)
    return "error" if promised else "warning"


def _leaf_kinds(fabric: Fabric) -> IntArray:
    """Shape (devices,): the kind of a leaf where a network has unlike ones, which lie kind by kind; else 0."""
    result, devices = np.zeros(len(fabric.devices), dtype=np.int64), fabric.devices
    for row, name in enumerate(fabric.networks):
        shape = next((dict(o.shape) for o in fabric.origins if o.network == name), {})
        sizes = [n for key, n in shape.items() if key.startswith("leaves-")]
        mask = (devices.network == row) & (devices.tier == LEAF)
        if sizes:
            result[mask] = np.searchsorted(np.cumsum(sizes), devices.index[mask], side="right")
    return result


def _usual(fabric: Fabric, lower: IntArray, up: IntArray) -> IntArray:
    """Shape (devices,): how many uplinks most switches of the same network, part and kind of leaf have; 0 outside
    `lower`."""
    devices = fabric.devices
    keys = [devices.network[lower], devices.part[lower], _leaf_kinds(fabric)[lower]]
    alike, row = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    usual = np.zeros(len(devices), dtype=np.int64)
    usual[lower] = typical(row.ravel(), up[lower], len(alike))[row.ravel()]
    return usual


def _totals(fabric: Fabric, tier: _Tier, down: IntArray, share: IntArray, uppers: IntArray) -> list[Finding]:
    """Upper switches with more or fewer downlinks than their share of all links of their group."""
    group = tier.group[tier.upper]
    least, most = share[group] // uppers[group], -(-share[group] // uppers[group])
    have = down[tier.upper]
    wrong = np.maximum(have - most, 0) + np.maximum(least - have, 0)
    rows = np.flatnonzero(wrong)

    def describe(row: int) -> Finding:
        device = int(tier.upper[row])
        name = device_label(fabric, device)
        even = f"{least[row]:,}" if least[row] == most[row] else f"{least[row]:,} or {most[row]:,}"
        message = f"{name} has {amount(have[row], 'downlink')}, an even spread gives {even}"
        return Finding(
            CODE, _severity(fabric, device), message, (name, *port_labels(fabric, dark_ports(fabric, device)))
        )

    tier_name = TIER_NAMES[fabric.devices.tier[tier.upper[0]]]
    return capped(
        CODE,
        worst_first(rows, wrong[rows]),
        describe,
        f"switches of tier {tier_name} have uneven downlinks",
        min((_severity(fabric, int(tier.upper[r])) for r in rows), default="error"),
    )


def _ports_between(fabric: Fabric, lower: int, uppers: IntArray) -> IntArray:
    """Ports of a device with a link to any of some devices above it."""
    rows = np.flatnonzero((fabric.link_a == lower) & np.isin(fabric.link_b, uppers))
    return np.asarray(fabric.links.a[rows])


def _run(context: Context) -> list[Finding]:
    result: list[Finding] = []
    fabric, lent = context.fabric, _borrowers(context.fabric)
    for low, high in ((LEAF, SPINE), (SPINE, CORE)):
        tiers = [_tier(fabric, low, high, -1, ~np.isin(fabric.devices.network, lent))]
        tiers += [_tier(fabric, low, high, row, fabric.switches_in(row)) for row in lent]
        for tier in tiers:
            if len(tier.lower) and len(tier.upper):
                result += _spread(fabric, tier)
    return result


wiring_checks.add(CODE, WiringCheck("uplinks are spread evenly", _run, by_plane=True))
