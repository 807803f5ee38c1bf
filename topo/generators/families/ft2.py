"""Two-tier fat-tree (leaf-spine): all NICs of a host on one leaf.

At radix k and no oversubscription at most k^2 / 2 endpoints, 3k / 2 switches, k^2 / 2 switch-to-switch links.
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
    tree_counts,
    tree_parts,
    tree_symmetries,
    two_tiers,
    wire_tree,
)


class Ft2Params(TreeParams):
    """Keys of a two-tier fat-tree."""

    family: Literal["ft2"]


def _shape(params: Ft2Params, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray]:
    parts = tree_parts(params, ends, catalog)
    leaf, port, leaves = packed(ends, parts.leaf.down)
    max_hosts = parts.max_leaves_two_tiers * hosts_per_leaf(ends, parts.leaf.down)
    return two_tiers(parts, 1, leaves, ends, max_hosts), leaf, port


def _wire(params: Ft2Params, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, leaf, port = _shape(params, ends, catalog)
    rows = np.arange(shape.leaves, dtype=np.int32)
    names = TreeNames(
        [f"{prefix}leaf-{i:03d}" for i in rows], np.full(shape.leaves, -1), rows, "spine-{spine:03d}", prefix
    )
    return wire_tree(shape, names, leaf, port, np.zeros_like(leaf), ends.nic)


def _counts(params: Ft2Params, ends: Attached, catalog: Catalog) -> Counts:
    return tree_counts(_shape(params, ends, catalog)[0], ends, "full: N = k^2/2, switches 3k/2, links k^2/2")


families.add("ft2", Family("two-tier fat-tree", Ft2Params, _wire, _counts, tree_symmetries))
