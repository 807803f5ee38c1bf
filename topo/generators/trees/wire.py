"""The wiring of a tree of known sizes: switches by name, ports, and links dealt tier by tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.errors import ParameterError
from topo.fabric import CORE, LEAF, SPINE
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.shape_keys import DUAL
from topo.generators.family import Attached, LinkEnds, Switches, Wiring
from topo.generators.layout import Split, numbers_at
from topo.generators.trees.counts.deal import bundles, dealt
from topo.generators.trees.counts.ports import TierPorts
from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.counts.sizes import Seats, TreePorts, TreeSizes
from topo.generators.trees.params import TreeParams
from topo.units import amount

PEER = "leaf_peer"


@dataclass(frozen=True)
class TreeNames:
    """Names, rails and indices of the leaves of all planes, plane by plane (shape (planes * leaves,)), the pattern of a
    spine's name from {pod} and {spine}, and what the names of each plane's switches start with."""

    leaf: Sequence[str]
    rail: IntArray
    index: IntArray
    spine: str
    heads: Sequence[str]


@dataclass(frozen=True)
class Home:
    """Where the endpoints of one host of a kind belong (shape (endpoints of a host,) each): plane, NIC, rail within the
    plane, place among the ports of the NIC in that plane, place among all endpoints in that plane, and whether they
    are of a rail."""

    plane: IntArray
    nic: IntArray
    rail: IntArray
    place: IntArray
    slot: IntArray
    served: BoolArray


def plane_heads(prefix: str, planes: int) -> list[str]:
    """What the names of each plane's switches start with."""
    return [f"{prefix}p{p}-" for p in range(planes)] if planes > 1 else [prefix]


