"""One pod in detail. Where two tiers make no pods: one scalable unit, the hosts of one leaf and all their leaves."""

from __future__ import annotations

import numpy as np

from topo.diagrams.canvas import Canvas
from topo.diagrams.facts import counted, numbers, switch_rows
from topo.diagrams.keys import hue_keys, hues, speed_keys
from topo.diagrams.model import DiagramInput, Drawing, View
from topo.diagrams.registry import views
from topo.diagrams.rings import draw_ring
from topo.diagrams.selection import (
    between,
    chosen,
    hosts_on,
    is_tree,
    leaf_index,
    leaves_of,
    neighbours_above,
    split_by_tier,
)
from topo.diagrams.strips import Tier, join, place, tier_of
from topo.errors import ParameterError
from topo.fabric import CORE, HOST, LEAF, SPINE, Fabric
from topo.fabric.model import IntArray


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    if not is_tree(fabric, data.network):
        return draw_ring(data, f"group {data.pod}", chosen(fabric, data.network, "pod", data.pod))
    rows = switch_rows(fabric, data.network)
    if (fabric.devices.tier[rows] == CORE).any():
        mine = chosen(fabric, data.network, "pod", data.pod)
        mine = mine[fabric.devices.plane[mine] == data.plane]
        title, above = f"pod {data.pod}", neighbours_above(fabric, mine[fabric.devices.tier[mine] == SPINE])
    else:
        mine = _unit(fabric, data.network, data.pod)
        title, above = f"scalable unit {data.pod}", neighbours_above(fabric, mine)
    return _picture(data, title, mine, above)


def _unit(fabric: Fabric, network: int, number: int) -> IntArray:
    """All leaves of the hosts on leaf `number` of the first plane (of the first rail, where leaves belong to rails)."""
    leaves = leaves_of(fabric, switch_rows(fabric, network))
    d = fabric.devices
    firsts = leaves[(d.plane[leaves] == d.plane[leaves].min()) & (d.rail[leaves] == d.rail[leaves].min())]
    found = firsts[d.index[firsts] == number]
    if not len(found):
        known = [int(i) for i in np.unique(d.index[firsts])]
        raise ParameterError("pod", number, f"{fabric.name} has no such scalable unit", numbers(known))
    hosts = hosts_on(fabric, network, found)
    mine = (fabric.endpoints.network == network) & np.isin(fabric.endpoints.host, hosts)
    reached = fabric.endpoint_switch[mine]
    return np.unique(reached[reached >= 0])


def _picture(data: DiagramInput, title: str, mine: IntArray, above: IntArray) -> Drawing:
    fabric = data.fabric
    d = fabric.devices
    hosts = hosts_on(fabric, data.network, mine)
    links = between(fabric, data.network, [mine, hosts]) | (
        between(fabric, data.network, [mine, above]) & ~fabric.is_endpoint_link
    )
    heads = [
        f"{counted(len(mine), 'switch', 'switches')} · {counted(len(hosts), 'host')} · "
        f"{counted(int(d.gpus[hosts].sum()), 'GPU')} · {counted(int(links.sum()), 'link')}"
    ]
    canvas = Canvas(f"{data.title or fabric.name}: {title}", heads)
    tiers = [_above(fabric, above)] if len(above) else []
    for tier, rows in split_by_tier(fabric, mine):
        rails = np.unique(d.rail[rows])
        tiers.append(tier_of(fabric, tier, rows, d.rail if tier == LEAF and len(rails) > 1 else None, "rail"))
    leaves = leaves_of(fabric, mine)
    tiers.append(tier_of(fabric, HOST, hosts, leaf_index(fabric, data.network, leaves), "hosts of leaf"))
    strips = place(canvas, fabric, tiers, hues(fabric))
    found = join(canvas, fabric, strips, links)
    note = "The top strip is shared with the rest of the network; only its links to what is drawn are counted."
    keys = speed_keys(found) + hue_keys(fabric, mine)
    return canvas.finish(canvas.legend(strips.bottom + 36, keys, [note] if len(above) else []))


def _above(fabric: Fabric, rows: IntArray) -> Tier:
    """The switches above, grouped by plane, or by the group of cores that one spine reaches."""
    d = fabric.devices
    tier = int(d.tier[rows[0]])
    planes = np.unique(d.plane[rows])
    base = tier_of(fabric, tier, rows)
    if len(planes) > 1:
        return Tier(base.lines, base.devices, d.plane, "plane", True)
    return base


views.add("pod", View("one pod (in two tiers: one scalable unit) with its hosts", _draw))
