"""Bounds of all components of a network together: what its traffic needs must cross every cut."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.bisection._permutation import permutation_proof
from topo.certificates.bounds.flow import flow_bound, permutation_bound
from topo.errors import CertificateError, LimitReachedError
from topo.fabric import Fabric

MOST_FLOW_STEPS = 4_000_000


def by_flow(fabric: Fabric, intact: Fabric, network: int, time_limit_s: float) -> tuple[Fraction, dict[str, Any]]:
    """What the all-to-all's throughput proves in Gb/s, and its certificate; 0 where it proves nothing in time."""
    from topo.analysis.throughput import throughput

    if _flow_steps(fabric, network) > MOST_FLOW_STEPS:
        return Fraction(0), {}
    try:
        found = throughput(fabric, network=network, baseline=intact, time_limit_s=time_limit_s).certificate
        if found is None:
            return Fraction(0), {}
        return flow_bound(fabric, intact, fabric.networks[network], found), found
    except (CertificateError, LimitReachedError):
        return Fraction(0), {}


def _flow_steps(fabric: Fabric, network: int) -> int:
    """Arcs times unlike destinations: without symmetry a flow of a large network takes longer than all else."""
    from topo.analysis.network import switch_network
    from topo.analysis.symmetry import network_symmetry

    net = switch_network(fabric, network)
    held = np.flatnonzero(net.endpoints_at)
    if len(net.tail) * len(held) <= MOST_FLOW_STEPS:
        return 0
    return len(net.tail) * len(np.unique(network_symmetry(fabric, net, network).node_orbit[held]))


def by_permutation(
    fabric: Fabric, intact: Fabric, network: int, _time_limit_s: float
) -> tuple[Fraction, dict[str, Any]]:
    """What the worst permutation of an equal split proves in Gb/s, and its certificate; 0 where it proves nothing."""
    try:
        found = permutation_proof(fabric, network)
        if not found:
            return Fraction(0), {}
        return permutation_bound(fabric, intact, fabric.networks[network], found), found
    except (CertificateError, LimitReachedError):
        return Fraction(0), {}