def rail_leaves(sizes: TreeSizes, heads: Sequence[str], rail: IntArray) -> tuple[list[str], IntArray, IntArray]:
    """Names, rail (-1 where a leaf holds several) and scalable unit of the leaves of all planes; `rail` (planes, rails)
    says which NIC of a host each rail of a plane is. Two leaves of the same rails are `a` and `b`."""
    group, homes = sizes.group, sizes.seats.homes
    rails = sizes.seats.rails if isinstance(sizes.seats, Rails) else rail.shape[1]
    each = rails * homes // group
    unit, nth = np.divmod(np.arange(sizes.leaves, dtype=np.int64), group)
    names: list[str] = []
    for head, nics in zip(heads, rail.tolist(), strict=True):
        ends = unit_ends(nics, each, group, homes)
        names += [f"{head}su{u:03d}-leaf-{ends[i]}" for u, i in zip(unit.tolist(), nth.tolist(), strict=True)]
    own = rail[:, nth // homes] if each == 1 else np.full((len(heads), len(nth)), -1)
    return names, own.ravel(), np.tile(unit, len(heads))


def unit_ends(nics: Sequence[int], each: int, group: int, homes: int) -> list[str]:
    """What the names of the `group` leaves of a scalable unit end with: the NICs of the `each` rails that a leaf holds,
    and which of the two it is where hosts have two homes."""
    held = [nics[i * each : i * each + each] for i in range(group // homes)]
    twin = ["a", "b"] if homes > 1 else [""]
    return [(f"r{nic[0]}" if each == 1 else f"r{nic[0]}-{nic[-1]}") + one for nic in held for one in twin]


def places_of(seats: Seats, home: Home, room: int) -> tuple[IntArray, IntArray]:
    """Leaf and port of each endpoint of one host, counted from the first leaf and port that the host has (shape
    (endpoints of a host,) each)."""
    if isinstance(seats, Rails):
        r = seats.rails_of(room)
        leaf = home.rail // r * seats.homes + home.place % seats.homes
        return leaf, home.rail % r * seats.wide + home.place // seats.homes
    return home.slot % seats.homes, home.slot // seats.homes


def refuse_too_few_seats(sizes: TreeSizes, homes_of: Sequence[Home], ends: Attached) -> None:
    """Raises ParameterError where endpoints of no rail are more than the leaf ports that those of rails leave them in
    some plane."""
    if not isinstance(sizes.seats, Rails) or all(home.served.all() for home in homes_of):
        return
    for p in range(sizes.planes):
        served = others = 0
        for home, kind in zip(homes_of, ends.kinds, strict=True):
            here = home.plane == p
            served += kind.count * int((here & home.served).sum())
            others += kind.count * int((here & ~home.served).sum())
        free = sizes.leaves * sizes.leaf[0] - served
        if others > free:
            raise ParameterError(
                "other_hosts",
                amount(others, "endpoint"),
                "more endpoints without GPUs than free leaf ports",
                f"at most {free:,}",
                "plan fewer GPUs in the last scalable unit, or a network of their own",
            )


def seated(
    sizes: TreeSizes, homes_of: Sequence[Home], ends: Attached, params: TreeParams
) -> tuple[IntArray, IntArray, IntArray]:
    """Switch row, port number and plane of each endpoint (shape (endpoints,)). Endpoints of no rail take free leaf
    ports; raises ParameterError where there are too few."""
    refuse_too_few_seats(sizes, homes_of, ends)
    seats, room = sizes.seats, sizes.leaf[0]
    first_leaf, before = seats.seats(room)
    rows: IntArray
    per_plane = sizes.leaves + sizes.pods * sizes.spines + sizes.all_cores
    leaves, ports, planes, served, start = [], [], [], [], 0
    for home, kind in zip(homes_of, ends.kinds, strict=True):
        n = kind.count
        plane = np.tile(home.plane, n)
        within, port = places_of(seats, home, room)
        if isinstance(seats, Rails):
            own = np.tile(home.served, n)
            takes = bool(home.served.any())
        else:
            own, takes = np.ones(len(plane), dtype=np.bool_), bool(len(home.slot))
        rows = np.arange(start, start + n) if takes else np.zeros(n, dtype=np.int64)
        here, offset = (first_leaf[rows], before[rows]) if len(first_leaf) else (rows, rows)
        start += n if takes else 0
        leaves.append((here[:, None] + within).ravel())
        ports.append((offset[:, None] + port).ravel() + 1)
        planes.append(plane)
        served.append(own)
    leaf, port, plane = np.concatenate(leaves), np.concatenate(ports), np.concatenate(planes)
    of_rail = np.concatenate(served)
    for p in range(sizes.planes if not of_rail.all() else 0):
        free = np.ones((sizes.leaves, room), dtype=np.bool_)
        _seat_others(leaf, port, plane == p, of_rail, free, params.homing == "dual")
    return plane * per_plane + leaf, port, plane


def _seat_others(
    leaf: IntArray, port: IntArray, here: BoolArray, served: BoolArray, free: BoolArray, pairs: bool
) -> None:
    """Endpoints of no rail (management) take free leaf ports of a plane, the first free port of each leaf in turn; with
    `pairs` two endpoints of a host take the same port of the two leaves of a pair, which are filled alike. `free`:
    shape (leaves, ports of a leaf), before those are taken that are served."""
    mask = here & served
    free[leaf[mask], port[mask] - 1] = False
    others = np.flatnonzero(here & ~served)
    turn = np.cumsum(free, axis=1)
    free_leaf, free_port = np.nonzero(free)
    keys = (free_leaf, free_port, free_leaf // 2, turn[free_leaf, free_port]) if pairs else None
    seat = np.lexsort(keys or (free_leaf, turn[free_leaf, free_port]))[: len(others)]
    leaf[others], port[others] = free_leaf[seat], free_port[seat] + 1


def wire_tree(
    sizes: TreeSizes,
    ports: TreePorts,
    names: TreeNames,
    at: tuple[IntArray, IntArray, IntArray, IntArray],
    params: TreeParams,
) -> Wiring:
    """The wiring of a tree; `at` says switch row, port number, plane and rail of each endpoint.

    Switch rows: plane by plane the leaves, the spines pod by pod, the cores group by group.
    """
    planes, leaves, pods, spines = sizes.planes, sizes.leaves, sizes.pods, sizes.spines
    cores, groups = sizes.cores, sizes.spines // sizes.share if sizes.cores else 0
    above = [names.spine.format(pod=i, spine=j) for i in range(pods) for j in range(spines)]
    above += [f"core-g{j:02d}-{c:02d}" for j in range(groups) for c in range(cores)]
    all_names: list[str] = []
    for p, head in enumerate(names.heads):
        all_names += names.leaf[p * leaves : (p + 1) * leaves]
        all_names += [head + name for name in above]
    leaf_pod = sizes.leaf_pod()
    tier = np.repeat([LEAF, SPINE, CORE], [leaves, pods * spines, groups * cores])
    pod = np.concatenate([leaf_pod, np.repeat(np.arange(pods), spines), np.full(groups * cores, -1)])
    index = np.concatenate([np.tile(np.arange(spines), pods), np.arange(groups * cores)])
    per_plane = len(tier)
    switches = Switches(
        np.array(all_names, dtype=np.str_),
        np.tile(tier, planes).astype(np.int32),
        np.repeat(np.arange(planes, dtype=np.int32), per_plane),
        _beside(names.rail, planes, np.full(len(above), -1)),
        np.tile(pod, planes).astype(np.int32),
        _beside(names.index, planes, index),
        np.tile(tier - LEAF, planes).astype(np.int32),
    )
    leaf, spine = ports.leaf.split(*sizes.leaf), ports.spine.split(*sizes.spine) if sizes.tiers == 3 else None
    spine, core = spine or ports.top.top(), ports.core.top()
    layouts = (leaf.layout, spine.layout, core.layout)
    switch, port, plane, rail = at
    port = leaf.down_at[port - 1].astype(port.dtype)
    shape = {"planes": planes, "leaves": leaves, "pods": pods, "spines": spines, "cores": cores}
    shape |= {"share": sizes.share} if sizes.share > 1 else {}
    shape |= {DUAL: 1} if params.homing == "dual" else {}
    links = _links(sizes, leaf_pod, (leaf, spine, core), ports.top.low.gbps)
    kept, kinds = params.reserve_ports, ["leaf_spine", "spine_core"]
    if ports.leaf.peers:
        links = _with_peers(links, sizes, leaf, ports.leaf, per_plane)
        kinds.append(PEER)
    return Wiring(
        switches, layouts, switch, port, plane, rail, links, tuple(kinds), tuple(shape.items()),
        (kept.leaf, kept.spine, kept.core), (PEER,),
    )  # fmt: skip


def _with_peers(links: LinkEnds, sizes: TreeSizes, leaf: Split, ports: TierPorts, per_plane: int) -> LinkEnds:
    """The links, and behind them those between the two leaves of every pair, on the last ports of endpoint speed."""
    at = numbers_at(leaf.layout, ports.low.gbps)[-ports.peers :]
    first = (np.arange(sizes.planes)[:, None] * per_plane + np.arange(0, sizes.leaves, 2)).ravel()
    a, port = np.repeat(first, ports.peers), np.tile(at, len(first))
    columns = (a, port, a + 1, port, np.full(len(a), 2))
    old = (links.a_switch, links.a_port, links.b_switch, links.b_port, links.kind)
    a, a_port, b, b_port, kind = (np.concatenate(pair).astype(np.int32) for pair in zip(old, columns, strict=True))
    return LinkEnds(
        a,
        a_port,
        b,
        b_port,
        kind,
        np.concatenate([links.gbps, np.full(len(first) * ports.peers, float(ports.low.gbps))]),
    )


def _beside(leaf: IntArray, planes: int, above: IntArray) -> IntArray:
    """A column of all planes from the leaves' values (shape (planes * leaves,)) and those of the switches above."""
    rows = np.concatenate([np.asarray(leaf).reshape(planes, -1), np.tile(above, (planes, 1))], axis=1)
    return rows.ravel().astype(np.int32)


def _links(sizes: TreeSizes, leaf_pod: IntArray, splits: tuple[Split, Split, Split], gbps: float) -> LinkEnds:
    """The links of all planes: those of one, shifted. `splits`: the ports of a leaf, a spine and a core."""
    leaf_at, spine_at, core_at = splits
    leaves, pods, spines, cores, share = sizes.leaves, sizes.pods, sizes.spines, sizes.cores, sizes.share
    columns: list[list[IntArray]] = []
    if spines:
        one = dealt(leaf_pod, bundles(leaf_pod, np.full(leaves, sizes.leaf[1]), spines))
        spine = leaves + leaf_pod[one.lower] * spines + one.upper
        columns.append(
            [one.lower, leaf_at.up_at[one.lower_before], spine, spine_at.down_at[one.upper_before], 0 * one.lower]
        )
    if cores:
        group = np.tile(np.arange(spines) // share, pods)
        one = dealt(group, bundles(group, np.full(pods * spines, sizes.spine[1]), cores))
        core = leaves + pods * spines + group[one.lower] * cores + one.upper
        columns.append(
            [
                leaves + one.lower,
                spine_at.up_at[one.lower_before],
                core,
                core_at.down_at[one.upper_before],
                np.ones_like(one.lower),
            ]
        )
    if not columns:
        none = np.zeros(0, dtype=np.int32)
        return LinkEnds(none, none, none, none, none, np.zeros(0))
    a, a_port, b, b_port, kind = (np.concatenate(c).astype(np.int32) for c in zip(*columns, strict=True))
    per_plane = leaves + pods * spines + sizes.all_cores
    shift = np.repeat(np.arange(sizes.planes, dtype=np.int32) * per_plane, len(a))
    a, a_port, b, b_port, kind = (np.tile(c, sizes.planes) for c in (a, a_port, b, b_port, kind))
    return LinkEnds(a + shift, a_port, b + shift, b_port, kind, np.full(len(a), gbps))


def slots(leaf_pod: IntArray) -> IntArray:
    """The position of each leaf within its pod, in row order."""
    order = np.argsort(leaf_pod, kind="stable")
    start = np.searchsorted(leaf_pod[order], leaf_pod[order])
    slot = np.empty(len(leaf_pod), dtype=np.int64)
    slot[order] = np.arange(len(leaf_pod)) - start
    return slot
