"""Placement rules: from devices to rows of racks. Positions on the floor come afterwards."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import FloatArray, IntArray
from topo.placement.floor import Floor


@dataclass
class Rack:
    """A rack while it is filled: hosts from the bottom, switches from the side where cables leave."""

    hosts: list[int] = field(default_factory=list)
    switches: list[int] = field(default_factory=list)
    units: int = 0
    power_w: float = 0.0

    def add(self, device: int, is_host: bool, units: int, power_w: float) -> None:
        """Puts a device in."""
        (self.hosts if is_host else self.switches).append(device)
        self.units += units
        self.power_w += power_w


@dataclass(frozen=True)
class Room:
    """What a rule works with: devices' heights and power (0 where unknown), and what a rack takes."""

    fabric: Fabric
    floor: Floor
    units: IntArray
    power_w: FloatArray
    most_units: int
    most_power_w: float
    pinned: frozenset[int]

    def fits(self, rack: Rack, device: int) -> bool:
        """The rack has units and power left for the device."""
        units = rack.units + int(self.units[device]) <= self.most_units
        return units and rack.power_w + float(self.power_w[device]) <= self.most_power_w + 1e-6

    def put(self, rack: Rack, device: int) -> None:
        """Puts a device into a rack."""
        is_host = bool(self.fabric.is_host[device])
        rack.add(device, is_host, int(self.units[device]), float(self.power_w[device]))

    def packed_domains(self, hosts: Sequence[int], most: int | None) -> list[Rack]:
        """Hosts in order into racks of at most `most`, those of one scale-up domain into one rack where a rack takes
        them all; where none does, such a domain begins a rack. Raises ParameterError as `packed` does."""
        row = np.array(hosts, dtype=np.int64)
        racks: list[Rack] = []
        for members in np.split(row, np.flatnonzero(np.diff(joined_hosts(self.fabric, row))) + 1):
            if racks and self._takes(racks[-1], members, most):
                for host in members.tolist():
                    self.put(racks[-1], host)
            else:
                racks += self.packed(members.tolist(), most)
        return racks

    def _takes(self, rack: Rack, hosts: IntArray, most: int | None) -> bool:
        """The rack has units and power left for all of these hosts, which it may hold."""
        units = rack.units + int(self.units[hosts].sum()) <= self.most_units
        power = rack.power_w + float(self.power_w[hosts].sum()) <= self.most_power_w + 1e-6
        return units and power and (most is None or len(rack.hosts) + len(hosts) <= most)

    def packed(self, devices: Sequence[int], most: int | None = None) -> list[Rack]:
        """Devices in order into as few racks as that order needs; raises ParameterError for one that fits in none."""
        racks: list[Rack] = []
        for device in devices:
            full = bool(racks) and most is not None and len(racks[-1].hosts) + len(racks[-1].switches) >= most
            if not racks or full or not self.fits(racks[-1], device):
                racks.append(Rack())
                if not self.fits(racks[-1], device):
                    raise ParameterError(
                        "rack",
                        str(self.fabric.devices.name[device]),
                        f"this device fits in no rack: {self.units[device]} units, {self.power_w[device]:g} W",
                        f"at most {self.most_units} units and {self.most_power_w:g} W",
                        "take another rack part, fewer spare_units, or more rack_power_w",
                    )
            self.put(racks[-1], device)
        return racks


Row = list[Rack]


