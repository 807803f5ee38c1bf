"""Dragonfly+: groups that are leaf-spine trees, and the groups joined all to all by their spines.

Shpiner, Haramaty, Eliad, Zdornov, Gafni, Zahavi, "Dragonfly+: Low Cost Topology for Scaling Datacenters", HiPINEB 2017:
a group is `leaves` leaves with `p` endpoints each, every one joined to each of `spines` spines, and every spine has `h`
global links. Balanced at radix k: p = spines = leaves = h = k / 2; at most spines x h + 1 groups. Every two groups have
equally many links; what a spine has over is dealt so that two groups meet on as many different spines as they can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric import SWITCH, Fabric, Origin
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, LinkEnds, Switches, Wiring, families
from topo.generators.flat import (
    FlatLinks,
    FlatParams,
    Radix,
    check_room,
    device_permutations,
    numbered,
    radix,
    seats,
)
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, once, pair_key
from topo.units import amount, verb

SOURCE = "Shpiner et al., Dragonfly+, HiPINEB 2017"


class DragonflyPlusParams(FlatParams):
    """Keys of a Dragonfly+."""

    SIZES = ("g",)

    family: Literal["dragonfly-plus"]
    p: Count | None = Field(None, description="endpoints of a leaf; default: half the ports")
    leaves: Count | None = Field(None, description="leaves of a group; default: as many as p")
    spines: Count | None = Field(None, description="spines of a group; default: as many as p")
    h: Count | None = Field(None, description="global links of a spine; default: the ports that its leaves leave")
    g: Annotated[int, Field(gt=0, le=100_000)] | None = Field(
        None, description="groups; default: the fewest that hold the endpoints"
    )


@dataclass(frozen=True)
class _Shape:
    p: int
    leaves: int
    spines: int
    h: int
    g: int
    pairwise: int
    """Links between every two groups."""
    leaf: Split
    spine: Split
    radix: Radix

    @property
    def group(self) -> int:
        """Switches of a group."""
        return self.leaves + self.spines


def _shape(params: DragonflyPlusParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    p = params.p or _half(sizes)
    spines = params.spines or p
    leaves = params.leaves or p
    most = sizes.most_links(0)
    h = max(most - leaves, 0) if params.h is None else params.h
    if leaves + h > most or leaves < 1:
        raise ParameterError(
            "leaves" if params.leaves else "h", leaves if params.leaves else h,
            f"{amount(leaves, 'leaf')} and {amount(h, 'global link')} do not fit on the ports of a spine, "
            f"{params.switch}",
            f"at most {most:,} together", "take a switch with more ports",
        )  # fmt: skip
    if not sizes.fits(p, 1):
        message = f"leaves no port of {params.switch} for a link"
        raise ParameterError("p", p, message, f"at most {max(sizes.most_endpoints(1), 0):,}")
    ports = sizes.needed(
        p, spines, "spines", spines, lambda: f"at most {sizes.most_links(p):,} beside {amount(p, 'endpoint')}"
    )
    g = params.g or max(1, -(-len(ends) // (leaves * p)))
    if g > spines * h + 1:
        if params.g is None:
            check_room(ends, leaves * (spines * h + 1), p)
        raise ParameterError(
            "g", g,
            f"a group has {amount(spines * h, 'global link')}, one for each other "
            "group", f"at most {spines * h + 1:,}",
            f"{amount(g, 'group')} {verb(g, 'need')} h of at least {-(-(g - 1) // spines):,}",
        )  # fmt: skip
    check_room(ends, g * leaves, p)
    upper = sizes.needed(0, leaves + h, "leaves", leaves, lambda: f"at most {most - h:,}")
    return _Shape(p, leaves, spines, h, g, spines * h // (g - 1) if g > 1 else 0, ports, upper, sizes)


def _half(sizes: Radix) -> int:
    half = 1
    while sizes.fits(half + 1, half + 1):
        half += 1
    return half


def _links(shape: _Shape) -> FlatLinks:
    """Leaf i of group t is row t (leaves + spines) + i, its spines follow. Of the links from a group to the one d ahead
    every spine has as many as go round, to the spine of its number; the rest go to spines in turn, those of d = 1, 2,
    ... one after another, and on to the spines that the group ahead has for g - d."""
    g, leaves, spines = shape.g, shape.leaves, shape.spines
    first = np.arange(g)[:, None] * shape.group
    i, s = (x.ravel() for x in np.mgrid[0:leaves, 0:spines])
    near, far = [(first + i).ravel()], [(first + leaves + s).ravel()]
    each, rest = divmod(shape.pairwise, spines)
    group = np.arange(g)[:, None]
    for d in range(1, g // 2 + 1):
        here = group if 2 * d < g else group[: g // 2]
        own = np.concatenate([np.tile(np.arange(spines), each), ((d - 1) * rest + np.arange(rest)) % spines])
        other = np.concatenate([np.tile(np.arange(spines), each), ((g - d - 1) * rest + np.arange(rest)) % spines])
        near.append((here * shape.group + leaves + own).ravel())
        far.append(((here + d) % g * shape.group + leaves + other).ravel())
    kind = np.repeat([0, 1], [len(near[0]), sum(map(len, near[1:]))])
    u, v = np.concatenate(near), np.concatenate(far)
    return numbered(np.minimum(u, v), np.maximum(u, v), kind, ("group", "global"))


def _wire(params: DragonflyPlusParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    group, index = np.divmod(np.arange(shape.g * shape.group), shape.group)
    is_spine = index >= shape.leaves
    names = [
        f"{prefix}g{t:03d}-spine{i - shape.leaves:02d}" if up else f"{prefix}g{t:03d}-leaf{i:02d}"
        for t, i, up in zip(group.tolist(), index.tolist(), is_spine.tolist(), strict=True)
    ]
    n = len(names)
    zero = np.zeros(n, np.int32)
    switches = Switches(
        np.array(names, dtype=np.str_), np.full(n, SWITCH, np.int32), zero, np.full(n, -1, np.int32),
        group.astype(np.int32), index.astype(np.int32), is_spine.astype(np.int32),
    )  # fmt: skip
    leaf, seat = seats(ends, shape.g * shape.leaves, shape.p)
    port = shape.leaf.down_at[seat - 1]
    at = leaf // shape.leaves * shape.group + leaf % shape.leaves
    links = _links(shape)
    link_ends = LinkEnds(
        links.u.astype(np.int32), _port(shape, is_spine[links.u], links.u_slot), links.v.astype(np.int32),
        _port(shape, is_spine[links.v], links.v_slot), links.kind.astype(np.int32),
        np.full(len(links.u), shape.radix.link_gbps),
    )  # fmt: skip
    sizes = tuple((name, int(getattr(shape, name))) for name in ("p", "leaves", "spines", "h", "g", "pairwise"))
    plane = np.zeros(len(ends), np.int32)
    layouts = (shape.leaf.layout, shape.spine.layout)
    return Wiring(switches, layouts, at, port, plane, ends.nic, link_ends, links.kinds, sizes)


def _port(shape: _Shape, is_spine: BoolArray, slot: IntArray) -> IntArray:
    """Port numbers of a leaf's or a spine's links, counted from 0."""
    leaf, spine = shape.leaf.up_at, shape.spine.up_at
    on_leaf, on_spine = leaf[np.minimum(slot, len(leaf) - 1)], spine[np.minimum(slot, len(spine) - 1)]
    return np.where(is_spine, on_spine, on_leaf).astype(np.int32)


def _counts(params: DragonflyPlusParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)
    g, leaves, spines = shape.g, shape.leaves, shape.spines
    links = {"group": g * leaves * spines, "global": g * (g - 1) // 2 * shape.pairwise}
    ports = g * (leaves * len(shape.leaf.layout.names) + spines * len(shape.spine.layout.names))
    left = g * (spines * shape.h - shape.pairwise * (g - 1))
    notes = (f"{left:,} of {amount(g * spines * shape.h, 'global port')} {verb(left, 'are')} spare",) if left else ()
    return Counts(
        {"switch": g * shape.group},
        {"endpoint": len(ends), **{k: n for k, n in links.items() if n}},
        _longest(shape, ends),
        f"{amount(g, 'group')} of {amount(leaves, 'leaf')} and {amount(spines, 'spine')}: g (leaves + "
        "spines) switches, g leaves spines links in "
        "groups, g (g - 1)/2 x floor(spines h/(g - 1)) between them",
        SOURCE,
        {"switch": ports - len(ends) - 2 * sum(links.values())},
        notes,
    )


def _longest(shape: _Shape, ends: Attached) -> int:
    """Leaf, spine, spine, leaf, and no more: every spine of a group is joined to each of its leaves."""
    leaf = np.unique(seats(ends, shape.g * shape.leaves, shape.p)[0])
    if len(leaf) < 2:
        return len(leaf)
    return 3 if len(np.unique(leaf // shape.leaves)) == 1 else 4


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Rotation of the groups; exchanges and turns of the leaves of one group; where every spine has equally many links
    to each other group, exchange of two groups, and exchanges and turns of the spines of all groups alike."""
    origin = fabric.origins[network]
    leaves, spines, g = origin["leaves"], origin["spines"], origin["g"]
    rows = np.arange(g * (leaves + spines)).reshape(g, -1)
    result: list[IntArray] = [np.roll(rows, 1, axis=0)]
    for turned in (np.roll(np.arange(leaves), 1), _exchanged(np.arange(leaves))):
        image = rows.copy()
        image[0, :leaves] = rows[0, turned]
        result.append(image)
    if origin["pairwise"] % spines == 0:
        result.append(_exchanged(rows))
        for turned in (np.roll(np.arange(spines), 1), _exchanged(np.arange(spines))):
            result.append(np.concatenate([rows[:, :leaves], rows[:, leaves + turned]], axis=1))
    return device_permutations(fabric, network, [image.ravel() for image in result])


def _exchanged(rows: IntArray) -> IntArray:
    """The same with the first two exchanged."""
    return rows[[1, 0, *range(2, len(rows))]] if len(rows) > 1 else rows


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """A link of a group joins one of its leaves to one of its spines, each pair once; a global link joins spines of two
    groups, equally many each two."""
    leaves = origin["leaves"]
    inside, across = links.of_kind("group"), links.of_kind("global")
    same = links.pod_u == links.pod_v
    is_leaf = (links.index_u < leaves).astype(np.int64) + (links.index_v < leaves)
    allowed = (inside & same & (is_leaf == 1)) | (across & ~same & (is_leaf == 0))
    most = np.full(len(links.u), origin["pairwise"])
    return allowed, [once(links, inside), AtMost(pair_key(links.pod_u, links.pod_v, across), most, "two groups")]


families.add("dragonfly-plus", Family("Dragonfly+", DragonflyPlusParams, _wire, _counts, _symmetries, rule=_rule))
