"""The wiring and the counts of trees with unlike leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from topo.catalog import Catalog
from topo.fabric import LEAF, SPINE
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Family, LinkEnds, Switches, Wiring
from topo.generators.layout import PortLayout, Split, numbers_at
from topo.generators.trees.counts.deal import bundles, dealt
from topo.generators.trees.form import TreeForm
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.tree import tree_family
from topo.generators.trees.unlike.leaves import (
    leaf_ports,
    leaf_shape,
    leaves_named,
    ports_out,
    seated_on,
    up_ports,
    with_peers,
)
from topo.generators.trees.unlike.pods import PodSizes
from topo.generators.trees.unlike.pods_wire import pod_counts, pod_wire
from topo.generators.trees.unlike.shape import unlike_sizes
from topo.generators.trees.unlike.sizes import UnlikeSizes
from topo.generators.trees.wire import PEER
from topo.units import amount


def unlike_family(title: str, params: type[UnlikeParams], form: TreeForm) -> Family[Any]:
    """A family of trees that may have unlike leaves under the spines of each plane."""
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
    if isinstance(sizes, PodSizes):
        return pod_counts(sizes, params, len(ends))
    planes, kept = sizes.planes, params.reserve_ports
    up = planes * sum(n for _, n in sizes.speeds)
    ports = planes * leaf_ports(sizes, kept.leaf)
    spine = planes * sizes.spines * (len(sizes.layout().names) - kept.spine)
    notes = []
    if any(u % sizes.spines for _, u in sizes.splits) and params.spread is None:
        notes = [f"uplinks of some leaves do not divide among {amount(sizes.spines, 'spine')}: spread by-one"]
    peers = {PEER: planes * sizes.peer_links} if sizes.peer_links else {}
    return Counts(
        {"leaf": planes * sum(sizes.leaves), "spine": planes * sizes.spines},
        {"endpoint": len(ends), "leaf_spine": up} | peers,
        3 if sum(n for g, n in zip(sizes.groups, sizes.leaves, strict=True) if g.kinds) > 1 else 1,
        "leaves of each kind = ceil(hosts / hosts of a leaf); spines: the fewest whose cages take all uplinks",
        "Al-Fares et al., SIGCOMM 2008, made general in unlike leaves",
        {"leaf": ports - len(ends) - up, "spine": spine - up},
        tuple(notes),
        sizes.reads,
    )


def unlike_wire(params: UnlikeParams, ends: Attached, catalog: Catalog, prefix: str, form: TreeForm) -> Wiring:
    """The wiring of a tree with unlike leaves: plane by plane the leaves, kind by kind, then the spines (and cores)."""
    sizes = unlike_sizes(params, ends, catalog, form)
    if isinstance(sizes, PodSizes):
        return pod_wire(sizes, params, ends, form.heads(prefix, sizes.leaf.planes), form.rails)
    planes, leaves, spines = sizes.planes, sum(sizes.leaves), sizes.spines
    each = leaves + spines
    splits = [g.ports.split(*s) for g, s in zip(sizes.groups, sizes.splits, strict=True)]
    top, heads = sizes.layout(), form.heads(prefix, planes)
    kind_of = np.repeat(np.arange(len(splits)), sizes.leaves)
    names, rail = leaves_named(sizes, heads)
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
    shape |= leaf_shape(sizes, params)
    kept = (params.reserve_ports.leaf,) * len(splits) + (params.reserve_ports.spine,)
    at, port, plane, own = seated_on(sizes, ends, splits, form.rails, each)
    links, codes = _links(sizes, kind_of, splits, top), ["leaf_spine"]
    if sizes.peer_links:
        links = with_peers(links, sizes, splits, each, len(codes))
        codes.append(PEER)
    return Wiring(
        switches, (*(s.layout for s in splits), top), at, port, plane, own,
        links, tuple(codes), tuple(shape.items()), kept, (PEER,), outside=(*ports_out(sizes, splits), ()),
    )  # fmt: skip


def _links(sizes: UnlikeSizes, kind_of: IntArray, splits: list[Split], top: PortLayout) -> LinkEnds:
    """The links of all planes: those of one, shifted."""
    speed = np.array([g.ports.high.gbps for g in sizes.groups])
    up = np.array([split.up for split in splits])
    up_at = up_ports(splits)
    columns, done = [], 0
    for gbps, n in (sizes.final or sizes).speeds:
        of_kinds = [np.flatnonzero(kind_of == k) for k in sizes.order if speed[k] == gbps]
        rows = np.concatenate(of_kinds)
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
