"""Two-tier fat-tree (leaf-spine): all NICs of a host on one leaf.

At radix k and no oversubscription at most k^2 / 2 endpoints, 3k / 2 switches, k^2 / 2 switch-to-switch links.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from topo.fabric.model import IntArray
from topo.generators.family import families
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import TreeForm, one_plane
from topo.generators.trees.leaf_kinds import LendingParams
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames


class Ft2Params(LendingParams):
    """Keys of a two-tier fat-tree."""

    family: Literal["ft2"]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    rows = np.arange(sizes.leaves)
    leaf = [f"{prefix}leaf-{i:03d}" for i in rows]
    return TreeNames(leaf, np.full(sizes.leaves, -1), rows, "spine-{spine:03d}", [prefix])


FORM = TreeForm(one_plane, _names, "full: N = k^2/2, switches 3k/2, links k^2/2")
families.add("ft2", unlike_family("two-tier fat-tree", Ft2Params, FORM))
