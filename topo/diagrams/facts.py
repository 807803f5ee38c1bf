"""Counts and groupings of a fabric that several views show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.diagrams.sheet.model import DiagramInput
from topo.fabric import HOST, LEAF, SPINE, TIER_NAMES, Fabric, PortRole
from topo.fabric.model import BoolArray, IntArray
from topo.units import amount


@dataclass(frozen=True)
class Bundle:
    """All links of one speed between two groups of devices; `pairs` counts the pairs of devices they join."""

    a: int
    b: int
    gbps: float
    links: int
    pairs: int


def switch_rows(fabric: Fabric, network: int) -> IntArray:
    """Device rows of a network's switches, and of the leaves of another that its hosts are on."""
    own = (fabric.devices.network == network) & (fabric.devices.tier != HOST)
    return np.flatnonzero(own | fabric.lent_to(network, LEAF))


def own_rows(fabric: Fabric, network: int) -> IntArray:
    """Device rows of the switches that a network shares with none, or lends."""
    return np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier != HOST))


def tiers_of(fabric: Fabric, network: int) -> list[int]:
    """The switch tiers of a network, lowest first."""
    return [int(t) for t in np.unique(fabric.devices.tier[switch_rows(fabric, network)])]


def tier_count(tier: int, n: int) -> str:
    """'64 leaves', '1 spine'."""
    plural = {"leaf": "leaves", "switch": "switches"}.get(TIER_NAMES[tier], TIER_NAMES[tier] + "s")
    return f"{n:,} {TIER_NAMES[tier] if n == 1 else plural}"


def titled(data: DiagramInput, what: str) -> str:
    """The title of a view of one part: the design's, what is shown, and of which network where it is not the first."""
    fabric = data.fabric
    of = f" of network {fabric.networks[data.network]}" if data.network else ""
    return f"{data.title or fabric.name}: {what}{of}"


def name_numbers(fabric: Fabric, rows: IntArray) -> tuple[list[str], IntArray]:
    """What stands before the last number in the names of some devices, and that number; the device's index where a
    name ends in none."""
    stems, result = [], []
    for row in rows.tolist():
        stem, dash, number = str(fabric.devices.name[row]).rpartition("-")
        plain = bool(dash) and number.isdecimal()
        stems.append(stem if plain else "")
        result.append(int(number) if plain else int(fabric.devices.index[row]))
    return stems, np.array(result, dtype=np.int64)


def speed(gbps: float) -> str:
    """'400G'."""
    return f"{gbps:g}G"


def headline(fabric: Fabric, network: int) -> list[str]:
    """The numbers that stand under a title: size first, then switches and links of one network."""
    hosts = fabric.devices.tier == HOST
    ends = fabric.endpoints.network == network
    rows = own_rows(fabric, network)
    tier = fabric.devices.tier[rows]
    planes = len(np.unique(fabric.devices.plane[fabric.switches_in(network)]))
    served = np.unique(fabric.endpoints.host[ends])
    gpus = int(fabric.devices.gpus[hosts].sum()) if network == 0 else 0
    size = [
        *([amount(gpus, "GPU")] if gpus else []),
        amount(len(served), "host"),
        amount(int(ends.sum()), "endpoint"),
        amount(planes, "plane"),
    ]
    switches = amount(len(rows), "switch")
    if len(np.unique(tier)) > 1:
        split = [tier_count(t, int((tier == t).sum())) for t in np.unique(tier).tolist()]
        switches += f" ({', '.join(split)})"
    mask = fabric.links.network == network
    kinds = _shared(fabric, network)
    for code in np.unique(fabric.links.kind[mask]).tolist():
        here = mask & (fabric.links.kind == code)
        speeds = "/".join(speed(g) for g in np.unique(fabric.links.gbps[here]).tolist())
        kinds.append(f"{int(here.sum()):,} {fabric.link_kinds[code].replace('_', '–')} links of {speeds}")
    kinds += _outside(fabric, network)
    prefix = f"network {fabric.networks[network]} · " if len(fabric.networks) > 1 else ""
    return [prefix + " · ".join(size), " · ".join([switches, *kinds])]


def _shared(fabric: Fabric, network: int) -> list[str]:
    """'4 leaves of network in-band': the switches of another network that it runs over."""
    shared = fabric.lent_to(network, LEAF) | fabric.lent_to(network, SPINE)
    tiers = fabric.devices.tier[shared]
    of = fabric.networks[fabric.lender(network)]
    return [f"{tier_count(t, int((tiers == t).sum()))} of network {of}" for t in np.unique(tiers).tolist()]


def _outside(fabric: Fabric, network: int) -> list[str]:
    """'16 ports lead outside, of border-leaf-000 to border-leaf-001': what no line of a picture shows."""
    out = (fabric.ports.role == PortRole.OUTSIDE) & (fabric.devices.network[fabric.ports.device] == network)
    names = fabric.devices.name[np.unique(fabric.ports.device[out])].tolist()
    if not names:
        return []
    of = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    return [f"{amount(int(out.sum()), 'port')} {'leads' if out.sum() == 1 else 'lead'} outside, of {of}"]


def bundles(fabric: Fabric, group: IntArray, links: BoolArray) -> list[Bundle]:
    """The selected links summed by the groups of their ends (shape (devices,), -1 = not shown), `a` the lower group's
    end as in `Fabric.links`. Sorted by group and speed."""
    rows = np.flatnonzero(links & (group[fabric.link_a] >= 0) & (group[fabric.link_b] >= 0))
    if not len(rows):
        return []
    a, b, gbps = group[fabric.link_a[rows]], group[fabric.link_b[rows]], fabric.links.gbps[rows]
    ends = fabric.link_a[rows].astype(np.int64) * len(fabric.devices) + fabric.link_b[rows]
    order = np.lexsort((ends, gbps, b, a))
    a, b, gbps, ends = a[order], b[order], gbps[order], ends[order]
    new = np.ones(len(a), dtype=np.bool_)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1]) | (gbps[1:] != gbps[:-1])
    pair = new.copy()
    pair[1:] |= ends[1:] != ends[:-1]
    start = np.flatnonzero(new)
    count = np.diff(np.append(start, len(a)))
    pairs = np.add.reduceat(pair.astype(np.int64), start)
    return [
        Bundle(int(a[s]), int(b[s]), float(gbps[s]), int(n), int(p))
        for s, n, p in zip(start.tolist(), count.tolist(), pairs.tolist(), strict=True)
    ]


def per_device(fabric: Fabric, ends: IntArray, devices: IntArray) -> str:
    """'32', or '30–32', links per device: `ends` are the devices at one end of some links (shape (links,))."""
    n = np.bincount(ends, minlength=len(fabric.devices))[devices]
    if not len(n):
        return "0"
    low, high = int(n.min()), int(n.max())
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def short_list(values: Sequence[int], most: int) -> list[int | None]:
    """All values, or the first ones, None for those left out, and the last: at most `most` entries."""
    if len(values) <= most:
        return list(values)
    return [*values[: most - 2], None, values[-1]]


def numbers(values: Sequence[int]) -> str:
    """'0–7', or '0, 2, 5', or '0, 2, 5 … 9' of ascending numbers."""
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]}–{values[-1]}"
    if len(values) > 4:
        return f"{', '.join(str(v) for v in values[:3])} … {values[-1]}"
    return ", ".join(str(v) for v in values)
