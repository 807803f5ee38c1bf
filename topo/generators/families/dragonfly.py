"""Dragonfly: groups of switches, all joined within a group, and the groups joined all to all.

Kim, Dally, Scott, Abts, "Technology-Driven, Highly-Scalable Dragonfly Topology", ISCA 2008: a group is `a` switches
with `p` endpoints, `a - 1` local and `h` global links each; balanced where a = 2p = 2h; at most a h + 1 groups.
The three arrangements of global links are those of Hastings et al., "Comparing Global Link Arrangements for Dragonfly
Networks", CLUSTER 2015. With fewer groups than the most, every two groups have equally many links.
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
    radix,
    wire_flat,
)
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, once, pair_key
from topo.units import amount, verb

SOURCE = "Kim, Dally, Scott, Abts, ISCA 2008; Hastings et al., CLUSTER 2015"
ARRANGEMENTS = ("relative", "circulant", "absolute")


class DragonflyParams(FlatParams):
    """Keys of a dragonfly."""

    SIZES = ("g",)

    family: Literal["dragonfly"]
    p: Count | None = Field(None, description="endpoints per switch; default: balanced, a quarter of the ports")
    a: Count | None = Field(None, description="switches per group; default: balanced, twice h")
    h: Count | None = Field(None, description="global links per switch; default: balanced, as p")
    g: Annotated[int, Field(gt=0, le=100_000)] | None = Field(
        None, description="groups; default: the fewest that hold the endpoints"
    )
    arrangement: Literal["relative", "circulant", "absolute"] = Field(
        "relative",
        description="how a group's global ports go to the others: in order of distance on the ring of groups, in turn "
        "ahead and behind (between switches of one number where h is even), or in order of group number; the first "
        "two look alike from every group",
    )
    global_links: Literal["even", "all"] = Field(
        "even",
        description="even: equally many links between every two groups, ports left over stay spare; all: ports left "
        "over join groups that are near on the ring",
    )


@dataclass(frozen=True)
class _Shape:
    p: int
    a: int
    h: int
    g: int
    pairwise: int
    """Links between every two groups."""
    extra: int
    """Further links of each group to near groups."""
    ports: Split
    radix: Radix

    @property
    def global_links(self) -> int:
        return self.g * (self.pairwise * (self.g - 1) + self.extra) // 2


def _shape(params: DragonflyParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    p, a, h = _balanced(params, sizes)
    ports = sizes.needed(p, a - 1 + h, "a", a, lambda: _fitting(sizes, p, a, h))
    g = params.g or max(1, -(-len(ends) // (a * p)))
    if g > a * h + 1:
        if params.g is None:
            check_room(ends, a * (a * h + 1), p)
        raise ParameterError(
            "g", g, f"a group has {amount(a * h, 'global link')}, one for each other group", f"at most {a * h + 1:,}",
            f"{amount(g, 'group')} {verb(g, 'need')} h of at least {-(-(g - 1) // a):,}",
        )  # fmt: skip
    check_room(ends, g * a, p)
    pairwise, left = divmod(a * h, g - 1) if g > 1 else (0, 0)
    extra = (left if g % 2 == 0 else left // 2 * 2) if params.global_links == "all" else 0
    if extra and params.arrangement == "absolute":
        raise ParameterError(
            "global_links", "all", "left-over ports have no place in this arrangement", "even",
            "or take the relative or circulant arrangement",
        )  # fmt: skip
    return _Shape(p, a, h, g, pairwise, extra, ports, sizes)


def _balanced(params: DragonflyParams, sizes: Radix) -> tuple[int, int, int]:
    """p, a and h: as asked, the others balanced to them, all balanced to the ports where none is asked."""
    if params.p is None and params.a is None and params.h is None:
        quarter = 1
        while sizes.fits(quarter + 1, 3 * (quarter + 1) - 1):
            quarter += 1
        return quarter, 2 * quarter, quarter
    one = params.h or params.p or -(-(params.a or 1) // 2)
    return params.p or one, params.a or 2 * one, params.h or one


def _fitting(sizes: Radix, p: int, a: int, h: int) -> str:
    """What fits on the switch instead, for an error."""
    room = sizes.most_links(p)
    choices = [f"a at most {room - h + 1:,}"] if room - h >= 0 else []
    choices += [f"h at most {room - a + 1:,}"] if room - a + 1 > 0 else []
    choices += [f"p at most {n:,}"] if (n := sizes.most_endpoints(a - 1 + h)) > 0 else []
    return " or ".join(choices)


@dataclass(frozen=True)
class _Slots:
    """The global ports of every group that carry links (shape (slots,) each): switch, its how-manieth global port, the
    distance on the ring of groups that it spans, and the slot that the link ends on."""

    switch: IntArray
    port: IntArray
    offset: IntArray
    far: IntArray


def _in_blocks(a: int, h: int, g: int, pairwise: int, arrangement: str) -> int:
    """How many blocks of switches share the distances of the circulant arrangement; 0 where they are dealt one by one.

    In blocks, a switch has all links of its block's distances, to the switch of its own number, so that switches of a
    block look alike. That needs blocks that hold a distance with its opposite, and as many switches as links per pair.
    """
    blocks = -(-(g - 1) // h)
    closed = h % 2 == 0 or blocks == 1
    return blocks if arrangement == "circulant" and g > 1 and closed and a // blocks == pairwise else 0


def _slots(shape: _Shape, arrangement: str) -> _Slots:
    a, h, g, pairwise = shape.a, shape.h, shape.g, shape.pairwise
    near = np.arange(1, g)
    half = near[: (g - 1) // 2]
    ahead_and_behind = np.concatenate([np.stack([half, g - half], axis=1).ravel(), near[len(half) : g - 1 - len(half)]])
    base = near if arrangement == "relative" else ahead_and_behind
    blocks = _in_blocks(a, h, g, pairwise, arrangement)
    if blocks:
        switch, port = (x.ravel() for x in np.mgrid[0 : blocks * pairwise, 0:h])
        place = switch // pairwise * h + port
        used = place < g - 1
        switch, port, offset = switch[used], port[used], base[place[used]]
        turn = switch
    else:
        switch, port = np.divmod(np.arange(pairwise * (g - 1)), h)
        offset, turn = np.tile(base, pairwise), np.repeat(np.arange(pairwise), g - 1)
    spare = np.setdiff1d(np.arange(a * h), switch * h + port)[: shape.extra]
    d = np.arange(1, shape.extra // 2 + 1)
    ring = np.concatenate([np.stack([d, g - d], axis=1).ravel(), [g // 2] * (shape.extra % 2)])
    switch, port = np.concatenate([switch, spare // h]), np.concatenate([port, spare % h])
    offset, turn = np.concatenate([offset, ring]).astype(np.int64), np.concatenate([turn, np.full(len(ring), -1)])
    far = np.empty(len(offset), np.int64)
    far[np.lexsort((g - offset, turn))] = np.lexsort((offset, turn))
    return _Slots(switch, port, offset, far)


def _links(shape: _Shape, arrangement: str) -> FlatLinks:
    """Switch i of group t is row t a + i. Without blocks, global slot s of a group is link s % h of switch s // h."""
    a, g = shape.a, shape.g
    i, j = np.triu_indices(a, 1)
    first = np.arange(g)[:, None] * a
    local = [(first + i).ravel(), (first + j).ravel(), np.tile(j - 1, g), np.tile(i, g)]
    slots = _slots(shape, arrangement)
    group, slot = (x.ravel() for x in np.mgrid[0:g, 0 : len(slots.switch)])
    if arrangement == "absolute":
        turn, place = np.divmod(slot, max(g - 1, 1))
        other = place + (place >= group)
        far = turn * (g - 1) + group - (group > other)
    else:
        other = (group + slots.offset[slot]) % g
        far = slots.far[slot]
    once = group < other
    here, there = group * a + slots.switch[slot], other * a + slots.switch[far]
    across = [here[once], there[once], (a - 1 + slots.port[slot])[once], (a - 1 + slots.port[far])[once]]
    order = np.lexsort((across[2], across[1], across[0]))
    kind = np.repeat([0, 1], [len(local[0]), len(order)])
    u, v, u_slot, v_slot = (np.concatenate([x, y[order]]) for x, y in zip(local, across, strict=True))
    return FlatLinks(u, v, kind, u_slot, v_slot, ("local", "global"))


