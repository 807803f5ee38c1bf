"""Two-tier fat-tree (leaf-spine): all NICs of a host on one leaf.

At radix k and no oversubscription at most k^2 / 2 endpoints, 3k / 2 switches, k^2 / 2 switch-to-switch links.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from topo.catalog import Catalog
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Wiring, families
from topo.generators.tree import TreeForm, one_plane, tree_family
from topo.generators.tree_leaf_kinds import UnlikeParams
from topo.generators.tree_sizes import TreeSizes
from topo.generators.tree_unlike import unlike_counts, unlike_wire
from topo.generators.tree_wire import TreeNames


class Ft2Params(UnlikeParams):
    """Keys of a two-tier fat-tree."""

    family: Literal["ft2"]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    rows = np.arange(sizes.leaves)
    leaf = [f"{prefix}leaf-{i:03d}" for i in rows]
    return TreeNames(leaf, np.full(sizes.leaves, -1), rows, "spine-{spine:03d}", [prefix])


FORM = TreeForm(one_plane, _names, "full: N = k^2/2, switches 3k/2, links k^2/2")
LIKE = tree_family("two-tier fat-tree", Ft2Params, FORM)


def _wire(params: Ft2Params, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    return (unlike_wire if params.leaves else LIKE.wire)(params, ends, catalog, prefix)


def _counts(params: Ft2Params, ends: Attached, catalog: Catalog) -> Counts:
    return (unlike_counts if params.leaves else LIKE.counts)(params, ends, catalog)


families.add("ft2", replace(LIKE, wire=_wire, counts=_counts))
