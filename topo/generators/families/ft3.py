"""Three-tier fat-tree: pods of leaves and spines under a core; all NICs of a host on one leaf.

At radix k and no oversubscription at most k^3 / 4 endpoints, 5 k^2 / 4 switches, k^3 / 2 switch-to-switch links.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from topo.fabric.model import IntArray
from topo.generators.family import families
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import TreeForm, one_plane
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames, slots


class Ft3Params(UnlikeParams):
    """Keys of a three-tier fat-tree."""

    family: Literal["ft3"]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    pod = sizes.leaf_pod()
    slot = slots(pod)
    leaf = [f"{prefix}pod{p:02d}-leaf{i:02d}" for p, i in zip(pod.tolist(), slot.tolist(), strict=True)]
    return TreeNames(leaf, np.full(sizes.leaves, -1), slot, "pod{pod:02d}-spine{spine:02d}", [prefix])


FORM = TreeForm(one_plane, _names, "full: N = k^3/4, switches 5k^2/4, links k^3/2", tiers=3)
families.add("ft3", unlike_family("three-tier fat-tree", Ft3Params, FORM))
