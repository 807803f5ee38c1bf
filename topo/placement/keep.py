"""New devices beside those that stand already: nothing is moved that need not move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import Places
from topo.placement.floor.routes import rack_part
from topo.placement.placing import Slot, check_feeds, rack_table, slot_of

Stands = Mapping[str, tuple[str, int]]
"""Where devices stand: rack and lowest unit, by name."""


def keeping(fabric: Fabric, catalog: Catalog, floor: Floor, ruled: Places, stands: Stands) -> Places:
    """The places of `ruled`, but devices of `stands` stay where they are while they fit there, first those that stand
    lowest. All others go to their rack by the rule, or the nearest that has room, or the next free one of the floor.
    `floor.devices` win.

    Raises ParameterError where the floor has no room.
    """
    room = _Room(fabric, floor, ruled)
    pinned = [name for name in floor.devices if name in fabric.device_row]
    for name in pinned:
        device = fabric.device_row[name]
        room.put(device, _slot_at(ruled, device), int(ruled.ru[device]))
    waiting = np.ones(len(fabric.devices), dtype=np.bool_)
    waiting[[fabric.device_row[name] for name in pinned]] = False
    known = sorted((rack, ru, name) for name, (rack, ru) in stands.items() if name in fabric.device_row)
    for rack, ru, name in known:
        device = fabric.device_row[name]
        slot = slot_of(rack)
        if waiting[device] and room.on_floor(slot) and room.is_free(device, slot, ru):
            room.put(device, slot, ru)
            waiting[device] = False
    order = np.flatnonzero(waiting)
    order = order[np.lexsort((ruled.ru[order], ruled.rack[order]))]
    room.open([_slot_at(ruled, int(device)) for device in order.tolist()])
    for device in order.tolist():
        room.seat(device, _slot_at(ruled, device))
    result = room.places(catalog)
    check_feeds(result, floor)
    return result


def _slot_at(places: Places, device: int) -> Slot:
    racks, row = places.racks, int(places.rack[device])
    return int(racks.hall[row]) - 1, int(racks.row[row]) - 1, int(racks.position[row]) - 1


@dataclass
class _Filled:
    """One rack: units taken, as bits from unit 1 on, their number, watts and hosts."""

    taken: int = 0
    units: int = 0
    power_w: float = 0.0
    hosts: int = 0


class _Room:
    """The racks of a floor while devices are put into them."""

    def __init__(self, fabric: Fabric, floor: Floor, ruled: Places) -> None:
        self.floor, self.ruled = floor, ruled
        self.is_host = np.asarray(fabric.devices.tier == HOST).tolist()
        self.parts = [fabric.parts[part] if part >= 0 else "" for part in fabric.devices.part.tolist()]
        self.kind = ruled.kinds[0]
        if len(ruled.kinds) > 1 or self.kind.seats:
            words = "places are kept in racks of one kind, that hold no devices in their trays"
            raise ParameterError("racks_of" if floor.racks_of else "rack", self.kind.part.id, words)
        self.fixed = sum(((1 << content.rack_units) - 1) << ru for ru, content in self.kind.fixed)
        self.racks: dict[Slot, _Filled] = {}
        self.at: dict[int, tuple[Slot, int]] = {}
        self.power = np.nan_to_num(ruled.power_w).tolist()
        self.units: list[int] = ruled.units.tolist()

    def on_floor(self, slot: Slot) -> bool:
        """The floor has such a rack."""
        halls, rows, racks = self.floor.halls or 99, self.floor.rows_per_hall, self.floor.racks_per_row
        return all(0 <= at < most for at, most in zip(slot, (halls, rows, racks), strict=True))

    def open(self, slots: list[Slot]) -> None:
        """Racks that may be filled, though nothing stands in them yet."""
        for slot in slots:
            self.racks.setdefault(slot, self._empty())

    def _empty(self) -> _Filled:
        """A rack with its contents alone."""
        return _Filled(self.fixed, power_w=self.kind.power_w)

    def _bits(self, device: int, ru: int) -> int:
        return ((1 << self.units[device]) - 1) << ru

    def is_free(self, device: int, slot: Slot, ru: int) -> bool:
        """The units exist and are free, and the rack can feed the device."""
        rack = self.racks.get(slot) or self._empty()
        inside = ru >= 1 and ru + self.units[device] - 1 <= self.ruled.rack_units
        fed = rack.power_w + self.power[device] <= self.kind.most_power_w + 1e-6
        return inside and fed and not rack.taken & self._bits(device, ru)

    def put(self, device: int, slot: Slot, ru: int) -> None:
        """Puts the device there."""
        rack = self.racks.setdefault(slot, self._empty())
        rack.taken |= self._bits(device, ru)
        rack.units += self.units[device]
        rack.power_w += self.power[device]
        rack.hosts += self.is_host[device]
        self.at[device] = slot, ru

    def seat(self, device: int, wanted: Slot) -> None:
        """Puts the device into the rack, the nearest with room, or the next free one."""
        for slot in sorted(self.racks, key=lambda slot: (_distance(slot, wanted), slot)):
            ru = self._seat_in(device, slot)
            if ru:
                self.put(device, slot, ru)
                return
        slot = self._next()
        self.put(device, slot, self._seat_in(device, slot) or 1)

    def _seat_in(self, device: int, slot: Slot) -> int:
        """A unit for a new device in a rack, 0 where it has no room beside what is kept free."""
        rack, height = self.racks.get(slot) or self._empty(), self.ruled.rack_units
        if rack.units + self.units[device] > self.kind.most_units:
            return 0
        most = self.floor.most_hosts(self.parts[device]) or self.kind.part.hosts
        if self.is_host[device] and most is not None and rack.hosts >= most:
            return 0
        units = range(1, height + 2 - self.units[device])
        from_top = not self.is_host[device] and self.floor.entry == "overhead"
        return next((ru for ru in (reversed(units) if from_top else units) if self.is_free(device, slot, ru)), 0)

    def _next(self) -> Slot:
        """The first rack of the floor behind all that are in use."""
        hall, row, position = max(self.racks, default=(0, 0, -1))
        position += 1
        if position >= self.floor.racks_per_row:
            row, position = row + 1, 0
        if row >= self.floor.rows_per_hall:
            hall, row = hall + 1, 0
        if not self.on_floor((hall, row, position)):
            raise ParameterError(
                "halls", self.floor.halls or 99, "the floor has no room for what is new beside what stands there", "",
                "more halls, longer rows, more rows a hall, or fewer spare_units",
            )  # fmt: skip
        self.open([(hall, row, position)])
        return hall, row, position

    def places(self, catalog: Catalog) -> Places:
        """All that was put."""
        slots = sorted(slot for slot, rack in self.racks.items() if rack.units)
        number = {slot: i for i, slot in enumerate(slots)}
        devices = len(self.units)
        rack: IntArray = np.array([number[self.at[d][0]] for d in range(devices)], dtype=np.int64)
        ru = np.array([self.at[d][1] for d in range(devices)], dtype=np.int64)
        racks = rack_table(self.floor, rack_part(catalog, self.floor), slots)
        return replace(self.ruled, racks=racks, rack=rack, ru=ru, kind=np.zeros(len(racks), np.int64), improvement=None)


def _distance(one: Slot, other: Slot) -> tuple[int, int]:
    """Halls first, then rows and positions."""
    return abs(one[0] - other[0]), 3 * abs(one[1] - other[1]) + abs(one[2] - other[2])


__all__ = ["Stands", "keeping"]
