"""Multi-plane fat-tree: one two-tier fat-tree per plane; NIC i (or port i of every NIC) of each host in plane i.

Hosts with as many NICs as planes use one NIC a plane; hosts whose NICs have as many ports as planes use one port of
every NIC a plane. At radix k at most planes x k^2 / 2 endpoints (DeepSeek-AI, arXiv 2505.09343, section 5.1).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.tree import (
    TreeNames,
    TreeParams,
    TreeShape,
    hosts_per_leaf,
    packed,
    tree_counts,
    tree_parts,
    tree_symmetries,
    two_tiers,
    wire_tree,
)


class MpftParams(TreeParams):
    """Keys of a multi-plane fat-tree."""

    family: Literal["mpft"]
    planes: Count | None = Field(
        None, description="how many planes; default and only choice: the NICs of a host, or the ports of a NIC"
    )


def _planes(params: MpftParams, ends: Attached) -> IntArray:
    """The plane of each endpoint."""
    nics, nic_ports = int(ends.nic.max(initial=0)) + 1, int(ends.nic_port.max(initial=0)) + 1
    planes = nic_ports if nic_ports > 1 else nics
    if params.planes not in (None, planes):
        raise ParameterError(
            "planes",
            params.planes,
            f"the hosts bring {nics} NICs with {nic_ports} port{'s' if nic_ports > 1 else ''} each",
            f"{planes}",
            "one plane per NIC, or per port of a NIC with several ports",
        )
    plane = ends.nic_port if nic_ports > 1 else ends.nic
    per_plane = np.bincount(plane, minlength=planes)
    if len(np.unique(per_plane)) > 1:
        reached = np.bincount(np.unique(np.stack([ends.host, plane]), axis=1)[0])
        few = reached[(reached > 0) & (reached < planes)]
        raise ParameterError(
            "other_hosts",
            f"{len(few):,} of {int((reached > 0).sum()):,} hosts reach {few.min(initial=planes)} of {planes} planes",
            "every host of a multi-plane network needs an endpoint in every plane",
            f"hosts with {planes} {'NIC ports' if nic_ports > 1 else 'NICs'}",
            "put hosts with fewer NICs into a network of their own, or choose hosts with more",
        )
    return plane


def _shape(params: MpftParams, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray, IntArray]:
    parts = tree_parts(params, ends, catalog)
    plane = _planes(params, ends)
    planes = int(plane.max(initial=0)) + 1
    first = ends.rows(plane == 0)
    one = Attached(first.host, first.nic, first.nic_port, _slot(first), first.gbps, first.gpu_first, first.gpu_count)
    leaf_of, port_of, leaves = packed(one, parts.leaf.down)
    max_hosts = parts.max_leaves_two_tiers * hosts_per_leaf(one, parts.leaf.down)
    shape = two_tiers(parts, planes, leaves, ends, max_hosts)
    order = np.argsort(plane, kind="stable")
    leaf, port = np.empty(len(ends), dtype=np.int64), np.empty(len(ends), dtype=np.int64)
    leaf[order], port[order] = np.tile(leaf_of, planes), np.tile(port_of, planes)
    return shape, plane, leaf, port


def _slot(ends: Attached) -> IntArray:
    """The position of each endpoint among those of its host."""
    return np.arange(len(ends)) - np.searchsorted(ends.host, ends.host)


def _wire(params: MpftParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, plane, leaf, port = _shape(params, ends, catalog)
    planes, leaves = shape.planes, shape.leaves
    heads = [f"{prefix}p{p}-" if planes > 1 else prefix for p in range(planes)]
    nic_is_plane = bool((ends.nic == plane).all())
    rail = np.repeat(np.arange(planes), leaves) if nic_is_plane else np.full(planes * leaves, -1)
    names = TreeNames(
        [f"{head}leaf-{i:03d}" for head in heads for i in range(leaves)],
        rail,
        np.tile(np.arange(leaves), planes),
        "spine-{spine:03d}",
        prefix,
    )
    per_plane = leaves + shape.spines
    return wire_tree(shape, names, plane * per_plane + leaf, port, plane, ends.nic)


def _counts(params: MpftParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)[0]
    return tree_counts(shape, ends, "full: planes x (N = k^2/2, switches 3k/2, links k^2/2)")


families.add("mpft", Family("multi-plane fat-tree", MpftParams, _wire, _counts, tree_symmetries))
