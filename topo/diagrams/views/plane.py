"""One plane in detail: its switches tier by tier and the hosts on it."""

from __future__ import annotations

import numpy as np

from topo.diagrams.canvas import Canvas
from topo.diagrams.facts import counted, numbers, switch_rows
from topo.diagrams.keys import hue_keys, hues, speed_keys
from topo.diagrams.model import DiagramInput, Drawing, View
from topo.diagrams.registry import views
from topo.diagrams.rings import draw_groups
from topo.diagrams.selection import between, chosen, hosts_on, is_tree, leaf_index, leaves_of, split_by_tier
from topo.diagrams.strips import Tier, join, place, tier_of
from topo.fabric import HOST, LEAF, Fabric
from topo.fabric.model import IntArray


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    if not is_tree(fabric, data.network):
        return draw_groups(data, "plane")
    rows = chosen(fabric, data.network, "plane", data.plane)
    planes = [int(p) for p in np.unique(fabric.devices.plane[switch_rows(fabric, data.network)]) if p >= 0]
    hosts = hosts_on(fabric, data.network, rows)
    links = between(fabric, data.network, [rows, hosts])
    others = [p for p in planes if p != data.plane]
    heads = [
        f"{counted(len(rows), 'switch', 'switches')} · {counted(len(hosts), 'host')} · "
        f"{counted(int(links.sum()), 'link')}"
        + (f" · not shown: {'planes' if len(others) > 1 else 'plane'} {numbers(others)}" if others else "")
    ]
    canvas = Canvas(f"{data.title or fabric.name}: plane {data.plane}", heads)
    tiers = [_tier(fabric, tier, mine) for tier, mine in split_by_tier(fabric, rows)]
    leaves = leaves_of(fabric, rows)
    tiers.append(tier_of(fabric, HOST, hosts, leaf_index(fabric, data.network, leaves), "hosts of leaf"))
    strips = place(canvas, fabric, tiers, hues(fabric))
    found = join(canvas, fabric, strips, links)
    bottom = canvas.legend(strips.bottom + 36, speed_keys(found) + hue_keys(fabric, rows), _notes(strips.devices))
    return canvas.finish(bottom)


def _tier(fabric: Fabric, tier: int, rows: IntArray) -> Tier:
    pods = np.unique(fabric.devices.pod[rows])
    if len(pods) > 1:
        return tier_of(fabric, tier, rows, fabric.devices.pod, "pod")
    rails = np.unique(fabric.devices.rail[rows])
    return tier_of(fabric, tier, rows, fabric.devices.rail if tier == LEAF and len(rails) > 1 else None, "rail")


def _notes(devices: list[IntArray]) -> list[str]:
    if max(len(rows) for rows in devices) > 1:
        return [
            "A box with a number below its name stands for so many devices; lines are bundles of all links between."
        ]
    return ["A box is one device; parallel links are one line."]


views.add("plane", View("one plane: its switches, links and hosts", _draw))
