"""Better places than the rule's: shorter cables, or fewer that have to be optical, under the limits of the racks."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import Improvement, Places
from topo.placement.floor.routes import Routes, rack_part
from topo.placement.improving.bound import lower_bound
from topo.placement.improving.objective import QUARTERS, Metric, length_objective, optics_objective
from topo.placement.improving.search import Search
from topo.placement.improving.seats import Hall, hall_of

ROUNDS, LEAST_GAIN = 20, 0.002
"""Rounds over all tiers at most, and the gain below which they end."""

SHARE, FEW_SHARE = 0.05, 0.02
"""The part of the work that one model may take: of many devices that are not linked, of a few that are."""


def improved(
    fabric: Fabric,
    catalog: Catalog,
    floor: Floor,
    places: Places,
    price_book: PriceBook | None = None,
) -> Places:
    """The places of a rule, improved by what `floor.improve` names within `floor.improve_work`; only racks that the
    rule uses, and devices that are not pinned. Names and ports stay. The result says what was gained over the rule, and
    a lower bound on every such placement."""
    assert floor.improve is not None
    most_units = places.kinds[0].most_units
    pinned = frozenset(fabric.device_row[name] for name in floor.devices)
    hall = hall_of(fabric, floor, places, most_units, pinned)
    metric = Metric(hall, Routes(floor, rack_part(catalog, floor), places.racks))
    optical = floor.improve == "optics"
    objective = optics_objective(fabric, catalog, price_book) if optical else length_objective(fabric)
    search = Search(hall, metric, objective, np.arange(len(fabric.devices)), floor.improve_work)
    by_rule = search.cost
    if not search.exact():
        _descend(fabric, search, floor.improve_work)
        search.neighbourhoods(FEW_SHARE * floor.improve_work)
    proof = lower_bound(fabric, hall, metric, objective)
    method: Literal["constraint solver", "distances"] = "distances"
    bound = proof
    if search.bound > proof:
        bound, method = search.bound, "constraint solver"
    scale = QUARTERS if optical else 1000
    result = Improvement(
        floor.improve, by_rule / scale, search.cost / scale, min(bound, search.cost) / scale, method,
        int((search.seats != np.arange(len(search.seats))).sum()),
    )  # fmt: skip
    return _seated(floor, places, hall, search.seats, result)


def _descend(fabric: Fabric, search: Search, work: float) -> None:
    """Tier by tier, each with all others in place, until a round gains nothing."""
    d = fabric.devices
    tiers = sorted({(int(n), int(t)) for n, t in zip(d.network, d.tier, strict=True)}, key=lambda nt: (nt[0], -nt[1]))
    for _ in range(ROUNDS):
        before = search.cost
        for network, tier in tiers:
            own = search.movable[(d.network == network)[search.movable] & (d.tier == tier)[search.movable]]
            for devices in _unlinked(search, own):
                search.sweep(devices, SHARE * work)
        if search.cost >= before * (1 - LEAST_GAIN) or search.work_left <= 0:
            return


def _unlinked(search: Search, devices: IntArray) -> list[IntArray]:
    """Devices by kind, each set without a link inside: greedily coloured where a tier's switches are linked."""
    entries = search.objective.entries
    inside = np.zeros(len(search.seats), dtype=np.bool_)
    inside[devices] = True
    linked = np.flatnonzero(inside[entries.a] & inside[entries.b])
    colour = np.zeros(len(search.seats), dtype=np.int64)
    near: dict[int, set[int]] = {}
    for a, b in zip(entries.a[linked].tolist(), entries.b[linked].tolist(), strict=True):
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    for device in devices.tolist() if near else []:
        used = {int(colour[n]) for n in near.get(device, ()) if n < device}
        colour[device] = next(c for c in range(len(used) + 1) if c not in used)
    key = search.hall.kind[devices] * 100_000 + colour[devices]
    return [devices[key == k] for k in np.unique(key).tolist()]


def _seated(floor: Floor, places: Places, hall: Hall, seats: IntArray, result: Improvement) -> Places:
    """The places on these seats, without racks that nothing stands in any more and no measured length names."""
    named = [name for pair in floor.rack_pairs for name in pair.racks]
    kept = np.isin(places.racks.name, named)
    kept[hall.seats.rack[seats]] = True
    row = np.cumsum(kept) - 1
    rack = row[hall.seats.rack[seats]]
    return replace(
        places, racks=places.racks.rows(kept), kind=places.kind[kept], rack=rack, ru=hall.seats.ru[seats],
        improvement=result,
    )  # fmt: skip
