"""Named checks of a cabled plan, each from the parts' own figures: what was chosen is not believed to fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import prod

import numpy as np

from topo.catalog import Catalog, Switch
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray
from topo.placement.cables.cabling import Cabling
from topo.placement.faults.faults import Fault, Plan, faults
from topo.placement.faults.panels import patch_panels
from topo.placement.faults.trays import trays
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import Places
from topo.units import amount

COUNTED = 1 << 22
"""Combinations of values up to which distinct rows are counted, not sorted."""
Check = Callable[[Plan], list[Fault]]


def inspect(
    fabric: Fabric, catalog: Catalog, cabling: Cabling, places: Places | None = None, floor: Floor | None = None
) -> list[Fault]:
    """Every fault that a check finds, by the checks' names; without `places` and `floor` those of the cables alone."""
    plan = Plan(fabric, catalog, cabling, places, floor)
    asked = sorted(CHECKS if cabling.parts else set(CHECKS) - OF_PARTS)
    return [fault for name in asked for fault in CHECKS[name](plan)]


def _kinds(*columns: IntArray) -> tuple[list[tuple[int, ...]], IntArray]:
    """Distinct rows of several columns in ascending order, and the row of each. Few distinct values are counted rather
    than sorted."""
    low = [int(c.min()) for c in columns] if len(columns[0]) else []
    width = [int(c.max()) - least + 1 for c, least in zip(columns, low, strict=False)]
    if low and prod(width) <= COUNTED:
        key = np.zeros(len(columns[0]), dtype=np.int64)
        if prod(width) == 1:
            return [tuple(low)], key
        for column, least, wide in zip(columns, low, width, strict=True):
            key = key * wide + (column - least) if wide > 1 else key
        there = np.flatnonzero(np.bincount(key, minlength=prod(width)))
        place = np.zeros(prod(width), dtype=np.int64)
        place[there] = np.arange(len(there))
        parts = np.unravel_index(there, width)
        rows = np.stack([part + least for part, least in zip(parts, low, strict=True)], axis=1)
        return [tuple(row) for row in rows.tolist()], place[key]
    result, code = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    return [tuple(row) for row in result.tolist()], code.reshape(-1)


def _no_part(plan: Plan) -> list[Fault]:
    """One for each reason; where several kinds of links have one, each says which links it is about."""
    unfit = plan.cabling.unfit
    times = Counter(u.reason for u in unfit)
    words = [f"{u.reason} for links of kind {u.kind}" if times[u.reason] > 1 else u.reason for u in unfit]
    return [Fault("no-part", one, u.links, plan.link_name(u.example)) for one, u in zip(words, unfit, strict=True)]


def _reach(plan: Plan) -> list[Fault]:
    """The ordered length is sold, covers the route, and is within the reach of the cable and of both modules."""
    c = plan.cabling
    cable = c.cable_of_link
    part, sold = c.part_of_link, c.cables.sold_m[cable]
    fitted = (part >= 0) & ~c.is_patched[cable]
    part = np.where(fitted, part, -1)
    result = faults(plan, "reach", fitted & ~(sold >= c.lengths.length_m - 1e-9), "the ordered cable is too short")
    for row in range(len(c.parts)):
        kind, own = plan.cable(row), part == row
        if kind is None:
            continue
        most = max(kind.lengths_m, default=kind.max_m or 0.0)
        beyond = own & (sold > min(most, kind.max_m or most) + 1e-9)
        result += faults(plan, "reach", beyond, f"{kind.id} is not made that long")
        if kind.lengths_m:
            odd = own & ~np.isin(np.round(sold, 6), np.round(kind.lengths_m, 6))
            result += faults(plan, "reach", odd & ~beyond, f"{kind.id} is not sold in that length")
    for end in "ab":
        _, _, module = plan.end(end)
        for row in range(len(c.parts)):
            optics = plan.module(row)
            if optics is not None:
                length = np.where(c.is_patched[cable], sold, c.lengths.length_m)
                far = (module == row) & (length > optics.reach_m + 1e-9)
                result += faults(plan, "reach", far, f"the route is longer than {optics.id} reaches")
    return result


def _cage(plan: Plan) -> list[Fault]:
    """A module, or the plug of a cable without modules, has the form of its cage."""
    c = plan.cabling
    part = c.part_of_link
    result = []
    for end in "ab":
        _, form, module = plan.end(end)
        rows, code = _kinds(form, module, part)
        for i, (cage, of_module, of_cable) in enumerate(rows):
            optics, cable = plan.module(of_module), plan.cable(of_cable)
            forms = {optics.form} if optics else {cable.a.form, cable.b.form} if cable else {c.forms[cage]}
            if not any(plan.catalog.forms.takes(c.forms[cage], form) for form in forms):
                words = f"{' or '.join(sorted(forms))} does not plug into a cage of form {c.forms[cage]}"
                result += faults(plan, "cage", code == i, words)
    return result


