"""What joins the ports: cables (one or more links each) and the modules in the cages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray, Table
from topo.fabric.ranks import distinct, ranks
from topo.interval import span
from topo.placement.cables.cages import Cages, cages_of
from topo.placement.cables.choose import PREFERENCE, Choice, Market, Need, choose, market, sold_length, why_not
from topo.placement.cables.patching import Patching, Via
from topo.placement.floor.lengths import Lengths, assumed

MEDIA = PREFERENCE
"""Media by code."""


@dataclass(frozen=True)
class Cables(Table):
    """Physical cables (shape (cables,) each). `part` is a row of `Cabling.parts` and `medium` of MEDIA, -1 where
    nothing in the catalog fits. `length_m` is what the route needs, `sold_m` what is ordered (NaN without a part);
    `first_link` is the cable's first link row, `links` how many it carries. `number` is what people call the cable, on
    every paper: 1 to the number of cables in their order, but where an earlier plan's numbers are kept (`numbered`)."""

    part: IntArray
    medium: IntArray
    length_m: FloatArray
    sold_m: FloatArray
    first_link: IntArray
    links: IntArray
    number: IntArray


@dataclass(frozen=True)
class CableLinks(Table):
    """Which cable carries which link: pairs of rows, ordered by cable."""

    cable: IntArray
    link: IntArray


@dataclass(frozen=True)
class Modules(Table):
    """Transceivers in cages (shape (modules,) each): device row, cage number, row of `Cabling.parts`."""

    device: IntArray
    cage: IntArray
    part: IntArray


@dataclass(frozen=True)
class Unfit:
    """Cables for which the catalog has no part: how many links, of which kind, an example link row, and why;
    `via_panels` where what it lacks are parts that pass panels."""

    links: int
    kind: str
    example: int
    reason: str
    via_panels: bool = False


@dataclass(frozen=True)
class Cabling:
    """Every link's length with its basis, the cables and the modules. One twin-port module carries two links.

    A cable that passes patch panels is one of `cables`, from cage to cage: its part is that of its cords, its lengths
    are the sums over its segments, which `patching` holds."""

    parts: tuple[str, ...]
    lengths: Lengths
    cables: Cables
    cable_links: CableLinks
    modules: Modules
    unfit: tuple[Unfit, ...]
    module_at_a: IntArray
    """Shape (links,): row of `modules` at end a of each link, -1 where a cable plugs in directly."""
    module_at_b: IntArray
    forms: tuple[str, ...]
    form_a: IntArray
    """Shape (links,): form of the cage at end a, a row of `forms`."""
    form_b: IntArray
    built_in: IntArray
    """Shape (forms,): the optics that cages of each of `forms` have in themselves, a row of `parts`; -1 for none. Such
    optics are no rows of `modules`."""
    patching: Patching | None = None

    @cached_property
    def is_patched(self) -> BoolArray:
        """Shape (cables,): cables that pass panels."""
        result = np.zeros(len(self.cables), dtype=np.bool_)
        if self.patching is not None:
            result[self.patching.cable] = True
        return result

    def optics(self, end: str) -> IntArray:
        """Shape (links,): the module or the built-in optics at an end (`a`, `b`), a row of `parts`; -1 for none."""
        return self._optics_at_a if end == "a" else self._optics_at_b

    @cached_property
    def _optics_at_a(self) -> IntArray:
        return self._optics(self.module_at_a, self.form_a)

    @cached_property
    def _optics_at_b(self) -> IntArray:
        return self._optics(self.module_at_b, self.form_b)

    def _optics(self, module: IntArray, form: IntArray) -> IntArray:
        result = np.asarray(np.where(module >= 0, np.append(self.modules.part, -1)[module], self.built_in[form]))
        result.setflags(write=False)
        return result

    @cached_property
    def laid_part(self) -> IntArray:
        """Shape (cables,): the part that lies between the racks, a trunk where the cable passes panels."""
        result = self.cables.part.copy()
        if self.patching is not None:
            result[self.patching.cable] = self.patching.trunk
        return result

    @cached_property
    def part_of_link(self) -> IntArray:
        """Shape (links,): the part of the (last) cable of each link, a row of `parts`; -1 for none."""
        result = self.cables.part[self.cable_of_link]
        result.setflags(write=False)
        return result

    @cached_property
    def cable_of_link(self) -> IntArray:
        """Shape (links,): the (last) cable row of each link."""
        result = np.full(len(self.lengths), -1, dtype=np.int64)
        result[self.cable_links.link] = self.cable_links.cable
        return result


def cabling(
    fabric: Fabric,
    catalog: Catalog,
    lengths: Lengths | None = None,
    lengths_m: Mapping[str, float] | None = None,
    price_book: PriceBook | None = None,
    via: Via | None = None,
) -> Cabling:
    """Chooses cables and modules for every link; `lengths` default to the assumed ones with `lengths_m` by kind. The
    links of `via`, and those that share cages with them, take what it offers."""
    lengths = lengths or assumed(fabric, lengths_m)
    cages = cages_of(fabric, catalog)
    offered = market(catalog, price_book)
    picked = _picked(cages, lengths, offered, via)
    return _assembled(fabric, cages, lengths, picked, offered, via)


