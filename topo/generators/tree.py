"""Fat-trees of two and three tiers: sizes, wiring and counts that the tree families share.

A tree network is `planes` equal trees without a common switch. In a tree, leaf `l` of pod `p` has `leaf.up` uplinks,
spread evenly over the `spines` spines of its pod (`leaf.up / spines` parallel links to each). Spine `j` of every pod
has `spine.up` uplinks, spread evenly over the `cores` cores of group `j`. Sizes follow M. Al-Fares et al., "A Scalable,
Commodity Data Center Network Architecture", SIGCOMM 2008, made general in radix, ratio and fill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field, field_validator

from topo.catalog import Catalog
from topo.catalog.models import PartId, Positive
from topo.errors import ParameterError
from topo.fabric import CORE, LEAF, SPINE
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, LinkEnds, NetworkParams, Switches, Wiring
from topo.generators.layout import PortLayout, Split, split, uniform
from topo.generators.tree_symmetry import tree_symmetries as tree_symmetries
from topo.units import ratio

SOURCE = "Al-Fares et al., SIGCOMM 2008; DeepSeek-AI, arXiv 2505.09343, table 3"


class TreeParams(NetworkParams):
    """Keys of every fat-tree."""

    spine_switch: PartId | None = Field(None, description="switch part of the spine tier; default: `switch`")
    core_switch: PartId | None = Field(None, description="switch part of the core tier; default: the spine's part")
    uplink_gbps: Positive | None = Field(
        None, description="speed of switch-to-switch links; default: as endpoint links"
    )
    oversubscription: float | str = Field(1.0, description="down:up bandwidth at a leaf, as 1, 1.5 or '3:1'")
    spine_oversubscription: float | str = Field(
        1.0, description="down:up bandwidth at a spine that has a core tier above it"
    )

    @field_validator("oversubscription", "spine_oversubscription")
    @classmethod
    def _is_ratio(cls, value: float | str) -> float | str:
        try:
            ratio(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError("is no ratio of down to up; write 1, 1.5 or '3:1'") from None
        return value


@dataclass(frozen=True)
class TreeParts:
    """The port splits of a tree's tiers. `top` is the switch of a highest tier, all ports down."""

    leaf: Split
    spine: Split
    two_tier_top: PortLayout
    core: PortLayout
    endpoint_gbps: float
    uplink_gbps: float

    @property
    def max_leaves_two_tiers(self) -> int:
        """Leaves that one spine can join."""
        return len(self.two_tier_top.names)

    @property
    def max_leaves_three_tiers(self) -> int:
        """Leaves of a full three-tier tree."""
        return len(self.core.names) * self.spine.down


def tree_parts(params: TreeParams, ends: Attached, catalog: Catalog) -> TreeParts:
    """Resolves a tree's switches; raises ParameterError for speeds or ratios that they do not give."""
    speeds = np.unique(ends.gbps)
    if len(speeds) != 1:
        raise ParameterError(
            "endpoint_gbps",
            ", ".join(f"{s:g}" for s in speeds) or "no NIC",
            "one tier of leaf ports needs one speed",
            hint="set endpoint_gbps, or give the hosts NICs for this network",
        )
    leaf_part = catalog.switch(params.switch, "switch")
    spine_part = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else leaf_part
    core_part = catalog.switch(params.core_switch, "core_switch") if params.core_switch else spine_part
    down = float(speeds[0])
    up = params.uplink_gbps or down
    leaf = split(leaf_part, down, up, ratio(params.oversubscription))
    spine = split(spine_part, up, up, ratio(params.spine_oversubscription), "spine_switch", "spine_oversubscription")
    top, core = uniform(spine_part, up, "spine_switch"), uniform(core_part, up, "core_switch")
    return TreeParts(leaf, spine, top, core, down, up)


@dataclass(frozen=True)
class TreeShape:
    """The sizes of a tree network: `leaf_pod[l]` is the pod of leaf l in each plane; `spines` per pod, `cores` per
    group (0 where there is no such tier)."""

    parts: TreeParts
    tiers: int
    planes: int
    leaf_pod: IntArray
    pods: int
    spines: int
    cores: int

    @property
    def leaves(self) -> int:
        """Leaves of one plane."""
        return len(self.leaf_pod)

    def links(self) -> dict[str, int]:
        """Closed-form counts of switch-to-switch links by kind."""
        leaf_spine = self.planes * self.leaves * self.parts.leaf.up if self.spines else 0
        spine_core = self.planes * self.pods * self.spines * self.parts.spine.up if self.cores else 0
        return {k: n for k, n in (("leaf_spine", leaf_spine), ("spine_core", spine_core)) if n}

    def switches(self) -> dict[str, int]:
        """Closed-form counts of switches by tier."""
        spines = self.planes * self.pods * self.spines
        cores = self.planes * self.spines * self.cores
        counts = {"leaf": self.planes * self.leaves, "spine": spines, "core": cores}
        return {k: n for k, n in counts.items() if n}


