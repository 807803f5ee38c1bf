"""Bounds of all components of a network together: what its traffic needs must cross every cut."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.bisection._permutation import MOST_STEPS, STEPS_PER_S, permutation_proof
from topo.analysis.bisection.way import Asked
from topo.certificates.bounds.flow import flow_bound, permutation_bound, units_proved
from topo.certificates.kinds.throughput import carried
from topo.certificates.kinds.worst_permutation import permuted
from topo.errors import CertificateError, LimitReachedError
from topo.fabric import Fabric

MOST_FLOW_STEPS = 4_000_000
"""Arcs times unlike destinations up to which a flow is sought: without symmetry it takes longer than all else."""
NEAR = 0.98
"""Where the bounds are as near as this, nothing is asked of the whole network: it rarely closes so small a gap and may
cost much."""


def worth_asking(asked: Asked) -> bool:
    """Whether there is a gap that all components together may close, and time for it."""
    return asked.lower < asked.search.best.cut * NEAR and asked.budget.left() > 0


def prove(asked: Asked, key: str, gbps: Fraction, result: dict[str, Any]) -> None:
    """Takes a bound of all components together, in Gb/s, where it is more than what is proved."""
    proved = units_proved(gbps, asked.graph.unit)
    if proved > asked.lower:
        asked.whole = proved, {key: result}


def by_flow(fabric: Fabric, intact: Fabric, network: int, time_limit_s: float) -> tuple[Fraction, dict[str, Any]]:
    """What the all-to-all's throughput proves in Gb/s, and its certificate; 0 where it proves nothing in time."""
    from topo.analysis.throughput import throughput

    if _flow_steps(fabric, network, time_limit_s) > MOST_FLOW_STEPS:
        return Fraction(0), {}
    try:
        result = throughput(fabric, network=network, baseline=intact, time_limit_s=time_limit_s).certificate
        if result is None:
            return Fraction(0), {}
        name = fabric.networks[network]
        return flow_bound(fabric, intact, name, carried(fabric, intact, name, result)), result
    except (CertificateError, LimitReachedError):
        return Fraction(0), {}


def _flow_steps(fabric: Fabric, network: int, limit_s: float) -> int:
    """Arcs times unlike destinations: without symmetry a flow of a large network takes longer than all else."""
    from topo.analysis.network import switch_network
    from topo.analysis.symmetry import network_symmetry

    net = switch_network(fabric, network)
    held = np.flatnonzero(net.endpoints_at)
    if len(net.tail) * len(held) <= MOST_FLOW_STEPS:
        return 0
    symmetry = network_symmetry(fabric, net, network, limit_s=limit_s)
    return len(net.tail) * len(np.unique(symmetry.node_orbit[held]))


def by_permutation(fabric: Fabric, intact: Fabric, network: int, limit_s: float) -> tuple[Fraction, dict[str, Any]]:
    """What the worst permutation of an equal split proves in Gb/s, and its certificate; 0 where it proves nothing, or
    is too much for `limit_s`."""
    try:
        result = permutation_proof(fabric, network, min(MOST_STEPS, STEPS_PER_S * limit_s), limit_s)
        if not result:
            return Fraction(0), {}
        name = fabric.networks[network]
        return permutation_bound(fabric, name, permuted(fabric, intact, name, result)), result
    except (CertificateError, LimitReachedError):
        return Fraction(0), {}
