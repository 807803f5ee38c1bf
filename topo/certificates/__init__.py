"""Checks a certificate against a fabric with numpy alone; knows nothing of how the answer was found."""

from topo.certificates._flow_graph import switch_graph_digest
from topo.certificates._kinds import Proved, kinds, verify_certificate

__all__ = ["Proved", "kinds", "switch_graph_digest", "verify_certificate"]
