"""Rail-only: the NICs of one index, of all hosts, in a network of their own; no switch between rails.

Wang et al., "Rail-only: A Low-Cost High-Performance Network for Training LLMs with Trillion Parameters", Hot
Interconnects 2024: traffic between rails goes over the scale-up domain of a host. A rail is one switch while its hosts
fit on that, and a two-tier tree beyond. Every port of a NIC lies on the NIC's rail; each rail is a plane.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from topo.catalog import Catalog, Switch
from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.layout import Split, uniform
from topo.generators.tree import (
    SOURCE,
    TreeNames,
    TreeParams,
    TreeParts,
    TreeShape,
    hosts_per_leaf,
    packed,
    tree_counts,
    tree_parts,
    tree_symmetries,
    two_tiers,
    wire_tree,
)


class RailOnlyParams(TreeParams):
    """Keys of a rail-only network."""

    family: Literal["rail-only"]


@dataclass(frozen=True)
class _RailNames(TreeNames):
    def head(self, plane: int, planes: int) -> str:
        return f"{self.prefix}rail{plane}-"


def _shape(params: RailOnlyParams, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray]:
    """Sizes, and the leaf (within its rail) and port number of each endpoint."""
    parts = tree_parts(params, ends, catalog)
    rails = int(ends.nic.max(initial=0)) + 1
    if len(np.unique(np.bincount(ends.nic, minlength=rails))) > 1:
        raise ParameterError("host", "", "the hosts do not reach every rail alike", "hosts with the same NICs")
    first = ends.rows(ends.nic == 0)
    parts = _one_switch(parts, len(first), catalog.switch(params.switch))
    one = Attached(first.host, first.nic, first.nic_port, first.nic_port, first.gbps, first.gpu_first, first.gpu_count)
    leaf_of, port_of, leaves = packed(one, parts.leaf.down)
    most = parts.max_leaves_two_tiers * hosts_per_leaf(one, parts.leaf.down)
    shape = two_tiers(parts, rails, leaves, ends, most)
    order = np.argsort(ends.nic, kind="stable")
    leaf, port = np.empty(len(ends), np.int64), np.empty(len(ends), np.int64)
    leaf[order], port[order] = np.tile(leaf_of, rails), np.tile(port_of, rails)
    return shape, leaf, port


def _one_switch(parts: TreeParts, ports: int, part: Switch) -> TreeParts:
    """The parts with a leaf that faces down with all its ports, where a rail fits on it."""
    layout = uniform(part, parts.endpoint_gbps)
    if ports > len(layout.names):
        return parts
    return replace(parts, leaf=Split(layout, len(layout.names), 0, len(layout.names) + 1))


def _wire(params: RailOnlyParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, leaf, port = _shape(params, ends, catalog)
    rails, leaves = shape.planes, shape.leaves
    names = _RailNames(
        [f"{prefix}rail{r}-leaf-{i:03d}" for r in range(rails) for i in range(leaves)],
        np.repeat(np.arange(rails), leaves),
        np.tile(np.arange(leaves), rails),
        "spine-{spine:03d}",
        prefix,
    )
    return wire_tree(shape, names, ends.nic * (leaves + shape.spines) + leaf, port, ends.nic, ends.nic)


def _counts(params: RailOnlyParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)[0]
    formula = "rails x 1 switch while ceil(endpoints / rails) <= k; then rails x the two-tier tree"
    return replace(
        tree_counts(shape, ends, formula), source="Wang et al., Rail-only, Hot Interconnects 2024; " + SOURCE
    )


families.add("rail-only", Family("rail-only network", RailOnlyParams, _wire, _counts, tree_symmetries))