def _holding_more(a: int, g: int, count: int) -> IntArray:
    """Rows of `count` switches: the first ones of every group alike, the rest in groups evenly spaced on the ring, so
    that rotations survive where their number divides that of the groups."""
    alike, rest = divmod(count, g)
    group, index = (x.ravel() for x in np.mgrid[0:g, 0:alike])
    spaced = np.arange(rest) * g // max(rest, 1)
    return np.concatenate([group * a + index, spaced * a + alike]).astype(np.int64)


def _wire(params: DragonflyParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    group, index = np.divmod(np.arange(shape.g * shape.a), shape.a)
    names = [f"{prefix}g{t:03d}-sw{i:02d}" for t, i in zip(group.tolist(), index.tolist(), strict=True)]
    sizes = {
        "p": shape.p,
        "a": shape.a,
        "h": shape.h,
        "g": shape.g,
        "pairwise": shape.pairwise,
        "extra": shape.extra,
        "arrangement": ARRANGEMENTS.index(params.arrangement),
    }
    links = _links(shape, params.arrangement)
    return wire_flat(
        FlatNames(names, group, index), shape.ports, ends, links,
        tuple(sizes.items()), lambda count: _holding_more(shape.a, shape.g, count),
    )  # fmt: skip


def _counts(params: DragonflyParams, ends: Attached, catalog: Catalog, measured: bool = True) -> Counts:
    shape = _shape(params, ends, catalog)
    a, h, g = shape.a, shape.h, shape.g
    links = {"local": g * a * (a - 1) // 2, "global": shape.global_links}
    within_two = h * (2 * a + h - 2)
    spare = g * a * h - 2 * shape.global_links
    known = 4 if (g - 1) * a > within_two and a > 1 else None
    hops = longest_path(ends, g * a, shape.p, lambda: _links(shape, params.arrangement), known, measured=measured)
    return flat_counts(
        g * a,
        {k: n for k, n in links.items() if n},
        shape.ports,
        ends,
        hops,
        Cited(
            "switches g a, local links g a (a - 1)/2, global links g (g - 1)/2 x floor(a h/(g - 1)); "
            f"balanced a = 2p = 2h; {spare:,} of {amount(g * a * h, 'global port')} spare",
            SOURCE,
        ),
    )


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Rotation of the groups, where the arrangement looks alike from each; reflection of the ring of groups, where it
    sends the slots of a switch to those of one switch; exchange of the switches of a block."""
    shape = dict(fabric.origins[network].shape)
    a, h, g = shape["a"], shape["h"], shape["g"]
    arrangement, pairwise = ARRANGEMENTS[shape["arrangement"]], shape["pairwise"]
    group, index = np.divmod(np.arange(g * a), a)
    result = [] if arrangement == "absolute" else [(group + 1) % g * a + index]
    blocks = _in_blocks(a, h, g, pairwise, arrangement)
    full = pairwise * (g - 1) == a * h
    if blocks or (arrangement == "circulant" and h % 2 == 0 and (g % 2 or pairwise == 1)):
        result.append((g - group) % g * a + index)
    elif full and arrangement == "relative":
        result.append((g - group) % g * a + a - 1 - index)
    elif full and arrangement == "absolute":
        result.append((g - 1 - group) * a + a - 1 - index)
    if pairwise > 1 and not shape["extra"]:
        for block in range(blocks):
            for count in {2, pairwise}:
                turned = np.arange(a)
                turned[block * pairwise : block * pairwise + count] = block * pairwise + (np.arange(count) + 1) % count
                result.append(group * a + turned[index])
    return device_permutations(fabric, network, result)


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """Local links join switches of one group, each pair once; global links join groups, equally many each pair."""
    local, across = links.of_kind("local"), links.of_kind("global")
    same = links.pod_u == links.pod_v
    most = np.full(len(links.u), origin["pairwise"] + (origin["extra"] > 0))
    return (local & same) | (across & ~same), [
        once(links, local),
        AtMost(pair_key(links.pod_u, links.pod_v, across), most, "two groups"),
    ]


families.add(
    "dragonfly",
    Family("dragonfly", DragonflyParams, _wire, _counts, _symmetries, partial(_counts, measured=False), rule=_rule),
)
