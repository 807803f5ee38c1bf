"""Multi-rail fat-tree: NIC i of every host on the leaves of rail i; all rails in one connected network.

A scalable unit is as many hosts as a leaf has down ports for each of its rails; it has one leaf per rail, or one for
several whole rails where all hosts fit (`rails_per_leaf`). Two tiers while every leaf can reach every spine, three
beyond. Pods of the three-tier form hold whole scalable units (`pods: scalable-unit`, the default) or the leaves of one
rail (`pods: rail`). Counts follow the NVIDIA DGX SuperPOD reference architecture (B200).
"""

from __future__ import annotations

from typing import Literal

from topo.fabric.model import IntArray
from topo.generators.family import families
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import TreeForm, one_plane
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.params import RailParams
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames, rail_leaves, slots


class MrftParams(UnlikeParams, RailParams):
    """Keys of a multi-rail fat-tree."""

    family: Literal["mrft"]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    leaf, leaf_rail, _ = rail_leaves(sizes, [prefix], rail)
    return TreeNames(leaf, leaf_rail, slots(sizes.leaf_pod()), "pod{pod:02d}-spine{spine:02d}", [prefix])


FORM = TreeForm(
    one_plane,
    _names,
    "leaves = rails x ceil(hosts / leaf down ports); then as the two- or three-tier tree",
    rails=True,
    tiers=None,
)
families.add("mrft", unlike_family("multi-rail fat-tree", MrftParams, FORM))
