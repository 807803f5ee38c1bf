"""Dual plane: NICs with two ports, one into each of two equal planes, each a tree whose leaves hold whole rails.

The two ports of a NIC lie on two leaves (dual-ToR), so the loss of a leaf cuts nobody off. Scalable units, rails and
pods are as in a multi-rail fat-tree; `oversubscription` thins the upper tier, `spine_oversubscription` the core above
it. After Qian et al., "Alibaba HPN: A Data Center Network for Large Language Model Training", SIGCOMM 2024.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.family import Attached, families
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import TreeForm
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.params import RailParams
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames, plane_heads, rail_leaves
from topo.units import amount

PLANES = 2
"""One for each port of a NIC of two ports."""


class DualPlaneParams(UnlikeParams, RailParams):
    """Keys of a dual-plane network."""

    family: Literal["dual-plane"]


def _planes(params: DualPlaneParams, ends: Attached) -> tuple[int, list[IntArray]]:
    """The port of its NIC is the plane of an endpoint."""
    ports = np.zeros(PLANES, dtype=np.int64)
    for kind in ends.kinds:
        own = kind.count * np.bincount(kind.one.nic_port, minlength=PLANES)
        ports = np.pad(ports, (0, max(len(own) - len(ports), 0)))
        ports[: len(own)] += own
    if len(ports) != PLANES or ports[0] != ports[1]:
        raise ParameterError(
            "host", f"NICs of {amount(len(np.flatnonzero(ports)), 'port')}", "two planes need two ports on every NIC",
            "2 ports",
            "take hosts with dual-port NICs, or the family mpft",
        )  # fmt: skip
    return PLANES, [k.one.nic_port for k in ends.kinds]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    heads = plane_heads(prefix, PLANES)
    leaf, leaf_rail, unit = rail_leaves(sizes, heads, rail)
    return TreeNames(leaf, leaf_rail, unit, "pod{pod:02d}-spine{spine:02d}", heads)


FORM = TreeForm(_planes, _names, "2 planes x the multi-rail tree over one port of every NIC", rails=True, tiers=None)
families.add("dual-plane", unlike_family("dual-plane, dual-ToR tree", DualPlaneParams, FORM))
