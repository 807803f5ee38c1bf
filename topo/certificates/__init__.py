"""Checks a certificate against a fabric with numpy alone; knows nothing of how the answer was found."""

from topo.certificates._flow_graph import FlowGraph, switch_graph_digest
from topo.certificates._kinds import Proved, kinds, verify_certificate
from topo.certificates._lengths import lengths_bound
from topo.certificates._symmetry import VerifiedOrbits, verified_orbits
from topo.certificates._walks import HALVING, MOST_PRICE, walks_bound
from topo.certificates.failures import unlike as unlike_failures
from topo.certificates.lanes import packed_lanes
from topo.certificates.permutations import lower_bound as permutations_bound
from topo.certificates.static import packed as packed_tables

__all__ = [
    "HALVING",
    "MOST_PRICE",
    "FlowGraph",
    "Proved",
    "VerifiedOrbits",
    "kinds",
    "lengths_bound",
    "packed_lanes",
    "packed_tables",
    "permutations_bound",
    "switch_graph_digest",
    "unlike_failures",
    "verified_orbits",
    "verify_certificate",
    "walks_bound",
]
