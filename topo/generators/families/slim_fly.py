"""Slim Fly: a McKay-Miller-Siran graph of diameter two, with every switch alike.

Besta and Hoefler, "Slim Fly: A Cost Effective Low-Diameter Network Topology", SC 2014: for a prime power q = 4w + d,
d in {-1, 0, 1}, there are 2 q^2 switches, (0, x, y) and (1, m, c) over GF(q), with k' = (3q - d) / 2 links each:
(0, x, y) - (0, x, y') where y - y' lies in X, (1, m, c) - (1, m, c') where c - c' lies in X', and
(0, x, y) - (1, m, c) where y = m x + c.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric import Fabric, Origin
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.field import FiniteField, field, prime_power
from topo.generators.flat import (
    Cited,
    FlatLinks,
    FlatNames,
    FlatParams,
    Radix,
    check_room,
    device_permutations,
    flat_counts,
    longest_path,
    numbered,
    radix,
    wire_flat,
)
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, once
from topo.units import amount

FORMULA = "switches 2q^2, links per switch k' = (3q - d)/2 with q = 4w + d, links switches x k'/2, diameter 2"
SOURCE = "Besta and Hoefler, Slim Fly, SC 2014"
LARGEST_ORDER = 1000
"""Two million switches: more than anybody builds, and few enough to go through all orders."""


class SlimFlyParams(FlatParams):
    """Keys of a Slim Fly."""

    SIZES = ("q",)

    family: Literal["slim-fly"]
    q: Annotated[int, Field(gt=0, le=LARGEST_ORDER)] | None = Field(
        None, description="order, a prime power from 3 on; default: the smallest that holds the endpoints"
    )
    p: Count | None = Field(
        None, description="endpoints per switch; default: half the network links, rounded up where the ports allow"
    )


@dataclass(frozen=True)
class _Shape:
    q: int
    links: int
    ports: Split
    radix: Radix

    @property
    def switches(self) -> int:
        return 2 * self.q**2


def network_radix(q: int) -> int:
    """k' = (3q - d) / 2 links per switch, for q = 4w + d."""
    return (3 * q - (0, 1, 0, -1)[q % 4]) // 2


def is_order(q: int) -> bool:
    """A Slim Fly of this order exists: a prime power from 3 on."""
    return q >= 3 and prime_power(q) is not None


def nearest_orders(q: int) -> str:
    """The orders next to q, as '27 or 29'."""
    below = next((n for n in range(q - 1, 2, -1) if is_order(n)), None)
    above = next(n for n in range(max(q, 2) + 1, 2 * max(q, 3) + 2) if is_order(n))
    return " or ".join(f"{n:,}" for n in (below, above) if n)


