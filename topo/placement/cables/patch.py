"""From routes to patch panels: which cables pass them, where they are mounted, and how long the segments are."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from topo.catalog import Cable, Catalog, Panel, Transceiver
from topo.catalog.models import PriceBook
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement.cables.cabling import MEDIA, Cabling, cabling, sold_m
from topo.placement.cables.choose import Market, market
from topo.placement.cables.patching import Patching, Via
from topo.placement.floor.floor import Floor
from topo.placement.floor.lengths import OVERRIDE, Lengths
from topo.placement.floor.racks import PLINTH_M, UNIT_M, Panels, Places
from topo.placement.floor.routes import Routes, rack_part
from topo.units import amount

KEY = "patch_panels.part"


def patched(
    fabric: Fabric,
    catalog: Catalog,
    floor: Floor,
    places: Places,
    lengths: Lengths,
    price_book: PriceBook | None = None,
) -> tuple[Places, Cabling]:
    """Cables of a fabric, those that `floor.patch_panels` names through panels, and the places with these panels.

    Modules are chosen so that they reach over the sum of the segments as ordered. Raises ParameterError for an unknown
    panel, a rack without room for its panels, and links that no fibre with the panel's connector joins.
    """
    asked = floor.patch_panels
    crossing = _crossing(fabric, places, asked.where == "between-rows") if asked is not None else np.zeros(0, np.bool_)
    if asked is None or not crossing.any():
        return places, cabling(fabric, catalog, lengths, price_book=price_book)
    panel = catalog.get("panel", asked.part, KEY)
    assert isinstance(panel, Panel)
    everything = market(catalog, price_book)
    via = Via(crossing, _through(everything, panel))
    needed = lengths
    while True:
        laid = cabling(fabric, catalog, needed, price_book=price_book, via=via)
        _refuse_unfit(laid, panel)
        with_panels, result = _segments(
            fabric, places, laid, lengths, crossing, _Asked(catalog, floor, panel, everything)
        )
        assert result.patching is not None
        total = np.zeros(len(lengths))
        ordered = np.zeros(len(laid.cables))
        ordered[result.patching.cable] = result.patching.sold_m.sum(axis=1)
        np.maximum.at(total, laid.cable_links.link, ordered[laid.cable_links.cable])
        beyond = total > _reach_m(catalog, laid) + 1e-9
        if not beyond.any():
            return with_panels, result
        needed = replace(needed, length_m=np.where(beyond, total, needed.length_m))


def _crossing(fabric: Fabric, places: Places, rows: bool) -> BoolArray:
    """Shape (links,): links between racks, or only those between rows."""
    a, b = places.rack[fabric.link_a], places.rack[fabric.link_b]
    if not rows:
        return np.asarray(a != b)
    racks = places.racks
    return np.asarray((racks.hall[a] != racks.hall[b]) | (racks.row[a] != racks.row[b]))


def _through(offered: Market, panel: Panel) -> Market:
    """Modules and straight fibre that plug into the panel, of media that a trunk is offered for."""
    media = {c.medium for c in _trunk_parts(offered, panel)}
    cords = [
        c for c in offered.cables if (c.a.form, c.b.form) == (panel.connector,) * 2 and c.a.count == c.b.count == 1
    ]
    modules = [m for m in offered.modules if m.connector == panel.connector and m.medium in media]
    return Market(tuple(cords), tuple(modules), offered.usd)


def _trunk_parts(offered: Market, panel: Panel) -> list[Cable]:
    """The trunks that the panel takes."""
    legs = panel.trunk_legs
    return [
        c for c in offered.cables
        if (c.a.form, c.b.form) == (panel.rear,) * 2 and c.a.count == c.b.count == c.links == legs
    ]  # fmt: skip


def _refuse_unfit(laid: Cabling, panel: Panel) -> None:
    unfit = [u for u in laid.unfit if u.via_panels]
    if unfit:
        raise ParameterError(
            KEY, panel.id,
            f"{amount(sum(u.links for u in unfit), 'link')} cannot pass these panels: {unfit[0].reason}",
            f"links that modules with straight {panel.connector} fibre join",
            "another panel, another `where`, or no patch_panels",
        )  # fmt: skip


def _reach_m(catalog: Catalog, laid: Cabling) -> FloatArray:
    """Shape (links,): how far the optics at the two ends reach; infinite without modules."""
    known = [catalog.get("transceiver", p) if catalog.path("transceiver", p) else None for p in laid.parts]
    reach = np.array([p.reach_m if isinstance(p, Transceiver) else np.inf for p in known] + [np.inf])
    return np.asarray(np.minimum(reach[laid.optics("a")], reach[laid.optics("b")]))


class _Asked(NamedTuple):
    """What segments are laid by and bought from."""

    catalog: Catalog
    floor: Floor
    panel: Panel
    offered: Market


def _segments(
    fabric: Fabric, places: Places, laid: Cabling, routed: Lengths, crossing: BoolArray, asked: _Asked
) -> tuple[Places, Cabling]:
    """The cabling with its patched cables in segments, and the places with the panels."""
    catalog, floor, panel, offered = asked
    first = laid.cables.first_link
    cable = np.flatnonzero(crossing[first])
    ends = np.stack([fabric.link_a[first[cable]], fabric.link_b[first[cable]]], axis=1)
    rack = places.rack[ends]
    shared = _shared_trunks(rack, laid.cables.medium[cable], panel.trunk_legs)
    panels, at, position = _mounted(floor, places, rack, panel, shared)
    routes = Routes(floor, rack_part(catalog, floor), places.racks)
    device = places.height_m[ends]
    height: FloatArray = np.asarray(PLINTH_M + (panels.ru - 1 + panel.rack_units / 2) * UNIT_M, dtype=np.float64)[at]
    a, b = rack[:, 0], rack[:, 1]
    length = np.stack(
        [
            routes.length_m(a, device[:, 0], a, height[:, 0]),
            routes.length_m(a, height[:, 0], b, height[:, 1]),
            routes.length_m(b, height[:, 1], b, device[:, 1]),
        ],
        axis=1,
    ).round(3)
    parts, trunk, trunk_m = _trunks(laid, cable, length[:, 1], offered, panel)
    cord = laid.cables.part[cable]
    sold = np.stack(
        [sold_m(cord, length[:, 0], parts, offered), trunk_m, sold_m(cord, length[:, 2], parts, offered)], 1
    )
    patching = Patching(panel, panels, cable, at, position, trunk, *shared, length, sold)
    needed, ordered = laid.cables.length_m.copy(), laid.cables.sold_m.copy()
    needed[cable], ordered[cable] = length.sum(axis=1).round(3), sold.sum(axis=1).round(3)
    own = crossing[laid.cable_links.link]
    link = laid.cable_links.link[own]
    link_m, slack_m = routed.length_m.copy(), routed.slack_m.copy()
    link_m[link] = 0.0
    np.maximum.at(link_m, link, needed[laid.cable_links.cable[own]])
    slack_m[link] = floor.slack_m * np.where(routed.basis[link] == OVERRIDE, 2, 3)
    cables = replace(laid.cables, length_m=needed, sold_m=ordered)
    lengths = replace(routed, length_m=link_m, slack_m=slack_m)
    result = replace(laid, parts=parts, cables=cables, lengths=lengths, patching=patching)
    return replace(places, panels=panels, panel_units=panel.rack_units), result


def _trunks(
    laid: Cabling, cable: IntArray, length_m: FloatArray, offered: Market, panel: Panel
) -> tuple[tuple[str, ...], IntArray, FloatArray]:
    """The parts with trunks among them, the trunk of each cable (a row of them), and its ordered length: the first by
    id that is sold long enough."""
    kinds = _trunk_parts(offered, panel)
    parts = list(laid.parts)
    trunk = np.full(len(cable), -1, dtype=np.int64)
    metres = np.full(len(cable), np.nan)
    for kind in sorted(kinds, key=lambda c: c.id):
        row = parts.index(kind.id) if kind.id in parts else len(parts)
        fits = (trunk < 0) & (laid.cables.medium[cable] == MEDIA.index(kind.medium))
        sold = sold_m(np.full(len(cable), row), length_m, (*parts, kind.id)[: max(len(parts), row + 1)], offered)
        fits &= ~np.isnan(sold)
        if fits.any():
            parts += [kind.id] if row == len(parts) else []
            trunk[fits], metres[fits] = row, sold[fits]
    if (trunk < 0).any():
        longest = float(length_m[trunk < 0].max())
        raise ParameterError(
            KEY, panel.id, f"no trunk that ends in {panel.trunk_legs} x {panel.rear} is sold {longest:g} m long", "",
            "add a cable part with these plugs at both ends to the catalog",
        )  # fmt: skip
    return tuple(parts), trunk, metres


def _shared_trunks(rack: IntArray, medium: IntArray, legs: int) -> tuple[IntArray, IntArray]:
    """Number of the trunk and leg of each cable (shape (cables,), from 1): cables of one medium between the same two
    racks (`rack`: shape (cables, 2)) fill the trunks of a route in their order, and trunks count by their first."""
    low, high = rack.min(axis=1), rack.max(axis=1)
    route = np.unique(np.stack([low, high, medium]), axis=1, return_inverse=True)[1].reshape(-1)
    order = np.argsort(route, kind="stable")
    many = np.bincount(route)
    nth = np.empty(len(route), dtype=np.int64)
    nth[order] = np.arange(len(route)) - np.repeat(np.cumsum(many) - many, many)
    first = np.flatnonzero(nth % legs == 0)
    number = np.zeros(len(route), dtype=np.int64)
    start = np.cumsum(-(-many // legs)) - -(-many // legs)
    of_block = np.zeros(len(first), dtype=np.int64)
    of_block[start[route[first]] + nth[first] // legs] = np.arange(len(first)) + 1
    number[:] = of_block[start[route] + nth // legs]
    return number, nth % legs + 1


def _mounted(
    floor: Floor, places: Places, rack: IntArray, panel: Panel, shared: tuple[IntArray, IntArray]
) -> tuple[Panels, IntArray, IntArray]:
    """The panels, and panel and position (from 1) of every cable end (shape (cables, 2), as `rack`). A rack's positions
    are given out in the order of the trunks (`shared`: trunk and leg of every cable), a trunk's spare legs included:
    all legs of an end are in one panel."""
    racks, legs = len(places.racks), panel.trunk_legs
    (number, leg), first = shared, shared[1] == 1
    ends = np.sort(rack[first], axis=1)
    flat = ends.ravel()
    trunks = np.bincount(flat, minlength=racks)
    order = np.argsort(flat, kind="stable")
    nth = np.empty(len(flat), dtype=np.int64)
    nth[order] = np.arange(len(flat)) - np.repeat(np.cumsum(trunks) - trunks, trunks)
    fit = panel.positions // legs
    wanted = -(-trunks // fit)
    start = np.cumsum(wanted) - wanted
    of_rack = np.repeat(np.arange(racks), wanted)
    panels = Panels(of_rack, _units(floor, places, wanted, panel), np.arange(len(of_rack)) - start[of_rack] + 1)
    at, base = (start[flat] + nth // fit).reshape(ends.shape), (nth % fit * legs).reshape(ends.shape)
    side = (rack == rack.max(axis=1, keepdims=True)).astype(np.int64)
    own = (number - 1)[:, None]
    return panels, at[own, side], base[own, side] + leg[:, None]


def _units(floor: Floor, places: Places, wanted: IntArray, panel: Panel) -> IntArray:
    """The lowest unit of every panel, rack by rack: free units from the side where cables leave."""
    taken = np.zeros((len(places.racks), places.rack_units + 2), dtype=np.bool_)
    device = np.repeat(np.arange(len(places.rack)), places.units)
    nth = np.arange(len(device)) - np.repeat(np.cumsum(places.units) - places.units, places.units)
    taken[places.rack[device], places.ru[device] + nth] = True
    for fixed, ru, units in zip(places.fixtures.rack, places.fixtures.ru, places.fixtures.units, strict=True):
        taken[fixed, ru : ru + units] = True
    taken |= np.arange(places.rack_units + 2) > places.units_of[:, None]
    height = panel.rack_units
    result: list[int] = []
    short: list[int] = []
    for rack in np.flatnonzero(wanted).tolist():
        free = ~taken[rack, 1 : places.rack_units + 1]
        spots = _free_spots(free if floor.entry == "underfloor" else free[::-1], height)[: int(wanted[rack])]
        if len(spots) < wanted[rack]:
            short.append(rack)
        result += [s + 1 if floor.entry == "underfloor" else places.rack_units - s - height + 1 for s in spots]
    if short:
        worst = max(short, key=lambda r: int(wanted[r]))
        free_units = int(places.units_of[worst]) - int(places.used_units[worst])
        raise ParameterError(
            KEY, panel.id,
            f"racks have no room for their panels ({len(short):,} of them): {places.racks.name[worst]} needs "
            f"{wanted[worst]:,} of height {height}, and has {amount(free_units, 'free unit')}", "",
            "more spare_units (racks then hold fewer devices), fewer hosts_per_rack, or a panel of more positions",
        )  # fmt: skip
    return np.array(result, dtype=np.int64)


def _free_spots(free: BoolArray, height: int) -> list[int]:
    """Where things of a height fit one after another, from the first unit on."""
    result, unit = [], 0
    while unit + height <= len(free):
        if bool(free[unit : unit + height].all()):
            result.append(unit)
            unit += height
        else:
            unit += 1
    return result
