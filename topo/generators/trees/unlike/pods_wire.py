"""The wiring and the counts of unlike leaves of three tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topo.fabric import CORE, LEAF, SPINE
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, LinkEnds, Switches, Wiring
from topo.generators.layout import Split
from topo.generators.trees.counts.deal import bundles, dealt
from topo.generators.trees.leaf_kinds import UnlikeParams
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
from topo.generators.trees.wire import PEER


def pod_counts(sizes: PodSizes, params: UnlikeParams, endpoints: int) -> Counts:
    """Closed-form counts of unlike leaves of three tiers."""
    leaf, kept = sizes.leaf, params.reserve_ports
    planes, spines = leaf.planes, sizes.pods * leaf.spines
    switches = {"leaf": sum(leaf.leaves), "spine": spines, "core": sizes.groups * sizes.cores}
    switches = {tier: planes * n for tier, n in switches.items() if n}
    up = planes * sum(n for _, n in leaf.speeds)
    over = planes * spines * sizes.up if sizes.cores else 0
    peers = {PEER: planes * leaf.peer_links} if leaf.peer_links else {}
    of_speed = [ports.count(sizes.up) - kept.spine for ports, _ in sizes.spine]
    ports = {
        "leaf": planes * leaf_ports(leaf, kept.leaf) - endpoints - up,
        "spine": planes * leaf.spines * sum(of_speed[row] for row in sizes.pod_speed()) - up - over,
        "core": switches.get("core", 0) * (sizes.core.count(0) - kept.core) - over,
    }
    several = sum(n for g, n in zip(leaf.groups, leaf.leaves, strict=True) if g.kinds) > 1
    return Counts(
        switches,
        {"endpoint": endpoints, "leaf_spine": up} | ({"spine_core": over} if over else {}) | peers,
        (5 if sizes.cores and sizes.pods > 1 else 3) if several else 1,
        "leaves of each kind = ceil(hosts / hosts of a leaf); pods as full as their spines have ports; cores as in ft3",
        "Al-Fares et al., SIGCOMM 2008, made general in unlike leaves",
        {tier: n for tier, n in ports.items() if tier in switches},
        sizes.notes,
        leaf.reads + sizes.reads(params),
    )


def pod_wire(sizes: PodSizes, params: UnlikeParams, ends: Attached, heads: Sequence[str], rails: bool) -> Wiring:
    """The wiring: plane by plane the leaves, kind by kind, the spines pod by pod, and the cores group by group;
    `heads`: what the names of each plane's switches start with."""
    leaf = sizes.leaf
    planes, leaves, pods, spines = leaf.planes, sum(leaf.leaves), sizes.pods, leaf.spines
    cores, kinds = sizes.groups * sizes.cores, len(leaf.groups)
    each = leaves + pods * spines + cores
    splits = [g.ports.split(*s) for g, s in zip(leaf.groups, leaf.splits, strict=True)]
    middle, top = [ports.split(down, sizes.up) for ports, down in sizes.spine], sizes.core.top()
    kind_of = np.repeat(np.arange(kinds), leaf.leaves)
    names, rail = leaves_named(leaf, heads)
    above = [f"pod{pod:02d}-spine{i:02d}" for pod in range(pods) for i in range(spines)]
    above += [f"core-g{g:02d}-{i:02d}" for g in range(sizes.groups) for i in range(sizes.cores)]
    all_names = [n for p, head in enumerate(heads) for n in [*names[p], *(head + name for name in above)]]
    pod = np.concatenate([sizes.leaf_pod(), np.repeat(np.arange(pods), spines), np.full(cores, -1)])
    index = np.concatenate([np.arange(leaves), np.tile(np.arange(spines), pods), np.arange(cores)])
    layout = np.repeat(sizes.pod_speed(), spines) + kinds
    layout = np.concatenate([kind_of, layout, np.full(cores, kinds + len(middle))])
    switches = Switches(
        np.array(all_names, dtype=np.str_),
        np.tile(np.repeat([LEAF, SPINE, CORE], [leaves, pods * spines, cores]), planes).astype(np.int32),
        np.repeat(np.arange(planes, dtype=np.int32), each),
        np.concatenate([rail, np.full((planes, each - leaves), -1)], axis=1).ravel().astype(np.int32),
        *(np.tile(column, planes).astype(np.int32) for column in (pod, index, layout)),
    )
    shape = {"planes": planes, "leaves": leaves, "pods": pods, "spines": spines, "cores": sizes.cores}
    shape |= ({"share": sizes.share} if sizes.share > 1 else {}) | leaf_shape(leaf, params)
    kept = params.reserve_ports
    at, port, plane, own = seated_on(leaf, ends, splits, rails, each)
    links, codes = _links(sizes, kind_of, (splits, middle, top), each), ["leaf_spine", "spine_core"]
    if leaf.peer_links:
        links = with_peers(links, leaf, splits, each, len(codes))
        codes.append(PEER)
    reserved = (kept.leaf,) * kinds + (kept.spine,) * len(middle) + (kept.core,)
    return Wiring(
        switches, tuple(s.layout for s in (*splits, *middle, top)), at, port, plane, own,
        links, tuple(codes), tuple(shape.items()), reserved, (PEER,),
        outside=(*ports_out(leaf, splits), *((),) * (len(middle) + 1)),
    )  # fmt: skip


