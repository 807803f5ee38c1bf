"""Boxes of GPUs as the ForestColl program describes them: DGX A100, and MI250 with its mesh of links.

Topologies and what that program answers: github.com/liangyuRain/ForestColl at commit 3c13aee. A GPU passes on what it
gets, so each is a switch here, with one endpoint that is faster than all links of the GPU together.
"""

from __future__ import annotations

import networkx as nx

from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

GBPS = 8.0
"""Gb/s of a GB/s."""
MI250_LINKS = (
    "0-1:4 0-4:2 0-8:1 1-5:1 1-9:1 1-10:1 2-3:4 2-6:1 2-9:1 2-10:1 3-7:2 3-11:1 4-5:4 4-6:1 "
    "5-6:1 5-7:1 6-7:4 8-9:4 8-12:2 9-13:1 10-11:4 10-14:1 11-15:2 12-13:4 12-14:1 13-14:1 13-15:1 14-15:4"
)
"""GPU-GPU:links of 50 GB/s inside a box."""


def a100(boxes: int) -> nx.Graph[str]:
    """8 GPUs a box on one NVSwitch at 300 GB/s, each with a NIC of 25 GB/s on one of two switches by its number."""
    graph = nx.Graph()
    for box in range(boxes):
        for gpu in range(8):
            name = _gpu(graph, box, gpu)
            graph.add_edge(name, f"box{box}-nvswitch", gbps=300 * GBPS)
            if boxes > 1:
                graph.add_edge(name, f"ib{gpu % 2}", gbps=25 * GBPS)
    return graph


def mi250(boxes: int, gpus: int = 16) -> nx.Graph[str]:
    """The first `gpus` of 16 GPUs a box, joined by links of 50 GB/s, each with 16 GB/s to one switch."""
    graph = nx.Graph()
    for box in range(boxes):
        for gpu in range(gpus):
            name = _gpu(graph, box, gpu)
            if boxes > 1:
                graph.add_edge(name, "ib", gbps=16 * GBPS)
        for text in MI250_LINKS.split():
            pair, many = text.split(":")
            a, b = map(int, pair.split("-"))
            if max(a, b) < gpus:
                graph.add_edge(f"box{box}-gpu{a}", f"box{box}-gpu{b}", gbps=int(many) * 50 * GBPS)
    return graph


def _gpu(graph: nx.Graph[str], box: int, gpu: int) -> str:
    name = f"box{box}-gpu{gpu}"
    graph.add_node(name, endpoints=1, endpoint_gbps=1000 * GBPS)
    return name


BOXES = {
    "a100_1_box": a100(1),
    "a100_2_boxes": a100(2),
    "a100_4_boxes": a100(4),
    "mi250_1_box": mi250(1),
    "mi250_2_boxes": mi250(2),
    "mi250_2_boxes_8_gpus_each": mi250(2, 8),
}


def fabric_of_boxes(name: str) -> Fabric:
    """One of BOXES as a fabric."""
    return from_networkx(BOXES[name], name)
