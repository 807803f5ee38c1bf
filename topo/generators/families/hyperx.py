"""HyperX: switches on a grid, joined to all others that differ in one coordinate.

Ahn, Binkert, Davis, McLaren, Schreiber, "HyperX: Topology, Routing, and Packaging of Efficient Large-Scale Networks",
SC 2009: with S_d switches and K_d parallel links in dimension d there are prod S_d switches with sum K_d (S_d - 1)
links each; a cut across dimension d carries K_d S_d / (2 p) of the endpoints' rate.
"""

from __future__ import annotations

import math
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
from topo.generators.flat import (
    Cited,
    FlatLinks,
    FlatNames,
    FlatParams,
    Radix,
    check_room,
    device_permutations,
    dimensions,
    flat_counts,
    longest_path,
    numbered,
    radix,
    wire_flat,
)
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, pair_key
from topo.units import amount

SOURCE = "Ahn et al., HyperX, SC 2009"
Size = Annotated[int, Field(ge=2, le=512)]


class HyperxParams(FlatParams):
    """Keys of a HyperX."""

    SIZES = ("shape", "width")

    family: Literal["hyperx"]
    shape: tuple[Size, ...] | None = Field(
        None,
        min_length=1,
        max_length=6,
        strict=False,
        description="switches in each dimension; default: the smallest square or cube that holds the endpoints",
    )
    width: tuple[Count, ...] | None = Field(
        None, strict=False, description="parallel links in each dimension; default: 1"
    )
    p: Count | None = Field(None, description="endpoints per switch; default: the most with full bisection")


@dataclass(frozen=True)
class _Shape:
    sizes: tuple[int, ...]
    width: tuple[int, ...]
    ports: Split
    radix: Radix

    @property
    def switches(self) -> int:
        return math.prod(self.sizes)