def _lanes(plan: Plan) -> list[Fault]:
    """Every end runs at a speed and on a number of lanes that its module or cable has a mode for."""
    c, ports = plan.cabling, plan.fabric.ports
    part = c.part_of_link
    result = []
    for end in "ab":
        port, _, module = plan.end(end)
        rows, code = _kinds(module, part, ports.gbps[port].astype(np.int64), ports.lanes[port])
        for i, (of_module, of_cable, gbps, lanes) in enumerate(rows):
            optics, cable = plan.module(of_module), plan.cable(of_cable)
            modes: set[tuple[float, int]] = set()
            if optics:
                modes = {(m.gbps, m.lanes) for m in optics.modes}
            elif cable:
                modes = {(m.gbps, m.lanes) for m in cable.also}
                modes |= {(cable.gbps, lanes)} if cable.gbps else set()
            if modes and (float(gbps), lanes) not in modes:
                name = optics.id if optics else cable.id if cable else ""
                result += faults(
                    plan, "lanes", code == i, f"{name} has no mode of {gbps} Gb/s on {amount(lanes, 'lane')}"
                )
    return result


def _connector(plan: Plan) -> list[Fault]:
    """Modules face modules of the same optical standard, over fibre of their medium that ends in their connector."""
    c = plan.cabling
    part = c.part_of_link
    (_, _, at_a), (_, _, at_b) = plan.end("a"), plan.end("b")
    rows, code = _kinds(at_a, at_b, part)
    result = []
    for i, (a, b, of_cable) in enumerate(rows):
        one, other, cable = plan.module(a), plan.module(b), plan.cable(of_cable)
        if cable is None or (one is None and other is None):
            continue
        reason = ""
        if one is None or other is None:
            reason = "a module faces a plug"
        elif one.optics != other.optics:
            reason = f"{one.optics} of {one.id} faces {other.optics} of {other.id}"
        elif {one.connector, other.connector} != {cable.a.form, cable.b.form}:
            reason = f"{cable.id} does not end in {one.connector} and {other.connector}"
        elif {one.medium, other.medium} != {cable.medium}:
            reason = f"{cable.id} is {cable.medium}, the modules are {one.medium}"
        if reason:
            result += faults(plan, "connector", code == i, reason)
    return result


def _cage_power(plan: Plan) -> list[Fault]:
    """No module, and no end of an active cable, draws more than the cage of its switch gives, where both are known."""
    c, fabric = plan.cabling, plan.fabric
    part = c.part_of_link
    result = []
    for end in "ab":
        port, _, module = plan.end(end)
        device = fabric.ports.device[port]
        is_switch = fabric.devices.tier[device] != HOST
        rows, code = _kinds(np.where(is_switch, fabric.devices.part[device], -1), module, part)
        for i, (of_switch, of_module, of_cable) in enumerate(rows):
            name = fabric.parts[of_switch] if of_switch >= 0 else ""
            switch = plan.catalog.get("switch", name) if name and plan.catalog.path("switch", name) else None
            optics, cable = plan.module(of_module), plan.cable(of_cable)
            watts = optics.power_w if optics else (cable.power_w or 0.0) / 2 if cable else None
            gives = switch.cage_power_w if isinstance(switch, Switch) else None
            if watts is not None and gives is not None and watts > gives + 1e-9:
                what = optics.id if optics else cable.id if cable else ""
                words = f"{what} draws {watts:,g} W, a cage of {name} gives {gives:,g} W"
                result += faults(plan, "cage-power", code == i, words)
    return result


def _one_plug(plan: Plan) -> list[Fault]:
    """A cage holds one module or one plug; one with built-in optics, as many plugs as these have connectors."""
    c, fabric = plan.cabling, plan.fabric
    width = int(fabric.ports.cage.max(initial=0)) + 1
    cages, plugs, room = [], [], []
    connectors = np.array([o.connectors if (o := plan.module(row)) else 1 for row in c.built_in.tolist()] or [1])
    for end in "ab":
        port, form, _ = plan.end(end)
        module = c.module_at_a if end == "a" else c.module_at_b
        known = (fabric.ports.cage[port] >= 0) & (c.part_of_link >= 0)
        cages.append((fabric.ports.device[port].astype(np.int64) * width + fabric.ports.cage[port])[known])
        plugs.append(np.where(module >= 0, -1 - module, c.cable_of_link)[known])
        room.append(connectors[form][known])
    pairs = np.unique(np.stack([np.concatenate(cages), np.concatenate(plugs), np.concatenate(room)]), axis=1)
    cage, where, times = np.unique(pairs[0], return_index=True, return_counts=True)
    twice = cage[times > pairs[2][where]]
    if not len(twice):
        return []
    device, number = divmod(int(twice[0]), width)
    example = f"{fabric.devices.name[device]} cage {number}"
    return [Fault("one-plug", "a cage holds more than one module or plug", len(twice), example, "cage")]