def two_tiers(parts: TreeParts, planes: int, leaves: int, ends: Attached, max_hosts: int) -> TreeShape:
    """The smallest even two-tier tree over `leaves` leaves a plane; raises ParameterError above `max_hosts`."""
    radix = parts.max_leaves_two_tiers
    if leaves > radix:
        raise too_many(ends, max_hosts, f"two tiers join at most {radix} leaves, {leaves} are needed")
    spines = _fewest(parts.leaf.up, leaves, radix) if leaves > 1 else 0
    return TreeShape(parts, 2, planes, np.zeros(leaves, dtype=np.int32), 1, spines, 0)


def three_tiers(parts: TreeParts, planes: int, leaf_pod: IntArray, ends: Attached, max_hosts: int) -> TreeShape:
    """The smallest even three-tier tree with leaves in the given pods; raises ParameterError above `max_hosts`."""
    in_pod = np.bincount(leaf_pod)
    pods, radix = len(in_pod), len(parts.core.names)
    if pods > radix:
        raise too_many(ends, max_hosts, f"three tiers join at most {radix} pods, {pods} are needed")
    widest = int(in_pod.max(initial=0))
    spines = _fewest(parts.leaf.up, widest, parts.spine.down) if len(leaf_pod) > 1 else 0
    cores = _fewest(parts.spine.up, pods, radix) if pods > 1 else 0
    return TreeShape(parts, 3, planes, leaf_pod, pods, spines, cores)


def too_many(ends: Attached, max_hosts: int, message: str) -> ParameterError:
    """The error for a size above the maximum, with the two largest that work."""
    hosts = len(np.unique(ends.host))
    gpus = int((ends.gpu_first + ends.gpu_count).max(initial=0))
    sizes = f"{max_hosts * gpus:,} or {(max_hosts - 1) * gpus:,} GPUs" if gpus else f"{max_hosts:,} hosts"
    return ParameterError(
        "gpus",
        f"{hosts * gpus:,}" if gpus else f"{hosts:,} hosts",
        message,
        f"at most {sizes}",
        "take a switch with more ports, a higher oversubscription, more planes or one more tier",
    )


def _fewest(uplinks: int, below: int, radix: int) -> int:
    """The smallest divisor of `uplinks` that gives `below` switches with that many uplinks room on `radix` ports."""
    return next(n for n in range(1, uplinks + 1) if uplinks % n == 0 and n * radix >= below * uplinks)


@dataclass(frozen=True)
class TreeNames:
    """Names, rails and indices of the leaves of all planes, plane by plane (shape (planes * leaves,)), and the pattern
    of a spine's name from {pod} and {spine}. Planes are told apart by `plane_prefix`."""

    leaf: list[str]
    rail: IntArray
    index: IntArray
    spine: str
    prefix: str = ""

    def head(self, plane: int, planes: int) -> str:
        """What the names of one plane's switches start with."""
        return f"{self.prefix}p{plane}-" if planes > 1 else self.prefix


def wire_tree(
    shape: TreeShape, names: TreeNames, at_switch: IntArray, at_port: IntArray, plane: IntArray, rail: IntArray
) -> Wiring:
    """The wiring of a tree; the last four say switch row, port number, plane and rail of each endpoint.

    Switch rows: plane by plane the leaves, the spines pod by pod, the cores group by group.
    """
    parts, planes, leaves, pods, spines, cores = (
        shape.parts,
        shape.planes,
        shape.leaves,
        shape.pods,
        shape.spines,
        shape.cores,
    )
    per_plane = leaves + pods * spines + spines * cores
    all_names: list[str] = []
    for p in range(planes):
        head = names.head(p, planes)
        all_names += names.leaf[p * leaves : (p + 1) * leaves]
        all_names += [head + names.spine.format(pod=i, spine=j) for i in range(pods) for j in range(spines)]
        all_names += [f"{head}core-g{j:02d}-{c:02d}" for j in range(spines) for c in range(cores)]
    tier = np.repeat([LEAF, SPINE, CORE], [leaves, pods * spines, spines * cores])
    pod = np.concatenate([shape.leaf_pod, np.repeat(np.arange(pods), spines), np.full(spines * cores, -1)])
    above = np.concatenate([np.tile(np.arange(spines), pods), np.arange(spines * cores)])
    switches = Switches(
        np.array(all_names, dtype=np.str_),
        np.tile(tier, planes).astype(np.int32),
        np.repeat(np.arange(planes, dtype=np.int32), per_plane),
        _beside(names.rail, planes, np.full(len(above), -1)),
        np.tile(pod, planes).astype(np.int32),
        _beside(names.index, planes, above),
        np.tile(tier - LEAF, planes).astype(np.int32),
    )
    layouts = (parts.leaf.layout, parts.spine.layout if shape.tiers == 3 else parts.two_tier_top, parts.core)
    sizes = (
        ("planes", planes),
        ("leaves", leaves),
        ("pods", pods),
        ("spines", spines),
        ("cores", cores),
    )
    links = _links(shape, per_plane)
    return Wiring(switches, layouts, at_switch, at_port, plane, rail, links, ("leaf_spine", "spine_core"), sizes)