@dataclass(frozen=True)
class _Picked:
    """Distinct needs, whether each passes panels, the choice for each, and the need of each component (shape
    (groups,))."""

    needs: tuple[Need, ...]
    via: tuple[bool, ...]
    choices: tuple[Choice | None, ...]
    of_group: IntArray


def needs_of(cages: Cages, longest_m: FloatArray) -> tuple[list[Need], IntArray]:
    """The distinct needs of components whose longest links have these lengths (shape (groups,)), and the need of each
    component (shape (groups,))."""
    groups = cages.groups
    mask = np.zeros(groups, dtype=np.int64)
    np.bitwise_or.at(mask, cages.cage_group, np.int64(1) << cages.kind)
    hub_kind = np.where(cages.hub >= 0, cages.kind[cages.hub], -1)
    metres, metre_code = np.unique(longest_m, return_inverse=True)
    columns = (mask, hub_kind + 1, np.minimum(cages.cages_of_group, 64), np.minimum(cages.links_of_group, 64))
    code: IntArray = metre_code.astype(np.int64)
    for column in columns:
        own = ranks(column)
        code = ranks(code * (int(own.max(initial=0)) + 1) + own)
    _, where = np.unique(code, return_index=True)
    needs = []
    for row in where.tolist():
        classes = tuple(c for i, c in enumerate(cages.classes) if int(mask[row]) >> i & 1)
        hub = cages.classes[int(hub_kind[row])] if hub_kind[row] >= 0 else None
        spokes, links = int(cages.cages_of_group[row]) - 1, int(cages.links_of_group[row])
        needs.append(Need(classes, hub, spokes, links, float(metres[metre_code[row]])))
    return needs, code