def _shape(params: SlimFlyParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    if params.q is not None:
        if not is_order(params.q):
            raise ParameterError(
                "q", params.q, "is no prime power from 3 on, so there is no Slim Fly of this order",
                nearest_orders(params.q),
            )  # fmt: skip
        p = _endpoints(params, sizes, params.q)
        ports = sizes.needed(p, network_radix(params.q), "q", params.q, lambda: _fitting(params, sizes))
        check_room(ends, 2 * params.q**2, p)
        return _Shape(params.q, network_radix(params.q), ports, sizes)
    best = None
    for q in filter(is_order, range(3, LARGEST_ORDER)):
        if network_radix(q) > sizes.most_links(1):
            break
        p = _endpoints(params, sizes, q)
        ports_or_none = sizes.split(p, network_radix(q))
        if ports_or_none is not None and (best is None or 2 * q**2 * p > best.switches * best.ports.down):
            best = _Shape(q, network_radix(q), ports_or_none, sizes)
            if len(ends) <= best.switches * p:
                return best
    if best is None:
        p = params.p or 1
        raise ParameterError(
            "switch", params.switch,
            f"not even the Slim Fly of order 3 with {amount(p, 'endpoint')} per switch fits its ports",
            f"at least {amount(network_radix(3) + p, 'port')}",
        )  # fmt: skip
    check_room(ends, best.switches, best.ports.down)
    return best


def _endpoints(params: SlimFlyParams, sizes: Radix, q: int) -> int:
    """Endpoints per switch: as asked, or half the links rounded up, or fewer where the ports are few."""
    half = -(-network_radix(q) // 2)
    return params.p or max(1, min(half, sizes.most_endpoints(network_radix(q))))


def _fitting(params: SlimFlyParams, sizes: Radix) -> str:
    """The largest order that fits, for an error."""
    fits = [
        q
        for q in range(3, (params.q or LARGEST_ORDER) + 1)
        if is_order(q) and sizes.fits(params.p or 1, network_radix(q))
    ]
    room = sizes.most_endpoints(network_radix(params.q or 3))
    needed = network_radix(params.q or 3) + (params.p or 1)
    choices = [f"q at most {fits[-1]:,}"] if fits else [f"a switch with at least {amount(needed, 'port')}"]
    return " or ".join(choices + ([f"p at most {room:,}"] if room > 0 else []))


def generator_sets(f: FiniteField) -> tuple[IntArray, IntArray]:
    """The differences X and X' that join switches of a subgroup."""
    q = f.q
    w = (q + 1) // 4
    if q % 4 == 3:
        ours = np.concatenate([np.arange(0, 2 * w - 1, 2), np.arange(2 * w - 1, 4 * w - 2, 2)])
    else:
        ours = np.arange(0, q - 1, 2)
    return f.powers[ours], f.powers[(ours + 1) % (q - 1)]


def _links(q: int) -> FlatLinks:
    """Rows: (0, x, y) is x q + y, (1, m, c) is q^2 + m q + c."""
    f = field(q)
    x, y = np.divmod(np.arange(q * q), q)
    columns = []
    for first, differences in zip((0, q * q), generator_sets(f), strict=True):
        far = f.plus[y[:, None], differences[None, :]]
        here, there = np.broadcast_to((x * q + y)[:, None], far.shape), x[:, None] * q + far
        once = here < there
        columns.append((first + here[once], first + there[once], np.zeros(int(once.sum()), np.int64)))
    m = np.arange(q)
    c = f.plus[y[:, None], f.minus[f.times[x[:, None], m[None, :]]]]
    columns.append((np.repeat(np.arange(q * q), q), (q * q + m[None, :] * q + c).ravel(), np.ones(q**3, np.int64)))
    u, v, kind = (np.concatenate(c) for c in zip(*columns, strict=True))
    return numbered(u, v, kind, ("subgroup", "cross"))


def holding_more(q: int, count: int) -> IntArray:
    """Rows of `count` switches such that (0, x, y) -> (0, x, y + a x), (1, m, c) -> (1, m + a, c) keeps them for every
    a: whole subgroups (0, x, *) with x other than 0, whole sets (1, *, c), in turn, and then of (0, 0, *)."""
    place = np.arange(q)
    subgroups = [x * q + place for x in range(1, q)]
    crossing = [q * q + place * q + c for c in range(q)]
    turns = [rows for pair in zip(crossing, subgroups, strict=False) for rows in pair] + crossing[q - 1 :]
    sets, rest = divmod(count, q)
    return np.concatenate([*turns[:sets], place[:rest]]).astype(np.int64)


def _wire(params: SlimFlyParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    q = shape.q
    row = np.arange(2 * q * q)
    kind, rest = np.divmod(row, q * q)
    group, place = np.divmod(rest, q)
    names = [
        f"{prefix}sf{k}-{g:02d}-{i:02d}" for k, g, i in zip(kind.tolist(), group.tolist(), place.tolist(), strict=True)
    ]
    return wire_flat(
        FlatNames(names, group, kind * q + place),
        shape.ports,
        ends,
        _links(q),
        (("q", q),),
        lambda count: holding_more(q, count),
    )


def _counts(params: SlimFlyParams, ends: Attached, catalog: Catalog, measured: bool = True) -> Counts:
    shape = _shape(params, ends, catalog)
    q = shape.q
    links = {"subgroup": shape.switches * (shape.links - q) // 2, "cross": q**3}
    hops = longest_path(ends, shape.switches, shape.ports.down, lambda: _links(q), 3, measured=measured)
    return flat_counts(
        shape.switches,
        links,
        shape.ports,
        ends,
        hops,
        Cited(FORMULA, SOURCE),
    )


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Translations of y and c, of x, and of m by an additive basis; scaling by a square; for q = 4w + 1 the exchange of
    the two kinds of switches."""
    q = fabric.origins[network]["q"]
    f = field(q)
    x, y = np.divmod(np.arange(q * q), q)
    result = []

    def add(x0: IntArray, y0: IntArray, m1: IntArray, c1: IntArray) -> None:
        result.append(np.concatenate([x0 * q + y0, q * q + m1 * q + c1]))

    for a in f.basis:
        add(x, f.plus[y, a], x, f.plus[y, a])
        add(f.plus[x, a], y, x, f.plus[y, f.minus[f.times[x, a]]])
        add(x, f.plus[y, f.times[x, a]], f.plus[x, a], y)
    square = int(f.minus[1]) if q % 4 == 3 else int(f.powers[2 % (q - 1)])
    if q % 4 != 0:
        add(x, f.times[y, square], f.times[x, square], f.times[y, square])
        add(f.times[x, square], f.times[y, square], x, f.times[y, square])
    if q % 4 == 1:
        g = int(f.powers[1])
        to_one = q * q + x * q + f.times[y, g]
        to_zero = f.minus[f.times[x, g]] * q + f.times[y, g]
        result.append(np.concatenate([to_one, to_zero]))
    return device_permutations(fabric, network, result)


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """(k, group, place): subgroup links stay in a group, cross links join the two kinds; a switch has one cross link
    to each group of the other kind."""
    q = origin["q"]
    sub, cross = links.of_kind("subgroup"), links.of_kind("cross")
    kind_u, kind_v = links.index_u // q, links.index_v // q
    allowed = (sub & (kind_u == kind_v) & (links.pod_u == links.pod_v)) | (cross & (kind_u != kind_v))
    one = np.ones(len(links.u), dtype=np.int64)
    from_u, from_v = np.where(cross, links.u * q + links.pod_v, -1), np.where(cross, links.v * q + links.pod_u, -1)
    to_group = [AtMost(key.astype(np.int64), one, "a switch and a group") for key in (from_u, from_v)]
    return allowed, [once(links, sub), *to_group]


families.add(
    "slim-fly", Family("Slim Fly", SlimFlyParams, _wire, _counts, _symmetries, partial(_counts, measured=False), _rule)
)
