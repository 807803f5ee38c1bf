"""The wiring and the counts of trees with unlike leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from topo.catalog import Catalog
from topo.fabric import LEAF, SPINE
from topo.fabric.model import IntArray
from topo.fabric.shape_keys import DUAL, HOSTS_ON, OUTSIDE_MBPS, OUTSIDE_PORTS
from topo.generators.family import Attached, Counts, Family, LinkEnds, Switches, Wiring
from topo.generators.layout import PortLayout, Split, numbers_at
from topo.generators.tree import tree_family
from topo.generators.tree_deal import bundles, dealt
from topo.generators.tree_form import TreeForm, rail_of_planes
from topo.generators.tree_leaf_kinds import UnlikeParams
from topo.generators.tree_seats import Rails
from topo.generators.tree_unlike import Alone, UnlikeSizes, unlike_sizes
from topo.generators.tree_wire import places_of, unit_ends
from topo.units import amount


def unlike_family(title: str, params: type[UnlikeParams], form: TreeForm) -> Family[Any]:
    """A family of trees that may have unlike leaves under the one spine tier of each plane."""
    like = tree_family(title, params, form)

    def wire(keys: Any, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
        if keys.leaves:
            return unlike_wire(keys, ends, catalog, prefix, form)
        return like.wire(keys, ends, catalog, prefix)

    def counts(keys: Any, ends: Attached, catalog: Catalog) -> Counts:
        return unlike_counts(keys, ends, catalog, form) if keys.leaves else like.counts(keys, ends, catalog)

    return replace(like, wire=wire, counts=counts)


def unlike_counts(params: UnlikeParams, ends: Attached, catalog: Catalog, form: TreeForm) -> Counts:
    """Closed-form counts of a tree with unlike leaves."""
    sizes = unlike_sizes(params, ends, catalog, form)
    planes, kept = sizes.planes, params.reserve_ports
    up = planes * sum(n for _, n in sizes.speeds)
    ports = planes * sum(
        n * (g.ports.count(u) - kept.leaf - g.outside)
        for g, n, (_, u) in zip(sizes.groups, sizes.leaves, sizes.splits, strict=True)
    )
    spine = planes * sizes.spines * (len(sizes.layout().names) - kept.spine)
    notes = []
    if any(u % sizes.spines for _, u in sizes.splits) and params.spread is None:
        notes = [f"uplinks of some leaves do not divide among {amount(sizes.spines, 'spine')}: spread by-one"]
    return Counts(
        {"leaf": planes * sum(sizes.leaves), "spine": planes * sizes.spines},
        {"endpoint": len(ends), "leaf_spine": up},
        3 if sum(n for g, n in zip(sizes.groups, sizes.leaves, strict=True) if g.kinds) > 1 else 1,
        "leaves of each kind = ceil(hosts / hosts of a leaf); spines: the fewest whose cages take all uplinks",
        "Al-Fares et al., SIGCOMM 2008, made general in unlike leaves",
        {"leaf": ports - len(ends) - up, "spine": spine - up},
        tuple(notes),
    )


def unlike_wire(params: UnlikeParams, ends: Attached, catalog: Catalog, prefix: str, form: TreeForm) -> Wiring:
    """The wiring of a tree with unlike leaves: plane by plane the leaves, kind by kind, then the spines."""
    sizes = unlike_sizes(params, ends, catalog, form)
    planes, leaves, spines = sizes.planes, sum(sizes.leaves), sizes.spines
    each = leaves + spines
    splits = [g.ports.split(*s) for g, s in zip(sizes.groups, sizes.splits, strict=True)]
    top, heads = sizes.layout(), form.heads(prefix, planes)
    kind_of = np.repeat(np.arange(len(splits)), sizes.leaves)
    names, rail = _leaves_named(sizes, heads)
    above = [f"spine-{i:03d}" for i in range(spines)]
    all_names = [n for p, head in enumerate(heads) for n in [*names[p], *(head + name for name in above)]]
    switches = Switches(
        np.array(all_names, dtype=np.str_),
        np.tile(np.repeat([LEAF, SPINE], [leaves, spines]), planes).astype(np.int32),
        np.repeat(np.arange(planes, dtype=np.int32), each),
        np.concatenate([rail, np.full((planes, spines), -1)], axis=1).ravel().astype(np.int32),
        np.zeros(planes * each, dtype=np.int32),
        np.tile(np.concatenate([np.arange(leaves), np.arange(spines)]), planes).astype(np.int32),
        np.tile(np.concatenate([kind_of, np.full(spines, len(splits))]), planes).astype(np.int32),
    )
    shape = {"planes": planes, "leaves": leaves, "pods": 1, "spines": spines, "cores": 0}
    shape |= {f"leaves-{i}": n for i, n in enumerate(sizes.leaves)}
    shape |= {f"{HOSTS_ON}{row}": i for i, g in enumerate(sizes.groups) for row in g.kinds}
    shape |= {DUAL: 1} if params.homing == "dual" else {}
    for i, g in enumerate(sizes.groups):
        if g.fixed:
            shape |= {f"{OUTSIDE_PORTS}{i}": g.outside, f"{OUTSIDE_MBPS}{i}": round(g.ports.low.gbps * 1000)}
    outside = [tuple(s.down_at[: g.outside].tolist()) for g, s in zip(sizes.groups, splits, strict=True)]
    kept = (params.reserve_ports.leaf,) * len(splits) + (params.reserve_ports.spine,)
    at, port, plane, own = _seated(sizes, ends, splits, form.rails)
    return Wiring(
        switches, (*(s.layout for s in splits), top), at, port, plane, own,
        _links(sizes, kind_of, splits, top), ("leaf_spine",),
        tuple(shape.items()), kept, outside=(*outside, ()),
    )  # fmt: skip


def _seated(
    sizes: UnlikeSizes, ends: Attached, splits: list[Split], rails: bool
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Switch row, port number, plane and rail of each endpoint (shape (endpoints,) each)."""
    none = np.zeros(0, dtype=np.int64)
    columns = [[none] * 4 for _ in ends.kinds]
    first = 0
    for g, leaves, split in zip(sizes.groups, sizes.leaves, splits, strict=True):
        at, before = g.seats.seats(split.down)
        done = 0
        for row, home in zip(g.kinds, g.homes, strict=True):
            n = ends.kinds[row].count
            selected = slice(done, done + n)
            within, place = places_of(g.seats, home, split.down) if not isinstance(g.seats, Alone) else (none, none)
            leaf = at[selected][:, None] + within + first + home.plane * (sum(sizes.leaves) + sizes.spines)
            port = split.down_at[(before[selected][:, None] + place).ravel()]
            own = home.nic if isinstance(g.seats, Rails) or not rails else np.full(len(home.nic), -1)
            columns[row] = [leaf.ravel(), port, np.tile(home.plane, n), np.tile(own, n)]
            done = selected.stop
        first += leaves
    at, port, plane, own = (np.concatenate(c) for c in zip(*columns, strict=True))
    return at, port, plane, own


