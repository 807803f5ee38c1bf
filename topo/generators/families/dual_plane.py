"""Dual plane: NICs with two ports, one into each of two equal planes, each a tree whose leaves hold one rail.

The two ports of a NIC lie on two leaves (dual-ToR), so the loss of a leaf cuts nobody off. Scalable units, rails and
pods are as in a multi-rail fat-tree; `oversubscription` thins the upper tier, `spine_oversubscription` the core above
it. After Qian et al., "Alibaba HPN: A Data Center Network for Large Language Model Training", SIGCOMM 2024.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.families.mrft import RailParams, rail_shape
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.tree import TreeNames, TreeShape, tree_counts, tree_symmetries, wire_tree

PLANES = 2


class DualPlaneParams(RailParams):
    """Keys of a dual-plane network."""

    family: Literal["dual-plane"]


def _shape(params: DualPlaneParams, ends: Attached, catalog: Catalog) -> tuple[TreeShape, IntArray, IntArray]:
    """Sizes, and the leaf (within its plane) and port number of each endpoint."""
    ports = np.bincount(ends.nic_port, minlength=PLANES)
    if len(ports) != PLANES or ports[0] != ports[1]:
        raise ParameterError(
            "host", f"NICs of {len(np.flatnonzero(ports))} ports", "two planes need two ports on every NIC", "2 ports",
            "take hosts with dual-port NICs, or the family mpft",
        )  # fmt: skip
    first = ends.rows(ends.nic_port == 0)
    one = Attached(
        first.host, first.nic, first.nic_port, first.slot // PLANES, first.gbps, first.gpu_first, first.gpu_count
    )
    shape, leaf_of, port_of = rail_shape(params, one, catalog)
    order = np.argsort(ends.nic_port, kind="stable")
    leaf, port = np.empty(len(ends), np.int64), np.empty(len(ends), np.int64)
    leaf[order], port[order] = np.tile(leaf_of, PLANES), np.tile(port_of, PLANES)
    return replace(shape, planes=PLANES), leaf, port


def _rails(ends: Attached) -> int:
    return int(ends.nic[ends.gpu_count > 0].max(initial=0)) + 1


def _wire(params: DualPlaneParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape, leaf, port = _shape(params, ends, catalog)
    unit, rail = np.divmod(np.arange(shape.leaves, dtype=np.int32), _rails(ends))
    leaf_names = [
        f"{prefix}p{p}-su{u:03d}-leaf-r{r}"
        for p in range(PLANES)
        for u, r in zip(unit.tolist(), rail.tolist(), strict=True)
    ]
    names = TreeNames(leaf_names, np.tile(rail, PLANES), np.tile(unit, PLANES), "pod{pod:02d}-spine{spine:02d}", prefix)
    per_plane = shape.leaves + shape.pods * shape.spines + shape.spines * shape.cores
    own_rail = np.where(ends.gpu_count > 0, ends.nic, -1)
    return wire_tree(shape, names, ends.nic_port * per_plane + leaf, port, ends.nic_port, own_rail)


def _counts(params: DualPlaneParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)[0]
    return tree_counts(shape, ends, "2 planes x the multi-rail tree over one port of every NIC")


families.add("dual-plane", Family("dual-plane, dual-ToR tree", DualPlaneParams, _wire, _counts, tree_symmetries))
