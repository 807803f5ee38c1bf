"""Symmetry of a network: proposed by its family or found by igraph, verified, then turned into orbits."""

from topo.analysis.symmetry.graph import ColouredGraph, Symmetry
from topo.analysis.symmetry.network import network_graph, network_symmetry, switch_proposals
from topo.analysis.symmetry.search import find_symmetry

__all__ = ["ColouredGraph", "Symmetry", "find_symmetry", "network_graph", "network_symmetry", "switch_proposals"]
