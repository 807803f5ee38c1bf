"""Checks a certificate against a fabric with numpy alone; knows nothing of how the answer was found."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
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

__getattr__ = at_first_use(
    __name__,
    {
        "bounds.lengths": "lengths_bound",
        "bounds.walks": "HALVING, MOST_PRICE, walks_bound",
        "kinds.failures": "unlike as unlike_failures",
        "kinds.lanes": "packed_lanes",
        "kinds.permutations": "lower_bound as permutations_bound",
        "kinds.static": "packed as packed_tables",
        "kinds.steady": "weights as steady_weights",
        "kinds.together": "representatives as together_patterns",
        "reading.flow_graph": "FlowGraph, switch_graph_digest",
        "reading.symmetry": "VerifiedOrbits, verified_orbits",
        "verify": "Proved, verify_certificate",
    },
)
