"""Placement rules: from devices to rows of racks. Positions on the floor come afterwards."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import FloatArray, IntArray
from topo.placement.floor.floor import Floor
from topo.placement.floor.kinds import KindsOf, RackKind
from topo.units import amount


@dataclass
class Rack:
    """A rack while it is filled: hosts from the bottom, switches from the side where cables leave; those of a part that
    its contents hold are counted in `held`."""

    kind: int = 0
    hosts: list[int] = field(default_factory=list)
    switches: list[int] = field(default_factory=list)
    units: int = 0
    power_w: float = 0.0
    held: dict[int, int] = field(default_factory=dict)

    def add(self, device: int, is_host: bool, units: int, power_w: float) -> None:
        """Puts a device in."""
        (self.hosts if is_host else self.switches).append(device)
        self.units += units
        self.power_w += power_w


@dataclass(frozen=True)
class Room:
    """What a rule works with: devices' heights and power (0 where unknown), and the kinds of racks."""

    fabric: Fabric
    floor: Floor
    units: IntArray
    power_w: FloatArray
    kinds: KindsOf
    pinned: frozenset[int]

    @cached_property
    def seats(self) -> list[dict[int, int]]:
        """For each kind of rack: how many devices of a part (a row of the fabric's parts) its contents hold."""
        row = {name: i for i, name in enumerate(self.fabric.parts)}
        return [{row[part]: len(at) for part, at in kind.seats.items() if part in row} for kind in self.kinds.kinds]

    @cached_property
    def held(self) -> frozenset[int]:
        """Parts that stand in contents of racks."""
        return frozenset(part for seats in self.seats for part in seats)

    def kind(self, rack: Rack) -> RackKind:
        """What a rack is."""
        return self.kinds.kinds[rack.kind]

    def new(self, device: int) -> Rack:
        """An empty rack for a device."""
        kind = int(self.kinds.of[device])
        return Rack(kind, power_w=self.kinds.kinds[kind].power_w)

    def fits(self, rack: Rack, device: int) -> bool:
        """The rack is of a kind for the device, and has units and power left for it."""
        kind, part = self.kind(rack), int(self.fabric.devices.part[device])
        if self.kinds.stated[device] and self.kinds.of[device] != rack.kind:
            return False
        if part in self.held and rack.held.get(part, 0) >= self.seats[rack.kind].get(part, 0):
            return False
        units = rack.units + int(self.units[device]) <= kind.most_units
        return units and rack.power_w + float(self.power_w[device]) <= kind.most_power_w + 1e-6

    def put(self, rack: Rack, device: int) -> None:
        """Puts a device into a rack."""
        is_host, part = bool(self.fabric.is_host[device]), int(self.fabric.devices.part[device])
        if part in self.held:
            rack.held[part] = rack.held.get(part, 0) + 1
        rack.add(device, is_host, int(self.units[device]), float(self.power_w[device]))

    def rule(self, device: int) -> str:
        """The rule by which a switch is placed."""
        network = self.fabric.networks[int(self.fabric.devices.network[device])]
        return self.floor.rule_of.get(network, self.floor.rule)

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
        kind = self.kind(rack)
        units = rack.units + int(self.units[hosts].sum()) <= kind.most_units
        power = rack.power_w + float(self.power_w[hosts].sum()) <= kind.most_power_w + 1e-6
        return units and power and (most is None or len(rack.hosts) + len(hosts) <= most)

    def packed(self, devices: Sequence[int], most: int | None = None) -> list[Rack]:
        """Devices in order into as few racks as that order needs; raises ParameterError for one that fits in none."""
        racks: list[Rack] = []
        for device in devices:
            full = bool(racks) and most is not None and len(racks[-1].hosts) + len(racks[-1].switches) >= most
            other = bool(racks) and racks[-1].kind != self.kinds.of[device]
            if not racks or full or other or not self.fits(racks[-1], device):
                racks.append(self.new(device))
                if not self.fits(racks[-1], device):
                    raise self._fits_nowhere(racks[-1], device)
            self.put(racks[-1], device)
        return racks

    def _fits_nowhere(self, rack: Rack, device: int) -> ParameterError:
        kind = self.kind(rack)
        units, watts = kind.most_units, kind.most_power_w - kind.power_w
        hint = "take another rack part, fewer spare_units, or more rack_power_w"
        message = f"this device fits in no rack: {amount(self.units[device], 'unit')}, {self.power_w[device]:,g} W"
        part = int(self.fabric.devices.part[device])
        if part in self.held and not self.seats[rack.kind].get(part):
            message = f"this device stands in what another kind of rack holds, and {kind.part.id} has none of it"
            hint = "name the rack of its network under racks_of, or let its domain's rack have room for it"
        name = str(self.fabric.devices.name[device])
        return ParameterError("rack", name, message, f"at most {amount(units, 'unit')} and {watts:,g} W", hint)


