"""From a fabric and a floor to places and cable lengths."""

from __future__ import annotations

import numpy as np

from topo.catalog import Catalog, Host, Rack, Switch
from topo.catalog.models import PriceBook
from topo.errors import InputError, ParameterError, Problem, nearest
from topo.fabric import HOST, Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.placement.floor.floor import Floor
from topo.placement.floor.kinds import rack_kinds
from topo.placement.floor.racks import Places, Racks, rack_name
from topo.placement.floor.routes import rack_part
from topo.placement.floor.rules import Rack as Filled
from topo.placement.floor.rules import Room, rows_by_rule
from topo.units import amount, verb

ASSUMED_UNITS = {"host": 8, "switch": 1}
"""Height of a device whose part does not say it; the plan names such parts."""


def place(fabric: Fabric, catalog: Catalog, floor: Floor, price_book: PriceBook | None = None) -> Places:
    """Puts every device into a rack by the floor's rule, and improves on it where the floor says so; its `devices` win.
    Prices decide what copper can reach where they are given.

    Raises ParameterError for a device that fits in no rack, a floor that is too small, an unknown device or rack, and
    a pinned device that does not fit where it is put.
    """
    _check_kinds(fabric, floor)
    kinds = rack_kinds(fabric, catalog, floor)
    units, power_w, assumed = _sizes(fabric, catalog, kinds.held)
    pinned = _pinned(fabric, floor, kinds.held)
    room = Room(fabric, floor, units, np.nan_to_num(power_w), kinds, frozenset(pinned))
    rows = rows_by_rule(room)
    slots = [(r, p) for r, row in enumerate(rows) for p in range(len(row))]
    _check_size(floor, len(rows))
    at: IntArray = np.full(len(fabric.devices), -1, dtype=np.int64)
    ru = np.zeros(len(fabric.devices), dtype=np.int64)
    grid = [(r // floor.rows_per_hall, r % floor.rows_per_hall, p) for r, p in slots]
    for number, (r, p) in enumerate(slots):
        _stack(rows[r][p], number, room, at, ru)
    kind = [rows[r][p].kind for r, p in slots]
    grid = _put_pinned(fabric, floor, grid, pinned, at, ru)
    kind += [int(kinds.of[next(d for d in pinned if at[d] == i)]) for i in range(len(kind), len(grid))]
    racks = rack_table(floor, rack_part(catalog, floor), grid)
    result = Places(floor.site, racks, at, ru, units, power_w, np.array(kind, dtype=np.int64), kinds.kinds, assumed)
    _check_pinned(fabric, result, pinned)
    check_feeds(result, floor)
    if floor.improve is None:
        return result
    from topo.placement.improving.improve import improved

    better = improved(fabric, catalog, floor, result, price_book)
    check_feeds(better, floor)
    return better


def _sizes(fabric: Fabric, catalog: Catalog, held: frozenset[str]) -> tuple[IntArray, FloatArray, tuple[str, ...]]:
    """Height and power of every device, and the parts whose height is assumed; no height of those that are `held`."""
    units = np.zeros(len(fabric.devices), dtype=np.int64)
    power = np.full(len(fabric.devices), np.nan)
    assumed = set()
    template = fabric.devices.part * 2 + (fabric.devices.tier == HOST)
    for code in np.unique(template).tolist():
        kind = "host" if code % 2 else "switch"
        name = fabric.parts[code // 2] if code >= 0 else ""
        part = catalog.get(kind, name) if name and catalog.path(kind, name) else None
        mask = template == code
        known = part.rack_units if isinstance(part, Host | Switch) else None
        if name in held:
            known = 0
        elif known is None:
            assumed.add(name or kind)
        units[mask] = ASSUMED_UNITS[kind] if known is None else known
        if isinstance(part, Host | Switch) and part.power_max_w is not None:
            power[mask] = part.power_max_w
    return units, power, tuple(sorted(assumed))


def _pinned(fabric: Fabric, floor: Floor, held: frozenset[str]) -> list[int]:
    problems = [
        Problem("no device has this name", f"devices.{name}", name, "", nearest(name, list(fabric.device_row)))
        for name in floor.devices
        if name not in fabric.device_row
    ]
    parts = {name: int(fabric.devices.part[fabric.device_row[name]]) for name in floor.devices
             if name in fabric.device_row}  # fmt: skip
    problems += [
        Problem(
            "stands in what a rack holds, and is not placed by itself",
            f"devices.{name}",
            name,
            hint="leave it away: it stands where its rack does",
        )
        for name, part in parts.items()
        if part >= 0 and fabric.parts[part] in held
    ]
    if problems:
        raise InputError(problems)
    return [fabric.device_row[name] for name in floor.devices]


def _check_kinds(fabric: Fabric, floor: Floor) -> None:
    """Raises for a host part that no host of the fabric has, and for a search that knows one number of hosts a rack."""
    hosts = np.unique(fabric.devices.part[fabric.is_host]).tolist()
    known = sorted(fabric.parts[part] for part in hosts if part >= 0)
    problems = [
        Problem("no host of this fabric is of this part", f"hosts_per_rack_of.{name}", name, ", ".join(known))
        for name in floor.hosts_per_rack_of
        if name not in known
    ]
    problems += [
        Problem("no network of this fabric", f"rule_of.{name}", name, ", ".join(fabric.networks))
        for name in floor.rule_of
        if name not in fabric.networks
    ]
    if floor.hosts_per_rack_of and floor.improve is not None:
        problems.append(
            Problem(
                "the search knows one number of hosts a rack", "improve", floor.improve, "leave it out",
                "or give hosts_per_rack instead of hosts_per_rack_of",
            )
        )  # fmt: skip
    if problems:
        raise InputError(problems)


def check_feeds(places: Places, floor: Floor) -> None:
    """Raises ParameterError where the racks of a row or of a hall draw more, as far as it is known, than it is fed."""
    racks = places.racks
    row = np.unique(np.stack([racks.hall, racks.row]), axis=1, return_inverse=True)[1].reshape(-1)
    hall = np.unique(racks.hall, return_inverse=True)[1].reshape(-1)
    for key, limit, of, word in (
        ("row_power_w", floor.row_power_w, row, "row"), ("hall_power_w", floor.hall_power_w, hall, "hall"),
    ):  # fmt: skip
        if limit is None or not len(racks):
            continue
        drawn = np.bincount(of, weights=places.used_power_w)
        worst = int(np.argmax(drawn))
        if drawn[worst] > limit + 1e-6:
            first = int(np.flatnonzero(of == worst)[0])
            name = f"{word} of rack {racks.name[first]}"
            message = f"the {name} draws {drawn[worst]:,.0f} W, as far as the parts tell, and is fed {limit:,.0f}"
            hint = "fewer racks_per_row, more rows or halls, fewer hosts a rack, or more power"
            raise ParameterError(key, f"{limit:g}", message, f"at least {drawn[worst]:g}", hint)


def _check_size(floor: Floor, rows: int) -> None:
    room = floor.rows_per_hall * (floor.halls or 99)
    if rows > room:
        raise ParameterError(
            "halls",
            floor.halls or 99,
            f"the floor is too small: {amount(rows, 'row')} of {amount(floor.racks_per_row, 'rack')} "
            f"{verb(rows, 'are')} needed",
            f"at most {amount(room, 'row')}",
            "more halls, longer rows, more rows a hall, or racks that hold more",
        )


def _stack(rack: Filled, number: int, room: Room, at: IntArray, ru: IntArray) -> None:
    """Hosts from the bottom up; switches from the top down, or below the hosts where cables leave through the floor.
    Those that contents hold are in these, in order."""
    kind, units, fabric = room.kind(rack), room.units, room.fabric
    below = room.floor.entry == "underfloor"
    seats = {part: iter(where) for part, where in kind.seats.items()}
    switches = []
    for device in rack.switches:
        part = int(fabric.devices.part[device])
        seat = seats.get(fabric.parts[part]) if part in room.held else None
        if seat is None:
            switches.append(device)
        else:
            at[device], ru[device] = number, next(seat)
    bottom, top = 1 + kind.units_at("bottom"), kind.part.rack_units + 1 - kind.units_at("top")
    for device in [*switches, *rack.hosts] if below else rack.hosts:
        at[device], ru[device] = number, bottom
        bottom += int(units[device])
    for device in () if below else switches:
        top -= int(units[device])
        at[device], ru[device] = number, top


Slot = tuple[int, int, int]


def _put_pinned(
    fabric: Fabric, floor: Floor, grid: list[Slot], pinned: list[int], at: IntArray, ru: IntArray
) -> list[Slot]:
    """Pinned devices to their racks, which become part of the floor where no rule uses them."""
    number = {rack_name(h + 1, r + 1, p + 1): i for i, (h, r, p) in enumerate(grid)}
    for device in pinned:
        wanted = floor.devices[str(fabric.devices.name[device])]
        if wanted.rack not in number:
            slot = slot_of(wanted.rack)
            inside = slot[1] < floor.rows_per_hall and slot[2] < floor.racks_per_row
            if not inside or slot[0] >= (floor.halls or 99) or min(slot) < 0:
                raise ParameterError(
                    "devices", wanted.rack, "the floor has no such rack",
                    f"rows of {amount(floor.racks_per_row, 'rack')}, {amount(floor.rows_per_hall, 'row')} a hall",
                )  # fmt: skip
            number[wanted.rack] = len(grid)
            grid = [*grid, slot]
        at[device], ru[device] = number[wanted.rack], wanted.ru
    return grid


def slot_of(name: str) -> Slot:
    """Hall, row and position of a rack's name, each from 0."""
    letters = "".join(c for c in name if c.isalpha())
    hall, position = name.split(letters)
    row = 0
    for c in letters:
        row = row * 26 + ord(c) - 64
    return int(hall) - 1, row - 1, int(position) - 1


def _check_pinned(fabric: Fabric, places: Places, pinned: list[int]) -> None:
    """No pinned device sticks out of its rack or shares units with another device."""
    for device in pinned:
        low, high = int(places.ru[device]), int(places.ru[device] + places.units[device])
        near = np.flatnonzero((places.rack == places.rack[device]) & (places.ru < high))
        hit = near[(places.ru[near] + places.units[near] > low) & (near != device)]
        name = str(fabric.devices.name[device])
        most = int(places.units_of[places.rack[device]])
        if high > most + 1:
            raise ParameterError(f"devices.{name}", low, "sticks out of the rack", f"at most {most + 1 - high + low:,}")
        fixed = places.fixtures
        over = (fixed.rack == places.rack[device]) & (fixed.ru < high) & (fixed.ru + fixed.units > low)
        if over.any():
            what = fixed.name[np.flatnonzero(over)[0]]
            raise ParameterError(f"devices.{name}", low, f"these units hold a {what}", "free units")
        if len(hit):
            raise ParameterError(
                f"devices.{name}", low, f"these units hold {fabric.devices.name[hit[0]]}", "free units",
                "pin that device elsewhere too, or leave more spare_units",
            )  # fmt: skip
    hot = np.flatnonzero(places.used_power_w > places.limit_w + 1e-6)
    if len(hot):
        name, power = str(places.racks.name[hot[0]]), float(places.used_power_w[hot[0]])
        raise ParameterError("devices", name, f"{power:,g} W in this rack", f"at most {places.limit_w[hot[0]]:,g} W")


def rack_table(floor: Floor, part: Rack, grid: list[Slot]) -> Racks:
    """The racks at these places of a floor, in this order."""
    hall, row, position = np.array(grid, dtype=np.int64).reshape(-1, 3).T
    pitch = floor.rack_pitch_m or part.width_mm / 1000
    width = floor.racks_per_row * pitch
    return Racks(
        np.array([rack_name(h + 1, r + 1, p + 1) for h, r, p in grid], dtype=np.str_),
        hall + 1,
        row + 1,
        position + 1,
        np.asarray(hall * (width + floor.hall_gap_m) + (position + 0.5) * pitch, dtype=np.float64),
        np.asarray(row * floor.row_pitch_m, dtype=np.float64),
    )
