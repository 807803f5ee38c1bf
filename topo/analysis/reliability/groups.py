"""Which things of a network fail as one: links, modules, cables, trunks, line cards, switches, racks, pods and free
groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from topo.analysis.reliability.rates import GroupRule, Rates
from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric import CORE, HOST, LEAF, SPINE, Fabric
from topo.fabric.model import BoolArray, IntArray

if TYPE_CHECKING:
    from topo.placement import Cabling, Places

KINDS = (
    "link", "endpoint_link", "fabric_link", "module", "cable", "trunk", "nic", "host", "switch", "leaf", "spine",
    "core", "rack", "pod", "plane", "line_card",
)  # fmt: skip
"""Kinds that a rate may name, beside parts and free groups. A rate of a part wins over one of its tier or kind."""
CABLED = ("module", "cable", "trunk")
"""Kinds that need to know what is bought for links."""
LINE_CARD = "line_card"
TIERS = {"leaf": LEAF, "spine": SPINE, "core": CORE}


@dataclass(frozen=True)
class Family:
    """Groups that fail alike: `size` of them, each at `per_hour`. Pairs (group, link row) and (group, device row) say
    what each takes away. `unavailable` is the share of time that one is broken, None where its repair is not known."""

    key: str
    kind: str
    size: int
    per_hour: float
    repair_hours: float | None
    flaps_per_month: float
    source: str
    link_group: IntArray
    link: IntArray
    device_group: IntArray
    device: IntArray

    @property
    def unavailable(self) -> float | None:
        """MTTR / (MTBF + MTTR)."""
        if self.repair_hours is None:
            return None
        return self.per_hour * self.repair_hours / (1 + self.per_hour * self.repair_hours)

    def links_of(self, groups: IntArray) -> IntArray:
        """Link rows that these groups take away."""
        return _members(self.link_group, self.link, groups, self.size)

    def devices_of(self, groups: IntArray) -> IntArray:
        """Device rows that these groups take away."""
        return _members(self.device_group, self.device, groups, self.size)


def _members(group: IntArray, row: IntArray, groups: IntArray, size: int) -> IntArray:
    """Rows of some groups, sorted. Groups are numbered in order, so where each has one row that is found at once."""
    if not len(row):
        return row
    result: IntArray = row[groups] if len(row) == size else row[np.isin(group, groups)]
    return np.unique(result)


def cages_of_cards(parts: Sequence[str], catalog: Catalog) -> dict[str, int]:
    """The cages of one line card, by part, of those parts of a fabric that are switches with line cards."""
    switches = [catalog.switch(name) for name in parts if name and catalog.path("switch", name)]
    return {one.id: one.cages // one.line_cards for one in switches if one.line_cards}


def rate_keys(parts: Sequence[str], rates: Rates) -> tuple[str, ...]:
    """What a design of these parts may state rates of."""
    return (*KINDS, *sorted(rates.groups), *sorted(filter(None, parts)))


def families_of(
    fabric: Fabric,
    network: int,
    rates: Rates,
    cabling: Cabling | None = None,
    places: Places | None = None,
    cages_a_card: Mapping[str, int] | None = None,
) -> tuple[Family, ...]:
    """The groups of a network by the key of their rate, without keys that hold nothing here. `cages_a_card`: cages of
    one line card, by switch part (`cages_of_cards`). Raises ParameterError for groups that need a floor plan where
    there is none."""
    result = []
    for key, rate in rates.by_key.items():
        taken = [other for other in rates.by_key if _wins(fabric, cabling, other, key)]
        if key == LINE_CARD:
            pairs = list(_line_cards(fabric, network, cages_a_card or {}))
        else:
            pairs = list(_groups((fabric, network), key, taken, rates, cabling, places))
        if not pairs:
            continue
        links = [(i, link) for i, (rows, _) in enumerate(pairs) for link in rows.tolist()]
        devices = [(i, device) for i, (_, rows) in enumerate(pairs) for device in rows.tolist()]
        link_group, link = np.array(links, dtype=np.int64).reshape(-1, 2).T
        device_group, device = np.array(devices, dtype=np.int64).reshape(-1, 2).T
        kind = key if key in KINDS or key in rates.groups else "part"
        head = (key, kind, len(pairs), rate.per_hour, rates.repair_of(key), rate.flaps_per_month or 0.0, rate.source)
        result.append(Family(*head, link_group, link, device_group, device))
    return tuple(result)


def _wins(fabric: Fabric, cabling: Cabling | None, other: str, key: str) -> bool:
    """Whether things of `other` are not also of `key`, as `other` is the narrower: a part over a tier over a kind."""
    if other == key:
        return False
    if key == "link":
        return other in ("endpoint_link", "fabric_link")
    if key in TIERS:
        return other in fabric.parts
    if key == "switch":
        return other in TIERS or other in fabric.parts
    if key == "host":
        return other in fabric.parts
    return cabling is not None and key in ("module", "cable") and other in cabling.parts


Pair = tuple[IntArray, IntArray]
NONE = np.zeros(0, dtype=np.int64)


def _groups(
    where: tuple[Fabric, int],
    key: str,
    taken: Sequence[str],
    rates: Rates,
    cabling: Cabling | None,
    places: Places | None,
) -> Iterator[Pair]:
    """(link rows, device rows) of each group of a key in a network of a fabric, without what narrower keys have
    taken."""
    fabric, network = where
    own = np.asarray((fabric.links.network == network) & fabric.links.active)
    if key in rates.groups:
        yield from _free(fabric, network, key, rates.groups[key], places)
    elif key in ("link", "endpoint_link", "fabric_link"):
        ends = fabric.is_endpoint_link
        part = own & (ends if key == "endpoint_link" else ~ends if key == "fabric_link" else True)
        for other, those in (("endpoint_link", ends), ("fabric_link", ~ends)):
            part &= ~those if other in taken else True
        yield from ((np.array([row]), NONE) for row in np.flatnonzero(part).tolist())
    elif key == "nic":
        rows = fabric.endpoints.network == network
        width = int(fabric.endpoints.nic.max(initial=0)) + 1
        number = fabric.endpoints.host.astype(np.int64) * width + fabric.endpoints.nic
        link = np.where(fabric.endpoint_link >= 0, fabric.endpoint_link, -1)
        yield from _by_number(number[rows & (link >= 0)], link[rows & (link >= 0)])
    elif key in CABLED or (cabling is not None and key in cabling.parts):
        yield from _bought(fabric, own, key, taken, cabling)
    elif key == "rack":
        yield from _free(fabric, network, key, GroupRule(each="rack"), places)
    elif key in ("pod", "plane"):
        yield from _free(fabric, network, key, GroupRule.model_validate({"each": key}), places)
    else:
        yield from ((NONE, np.array([row])) for row in np.flatnonzero(_devices(fabric, network, key, taken)).tolist())


def _devices(fabric: Fabric, network: int, key: str, taken: Sequence[str]) -> BoolArray:
    """Switches of the network, or hosts with endpoints in it, that a kind, tier or part names."""
    devices = fabric.devices
    attached = np.zeros(len(devices), dtype=np.bool_)
    attached[fabric.endpoints.host[fabric.endpoints.network == network]] = True
    host = devices.tier == HOST
    here = np.where(host, attached, fabric.switches_in(network))
    part = np.array([*fabric.parts, ""])[devices.part]
    for other in taken:
        here &= ~(part == other) & ~((devices.tier == TIERS.get(other, -1)) & ~host)
    if key in TIERS:
        return np.asarray(here & (devices.tier == TIERS[key]))
    if key in ("host", "switch"):
        return np.asarray(here & (host if key == "host" else ~host))
    return np.asarray(here & (part == key))


def _bought(fabric: Fabric, own: BoolArray, key: str, taken: Sequence[str], cabling: Cabling | None) -> Iterator[Pair]:
    if cabling is None:
        return
    pairs, parts = cabling.cable_links, np.array([*cabling.parts, ""])
    if key in ("cable", "trunk") or key in parts[cabling.cables.part]:
        kept = own[pairs.link] & (cabling.is_patched[pairs.cable] if key == "trunk" else True)
        named = parts[cabling.cables.part[pairs.cable]]
        kept &= (named == key) if key not in ("cable", "trunk") else ~np.isin(named, list(taken))
        number = pairs.cable
        patching = cabling.patching
        if key == "trunk" and patching is not None:
            number = np.zeros(len(cabling.cables), dtype=np.int64)
            number[patching.cable] = patching.trunk_number
            number = number[pairs.cable]
        yield from _by_number(number[kept], pairs.link[kept])
        return
    module = np.concatenate([cabling.module_at_a, cabling.module_at_b])
    link = np.tile(np.arange(len(fabric.links)), 2)
    kept = (module >= 0) & own[link]
    named = parts[cabling.modules.part[module[kept]]] if kept.any() else parts[:0]
    here = (named == key) if key != "module" else ~np.isin(named, list(taken))
    yield from _by_number(module[kept][here], link[kept][here])


def _line_cards(fabric: Fabric, network: int, cages_a_card: Mapping[str, int]) -> Iterator[Pair]:
    """The links of each line card: those with an end in its cages, which count on through the cards of a switch."""
    each = np.array([cages_a_card.get(name, 0) for name in (*fabric.parts, "")], dtype=np.int64)
    links = np.flatnonzero((fabric.links.network == network) & fabric.links.active)
    port = np.concatenate([fabric.links.a[links], fabric.links.b[links]])
    device, link = fabric.ports.device[port].astype(np.int64), np.tile(links, 2)
    size = each[fabric.devices.part[device]]
    on_card = size > 0
    card = (fabric.ports.cage[port][on_card] - 1) // size[on_card]
    width = int(card.max(initial=0)) + 1
    yield from _by_number(device[on_card] * width + card, link[on_card])


def _by_number(number: IntArray, link: IntArray) -> Iterator[Pair]:
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    for rows in np.split(link[order], starts[1:]) if len(order) else ():
        yield np.unique(rows).astype(np.int64), NONE


def _free(fabric: Fabric, network: int, name: str, rule: GroupRule, places: Places | None) -> Iterator[Pair]:
    """Devices of one group, or of one for each rack, row, hall, pod or plane."""
    devices = fabric.devices
    here = np.asarray(fabric.switches_in(network) | (devices.tier == HOST))
    if places is None and (rule.racks or rule.each in ("rack", "row", "hall")):
        message = "needs a floor plan: without one nothing says what stands where"
        raise ParameterError(name, rule.each or ", ".join(rule.racks), message, "floor: {}")
    if rule.each is None:
        chosen = np.array([any(fnmatchcase(str(n), p) for p in rule.devices) for n in devices.name], dtype=np.bool_)
        if places is not None and rule.racks:
            rack = [any(fnmatchcase(str(n), p) for p in rule.racks) for n in places.racks.name]
            chosen |= np.array(rack, dtype=np.bool_)[places.rack]
        rows = np.flatnonzero(chosen & here)
        yield from ((NONE, rows),) if len(rows) else ()
        return
    if rule.each in ("pod", "plane"):
        number = np.where(devices.tier == HOST, -1, devices.pod if rule.each == "pod" else devices.plane)
    else:
        assert places is not None
        hall = places.racks.hall.astype(np.int64)
        of = {"rack": np.arange(len(places.racks)), "hall": hall, "row": hall * 100_000 + places.racks.row}
        number = of[rule.each][places.rack]
    rows = np.flatnonzero(here & (number >= 0))
    yield from ((NONE, members) for members, _ in _by_number(np.asarray(number[rows], dtype=np.int64), rows))