def _links(sizes: PodSizes, kind_of: IntArray, ports: tuple[list[Split], list[Split], Split], each: int) -> LinkEnds:
    """The links of all planes: those of one, shifted. `ports`: those of leaves by kind, of spines by speed, of a
    core."""
    splits, middle, top = ports
    leaf, leaves, spines, pods = sizes.leaf, len(kind_of), sizes.leaf.spines, sizes.pods
    pod, up = sizes.leaf_pod(), np.array([split.up for split in splits])
    fill = sizes.fill_order()
    times = np.empty((leaves, spines), dtype=np.int64)
    times[fill] = bundles(pod[fill], up[kind_of[fill]], spines)
    order = fill if leaf.final else np.arange(leaves)
    one = dealt(pod[order], times[order])
    one = replace(one, lower=order[one.lower])
    row = np.array(sizes.pod_speed())[pod[one.lower]]
    width = max(down for _, down in sizes.spine)
    down_at = np.stack([np.pad(s.down_at[: s.down], (0, width - s.down)) for s in middle])
    speed = np.array([g.ports.high.gbps for g in leaf.groups], dtype=np.float64)
    upper = leaves + pod[one.lower] * spines + one.upper
    columns = [
        [one.lower, up_ports(splits)[kind_of[one.lower], one.lower_before],
         upper, down_at[row, one.upper_before], 0 * upper]
    ]  # fmt: skip
    rates = [speed[kind_of[one.lower]]]
    if sizes.cores:
        group = np.tile(np.arange(spines) // sizes.share, pods)
        two = dealt(group, bundles(group, np.full(pods * spines, sizes.up), sizes.cores))
        up_at = np.stack([s.up_at[: s.up] for s in middle])[np.repeat(sizes.pod_speed(), spines)]
        core = leaves + pods * spines + group[two.lower] * sizes.cores + two.upper
        low = up_at[two.lower, two.lower_before]
        columns.append([leaves + two.lower, low, core, top.down_at[two.upper_before], np.ones_like(core)])
        rates.append(np.full(len(core), float(sizes.core.low.gbps)))
    a, a_port, b, b_port, kind = (np.concatenate(c).astype(np.int32) for c in zip(*columns, strict=True))
    shift = np.repeat(np.arange(leaf.planes, dtype=np.int32) * each, len(a))
    a, a_port, b, b_port, kind = (np.tile(c, leaf.planes) for c in (a, a_port, b, b_port, kind))
    return LinkEnds(a + shift, a_port, b + shift, b_port, kind, np.tile(np.concatenate(rates), leaf.planes))
