"""Kinds of racks on a floor: which devices stand in which, and what a rack holds beside them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog, Rack
from topo.catalog.models import RackContent
from topo.errors import InputError, ParameterError, Problem, nearest
from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.placement.floor.floor import Floor
from topo.units import amount


@dataclass(frozen=True)
class RackKind:
    """A rack part on a floor. `contents`: what every rack of it holds beside devices, the floor's included."""

    part: Rack
    contents: tuple[RackContent, ...]
    most_power_w: float
    spare_units: int

    @cached_property
    def fixed(self) -> tuple[tuple[int, RackContent], ...]:
        """Lowest unit and content of each thing that takes units: those at the bottom from unit 1 up, those at the top
        from the uppermost unit down, as they are listed."""
        low, high = 1, self.part.rack_units + 1
        result = []
        for content in self.contents:
            for _ in range(content.count if content.rack_units else 0):
                if content.where == "bottom":
                    result.append((low, content))
                    low += content.rack_units
                else:
                    high -= content.rack_units
                    result.append((high, content))
        return tuple(result)

    def units_at(self, where: str) -> int:
        """Units that contents take at the `bottom` or `top`."""
        return sum(content.rack_units for _, content in self.fixed if content.where == where)

    @cached_property
    def most_units(self) -> int:
        """Units for devices."""
        return self.part.rack_units - self.units_at("bottom") - self.units_at("top") - self.spare_units

    @cached_property
    def seats(self) -> dict[str, tuple[int, ...]]:
        """Lowest units of the contents that hold devices of a part, once for each device that they hold."""
        result: dict[str, tuple[int, ...]] = {}
        for ru, content in self.fixed:
            if content.holds:
                result[content.holds] = (*result.get(content.holds, ()), *(ru,) * content.each)
        return result

    @cached_property
    def power_w(self) -> float:
        """What the contents draw, as far as it is known."""
        return sum(content.count * (content.power_w or 0.0) for content in self.contents)

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Contents whose power nobody states."""
        return tuple(content.name for content in self.contents if content.power_w is None)

    def words(self) -> str:
        """'8 x power shelf, 9 x NVLink switch tray'."""
        count: Counter[str] = Counter()
        for content in self.contents:
            count[content.name] += content.count
        return ", ".join(f"{n} x {name}" for name, n in count.items())


@dataclass(frozen=True)
class KindsOf:
    """The kinds of racks of a floor, the usual one first; which of them each device stands in (shape (devices,)), and
    whether the floor says so, so that it stands in no other."""

    kinds: tuple[RackKind, ...]
    of: IntArray
    stated: BoolArray

    @cached_property
    def held(self) -> frozenset[str]:
        """Parts that stand in what racks hold, and take no units of their own."""
        return frozenset(part for kind in self.kinds for part in kind.seats)


def rack_kinds(fabric: Fabric, catalog: Catalog, floor: Floor) -> KindsOf:
    """The kinds of racks by `rack` and `racks_of`. Raises InputError for a name that is neither a host part nor a
    network of the fabric, ParameterError for an unknown rack part, contents that fill a rack, and more hosts than a
    rack takes."""
    devices = fabric.devices
    hosts = {fabric.parts[p]: p for p in np.unique(devices.part[devices.tier == HOST]).tolist() if p >= 0}
    known = (*sorted(hosts), *fabric.networks)
    wrong = [
        Problem("no host part or network of this fabric", f"racks_of.{name}", name, ", ".join(known),
                nearest(name, list(known)))
        for name in floor.racks_of
        if name not in known
    ]  # fmt: skip
    if floor.racks_of and floor.improve is not None:
        words = "the search knows one kind of rack"
        wrong.append(Problem(words, "improve", floor.improve, "leave it out", "or leave out racks_of"))
    if wrong:
        raise InputError(wrong)
    names = list(dict.fromkeys([floor.rack, *floor.racks_of.values()]))
    kinds = tuple(_kind(catalog, floor, name) for name in names)
    if floor.improve is not None and kinds[0].seats:
        raise ParameterError(
            "improve", floor.improve, f"switches of {kinds[0].part.id} stand in its trays", "leave it out"
        )
    of = np.zeros(len(devices), dtype=np.int64)
    stated = np.zeros(len(devices), dtype=np.bool_)
    for name, rack in floor.racks_of.items():
        is_host = devices.tier == HOST
        own = is_host & (devices.part == hosts[name]) if name in hosts else np.zeros(len(devices), dtype=np.bool_)
        if name in fabric.networks:
            own |= ~is_host & (devices.network == fabric.network_row(name))
        of[own], stated[own] = names.index(rack), True
    for part, row in hosts.items():
        taken = kinds[int(of[np.flatnonzero((devices.tier == HOST) & (devices.part == row))[0]])].part
        asked = floor.most_hosts(part)
        if asked is not None and taken.hosts is not None and asked > taken.hosts:
            key = f"hosts_per_rack_of.{part}" if part in floor.hosts_per_rack_of else "hosts_per_rack"
            raise ParameterError(key, asked, f"rack {taken.id} takes fewer hosts", f"at most {taken.hosts:,}")
    return KindsOf(kinds, of, stated)


def _kind(catalog: Catalog, floor: Floor, name: str) -> RackKind:
    usual = name == floor.rack
    part = catalog.get("rack", name, "rack" if usual else "racks_of")
    assert isinstance(part, Rack)
    power = floor.rack_power_w if usual and floor.rack_power_w else part.power_w
    kind = RackKind(part, (*part.contents, *floor.contents), power, floor.spare_units)
    for content in kind.contents:
        if content.holds and not catalog.path("switch", content.holds):
            message = f"{content.name} of {part.id} holds no switch of the catalog"
            raise ParameterError("contents", content.holds, message, "a switch part")
    if kind.most_units < 1:
        taken = kind.units_at("bottom") + kind.units_at("top")
        if taken >= part.rack_units:
            own = taken - sum(content.count * content.rack_units for content in floor.contents)
            raise ParameterError(
                "contents", kind.words(),
                f"nothing fits into {part.id}: they take {taken:,} of its {amount(part.rack_units, 'unit')}",
                f"at most {amount(part.rack_units - own - 1, 'unit')}", "fewer contents, or another rack",
            )  # fmt: skip
        raise ParameterError(
            "spare_units", floor.spare_units,
            f"nothing fits into {part.id}: of its {amount(part.rack_units, 'unit')} {taken:,} hold "
            f"{kind.words() or 'nothing'}",
            f"at most {part.rack_units - taken - 1:,}", "fewer contents, fewer spare_units, or another rack",
        )  # fmt: skip
    return kind
