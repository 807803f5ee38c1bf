"""How much work a split of flows over shortest paths is."""

from __future__ import annotations

import numpy as np

from topo.analysis.demand import Demand, Uniform
from topo.analysis.routing.value import Work
from topo.analysis.symmetry import network_symmetry
from topo.fabric import Fabric
from topo.units import amount


def split_work(fabric: Fabric, demand: Demand, per_s: float) -> Work:
    """Arcs times destinations; of a demand that is alike everywhere, times the destinations that the family's symmetry
    leaves unlike."""
    net = demand.network
    arcs, dest = 2 * net.edges, demand.destinations

    def merged() -> float:
        assert isinstance(demand.form, Uniform)
        colour = np.unique(demand.form.weight, return_inverse=True)[1]
        symmetry = network_symmetry(fabric, net, net.row, colour, search=False)
        return float(arcs) * len(np.unique(symmetry.node_orbit[dest]))

    what = f"{amount(arcs, 'arc')} for each of {amount(len(dest), 'destination')}"
    return Work(float(arcs) * len(dest), per_s, what, merged if isinstance(demand.form, Uniform) else None)