def _shape(params: HyperxParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    shape = params.shape or _smallest(params, sizes, len(ends))
    width = params.width or (1,) * len(shape)
    if len(width) != len(shape):
        raise ParameterError("width", list(width), "one number per dimension", amount(len(shape), "number"))
    links = _links_per_switch(shape, width)
    p = params.p or max(1, min(_full_bisection(shape, width), sizes.most_endpoints(links)))

    def allowed() -> str:
        return (
            f"at most {amount(sizes.most_links(p), 'link')} per switch beside {amount(p, 'endpoint')}; this "
            f"shape has {links:,}"
        )

    ports = sizes.needed(p, links, "shape", list(shape), allowed)
    check_room(ends, math.prod(shape), p)
    return _Shape(tuple(shape), tuple(width), ports, sizes)


def _links_per_switch(shape: tuple[int, ...], width: tuple[int, ...]) -> int:
    return sum(k * (s - 1) for s, k in zip(shape, width, strict=True))


def _full_bisection(shape: tuple[int, ...], width: tuple[int, ...]) -> int:
    """Endpoints per switch up to which a cut across any dimension carries half of them at line rate."""
    return min(k * s for s, k in zip(shape, width, strict=True)) // 2


def _smallest(params: HyperxParams, sizes: Radix, endpoints: int) -> tuple[int, ...]:
    """The smallest shape of equal sides in the fewest dimensions that holds the endpoints, or else the largest."""
    dimensions = (len(params.width),) if params.width else (2, 3, 4)
    best: tuple[int, tuple[int, ...]] = (0, (2,) * dimensions[0])
    for n in dimensions:
        width = params.width or (1,) * n
        for side in range(2, 513):
            shape = (side,) * n
            p = params.p or max(1, _full_bisection(shape, width))
            if not sizes.fits(p, _links_per_switch(shape, width)):
                break
            best = max(best, (side**n * p, shape))
            if side**n * p >= endpoints:
                return shape
    return best[1]


def _links(shape: tuple[int, ...], width: tuple[int, ...]) -> FlatLinks:
    """Rows count the grid in C order; kind d is dimension d."""
    grid = np.arange(math.prod(shape)).reshape(shape)
    columns = []
    for d, (size, k) in enumerate(zip(shape, width, strict=True)):
        i, j = np.triu_indices(size, 1)
        u, v = (np.take(grid, x, axis=d).ravel() for x in (i, j))
        columns.append((np.tile(u, k), np.tile(v, k), np.full(len(u) * k, d)))
    u, v, kind = (np.concatenate(c) for c in zip(*columns, strict=True))
    return numbered(u, v, kind, dimensions(len(shape)))


def _wire(params: HyperxParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    """Where switches hold unlike numbers of hosts, those that hold more are whole planes of the last dimension."""
    shape = _shape(params, ends, catalog)
    place = np.indices(shape.sizes).reshape(len(shape.sizes), -1)
    names = [f"{prefix}hx-" + "-".join(f"{c:02d}" for c in at) for at in place.T.tolist()]
    rows = np.arange(shape.switches)
    per_pod = shape.switches // shape.sizes[0]
    sizes = (("dimensions", len(shape.sizes)), *((f"size_{d}", s) for d, s in enumerate(shape.sizes)))
    sizes += tuple((f"width_{d}", k) for d, k in enumerate(shape.width))
    return wire_flat(
        FlatNames(names, rows // per_pod, rows % per_pod),
        shape.ports,
        ends,
        _links(shape.sizes, shape.width),
        sizes,
        lambda count: np.sort(rows.reshape(shape.sizes).ravel(order="F")[:count]),
    )


def _counts(params: HyperxParams, ends: Attached, catalog: Catalog, measured: bool = True) -> Counts:
    shape = _shape(params, ends, catalog)
    links = {
        f"dimension_{d + 1}": shape.switches * k * (s - 1) // 2
        for d, (s, k) in enumerate(zip(shape.sizes, shape.width, strict=True))
    }
    hops = longest_path(
        ends,
        shape.switches,
        shape.ports.down,
        lambda: _links(shape.sizes, shape.width),
        len(shape.sizes) + 1,
        measured=measured,
    )
    formula = "switches prod S_d, links in dimension d switches x K_d (S_d - 1)/2, diameter: the number of dimensions"
    return flat_counts(shape.switches, links, shape.ports, ends, hops, Cited(formula, SOURCE))


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Rotation and one exchange of the coordinates of each dimension; exchange of equal dimensions."""
    origin = fabric.origins[network]
    sizes = tuple(origin[f"size_{d}"] for d in range(origin["dimensions"]))
    width = tuple(origin[f"width_{d}"] for d in range(origin["dimensions"]))
    grid = np.arange(math.prod(sizes)).reshape(sizes)
    result = []
    for d, size in enumerate(sizes):
        exchanged = np.arange(size)
        exchanged[[0, 1]] = 1, 0
        result += [np.roll(grid, 1, axis=d).ravel(), np.take(grid, exchanged, axis=d).ravel()]
        if d and sizes[d - 1] == size and width[d - 1] == width[d]:
            result.append(np.swapaxes(grid, d - 1, d).ravel())
    return device_permutations(fabric, network, result)


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """A link of dimension d joins switches that differ in coordinate d alone, at most as often as d is wide."""
    sizes = tuple(origin[f"size_{d}"] for d in range(origin["dimensions"]))
    per_pod = math.prod(sizes) // sizes[0]
    at_u = np.array(np.unravel_index(links.pod_u * per_pod + links.index_u, sizes))
    at_v = np.array(np.unravel_index(links.pod_v * per_pod + links.index_v, sizes))
    differ = at_u != at_v
    allowed, most = np.zeros(len(links.u), dtype=np.bool_), np.zeros(len(links.u), dtype=np.int64)
    for d in range(len(sizes)):
        own = links.of_kind(f"dimension_{d + 1}")
        allowed |= own & differ[d] & (differ.sum(axis=0) == 1)
        most[own] = origin[f"width_{d}"]
    return allowed, [AtMost(pair_key(links.u, links.v, allowed), most, "two switches")]


families.add(
    "hyperx",
    Family("HyperX", HyperxParams, _wire, _counts, _symmetries, partial(_counts, measured=False), rule=_rule),
)
