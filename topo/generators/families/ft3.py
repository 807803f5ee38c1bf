"""Three-tier fat-tree: pods of leaves and spines under a core; all NICs of a host on one leaf.

At radix k and no oversubscription at most k^3 / 4 endpoints, 5 k^2 / 4 switches, k^3 / 2 switch-to-switch links.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from topo.catalog import Catalog
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.tree import (
    TreeNames,
    TreeParams,
    TreeShape,
    hosts_per_leaf,
    packed,
    three_tiers,
    tree_counts,
    tree_parts,
    tree_symmetries,
    wire_tree,
)


class Ft3Params(TreeParams):
    """Keys of a three-tier fat-tree."""

    family: Literal["ft3"]


def _shape(params: Ft3Params, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray]:
    parts = tree_parts(params, ends, catalog)
    leaf, port, leaves = packed(ends, parts.leaf.down)
    leaf_pod = np.arange(leaves, dtype=np.int32) // parts.spine.down
    max_hosts = parts.max_leaves_three_tiers * hosts_per_leaf(ends, parts.leaf.down)
    return three_tiers(parts, 1, leaf_pod, ends, max_hosts), leaf, port


def _wire(params: Ft3Params, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, leaf, port = _shape(params, ends, catalog)
    pod, slot = np.divmod(np.arange(shape.leaves, dtype=np.int32), shape.parts.spine.down)
    leaf_names = [f"{prefix}pod{p:02d}-leaf{i:02d}" for p, i in zip(pod.tolist(), slot.tolist(), strict=True)]
    names = TreeNames(leaf_names, np.full(shape.leaves, -1), slot, "pod{pod:02d}-spine{spine:02d}", prefix)
    return wire_tree(shape, names, leaf, port, np.zeros_like(leaf), ends.nic)


def _counts(params: Ft3Params, ends: Attached, catalog: Catalog) -> Counts:
    return tree_counts(_shape(params, ends, catalog)[0], ends, "full: N = k^3/4, switches 5k^2/4, links k^3/2")


families.add("ft3", Family("three-tier fat-tree", Ft3Params, _wire, _counts, tree_symmetries))