def _leaves_named(sizes: UnlikeSizes, heads: Sequence[str]) -> tuple[list[list[str]], IntArray]:
    """Names of the leaves of each plane, each kind of a role counted for itself, so that the growth of one renames none
    of another; and the rail of each (shape (planes, leaves)), -1 where it holds several or none."""
    names: list[list[str]] = [[] for _ in heads]
    rail = np.full((len(heads), sum(sizes.leaves)), -1, dtype=np.int64)
    kinds: dict[str, int] = {}
    start = 0
    for g, n, (down, _) in zip(sizes.groups, sizes.leaves, sizes.splits, strict=True):
        role, seats, nth = "" if g.role == "leaf" else f"{g.role}-", g.seats, kinds.get(g.role, 0)
        kinds[g.role] = nth + 1
        kind = f"-{nth}-" if nth else ""
        nics = rail_of_planes(list(g.homes), len(heads)) if g.homes else np.zeros((len(heads), 0), dtype=np.int64)
        if isinstance(seats, Rails):
            group, homes = seats.group_of(down), seats.homes
            each = seats.rails * homes // group
            for p, head in enumerate(heads):
                ends = unit_ends(nics[p].tolist(), each, group, homes)
                names[p] += [f"{head}{role}su{kind}{i // group:03d}-leaf-{ends[i % group]}" for i in range(n)]
            if each == 1:
                rail[:, start : start + n] = nics[:, np.arange(n) % group // homes]
        else:
            for p, head in enumerate(heads):
                names[p] += [f"{head}{role}leaf{kind or '-'}{i:03d}" for i in range(n)]
            if len(heads) > 1 and nics.shape[1] == 1:
                rail[:, start : start + n] = nics
        start += n
    return names, rail


def _links(sizes: UnlikeSizes, kind_of: IntArray, splits: list[Split], top: PortLayout) -> LinkEnds:
    """The links of all planes: those of one, shifted."""
    speed = np.array([g.ports.high.gbps for g in sizes.groups])
    up = np.array([split.up for split in splits])
    up_at = np.zeros((len(splits), int(up.max())), dtype=np.int64)
    for row, split in enumerate(splits):
        up_at[row, : split.up] = split.up_at[: split.up]
    columns, done = [], 0
    for gbps, n in sizes.speeds:
        rows = np.flatnonzero(speed[kind_of] == gbps)
        times = bundles(np.zeros(len(rows), dtype=np.int64), up[kind_of[rows]], sizes.spines)
        one = dealt(np.zeros(len(rows), dtype=np.int64), np.roll(times, done % sizes.spines, axis=1))
        lower = rows[one.lower]
        high = numbers_at(top, gbps)[one.upper_before]
        columns.append([lower, up_at[kind_of[lower], one.lower_before], len(kind_of) + one.upper, high])
        done += n
    a, a_port, b, b_port = (np.concatenate(c).astype(np.int32) for c in zip(*columns, strict=True))
    rate = np.tile(speed[kind_of[a]].astype(np.float64), sizes.planes)
    shift = np.repeat(np.arange(sizes.planes, dtype=np.int32) * (len(kind_of) + sizes.spines), len(a))
    a, a_port, b, b_port = (np.tile(c, sizes.planes) for c in (a, a_port, b, b_port))
    return LinkEnds(a + shift, a_port, b + shift, b_port, np.zeros(len(a), dtype=np.int32), rate)
