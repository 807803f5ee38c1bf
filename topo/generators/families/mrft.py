"""Multi-rail fat-tree: NIC i of every host on the leaves of rail i; all rails in one connected network.

A scalable unit is as many hosts as a leaf has down ports; it has one leaf per rail. Two tiers while every leaf can
reach every spine, three beyond. Pods of the three-tier form hold whole scalable units (`pods: scalable-unit`, the
default) or the leaves of one rail (`pods: rail`). Counts follow the NVIDIA DGX SuperPOD reference architecture (B200).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.tree import (
    TreeNames,
    TreeParams,
    TreeParts,
    TreeShape,
    slots,
    three_tiers,
    tree_counts,
    tree_parts,
    tree_symmetries,
    two_tiers,
    wire_tree,
)


class RailParams(TreeParams):
    """Keys of a tree whose leaves each hold one rail."""

    SIZES = ("tiers",)

    pods: Literal["scalable-unit", "rail"] = Field("scalable-unit", description="what a pod of three tiers holds")
    tiers: Literal[2, 3] | None = Field(None, description="default: two while they fit, then three")


class MrftParams(RailParams):
    """Keys of a multi-rail fat-tree."""

    family: Literal["mrft"]


def rail_shape(params: RailParams, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray]:
    """Sizes, and the leaf and port number of each endpoint. Leaf rows count rails within scalable units."""
    parts = tree_parts(params, ends, catalog)
    served, rails = _served(ends), _rails(ends)
    wide = int(ends.nic_port[served].max(initial=0)) + 1
    hosts, order = np.unique(ends.host[served], return_inverse=True)
    room = parts.leaf.down // wide
    if not room:
        raise ParameterError(
            "host",
            f"{wide} ports a NIC",
            f"no leaf can hold a NIC of this host: a leaf has {parts.leaf.down} down ports",
            f"at most {parts.leaf.down} ports a NIC",
        )
    units = max(-(-len(hosts) // room), 1)
    leaf, port = np.zeros(len(ends), dtype=np.int64), np.zeros(len(ends), dtype=np.int64)
    leaf[served] = order // room * rails + ends.nic[served]
    port[served] = order % room * wide + ends.nic_port[served] + 1
    _seat_others(leaf, port, served, units * rails, parts.leaf.down)
    leaves = units * rails
    tiers = params.tiers or (2 if leaves <= parts.max_leaves_two_tiers else 3)
    if tiers == 2:
        return two_tiers(parts, 1, leaves, ends, parts.max_leaves_two_tiers // rails * room), leaf, port
    leaf_pod, max_units = _pods(params, parts, units, rails)
    return three_tiers(parts, 1, leaf_pod, ends, max_units * room), leaf, port


def _served(ends: Attached) -> BoolArray:
    """Endpoints that belong to rails: those of GPUs, or all where no endpoint has a GPU."""
    with_gpu = np.asarray(ends.gpu_count > 0)
    return with_gpu if with_gpu.any() else np.ones(len(ends), dtype=np.bool_)


def _rails(ends: Attached) -> int:
    return int(ends.nic[_served(ends)].max(initial=0)) + 1


def _seat_others(leaf: IntArray, port: IntArray, served: BoolArray, leaves: int, room: int) -> None:
    """Endpoints without GPUs (management) take free leaf ports, the first free port of each leaf in turn."""
    free = np.ones((leaves, room), dtype=np.bool_)
    free[leaf[served], port[served] - 1] = False
    others = np.flatnonzero(~served)
    if len(others) > free.sum():
        raise ParameterError(
            "other_hosts",
            f"{len(others)} endpoints",
            "more endpoints without GPUs than free leaf ports",
            f"at most {free.sum()}",
            "plan fewer GPUs in the last scalable unit, or a network of their own",
        )
    turn = np.cumsum(free, axis=1)
    free_leaf, free_port = np.nonzero(free)
    seat = np.lexsort((free_leaf, turn[free_leaf, free_port]))[: len(others)]
    leaf[others], port[others] = free_leaf[seat], free_port[seat] + 1


def _pods(params: RailParams, parts: TreeParts, units: int, rails: int) -> tuple[IntArray, int]:
    """The pod of each leaf and the largest number of scalable units."""
    unit, rail = np.divmod(np.arange(units * rails), rails)
    width, most_pods = parts.spine.down, len(parts.core.names)
    if params.pods == "rail":
        return unit // width * rails + rail, most_pods // rails * width
    if rails > width:
        raise ParameterError(
            "pods", params.pods, f"a pod of {width} leaves holds no scalable unit of {rails} rails", "rail"
        )
    return unit // (width // rails), most_pods * (width // rails)


def _wire(params: MrftParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, leaf, port = rail_shape(params, ends, catalog)
    rails = _rails(ends)
    unit, rail = np.divmod(np.arange(shape.leaves, dtype=np.int32), rails)
    leaf_names = [f"{prefix}su{u:03d}-leaf-r{r}" for u, r in zip(unit.tolist(), rail.tolist(), strict=True)]
    names = TreeNames(leaf_names, rail, slots(shape.leaf_pod), "pod{pod:02d}-spine{spine:02d}", prefix)
    own_rail = np.where(_served(ends), ends.nic, -1)
    return wire_tree(shape, names, leaf, port, np.zeros_like(leaf), own_rail)


def _counts(params: MrftParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = rail_shape(params, ends, catalog)[0]
    return tree_counts(
        shape, ends, "leaves = rails x ceil(hosts / leaf down ports); then as the two- or three-tier tree"
    )


families.add("mrft", Family("multi-rail fat-tree", MrftParams, _wire, _counts, tree_symmetries))
