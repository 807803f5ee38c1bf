"""One plane in detail: its switches tier by tier and the hosts on it."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.keys import hue_keys, hues, speed_keys
from topo.diagrams.drawn.rings import draw_groups
from topo.diagrams.drawn.strips import Tier, join, lent_tier, place, tier_of
from topo.diagrams.facts import numbers, switch_rows, titled
from topo.diagrams.registry import views
from topo.diagrams.selection import (
    between,
    chosen,
    hosts_on,
    is_tree,
    leaf_index,
    leaves_of,
    lent_above,
    split_by_tier,
)
from topo.diagrams.sheet.canvas import Canvas
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.fabric import HOST, LEAF, Fabric
from topo.fabric.model import IntArray
from topo.units import amount


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    if not is_tree(fabric, data.network):
        return draw_groups(data, "plane")
    rows = chosen(fabric, data.network, "plane", data.plane)
    planes = [int(p) for p in np.unique(fabric.devices.plane[switch_rows(fabric, data.network)]) if p >= 0]
    lent = lent_above(fabric, data.network, rows)
    hosts = hosts_on(fabric, data.network, rows)
    links = between(fabric, data.network, [rows, hosts]) | (
        between(fabric, data.network, [rows, lent]) & ~fabric.is_endpoint_link
    )
    others = [p for p in planes if p != data.plane]
    heads = [
        f"{amount(len(rows), 'switch')} · {amount(len(hosts), 'host')} · "
        f"{amount(int(links.sum()), 'link')}"
        + (f" · not shown: {'planes' if len(others) > 1 else 'plane'} {numbers(others)}" if others else ""),
        *_not_drawn(fabric, data.network, rows),
    ]
    canvas = Canvas(titled(data, f"plane {data.plane}"), heads)
    tiers = [lent_tier(fabric, lent)] if len(lent) else []
    tiers += [_tier(fabric, tier, own) for tier, own in split_by_tier(fabric, rows)]
    leaves = leaves_of(fabric, rows)
    tiers.append(tier_of(fabric, HOST, hosts, leaf_index(fabric, data.network, leaves), "hosts of leaf"))
    strips = place(canvas, fabric, tiers, hues(fabric))
    result = join(canvas, fabric, strips, links)
    bottom = canvas.legend(strips.bottom + 36, speed_keys(result) + hue_keys(fabric, rows), _notes(strips.devices))
    return canvas.finish(bottom)


def _not_drawn(fabric: Fabric, network: int, rows: IntArray) -> list[str]:
    """What other networks have on the switches shown: a line that says how many links, empty where there are none."""
    here = np.isin(fabric.link_a, rows) | np.isin(fabric.link_b, rows)
    others = np.unique(fabric.links.network[here & (fabric.links.network != network)]).tolist()
    kept = [
        f"{amount(int((here & (fabric.links.network == other)).sum()), 'link')} of network {fabric.networks[other]}"
        for other in others
    ]
    return [f"not shown: {', '.join(kept)} on these switches"] if kept else []


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
