"""One rail: the same NIC of every host, the leaves it is on, and the switches above them."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.section import draw_section
from topo.diagrams.facts import numbers
from topo.diagrams.registry import views
from topo.diagrams.selection import is_tree, neighbours_above
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.errors import ParameterError


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    ends = fabric.endpoints
    if not is_tree(fabric, data.network):
        raise ParameterError(
            "view",
            "rail",
            f"{fabric.name} has no tiers, so a rail has no leaves of its own",
            hint="--view overview draws it",
        )
    mask = (ends.network == data.network) & (ends.rail == data.rail) & (fabric.endpoint_switch >= 0)
    if not mask.any():
        known = np.unique(ends.rail[ends.network == data.network])
        raise ParameterError("rail", data.rail, f"{fabric.name} has no such rail", numbers(known[known >= 0].tolist()))
    leaves = np.unique(fabric.endpoint_switch[mask])
    only = ~fabric.is_endpoint_link
    only[fabric.endpoint_link[mask]] = True
    return draw_section(data, f"rail {data.rail}", leaves, neighbours_above(fabric, data.network, leaves), only)


views.add("rail", View("one rail: NIC i of every host, its leaves and what is above", _draw))