def _beside(leaf: IntArray, planes: int, above: IntArray) -> IntArray:
    """A column of all planes from the leaves' values (shape (planes * leaves,)) and those of the switches above."""
    rows = np.concatenate([leaf.reshape(planes, -1), np.tile(above, (planes, 1))], axis=1)
    return rows.ravel().astype(np.int32)


def _links(shape: TreeShape, per_plane: int) -> LinkEnds:
    """Leaf l, uplink x meets spine x // m of its pod at port (slot of l) * m + x % m + 1, with m = up / spines; spines
    meet the cores of their group the same way, by pod."""
    parts, leaves, pods, spines, cores = shape.parts, shape.leaves, shape.pods, shape.spines, shape.cores
    columns: list[list[IntArray]] = []
    if spines:
        up = parts.leaf.up
        m = up // spines
        leaf, x = np.divmod(np.arange(leaves * up), up)
        slot = slots(shape.leaf_pod)
        spine = leaves + shape.leaf_pod[leaf] * spines + x // m
        columns.append([leaf, parts.leaf.up_start + x, spine, slot[leaf] * m + x % m + 1, np.zeros_like(leaf)])
    if cores:
        up = parts.spine.up
        m = up // cores
        spine, x = np.divmod(np.arange(pods * spines * up), up)
        pod, j = np.divmod(spine, spines)
        core = leaves + pods * spines + j * cores + x // m
        columns.append([leaves + spine, parts.spine.up_start + x, core, pod * m + x % m + 1, np.ones_like(spine)])
    if not columns:
        none = np.zeros(0, dtype=np.int32)
        return LinkEnds(none, none, none, none, none, np.zeros(0))
    a, a_port, b, b_port, kind = (np.concatenate(c).astype(np.int32) for c in zip(*columns, strict=True))
    shift = np.repeat(np.arange(shape.planes, dtype=np.int32) * per_plane, len(a))
    a, a_port, b, b_port, kind = (np.tile(c, shape.planes) for c in (a, a_port, b, b_port, kind))
    return LinkEnds(a + shift, a_port, b + shift, b_port, kind, np.full(len(a), parts.uplink_gbps))


def slots(leaf_pod: IntArray) -> IntArray:
    """The position of each leaf within its pod, in row order."""
    order = np.argsort(leaf_pod, kind="stable")
    start = np.searchsorted(leaf_pod[order], leaf_pod[order])
    slot = np.empty(len(leaf_pod), dtype=np.int64)
    slot[order] = np.arange(len(leaf_pod)) - start
    return slot


def tree_counts(shape: TreeShape, ends: Attached, formula: str) -> Counts:
    """Closed-form counts of a tree network from its sizes alone."""
    parts = shape.parts
    switches, links = shape.switches(), {"endpoint": len(ends), **shape.links()}
    down = {
        "leaf": len(ends),
        "spine": links.get("leaf_spine", 0),
        "core": links.get("spine_core", 0),
    }
    ports = {
        "leaf": len(parts.leaf.layout.names),
        "spine": len((parts.spine.layout if shape.tiers == 3 else parts.two_tier_top).names),
        "core": len(parts.core.names),
    }
    up = {"leaf": links.get("leaf_spine", 0), "spine": links.get("spine_core", 0), "core": 0}
    spare = {t: n * ports[t] - down[t] - up[t] for t, n in switches.items()}
    hops = 5 if shape.cores else 3 if shape.spines else 1
    return Counts(switches, links, hops, formula, SOURCE, spare)


def hosts_per_leaf(ends: Attached, room: int) -> int:
    """Whole hosts that fit on a leaf of `room` down ports, by the widest host."""
    widest = int(np.bincount(ends.host).max(initial=1))
    return room // widest


def packed(ends: Attached, room: int) -> tuple[IntArray, IntArray, int]:
    """Hosts packed whole onto leaves of `room` down ports, in order: leaf and port number of each endpoint (shape
    (endpoints,)) and the number of leaves. Raises ParameterError for a host that no leaf can hold."""
    hosts, width = np.unique(ends.host, return_counts=True)
    if len(width) and width.max() > room:
        raise ParameterError(
            "host",
            f"{width.max()} NIC ports",
            f"no leaf can hold this host: a leaf has {room} down ports",
            f"at most {room} NIC ports a host",
            "use a switch with more ports, a lower ratio, or one plane per NIC",
        )
    if len(np.unique(width)) <= 1:
        per_leaf = room // int(width[0]) if len(width) else 1
        order = np.searchsorted(hosts, ends.host)
        leaf, seat = np.divmod(order, per_leaf)
        return leaf, seat * (width[0] if len(width) else 1) + ends.slot + 1, -(-len(hosts) // per_leaf)
    host_leaf, host_seat, leaf_now, used = np.zeros(len(hosts), int), np.zeros(len(hosts), int), 0, 0
    for i, w in enumerate(width.tolist()):
        if used + w > room:
            leaf_now, used = leaf_now + 1, 0
        host_leaf[i], host_seat[i], used = leaf_now, used, used + w
    order = np.searchsorted(hosts, ends.host)
    return host_leaf[order], host_seat[order] + ends.slot + 1, leaf_now + 1
