"""Where the questions about many degraded fabrics start: found once, for the intact fabric."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from topo.analysis.network import switch_network
from topo.analysis.symmetry import switch_proposals
from topo.analysis.throughput.nearby import Start, nearly
from topo.analysis.throughput.problem import switch_problem
from topo.analysis.traffic import demand_of
from topo.fabric import Fabric
from topo.fabric.model import StrArray
from topo.solvers.budget import now

LEAST_WALKS_S = 6.0
"""Seconds that walks of a large fabric and their proof take."""
LEAST_SHARE = 2.5
"""The same at most by the limit of what is shared: half of the limit of all questions together."""


class Before:
    """The walks of an intact network's traffic, sought when first wanted and for at most about `limit_s`."""

    def __init__(self, fabric: Fabric, network: int, traffic: str, minimal: bool, limit_s: float) -> None:
        self._asked = fabric, network, traffic, minimal
        self._limit_s = limit_s

    @property
    def least_s(self) -> float:
        """What the limit of each of the questions counts as at least: they share one, and most end early."""
        return min(LEAST_WALKS_S, LEAST_SHARE * self._limit_s)

    @cached_property
    def wanted(self) -> bool:
        """Whether what is left after failures starts here: trees of pods have a better start of their own."""
        from topo.analysis.throughput.pods import blocks_of

        fabric, network, traffic, minimal = self._asked
        return blocks_of(switch_problem(demand_of(fabric, traffic, network), [], minimal)) is None

    @cached_property
    def _found(self) -> Start | None:
        fabric, network, traffic, minimal = self._asked
        end = now() + self._limit_s
        demand = demand_of(fabric, traffic, network)
        problem = switch_problem(demand, switch_proposals(fabric, demand.network, network), minimal)
        return nearly(problem, np.arange(problem.nodes), end)

    def start(self, names: StrArray) -> Start | None:
        """The same for the switches `names` that are left; None where nothing was found."""
        if self._found is None:
            return None
        fabric, network, _, _ = self._asked
        known = switch_network(fabric, network).name
        order = np.argsort(names)
        at = np.minimum(np.searchsorted(names[order], known), max(len(names) - 1, 0))
        row = order[at] if len(names) else at
        same = names[row] == known if len(names) else np.zeros(len(at), dtype=np.bool_)
        return replace(self._found, node=np.where(same, row, -1))