def _picked(cages: Cages, lengths: Lengths, offered: Market, via: Via | None) -> _Picked:
    longest = np.zeros(cages.groups)
    np.maximum.at(longest, cages.group, lengths.length_m)
    needs, code = needs_of(cages, longest)
    patched = np.zeros(cages.groups, dtype=np.bool_)
    if via is not None:
        patched[cages.group[via.links]] = True
    kinds, code = np.unique(code * 2 + patched, return_inverse=True)
    wanted = [(needs[kind // 2], bool(kind % 2)) for kind in kinds.tolist()]
    choices = tuple(choose(n, via.offered if via is not None and panels else offered) for n, panels in wanted)
    return _Picked(tuple(n for n, _ in wanted), tuple(panels for _, panels in wanted), choices, code)


def _assembled(
    fabric: Fabric, cages: Cages, lengths: Lengths, picked: _Picked, offered: Market, via: Via | None
) -> Cabling:
    used = {c.cable for c in picked.choices if c} | {m for c in picked.choices if c for _, m in c.modules}
    parts = tuple(sorted(used))
    inside = {module.id for module in offered.modules if module.built_in}
    built_in = {parts.index(name) for name in inside & used}
    link_need = picked.of_group[cages.group]
    cable_links, first, counts = _cable_links(fabric, cages, picked, link_need)
    need = link_need[first]
    part = np.array([parts.index(c.cable) if c else -1 for c in picked.choices], dtype=np.int64)
    medium = np.array([MEDIA.index(c.medium) if c else -1 for c in picked.choices], dtype=np.int64)
    length = _longest_by_cable(cable_links, lengths, len(first))
    sold = sold_m(part[need], length, parts, offered)
    modules, row_of_cage = _modules(cages, picked, parts, built_in)
    return Cabling(
        parts,
        lengths,
        Cables(part[need], medium[need], length, sold, first, counts, np.arange(1, len(first) + 1)),
        cable_links,
        modules,
        _unfit(fabric, picked, link_need, offered, via),
        row_of_cage[cages.a],
        row_of_cage[cages.b],
        tuple(c.form for c in cages.classes),
        cages.kind[cages.a],
        cages.kind[cages.b],
        _built_in(cages, picked, parts, built_in),
    )


def _cable_links(
    fabric: Fabric, cages: Cages, picked: _Picked, link_need: IntArray
) -> tuple[CableLinks, IntArray, IntArray]:
    """The pairs, each cable's first link and its number of links; cables in order of their first link."""
    choices = picked.choices
    n = len(link_need)
    if not any(c and (c.plugged or c.ways > 1 or c.fibres > 1) for c in choices):  # a cable for each link
        row = np.arange(n, dtype=np.int64)
        return CableLinks(row, row), row, np.ones(n, dtype=np.int64)
    plugged = np.array([bool(c and c.plugged) for c in choices], dtype=np.bool_)[link_need]
    ways = np.array([c.ways if c else 1 for c in choices], dtype=np.int64)[link_need]
    fibres = np.array([c.fibres if c else 1 for c in choices], dtype=np.int64)[link_need]
    hub = np.array([cages.classes.index(c.hub) if c and c.hub else -1 for c in choices], dtype=np.int64)[link_need]
    at_a = cages.kind[cages.a] == hub
    cage = np.where(at_a, cages.a, cages.b)
    connector = (fabric.ports.sub[np.where(at_a, fabric.links.a, fabric.links.b)] - 1) // ways
    lead = np.arange(n, dtype=np.int64)
    together = np.flatnonzero(plugged | (ways > 1))
    key = np.where(plugged, cages.group, cages.groups + cage * 64 + connector)[together]
    _, result, of_link = np.unique(key, return_index=True, return_inverse=True)
    lead[together] = together[result[of_link]]
    first, cable = distinct(lead), ranks(lead)
    pieces = fibres[first]
    start = np.cumsum(pieces) - pieces
    pair_link = np.repeat(np.arange(n), fibres)
    nth = np.arange(len(pair_link)) - np.repeat(np.cumsum(fibres) - fibres, fibres)
    pair_cable = start[cable[pair_link]] + nth
    order = np.argsort(pair_cable, kind="stable")
    pairs = CableLinks(pair_cable[order], pair_link[order])
    return pairs, np.repeat(first, pieces), np.bincount(pair_cable, minlength=int(pieces.sum()))


def _longest_by_cable(pairs: CableLinks, lengths: Lengths, cables: int) -> FloatArray:
    result = np.zeros(cables)
    np.maximum.at(result, pairs.cable, lengths.length_m[pairs.link])
    return result


def sold_m(part: IntArray, length_m: FloatArray, parts: tuple[str, ...], offered: Market) -> FloatArray:
    """The ordered length of each cable: a fibre is ordered for its own link, whatever its neighbours need."""
    by_id = {c.id: c for c in offered.cables}
    if not any(name in by_id for name in parts):
        return np.full(len(part), np.nan)
    metres, metre_code = np.unique(length_m, return_inverse=True)
    table = np.full((len(parts) + 1, len(metres)), np.nan)
    for row, name in enumerate(parts):
        if name in by_id:
            sold = [sold_length(by_id[name], float(m)) for m in metres]
            table[row] = [np.nan if s is None else s for s in sold]
    return np.asarray(table[part, metre_code]) if len(part) else np.zeros(0)


def _built_in(cages: Cages, picked: _Picked, parts: tuple[str, ...], built_in: set[int]) -> IntArray:
    """Shape (classes,): the row in `parts` of the built-in optics of each class of cages, -1 for none."""
    result = np.full(len(cages.classes), -1, dtype=np.int64)
    for kind, module in (pair for choice in picked.choices if choice for pair in choice.modules):
        if parts.index(module) in built_in:
            result[cages.classes.index(kind)] = parts.index(module)
    return result


def _modules(cages: Cages, picked: _Picked, parts: tuple[str, ...], built_in: set[int]) -> tuple[Modules, IntArray]:
    """Modules in cage order, and each cage's row among them (-1 for none and for built-in optics)."""
    table = np.full((max(len(picked.choices), 1), max(len(cages.classes), 1)), -1, dtype=np.int64)
    for row, choice in enumerate(picked.choices):
        for kind, module in choice.modules if choice else ():
            if parts.index(module) not in built_in:
                table[row, cages.classes.index(kind)] = parts.index(module)
    part = table[picked.of_group[cages.cage_group], cages.kind] if len(cages.kind) else np.zeros(0, np.int64)
    has = part >= 0
    row_of_cage = np.where(has, np.cumsum(has) - 1, -1)
    return Modules(cages.device[has], cages.number[has], part[has]), row_of_cage


def _unfit(fabric: Fabric, picked: _Picked, link_need: IntArray, offered: Market, via: Via | None) -> tuple[Unfit, ...]:
    """One for each reason, of however many lengths."""
    result: dict[tuple[str, str, bool, bool], list[tuple[int, int, float]]] = {}
    for row, choice in enumerate(picked.choices):
        if choice is None:
            links = np.flatnonzero((link_need == row) & ~fabric.is_inside)
            if not len(links):
                continue
            kind = fabric.link_kinds[int(fabric.links.kind[links[0]])]
            panels, need = picked.via[row], picked.needs[row]
            reason, too_long = why_not(need, via.offered if via is not None and panels else offered)
            result.setdefault((kind, reason, too_long, panels), []).append((len(links), int(links[0]), need.length_m))
    unfit = []
    for (kind, reason, too_long, panels), rows in result.items():
        numbers, examples, metres = zip(*rows, strict=True)
        reach = f"{span(min(metres), max(metres), '{:g}'.format)} m {reason}" if too_long else reason
        unfit.append(Unfit(sum(numbers), kind, min(examples), reach, panels))
    return tuple(sorted(unfit, key=lambda u: u.example))
