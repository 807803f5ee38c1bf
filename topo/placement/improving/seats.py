"""Seats: places in racks that a device can have, taken or free, and what limits who sits where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import BoolArray, FloatArray, IntArray, Table
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import PLINTH_M, UNIT_M, Places


@dataclass(frozen=True)
class Seats(Table):
    """Seats (shape (seats,) each): row of the racks, lowest unit, and the class of devices that fit. The first seats
    are those that the devices have under the rule, in device order; the free ones follow."""

    rack: IntArray
    ru: IntArray
    kind: IntArray


@dataclass(frozen=True)
class Hall:
    """Devices and seats. `kind`: shape (devices,), hosts of one group or switches, of one height; `units_of` by kind.
    Hosts of a scale-up domain that stands in one rack are a kind of that rack: they stay there.
    `power_w`: shape (devices,), rounded up, 0 where unknown. A rack takes at most `most_units`, `most_power_w` and
    `most_hosts`."""

    seats: Seats
    kind: IntArray
    units_of: IntArray
    is_host: IntArray
    power_w: IntArray
    most_units: int
    most_power_w: int
    most_hosts: int
    pinned: frozenset[int]

    @cached_property
    def height_m(self) -> FloatArray:
        """Shape (seats,): the middle of a device on the seat above the floor."""
        return PLINTH_M + (self.seats.ru - 1 + self.units_of[self.seats.kind] / 2) * UNIT_M

    @cached_property
    def amounts(self) -> tuple[tuple[IntArray, int], ...]:
        """What racks limit: the amount of every device (shape (devices,)), and the most of a rack."""
        units, hosts = self.units_of[self.kind], self.is_host[self.kind].astype(np.int64)
        return (units, self.most_units), (self.power_w, self.most_power_w), (hosts, self.most_hosts)

    @cached_property
    def clashes(self) -> dict[int, tuple[int, ...]]:
        """Seats that share units with other seats: seat -> all seats that touch one of its units."""
        by_unit: dict[tuple[int, int], list[int]] = {}
        for seat, (rack, ru, kind) in enumerate(
            zip(self.seats.rack.tolist(), self.seats.ru.tolist(), self.seats.kind.tolist(), strict=True)
        ):
            for unit in range(ru, ru + int(self.units_of[kind])):
                by_unit.setdefault((rack, unit), []).append(seat)
        result: dict[int, set[int]] = {}
        for there in by_unit.values():
            for seat in there if len(there) > 1 else ():
                result.setdefault(seat, set()).update(there)
        return {seat: tuple(sorted(others - {seat})) for seat, others in sorted(result.items())}

    @cached_property
    def clashing(self) -> tuple[IntArray, IntArray]:
        """The same as pairs of seats: shape (pairs,) each."""
        one = [seat for seat, near in self.clashes.items() for _ in near]
        other = [seat for near in self.clashes.values() for seat in near]
        return np.array(one, dtype=np.int64), np.array(other, dtype=np.int64)


def hall_of(fabric: Fabric, floor: Floor, places: Places, most_units: int, pinned: frozenset[int]) -> Hall:
    """The seats of a floor that a rule has filled: those the devices have, and in every rack the free ones that its
    units, power and `hosts_per_rack` leave for one more device of each kind."""
    group = np.where(fabric.is_host, fabric.devices.group.astype(np.int64) + 1, 0)
    home = domain_racks(fabric, places)
    columns = np.stack([group, places.units, home])
    pairs, kind, count = np.unique(columns, axis=1, return_inverse=True, return_counts=True)
    kind = kind.reshape(-1)
    host_kind = pairs[0] > 0
    power = np.ceil(np.nan_to_num(places.power_w)).astype(np.int64)
    least_power = np.array([int(power[kind == k].min()) for k in range(len(count))], dtype=np.int64)
    most_hosts = floor.hosts_per_rack or places.kinds[0].part.hosts or 10_000
    most_power = int(places.kinds[0].most_power_w - places.kinds[0].power_w)
    rows: list[tuple[int, int, int]] = []
    inside: list[list[int]] = [[] for _ in range(len(places.racks))]
    for device, rack in enumerate(places.rack.tolist()):
        inside[rack].append(device)
    for rack, devices in enumerate(inside):
        taken = np.zeros(places.rack_units + 2, dtype=np.bool_)
        for device in devices:
            taken[places.ru[device] : places.ru[device] + places.units[device]] = True
        for ru, content in places.kinds[0].fixed:
            taken[ru : ru + content.rack_units] = True
        units = most_units - int(places.units[devices].sum())
        watts = most_power - int(power[devices].sum())
        hosts = most_hosts - int(fabric.is_host[devices].sum())
        for k, height in enumerate(pairs[1].tolist()):
            if pairs[2][k] not in (-1, rack):
                continue
            most = min(units // height, int(count[k]))
            if least_power[k]:
                most = min(most, watts // int(least_power[k]))
            if host_kind[k]:
                most = min(most, hosts)
            from_top = not host_kind[k] and floor.entry == "overhead"
            rows += [(rack, ru, k) for ru in _free(taken, height, places.rack_units, max(most, 0), from_top)]
    free = np.array(rows, dtype=np.int64).reshape(-1, 3)
    seats = Seats(
        np.concatenate([places.rack, free[:, 0]]),
        np.concatenate([places.ru, free[:, 1]]),
        np.concatenate([kind, free[:, 2]]),
    )
    return Hall(
        seats, kind, pairs[1], host_kind, power, most_units, most_power, most_hosts, pinned
    )  # fmt: skip


def domain_racks(fabric: Fabric, places: Places) -> IntArray:
    """Shape (devices,): the rack that all hosts of a device's scale-up domain stand in, where it joins several hosts
    and they do; -1 for all other devices."""
    result = np.full(len(fabric.devices), -1, dtype=np.int64)
    hosts = np.flatnonzero(fabric.is_host)
    domain = np.unique(joined_hosts(fabric, hosts), return_inverse=True)[1].reshape(-1)
    n = int(domain.max(initial=-1)) + 1
    low, high = np.full(n, len(places.racks)), np.full(n, -1)
    np.minimum.at(low, domain, places.rack[hosts])
    np.maximum.at(high, domain, places.rack[hosts])
    together = (low == high) & (np.bincount(domain, minlength=n) > 1)
    result[hosts] = np.where(together[domain], places.rack[hosts], -1)
    return result


def torn_domains(fabric: Fabric, places: Places) -> int:
    """How many scale-up domains stand in more than one rack."""
    hosts = np.flatnonzero(fabric.is_host)
    domain = joined_hosts(fabric, hosts)
    pairs = np.unique(np.stack([domain, places.rack[hosts]]), axis=1)[0]
    return int((np.unique(pairs, return_counts=True)[1] > 1).sum())


def _free(taken: BoolArray, height: int, rack_units: int, most: int, from_top: bool) -> list[int]:
    """Lowest units of up to `most` free places of a height, from the top or the bottom of the rack."""
    result: list[int] = []
    starts = range(rack_units + 1 - height, 0, -1) if from_top else range(1, rack_units + 2 - height)
    last = None
    for ru in starts:
        if len(result) == most:
            break
        if (last is None or abs(ru - last) >= height) and not taken[ru : ru + height].any():
            result.append(ru)
            last = ru
    return result