def rows_by_rule(room: Room) -> list[Row]:
    """The rows of the floor in order, each at most `racks_per_row` long."""
    host_racks, home = _host_racks(room)
    attached, others = _switches(room)
    attached = _in_domain_racks(room, host_racks, home, attached)
    rows, left_over = _RULES[room.floor.rule](room, host_racks, home, attached)
    block = _cut(room, room.packed(_by_place(room.fabric, left_over + others)))
    if room.floor.rule == "rail-rows":
        near = _cut(room, room.packed(_by_rail(room.fabric, left_over)))
        block = near + _cut(room, room.packed(_by_place(room.fabric, others)))
    at = {"first": 0, "middle": len(rows) // 2, "last": len(rows)}[room.floor.switch_rows]
    return rows[:at] + block + rows[at:]


def _host_racks(room: Room) -> tuple[list[Rack], IntArray]:
    """Hosts in order, each group in racks of its own; and the rack of each device (-1 for switches)."""
    fabric = room.fabric
    hosts = np.flatnonzero(fabric.is_host)
    racks: list[Rack] = []
    for group in np.unique(fabric.devices.group[hosts]).tolist():
        mine = hosts[fabric.devices.group[hosts] == group].tolist()
        part = fabric.devices.part[mine[0]]
        most = room.floor.most_hosts(fabric.parts[part] if part >= 0 else "")
        racks += room.packed_domains([h for h in mine if h not in room.pinned], most)
    home = np.full(len(fabric.devices), -1, dtype=np.int64)
    for row, rack in enumerate(racks):
        home[rack.hosts] = row
    return racks, home


def _switches(room: Room) -> tuple[list[int], list[int]]:
    """Switches with hosts on them, and all others."""
    fabric = room.fabric
    has_hosts = np.zeros(len(fabric.devices), dtype=np.bool_)
    at = fabric.endpoint_switch
    has_hosts[at[at >= 0]] = True
    switches = [d for d in np.flatnonzero(~fabric.is_host).tolist() if d not in room.pinned]
    return [d for d in switches if has_hosts[d]], [d for d in switches if not has_hosts[d]]


def _in_domain_racks(room: Room, hosts: list[Rack], home: IntArray, attached: list[int]) -> list[int]:
    """Puts switches of scale-up networks into the rack of all of their hosts where it has room; the switches that are
    left for the rule."""
    fabric = room.fabric
    inside = [row for row, origin in enumerate(fabric.origins) if origin.family == "scale-up"]
    if not inside:
        return attached
    ends, left = fabric.endpoints, []
    mine = np.flatnonzero(np.isin(ends.network, inside) & (fabric.endpoint_switch >= 0))
    racks: dict[int, set[int]] = {}
    for switch, rack in np.unique(np.stack([fabric.endpoint_switch[mine], home[ends.host[mine]]]), axis=1).T.tolist():
        racks.setdefault(switch, set()).add(rack)
    for device in attached:
        of = racks.get(device, set())
        rack = hosts[next(iter(of))] if len(of) == 1 and -1 not in of else None
        if rack is not None and room.fits(rack, device):
            room.put(rack, device)
        else:
            left.append(device)
    return left


def _homes(room: Room, home: IntArray, attached: Sequence[int]) -> list[tuple[float, int]]:
    """The middle of the host racks that each switch serves, and the switch; in that order."""
    ends = room.fabric.endpoints
    at, rack = room.fabric.endpoint_switch, home[ends.host]
    seen = (at >= 0) & (rack >= 0)
    n = len(room.fabric.devices)
    count = np.bincount(at[seen], minlength=n)
    middle = np.bincount(at[seen], weights=rack[seen], minlength=n) / np.maximum(count, 1)
    return sorted((float(middle[d]), d) for d in attached)


def _cut(room: Room, racks: Sequence[Rack]) -> list[Row]:
    width = room.floor.racks_per_row
    return [list(racks[i : i + width]) for i in range(0, len(racks), width)]


def _by_place(fabric: Fabric, devices: Sequence[int]) -> list[int]:
    d = fabric.devices
    keys = (d.network, d.plane, d.pod, d.tier, d.index)
    return sorted(devices, key=lambda i: (*(int(k[i]) for k in keys), i))


def _by_rail(fabric: Fabric, devices: Sequence[int]) -> list[int]:
    d = fabric.devices
    keys = (d.network, d.rail, d.plane, d.pod, d.index)
    return sorted(devices, key=lambda i: (*(int(k[i]) for k in keys), i))


def _middle_of_row(room: Room, hosts: list[Rack], home: IntArray, attached: list[int]) -> tuple[list[Row], list[int]]:
    """As many host racks a row as leave room for their switches, which stand in the middle. Of the fullest rows the
    one that cuts the fewest switches off from some of their hosts is taken."""
    homes = _homes(room, home, attached)
    cut = _cut_at(room, home, len(hosts))
    start = 0
    rows: list[Row] = []
    left_over: list[int] = []
    while start < len(hosts):
        fitting = _fitting(room, homes, start, min(room.floor.racks_per_row, len(hosts) - start))
        if not fitting:
            low, high = start, start + 1
            left_over += [d for at, d in homes if low - 0.5 <= at < high - 0.5]
            fitting = {1: []}
        most = max(fitting)
        take = min((t for t in fitting if t >= 0.7 * most), key=lambda t: (cut[start + t - 1], -t))
        half = math.ceil(take / 2)
        row = hosts[start : start + take]
        rows.append([*row[:half], *fitting[take], *row[half:]])
        start += take
    return rows, left_over


def _fitting(room: Room, homes: Sequence[tuple[float, int]], start: int, most: int) -> dict[int, list[Rack]]:
    """For each number of host racks from `start` on that fit into a row with their switches: the switches' racks."""
    places = [place for place, _ in homes]
    found = {}
    for take in range(most, 0, -1):
        low, high = bisect_left(places, start - 0.5), bisect_left(places, start + take - 0.5)
        mine = [d for _, d in homes[low:high]]
        beside = room.packed(_by_place(room.fabric, mine))
        if take + len(beside) <= room.floor.racks_per_row:
            found[take] = beside
        if found and take < 0.7 * max(found):
            break
    return found


def _cut_at(room: Room, home: IntArray, racks: int) -> list[int]:
    """For each host rack: how many switches have hosts both up to it and behind it."""
    ends = room.fabric.endpoints
    at, rack = room.fabric.endpoint_switch, home[ends.host]
    seen = (at >= 0) & (rack >= 0)
    n = len(room.fabric.devices)
    low, high = np.full(n, racks, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    np.minimum.at(low, at[seen], rack[seen])
    np.maximum.at(high, at[seen], rack[seen])
    spans = high > low
    step = np.bincount(low[spans], minlength=racks + 1) - np.bincount(high[spans], minlength=racks + 1)
    return [int(n) for n in np.cumsum(step)[:racks]]


def _leaf_in_rack(room: Room, hosts: list[Rack], home: IntArray, attached: list[int]) -> tuple[list[Row], list[int]]:
    """Every switch in the rack of its hosts, or in the nearest of the eight on either side that has room."""
    left_over = []
    for place, device in _homes(room, home, attached):
        near = sorted(range(max(0, int(place) - 8), min(len(hosts), int(place) + 9)), key=lambda r: (abs(r - place), r))
        rack = next((hosts[r] for r in near if room.fits(hosts[r], device)), None)
        if rack is None:
            left_over.append(device)
        else:
            room.put(rack, device)
    return _cut(room, hosts), left_over


def _own_rows(room: Room, hosts: list[Rack], home: IntArray, attached: list[int]) -> tuple[list[Row], list[int]]:
    return _cut(room, hosts), attached


Rule = Callable[[Room, list[Rack], IntArray, list[int]], tuple[list[Row], list[int]]]
_RULES: dict[str, Rule] = {
    "middle-of-row": _middle_of_row,
    "leaf-in-rack": _leaf_in_rack,
    "rail-rows": _own_rows,
    "block": _own_rows,
}
