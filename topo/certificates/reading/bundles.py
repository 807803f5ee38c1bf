"""Parallel links between two switches, as one arc."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Bundles:
    """Shape (arcs,): how many links an arc has, and the speed of the slowest of them in Gb/s."""

    links: IntArray
    slowest: FloatArray


def bundles_of(fabric: Fabric, network: str, device: IntArray, graph: FlowGraph) -> Bundles:
    """The bundles of a network whose switches are the fabric's rows `device`."""
    row = fabric.networks.index(network)
    rows = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[device] = np.arange(len(device))
    a, b = local[fabric.link_a[rows]], local[fabric.link_b[rows]]
    arc = graph.arcs_of(np.concatenate([a, b]), np.concatenate([b, a]))
    slowest = np.full(len(graph.tail), np.inf)
    np.minimum.at(slowest, arc, np.tile(fabric.links.gbps[rows], 2))
    return Bundles(np.bincount(arc, minlength=len(graph.tail)), slowest)
