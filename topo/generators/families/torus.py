"""Torus: endpoints on a grid that forward for each other, each joined to its neighbours in every dimension.

Dally, Towles, "Principles and Practices of Interconnection Networks", 2004, chapter 5 (k-ary n-cubes and meshes); built
as the three-dimensional torus of Jouppi et al., "TPU v4", ISCA 2023. An endpoint's device is its own switch: the switch
part stands for the router inside it, the endpoint link for the way into it; neither is bought. Dimension d of S_d
places has S_d links a row with wrap-around (one where S_d is 2) and S_d - 1 without. With even sides k and links as
fast as the endpoints, all-to-all over N = k^n endpoints reaches 8 (N - 1) / (k N) of line rate (a message makes k / 4
steps in each dimension on average, itself counted), and a cut across one dimension, 2 N / k links, or N / k without
wrap-around, is a bisection.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations_with_replacement, pairwise, product
from typing import Annotated, Literal, Self, TypeVar

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import InputError, ParameterError, either
from topo.fabric import Fabric, Origin
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.shape_keys import OWN_ROUTERS
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

SOURCE = "Dally and Towles, Principles and Practices of Interconnection Networks, 2004, chapter 5"
NOTE = "a switch is the router of its endpoints' own device, and the endpoint link lies inside it"
T = TypeVar("T")
Size = Annotated[int, Field(ge=2, le=4096)]


class TorusParams(FlatParams):
    """Keys of a torus."""

    SIZES = ("shape",)

    family: Literal["torus"]
    shape: tuple[Size, ...] | None = Field(
        None,
        min_length=1,
        max_length=6,
        strict=False,
        description="devices in each dimension; default: the smallest box that is nearest to a cube, of as many "
        "dimensions as wrap or width says, else of three",
    )
    wrap: bool | Annotated[tuple[bool, ...], Field(strict=False)] = Field(
        True, description="whether the last of a dimension is joined to the first, for all or for each"
    )
    width: Count | Annotated[tuple[Count, ...], Field(strict=False)] = Field(
        1, description="parallel links in each dimension, one number for all or one for each"
    )
    p: Count = Field(1, description="endpoints of a device")

    def of_any_size(self) -> Self:
        """As many dimensions as before."""
        free = super().of_any_size()
        known = self.shape is not None and not isinstance(self.wrap, tuple)
        return free.model_copy(update={"wrap": (self.wrap,) * len(self.shape or ())}) if known else free

    def standing(self, shape: Mapping[str, int], endpoints: int) -> Self:
        """The smallest box of as many dimensions, nearest to a cube, that holds the one that stands."""
        if self.shape is not None:
            return self
        stood = tuple(shape[f"size_{d}"] for d in range(shape["dimensions"]))
        return self.model_copy(update={"shape": around(stood, -(-endpoints // self.p))})


def around(box: tuple[int, ...], devices: int) -> tuple[int, ...]:
    """The smallest box for so many devices that holds another, and of these the nearest to a cube: no side longer than
    twice a cube's, or than it is already."""
    side = math.ceil(devices ** (1 / len(box))) * 2
    best: tuple[int, int, tuple[int, ...]] | None = None
    for others in product(*(range(low, max(low, side) + 1) for low in box[:-1])):
        last = max(box[-1], -(-devices // math.prod(others)))
        sides = (*others, last)
        one = (math.prod(sides), sum(sides), sides)
        best = one if best is None else min(best, one)
    assert best is not None
    return best[2]


@dataclass(frozen=True)
class _Shape:
    sizes: tuple[int, ...]
    wrap: tuple[bool, ...]
    width: tuple[int, ...]
    ports: Split
    radix: Radix

    @property
    def switches(self) -> int:
        return math.prod(self.sizes)

    def links(self, d: int) -> int:
        """Links of a dimension."""
        rows = self.switches // self.sizes[d]
        return rows * self.width[d] * (self.sizes[d] - (not _closes(self.sizes[d], self.wrap[d])))

    @property
    def longest(self) -> int:
        """Devices on the longest shortest path."""
        each = [s // 2 if w else s - 1 for s, w in zip(self.sizes, self.wrap, strict=True)]
        return 1 + sum(each)


def _closes(size: int, wrap: bool) -> bool:
    """Whether a dimension's last device has a link of its own to the first."""
    return wrap and size > 2


def _shape(params: TorusParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    told = [len(each) for each in (params.wrap, params.width) if isinstance(each, tuple)]
    shape = tuple(params.shape or _box(-(-len(ends) // params.p), *told[:1]))
    wrap = _each("wrap", params.wrap, shape)
    width = _each("width", params.width, shape)
    links = sum(k * (2 if s > 2 else 1) for s, k in zip(shape, width, strict=True))

    def allowed() -> str:
        return (
            f"at most {amount(sizes.most_links(params.p), 'link')} a device beside "
            f"{amount(params.p, 'endpoint')}; this has {links:,}"
        )

    ports = sizes.needed(params.p, links, "shape", list(shape), allowed)
    try:
        check_room(ends, math.prod(shape), params.p)
    except ParameterError as error:
        devices = -(-len(ends) // params.p)
        longer = (*shape[:-1], -(-devices // math.prod(shape[:-1])))
        near = either(sorted({str(list(one)) for one in (around(shape, devices), longer)}))
        hint = f"with shape: {near}, which keep the names of all devices, or with more endpoints of a device (p)"
        raise InputError([replace(problem, hint=hint) for problem in error.problems]) from None
    return _Shape(shape, wrap, width, ports, sizes)


def _each(key: str, value: T | tuple[T, ...], shape: tuple[int, ...]) -> tuple[T, ...]:
    """One value for each dimension."""
    if not isinstance(value, tuple):
        return (value,) * len(shape)
    if len(value) != len(shape):
        raise ParameterError(
            key, list(value), "one value for each dimension", f"{amount(len(shape), 'value')}, or one for all"
        )
    return value


def _box(devices: int, dimensions: int = 0) -> tuple[int, ...]:
    """The smallest box for so many devices among those whose longest side is at most twice the shortest, and of these
    the nearest to a cube. Where the number of dimensions is not told, they are three, or one for fewer than eight."""
    if not dimensions:
        dimensions = 3 if devices >= 8 else 1
    if dimensions == 1:
        return (max(devices, 2),)
    best: tuple[int, int, tuple[int, ...]] | None = None
    for a in range(2, max(math.ceil(devices ** (1 / dimensions)) + 1, 2) + 1):
        for others in combinations_with_replacement(range(a, 2 * a + 1), dimensions - 2):
            c = max(-(-devices // math.prod((a, *others))), *others, a)
            if c <= 2 * a:
                sides = (c, *others[::-1], a)
                one = (math.prod(sides), sum(sides), sides)
                best = one if best is None else min(best, one)
    assert best is not None
    return best[2]


def _links(shape: _Shape) -> FlatLinks:
    """Rows count the grid in C order; kind d is dimension d."""
    grid = np.arange(shape.switches).reshape(shape.sizes)
    columns = []
    for d, (size, wrap, k) in enumerate(zip(shape.sizes, shape.wrap, shape.width, strict=True)):
        steps = [*pairwise(range(size)), *([(0, size - 1)] if _closes(size, wrap) else [])]
        low, high = (np.take(grid, list(x), axis=d).ravel() for x in zip(*steps, strict=True))
        columns.append((np.tile(low, k), np.tile(high, k), np.full(len(low) * k, d)))
    u, v, kind = (np.concatenate(c) for c in zip(*columns, strict=True))
    return numbered(u, v, kind, dimensions(len(shape.sizes)))


def _wire(params: TorusParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    place = np.indices(shape.sizes).reshape(len(shape.sizes), -1)
    names = [f"{prefix}node-" + "-".join(f"{c:02d}" for c in at) for at in place.T.tolist()]
    rows = np.arange(shape.switches)
    per_pod = shape.switches // shape.sizes[0]
    sizes: tuple[tuple[str, int], ...] = (("dimensions", len(shape.sizes)), (OWN_ROUTERS, 1))
    for name, values in (("size", shape.sizes), ("wrap", shape.wrap), ("width", shape.width)):
        sizes += tuple((f"{name}_{d}", int(value)) for d, value in enumerate(values))
    names_of = FlatNames(names, rows // per_pod, rows % per_pod)
    return wire_flat(names_of, shape.ports, ends, _links(shape), sizes)


def _counts(params: TorusParams, ends: Attached, catalog: Catalog, measured: bool = True) -> Counts:
    shape = _shape(params, ends, catalog)
    links = {f"dimension_{d + 1}": shape.links(d) for d in range(len(shape.sizes))}
    hops = shape.longest
    if len(ends) < shape.switches * shape.ports.down:
        hops = longest_path(
            ends, shape.switches, shape.ports.down, lambda: _links(shape), shape.longest, measured=measured
        )
    formula = "devices prod S_d, links in dimension d prod S_d with wrap-around, less one a row without (or of two)"
    return flat_counts(shape.switches, links, shape.ports, ends, hops, Cited(formula, SOURCE, (NOTE,)))


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Rotation of a dimension that wraps around, reflection of each, exchange of alike dimensions."""
    origin = fabric.origins[network]
    alike = [(origin[f"size_{d}"], origin[f"wrap_{d}"], origin[f"width_{d}"]) for d in range(origin["dimensions"])]
    sizes = tuple(size for size, _, _ in alike)
    grid = np.arange(math.prod(sizes)).reshape(sizes)
    result = []
    for d in range(len(sizes)):
        if alike[d][1]:
            result.append(np.roll(grid, 1, axis=d).ravel())
        result.append(np.flip(grid, axis=d).ravel())
        for other in range(d):
            if alike[other] == alike[d]:
                result.append(np.swapaxes(grid, other, d).ravel())
                break
    return device_permutations(fabric, network, result)


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """A link of dimension d joins devices one step apart in coordinate d, around the end where that wraps, and alike in
    all others; no two of them more often than d is wide."""
    sizes = [origin[f"size_{d}"] for d in range(origin["dimensions"])]
    rest_u, rest_v = links.index_u.astype(np.int64), links.index_v.astype(np.int64)
    steps: list[IntArray] = []
    for size in sizes[:0:-1]:
        steps.insert(0, np.abs(rest_u % size - rest_v % size))
        rest_u, rest_v = rest_u // size, rest_v // size
    steps.insert(0, np.abs(links.pod_u.astype(np.int64) - links.pod_v))
    moved = sum(np.minimum(step, 1) for step in steps)
    allowed, most = np.zeros(len(links.u), dtype=np.bool_), np.zeros(len(links.u), dtype=np.int64)
    for d, (size, step) in enumerate(zip(sizes, steps, strict=True)):
        own = links.of_kind(f"dimension_{d + 1}")
        around = (step == size - 1) & bool(origin[f"wrap_{d}"])
        allowed |= own & ((step == 1) | around) & (moved == 1)
        most[own] = origin[f"width_{d}"]
    return allowed, [AtMost(pair_key(links.u, links.v, allowed), most, "two devices")]


families.add(
    "torus",
    Family(
        "torus or mesh",
        TorusParams,
        _wire,
        _counts,
        _symmetries,
        partial(_counts, measured=False),
        rule=_rule,
        own_routers=True,
    ),
)
