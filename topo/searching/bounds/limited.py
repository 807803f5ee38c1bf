"""What limits leave: the least price of any fabric of the counted sizes, where parts with the same ports share a tier.

A candidate's closed forms say how many switches n(t) each tier has and what its links cost at least. Any part with the
same cages that speaks the same protocol could stand in a tier, so let x(t, p) of its switches be of part p:

    min sum price(p) x(t, p)  with  sum over p of x(t, p) = n(t)  and  sum over t, p of use(r, p) x(t, p) <= room(r)

for each limited resource r: the stock of a part, watts, rack units. A fabric of one part a tier is such a filling, so
none of the space is cheaper. CP-SAT finds the cheapest filling. That there is no cheaper one is shown without a solver:
for any multipliers m(r) >= 0 every filling costs at least

    sum over t of n(t) min over p of (price(p) + sum over r of m(r) use(r, p)) - sum over r of m(r) room(r),

and where this is above 0 without the prices there is no filling at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

from topo.errors import LimitReachedError
from topo.searching.bounds.anything import switch_parts
from topo.searching.bounds.refute import rack_units, refuted
from topo.searching.candidates.count import Counted, Counter, Refusal
from topo.searching.candidates.request import Request
from topo.searching.record.result import Row
from topo.units import MET_WITHIN, amount

if TYPE_CHECKING:
    from topo.solvers.stock import Stock

OF_SIZE = ("throughput", "hops", "switches")
"""Kinds of requirement that closed forms refute whichever parts are bought."""
Weights = Mapping[str, Fraction]
"""What one unit of each resource is worth."""


@dataclass(frozen=True)
class Shape:
    """The tiers of a candidate: name, number of switches, parts that may stand there; and the least price of links."""

    row: Row
    tiers: tuple[tuple[str, int, tuple[str, ...]], ...]
    links_usd: Fraction


@dataclass(frozen=True)
class Limited:
    """Prices and limits: `use` and `room` by resource, `parts.ID`, `power_w` or `rack_units`."""

    price: Mapping[str, Fraction]
    use: Mapping[str, Mapping[str, Fraction]]
    room: Mapping[str, Fraction]

    def least(self, shape: Shape, weights: Weights | None = None, priced: bool = True) -> Fraction:
        """What any filling of a shape costs at least, by these multipliers; without prices, how far it passes the
        limits at least (above 0: there is no filling)."""
        given = weights or {}
        result = shape.links_usd if priced else Fraction(0)
        for _, number, parts in shape.tiers:
            each = (
                (self.price[p] if priced else 0) + sum(w * self.use[r].get(p, 0) for r, w in given.items())
                for p in parts
            )
            result += number * min(each)
        return result - sum(w * self.room[r] for r, w in given.items())

    def without_solver(self, shape: Shape) -> bool:
        """Whether one resource, or the stock of all parts of some tiers, alone says that there is no filling."""
        single: list[Weights] = [{r: Fraction(1)} for r in self.room if not r.startswith("parts.")]
        for size in range(1, len(shape.tiers) + 1):
            for some in combinations(shape.tiers, size):
                stock = {f"parts.{p}" for _, _, parts in some for p in parts}
                if stock <= {*self.room}:
                    single.append(dict.fromkeys(sorted(stock), Fraction(1)))
        return any(self.least(shape, weights, priced=False) > 0 for weights in single)


def limited(request: Request, counter: Counter) -> Limited | None:
    """The prices and limits of a request; None where nothing but its price is limited, or nothing has a price. Rack
    units are left out where one of the parts does not tell its own."""
    limits, catalog = request.file.limits, request.catalog
    if counter.book is None or not (limits.parts or limits.power_w or limits.racks):
        return None
    names = sorted({part for host in request.file.host for part in switch_parts(request, host)})
    parts = {name: catalog.switch(name) for name in names}
    use: dict[str, dict[str, Fraction]] = {f"parts.{name}": {name: Fraction(1)} for name in limits.parts}
    room = {f"parts.{name}": Fraction(limit.at_most) for name, limit in limits.parts.items()}
    if limits.power_w is not None:
        use["power_w"] = {name: _exact(part.power_typical_w or 0) for name, part in parts.items()}
        room["power_w"] = _exact(limits.power_w) * (1 + _exact(MET_WITHIN))
    units = {name: part.rack_units for name, part in parts.items()}
    if limits.racks is not None and None not in units.values():
        use["rack_units"] = {name: _exact(number or 0) for name, number in units.items()}
        room["rack_units"] = Fraction(limits.racks * rack_units(request))
    return Limited({name: _exact(counter.switch_usd(name)) for name in names}, use, room)


def shapes(request: Request, rows: Sequence[Row], counter: Counter, within: Limited) -> list[Shape]:
    """The shapes of every candidate that no count refuses or refutes but for limits, prices and power, each once: the
    least price first, then the first number."""
    asked = replace(request, requirements=tuple(r for r in request.requirements if r.kind in OF_SIZE))
    result: dict[tuple[Any, ...], Shape] = {}
    known: dict[tuple[str, str], tuple[str, ...]] = {}

    def alike(host: str, own: str) -> tuple[str, ...]:
        if (host, own) not in known:
            known[host, own] = _alike(host, own, request, counter)
        return known[host, own]

    for row in rows:
        counted = row.counted
        if isinstance(counted, Refusal) and counted.key.startswith("limits."):
            counted = counter.count(row.candidate)
        if isinstance(counted, Counted) and refuted(counted, asked) is None:
            of = row.candidate
            bought = counted.counts.switches if counted.alike.tiers else {}
            tiers = tuple((t, n, alike(of.host, of.part_of(t))) for t, n in bought.items())
            links = _exact(counted.cost_lower) - sum(within.price[p] * n for p, n in counted.parts.items())
            result.setdefault((tiers, links), Shape(row, tiers, max(links, Fraction(0))))
    return sorted(result.values(), key=lambda shape: (within.least(shape), shape.row.number))


def limits_bound(request: Request, rows: Sequence[Row], counter: Counter, time_limit_s: float = 60.0) -> dict[str, Any]:
    """The least price within the limits with the filling that has it, and what shows it; empty where nothing but the
    price is limited. `cost_usd` is absent where no filling keeps the limits."""
    within = limited(request, counter)
    if within is None:
        return {}
    from topo.solvers.stock import cheapest_fill, multipliers

    shown: list[dict[str, Any]] = []
    ends: list[Fraction] = []
    best: tuple[Fraction, Shape, dict[tuple[int, int], int]] | None = None
    try:
        for shape in shapes(request, rows, counter, within):
            if best is not None and within.least(shape) >= best[0]:
                ends.append(best[0])
                break
            if within.without_solver(shape):
                continue
            names, stock, scale = _stock(shape, within)
            filling = cheapest_fill(stock, time_limit_s)
            weights = dict(zip(within.room, multipliers(stock, filling is not None), strict=True))
            priced = filling is not None
            worth = {r: _rounded(w * scale[r] / (scale["price"] if priced else 1)) for r, w in weights.items()}
            worth = {r: w for r, w in worth.items() if w}
            if not priced and within.least(shape, worth, priced=False) <= 0:
                worth, priced = {}, True
            shown.append(_multipliers(shape, worth, priced))
            if priced:
                ends.append(max(within.least(shape), within.least(shape, worth)))
            if filling is not None:
                total = shape.links_usd + sum(within.price[names[p]] * n for (_, p), n in filling.items())
                best = (total, shape, filling) if best is None or total < best[0] else best
    except LimitReachedError as error:
        return {"undecided": str(error)}
    certificate = {"kind": "limits-by-multipliers", "multipliers": shown}
    if best is None and not ends:
        return {"statement": _statement(None), "certificate": certificate}
    least = min(ends)
    result: dict[str, Any] = {"cost_usd": float(least)}
    if best is not None:
        total, shape, filling = best
        names = _stock(shape, within)[0]
        tiers: dict[str, dict[str, int]] = {}
        for (t, p), n in sorted(filling.items()):
            tiers.setdefault(shape.tiers[t][0], {})[names[p]] = n
        result["filling"] = {
            "number": shape.row.number, "design": shape.row.candidate.to_json(), "tiers": tiers,
            "shared": any(len(parts) > 1 for parts in tiers.values()), "cost_usd_at_least": float(total),
        }  # fmt: skip
    return {**result, "statement": _statement(least), "certificate": certificate}


def _statement(least: Fraction | None) -> str:
    """What a bound says in words: the least price, or that there is no filling."""
    if least is None:
        return "nothing of these sizes keeps the limits, even where parts share a tier"
    usd = f"{float(least):,.0f} USD"
    return f"within the limits nothing of these sizes costs less than {usd}, even where parts share a tier"


def filling_text(filling: Mapping[str, Any]) -> str:
    """A filling in words: leaf 40 x A + 20 x B, spine 30 x A."""
    tiers = filling["tiers"].items()
    return ", ".join(f"{tier} " + " + ".join(f"{n:,} x {p}" for p, n in parts.items()) for tier, parts in tiers)


def filling_hint(result: Mapping[str, Any]) -> str:
    """What a bound says where no candidate keeps the limits."""
    if "filling" in result:
        return f"parts that share a tier would do, which no family lays by itself: {filling_text(result['filling'])}"
    return str(result.get("statement", "")) if result and "cost_usd" not in result else ""


def wrong_bound(stated: Mapping[str, Any], request: Request, rows: Sequence[Row], counter: Counter) -> str:
    """Why a stated bound does not follow from the counts and its multipliers, empty where it does."""
    within = limited(request, counter)
    if within is None or not stated:
        return "" if within is None and not stated else "limits and their bound do not belong together"
    if {*stated} == {"undecided"}:
        return ""
    if {*stated} - {"cost_usd", "filling"} != {"statement", "certificate"}:
        return "it has other keys"
    given = {one["number"]: one for one in stated["certificate"]["multipliers"]}
    every = shapes(request, rows, counter, within)
    ends: list[Fraction] = []
    for shape in every:
        one = given.get(shape.row.number, {"priced": True, "worth": {}})
        worth = {str(r): Fraction(*w) for r, w in one["worth"].items()}
        if not {*worth} <= {*within.room} or any(w < 0 for w in worth.values()):
            return f"the multipliers of candidate {shape.row.number} are none"
        if within.without_solver(shape) or (not one["priced"] and within.least(shape, worth, priced=False) > 0):
            continue
        ends.append(max(within.least(shape), within.least(shape, worth) if one["priced"] else Fraction(0)))
    filling = stated.get("filling")
    if filling is not None:
        reason, total = _wrong_filling(filling, every, within)
        if reason:
            return reason
        ends = [min(end, total) for end in ends]
    least = min(ends, default=None)
    shown = stated.get("cost_usd")
    if (least is None) != (shown is None) or (least is not None and float(least) != shown):
        return f"the multipliers prove {'that there is none' if least is None else f'{float(least):,.2f} USD'}"
    return "" if stated["statement"] == _statement(least) else "its statement says something else"


def _wrong_filling(filling: Mapping[str, Any], every: Sequence[Shape], within: Limited) -> tuple[str, Fraction]:
    shape = next((one for one in every if one.row.number == filling["number"]), None)
    if shape is None or shape.row.candidate.to_json() != filling["design"]:
        return "the filling is that of no candidate", Fraction(0)
    total, used = shape.links_usd, dict.fromkeys(within.room, Fraction(0))
    if {*filling["tiers"]} != {tier for tier, number, _ in shape.tiers if number}:
        return "the filling has other tiers", total
    for tier, number, parts in shape.tiers:
        held = filling["tiers"].get(tier, {})
        if (
            sum(held.values()) != number
            or not {*held} <= {*parts}
            or any(type(n) is not int or n < 1 for n in held.values())
        ):
            return f"the filling of tier {tier} is not its {amount(number, 'switch')}", total
        total += sum(within.price[part] * n for part, n in held.items())
        for r in used:
            used[r] += sum(within.use[r].get(part, Fraction(0)) * n for part, n in held.items())
    passed = next((r for r in used if used[r] > within.room[r]), None)
    shared = any(len(parts) > 1 for parts in filling["tiers"].values())
    if passed or filling["shared"] != shared or filling["cost_usd_at_least"] != float(total):
        return f"the filling passes {passed}" if passed else "the filling costs something else", total
    return "", total


def _stock(shape: Shape, within: Limited) -> tuple[list[str], Stock, dict[str, int]]:
    """Names of the parts, the question in whole numbers, and what each resource and `price` were multiplied by."""
    from topo.solvers.stock import Stock

    names = sorted({part for _, _, parts in shape.tiers for part in parts})
    row = {name: i for i, name in enumerate(names)}
    scale = {"price": math.lcm(*(within.price[name].denominator for name in names))}
    uses, rooms = [], []
    for r, room in within.room.items():
        each = [within.use[r].get(name, Fraction(0)) for name in names]
        scale[r] = math.lcm(*(one.denominator for one in each))
        uses.append([int(one * scale[r]) for one in each])
        rooms.append(math.floor(room * scale[r]))
    fits = [[row[part] for part in parts] for _, _, parts in shape.tiers]
    prices = [int(within.price[name] * scale["price"]) for name in names]
    return names, Stock([n for _, n, _ in shape.tiers], fits, prices, uses, rooms), scale


def _alike(host_id: str, own: str, request: Request, counter: Counter) -> tuple[str, ...]:
    """The parts that may stand where `own` does: with its cages, and a protocol of it and of the hosts' NICs."""
    catalog = request.catalog
    nics = [n.nic for n in catalog.host(host_id).nics if n.network == request.network]
    spoken = {p for nic in nics for p in catalog.nic(nic).network} & set(catalog.switch(own).network)
    names = {own, *switch_parts(request, host_id)}
    alike = [n for n in names if counter.cages(n) == counter.cages(own) and spoken & set(catalog.switch(n).network)]
    return tuple(sorted({own, *alike}))


def _multipliers(shape: Shape, worth: Weights, priced: bool) -> dict[str, Any]:
    return {
        "number": shape.row.number, "priced": priced,
        "worth": {r: [w.numerator, w.denominator] for r, w in worth.items()},
    }  # fmt: skip


def _rounded(value: float) -> Fraction:
    return Fraction(value).limit_denominator(10**6)


def _exact(value: float) -> Fraction:
    return Fraction(str(value))