Row = list[Rack]


def rows_by_rule(room: Room) -> list[Row]:
    """The rows of the floor in order, each at most `racks_per_row` long."""
    host_racks, home = _host_racks(room)
    attached, others = _switches(room)
    attached = _in_domain_racks(room, host_racks, home, attached)
    by_rule: dict[str, list[int]] = {name: [] for name in ("leaf-in-rack", "middle-of-row", "rail-rows", "block")}
    for device in attached:
        by_rule[room.rule(device)].append(device)
    left_over = _leaf_in_rack(room, host_racks, home, by_rule["leaf-in-rack"])
    rows = _cut(room, host_racks)
    if room.floor.rule == "middle-of-row" or by_rule["middle-of-row"]:
        rows, apart = _middle_of_row(room, host_racks, home, by_rule["middle-of-row"])
        left_over += apart
    near = _cut(room, room.packed(_by_rail(room.fabric, by_rule["rail-rows"])))
    block = near + _cut(room, room.packed(_by_place(room.fabric, left_over + by_rule["block"] + others)))
    at = {"first": 0, "middle": len(rows) // 2, "last": len(rows)}[room.floor.switch_rows]
    return rows[:at] + block + rows[at:]


def _host_racks(room: Room) -> tuple[list[Rack], IntArray]:
    """Hosts in order, each group in racks of its own; and the rack of each device (-1 for switches)."""
    fabric = room.fabric
    hosts = np.flatnonzero(fabric.is_host)
    racks: list[Rack] = []
    for group in np.unique(fabric.devices.group[hosts]).tolist():
        own = hosts[fabric.devices.group[hosts] == group].tolist()
        part = fabric.devices.part[own[0]]
        most = room.floor.most_hosts(fabric.parts[part] if part >= 0 else "")
        most = most or room.kinds.kinds[int(room.kinds.of[own[0]])].part.hosts
        racks += room.packed_domains([h for h in own if h not in room.pinned], most)
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
    rows = np.flatnonzero(np.isin(ends.network, inside) & (fabric.endpoint_switch >= 0))
    racks: dict[int, set[int]] = {}
    for switch, rack in np.unique(np.stack([fabric.endpoint_switch[rows], home[ends.host[rows]]]), axis=1).T.tolist():
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
    result = {}
    for take in range(most, 0, -1):
        low, high = bisect_left(places, start - 0.5), bisect_left(places, start + take - 0.5)
        own = [d for _, d in homes[low:high]]
        beside = room.packed(_by_place(room.fabric, own))
        if take + len(beside) <= room.floor.racks_per_row:
            result[take] = beside
        if result and take < 0.7 * max(result):
            break
    return result


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


def _leaf_in_rack(room: Room, hosts: list[Rack], home: IntArray, attached: list[int]) -> list[int]:
    """Every switch in the rack of its hosts, or in the nearest of the eight on either side that has room; those that
    are left over."""
    left_over = []
    for place, device in _homes(room, home, attached):
        near = sorted(range(max(0, int(place) - 8), min(len(hosts), int(place) + 9)), key=lambda r: (abs(r - place), r))
        rack = next((hosts[r] for r in near if room.fits(hosts[r], device)), None)
        if rack is None:
            left_over.append(device)
        else:
            room.put(rack, device)
    return left_over