def _rack_limits(plan: Plan) -> list[Fault]:
    """Every rack has the units and the power for what stands in it, and no unit holds two. Where the power of a device
    is not known and that of the others is within the limit, the answer is open."""
    places = plan.places
    if places is None:
        return []
    result = []
    names = places.racks.name
    hot = places.used_power_w > places.limit_w + 1e-6
    for over, words in (
        (hot, "a rack draws more than the {limit:,g} W that it can"),
        (places.used_units > places.units_of, "a rack holds more than its {units} units"),
    ):
        rows = np.flatnonzero(over)
        if len(rows):
            words = words.format(limit=places.limit_w[rows[0]], units=places.units_of[rows[0]])
            result.append(Fault("rack-limits", words, len(rows), str(names[rows[0]]), "rack"))
    unknown = np.flatnonzero(np.isnan(places.power_w))
    silent = np.array([bool(kind.unknown) for kind in places.kinds])[places.kind]
    rows = np.union1d(places.rack[unknown], np.flatnonzero(silent))
    rows = rows[~hot[rows]]
    if len(rows):
        parts = sorted(
            {plan.fabric.parts[p] if p >= 0 else "no part" for p in plan.fabric.devices.part[unknown].tolist()}
            | {name for kind in np.unique(places.kind[silent]).tolist() for name in places.kinds[kind].unknown}
        )
        limits = " or ".join(f"{watts:,g}" for watts in np.unique(places.limit_w[rows]).tolist())
        words = f"whether racks stay within {limits} W is not known: {', '.join(parts)} state no power_max_w"
        result.append(Fault("rack-limits", words, len(rows), str(names[rows[0]]), "rack", undecided=True))
    rack, ru, units = places.rack, places.ru, places.units
    held = plan.fabric.devices.name.tolist()
    if places.panels is not None:
        rack, ru = np.append(rack, places.panels.rack), np.append(ru, places.panels.ru)
        units = np.append(units, np.full(len(places.panels), places.panel_units))
        held += places.panels.names(places.racks)
    fixed = places.fixtures
    rack, ru, units = np.append(rack, fixed.rack), np.append(ru, fixed.ru), np.append(units, fixed.units)
    held += [f"{name} of {places.racks.name[at]}" for name, at in zip(fixed.name, fixed.rack, strict=True)]
    device = np.repeat(np.arange(len(rack)), units)
    start = np.repeat(np.cumsum(units) - units, units)
    unit = ru[device] + np.arange(len(device)) - start
    outside = np.unique(device[(unit < 1) | (unit > places.units_of[rack[device]])])
    spot = rack[device] * 1000 + unit
    _, first, times = np.unique(spot, return_index=True, return_counts=True)
    shared = device[first[times > 1]]
    for rows, words in ((outside, "sticks out of the rack"), (shared, "shares units with another device")):
        if len(rows):
            result.append(Fault("rack-limits", words, len(rows), held[int(rows[0])], "device"))
    return result


def _tray_fill(plan: Plan) -> list[Fault]:
    """No tray is fuller than the floor allows."""
    if plan.places is None or plan.floor is None:
        return []
    most = plan.floor.tray_fill_percent
    over = [t for t in trays(plan.fabric, plan.catalog, plan.floor, plan.cabling, plan.places) if t.fill_percent > most]
    if not over:
        return []
    first = over[0]
    rests = f", {first.assumed:,} of them of assumed diameter" if first.assumed else ""
    words = (
        f"tray {first.name} is {first.fill_percent:g} % full by {amount(first.cables, 'cable')}{rests}, "
        f"{first.at_m:g} m along; tray_fill_percent allows {most:g} % of {plan.floor.tray_mm2:,.0f} mm2"
    )
    return [Fault("tray-fill", words, len(over), first.name, "tray")]


CHECKS: Mapping[str, Check] = {
    "no-part": _no_part,
    "reach": _reach,
    "cage": _cage,
    "lanes": _lanes,
    "connector": _connector,
    "cage-power": _cage_power,
    "one-plug": _one_plug,
    "rack-limits": _rack_limits,
    "tray-fill": _tray_fill,
    "patch-panels": patch_panels,
}
"""The checks by name."""

OF_FLOOR = frozenset({"rack-limits", "tray-fill"})
"""Checks that need a floor plan."""
OF_PARTS = frozenset({"reach", "cage", "lanes", "connector", "cage-power", "one-plug"})
"""Checks of chosen parts: where none was chosen, they have nothing to look at."""

__all__ = ["CHECKS", "OF_FLOOR", "Fault", "Plan", "inspect"]
