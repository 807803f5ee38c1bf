"""Rail-only: the NICs of one index, of all hosts, in a network of their own; no switch between rails.

Wang et al., "Rail-only: A Low-Cost High-Performance Network for Training LLMs with Trillion Parameters", Hot
Interconnects 2024: traffic between rails goes over the scale-up domain of a host. A rail is one switch while its hosts
fit on that, and a two-tier tree beyond. Every port of a NIC lies on the NIC's rail; each rail is a plane.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.family import Attached, families
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import SOURCE, TreeForm
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames


class RailOnlyParams(UnlikeParams):
    """Keys of a rail-only network."""

    family: Literal["rail-only"]


def _planes(params: RailOnlyParams, ends: Attached) -> tuple[int, list[IntArray]]:
    """The NIC is the plane of an endpoint."""
    rails = max((int(k.one.nic.max(initial=-1)) + 1 for k in ends.kinds if k.count), default=1)
    held = sum(k.count * np.bincount(k.one.nic, minlength=rails)[:rails] for k in ends.kinds if k.count)
    if len(np.unique(held)) > 1:
        raise ParameterError("host", "", "the hosts do not reach every rail alike", "hosts with the same NICs")
    return rails, [k.one.nic for k in ends.kinds]


def _heads(prefix: str, planes: int) -> list[str]:
    return [f"{prefix}rail{r}-" for r in range(planes)]


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    planes, leaves = sizes.planes, sizes.leaves
    heads = _heads(prefix, planes)
    leaf = [f"{head}leaf-{i:03d}" for head in heads for i in range(leaves)]
    return TreeNames(
        leaf, np.repeat(np.arange(planes), leaves), np.tile(np.arange(leaves), planes), "spine-{spine:03d}", heads
    )


FORM = TreeForm(
    _planes,
    _names,
    "rails x 1 switch while ceil(endpoints / rails) <= k; then rails x the two-tier tree",
    lone=True,
    source="Wang et al., Rail-only, Hot Interconnects 2024; " + SOURCE,
    heads=_heads,
)
families.add("rail-only", unlike_family("rail-only network", RailOnlyParams, FORM))
