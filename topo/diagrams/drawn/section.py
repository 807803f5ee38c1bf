"""A part of a tree network: some of its switches, the hosts on them, and the switches above as a shared strip."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.keys import hue_keys, hues, speed_keys
from topo.diagrams.drawn.strips import Tier, join, place, tier_of
from topo.diagrams.facts import titled
from topo.diagrams.selection import between, hosts_on, leaf_index, leaves_of, split_by_tier
from topo.diagrams.sheet.canvas import Canvas
from topo.diagrams.sheet.model import DiagramInput, Drawing
from topo.fabric import HOST, LEAF, Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.units import amount


def draw_section(
    data: DiagramInput, title: str, own: IntArray, above: IntArray, only: BoolArray | None = None
) -> Drawing:
    """The drawing; `only` (shape (links,)) leaves out all other links."""
    fabric = data.fabric
    d = fabric.devices
    hosts = hosts_on(fabric, data.network, own)
    links = between(fabric, data.network, [own, hosts]) | (
        between(fabric, data.network, [own, above]) & ~fabric.is_endpoint_link
    )
    if only is not None:
        links = links & only
    heads = [
        f"{amount(len(own), 'switch')} · {amount(len(hosts), 'host')} · "
        f"{amount(int(d.gpus[hosts].sum()), 'GPU')} · {amount(int(links.sum()), 'link')}"
    ]
    canvas = Canvas(titled(data, title), heads)
    tiers = [_above(fabric, above)] if len(above) else []
    for tier, rows in split_by_tier(fabric, own):
        rails = np.unique(d.rail[rows])
        tiers.append(tier_of(fabric, tier, rows, d.rail if tier == LEAF and len(rails) > 1 else None, "rail"))
    leaves = leaves_of(fabric, own)
    tiers.append(tier_of(fabric, HOST, hosts, leaf_index(fabric, data.network, leaves), "hosts of leaf"))
    strips = place(canvas, fabric, tiers, hues(fabric))
    result = join(canvas, fabric, strips, links)
    note = "The top strip is shared with the rest of the network; only its links to what is drawn are counted."
    keys = speed_keys(result) + hue_keys(fabric, own)
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
