"""Checks a certificate against a fabric with numpy alone; knows nothing of how the answer was found."""

from topo.certificates.bounds.lengths import lengths_bound
from topo.certificates.bounds.walks import HALVING, MOST_PRICE, walks_bound
from topo.certificates.kinds.failures import unlike as unlike_failures
from topo.certificates.kinds.lanes import packed_lanes
from topo.certificates.kinds.permutations import lower_bound as permutations_bound
from topo.certificates.kinds.static import packed as packed_tables
from topo.certificates.kinds.steady import weights as steady_weights
from topo.certificates.kinds.together import representatives as together_patterns
from topo.certificates.reading.flow_graph import FlowGraph, switch_graph_digest
from topo.certificates.reading.symmetry import VerifiedOrbits, verified_orbits
from topo.certificates.verify import Proved, verify_certificate

__all__ = [
    "HALVING",
    "MOST_PRICE",
    "FlowGraph",
    "Proved",
    "VerifiedOrbits",
    "lengths_bound",
    "packed_lanes",
    "packed_tables",
    "permutations_bound",
    "steady_weights",
    "switch_graph_digest",
    "together_patterns",
    "unlike_failures",
    "verified_orbits",
    "verify_certificate",
    "walks_bound",
]
