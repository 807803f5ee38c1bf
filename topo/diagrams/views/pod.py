"""One pod in detail. Where two tiers make no pods: one scalable unit, the hosts of one leaf and all their leaves."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.rings import draw_ring
from topo.diagrams.drawn.section import draw_section
from topo.diagrams.facts import numbers, switch_rows
from topo.diagrams.registry import views
from topo.diagrams.selection import chosen, hosts_on, is_tree, leaves_of, neighbours_above
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.errors import ParameterError
from topo.fabric import CORE, SPINE, Fabric
from topo.fabric.model import IntArray


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    if not is_tree(fabric, data.network):
        return draw_ring(data, f"group {data.pod}", chosen(fabric, data.network, "pod", data.pod))
    rows = switch_rows(fabric, data.network)
    if (fabric.devices.tier[rows] == CORE).any():
        own = chosen(fabric, data.network, "pod", data.pod)
        own = own[fabric.devices.plane[own] == data.plane]
        title, above = (
            f"pod {data.pod}",
            neighbours_above(fabric, data.network, own[fabric.devices.tier[own] == SPINE]),
        )
    else:
        own = _unit(fabric, data.network, data.pod)
        title, above = f"scalable unit {data.pod}", neighbours_above(fabric, data.network, own)
    return draw_section(data, title, own, above)


def _unit(fabric: Fabric, network: int, number: int) -> IntArray:
    """All leaves of the hosts on leaf `number` of the first plane (of the first rail, where leaves belong to rails)."""
    leaves = leaves_of(fabric, switch_rows(fabric, network))
    d = fabric.devices
    firsts = leaves[(d.plane[leaves] == d.plane[leaves].min()) & (d.rail[leaves] == d.rail[leaves].min())]
    result = firsts[d.index[firsts] == number]
    if not len(result):
        known = [int(i) for i in np.unique(d.index[firsts])]
        raise ParameterError("pod", number, f"{fabric.name} has no such scalable unit", numbers(known))
    hosts = hosts_on(fabric, network, result)
    mask = (fabric.endpoints.network == network) & np.isin(fabric.endpoints.host, hosts)
    reached = fabric.endpoint_switch[mask]
    return np.unique(reached[reached >= 0])


views.add("pod", View("one pod (in two tiers: one scalable unit) with its hosts", _draw))
