"""An all-to-all as collective libraries send it: one shift permutation after the other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.network import switch_network
from topo.analysis.routing import route
from topo.analysis.traffic import demand_of
from topo.fabric import Fabric


@dataclass(frozen=True)
class ShiftSequence:
    """Shifts 1 to n - 1, each finished before the next starts.

    `throughput` is the share of line rate over the whole sequence: shifts over the sum of the times they take, where a
    shift at throughput t takes 1 / t. `slowest` is the worst shift's distance and `slowest_throughput` its throughput.
    `tried` shifts of `shifts` were computed, evenly spaced where not all.
    """

    routing: str
    shifts: int
    tried: int
    throughput: float
    slowest: int
    slowest_throughput: float


def shift_sequence(
    fabric: Fabric, routing: str = "static", network: str | int = 0, order: str = "host", most: int = 256
) -> ShiftSequence | None:
    """The shift permutations of the endpoints of every plane under a routing, endpoint links included; None where no
    plane has two endpoints. At most `most` shifts are computed; a hashed routing counts by its worst seed tried."""
    net = switch_network(fabric, network)
    shifts = int(np.bincount(net.endpoint_plane - net.endpoint_plane.min()).max()) - 1 if len(net.endpoint) else 0
    if shifts < 1:
        return None
    chosen = np.unique(np.linspace(1, shifts, min(most, shifts)).astype(np.int64)).tolist()
    times: list[Fraction] = []
    for k in chosen:
        demand = demand_of(fabric, f"shift:k={k},order={order}", network)
        lower = route(fabric, demand, routing).lower
        ends = [t for t in (lower, demand.endpoint_limit) if t is not None]
        times.append(1 / min(ends) if ends else Fraction(0))
    worst = max(range(len(chosen)), key=lambda i: times[i])
    total = sum(times, Fraction(0))
    return ShiftSequence(
        routing, shifts, len(chosen), float(len(chosen) / total), chosen[worst], float(1 / times[worst])
    )
