"""How full the links are: bundles coloured by their fullest link, and the spread of each tier; one plane of a tree."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.histogram import HISTOGRAM, histogram
from topo.diagrams.drawn.keys import speed_keys
from topo.diagrams.drawn.rings import draw_loaded
from topo.diagrams.drawn.strips import Strips, join, lent_tier, place, tier_of
from topo.diagrams.facts import Bundle, titled
from topo.diagrams.registry import views
from topo.diagrams.selection import between, chosen, is_tree, lent_above, split_by_tier
from topo.diagrams.sheet.abbreviations import share
from topo.diagrams.sheet.canvas import MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import INK, MUTED, NEUTRAL, OVERLOAD, load_colour
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, OVERLOAD)


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    use, title = _load(data)
    fullest = use.max(axis=1)
    highest = float(fullest.max(initial=0.0))
    scale = [
        Key(f"{u:.0%}" + (" and more" if u == OVERLOAD else ""), load_colour(u))
        for u in STEPS
        if u <= 1 or highest > 1 + 1e-6
    ]
    if not is_tree(fabric, data.network):
        shown = use[(fabric.links.network == data.network) & ~fabric.is_endpoint_link]
        return draw_loaded(data, fullest, title, _spread(fabric, data.network, use, None), scale, shown)
    rows = chosen(fabric, data.network, "plane", data.plane)
    lent = lent_above(fabric, data.network, rows)
    links = between(fabric, data.network, [rows, lent])
    canvas = Canvas(titled(data, f"load of plane {data.plane}"), [title])
    tiers = [lent_tier(fabric, lent)] if len(lent) else []
    for tier, own in split_by_tier(fabric, rows):
        pods = np.unique(fabric.devices.pod[own])
        tiers.append(tier_of(fabric, tier, own, fabric.devices.pod if len(pods) > 1 else None, "pod"))
    strips = place(canvas, fabric, tiers, lambda _: NEUTRAL)
    by_pair = _fullest(fabric, strips, links, fullest)

    def paint(b: Bundle) -> str:
        return load_colour(by_pair[b.a, b.b])

    result = join(canvas, fabric, strips, links, paint)
    y = strips.bottom + 30
    histogram(canvas, use[links & ~fabric.is_endpoint_link], y - 8)
    for text in _spread(fabric, data.network, use, links):
        canvas.text(MARGIN, y, text, NORMAL, INK, "left")
        y += 16
    canvas.text(MARGIN, y + 4, "colour: the fullest link of a bundle, in its fuller direction", SMALL, MUTED, "left")
    y = max(y + 26, strips.bottom + 22 + HISTOGRAM)
    return canvas.finish(canvas.legend(y, scale + speed_keys(result)))


def _load(data: DiagramInput) -> tuple[FloatArray, str]:
    """Utilisation of each link both ways, and what it is of; by default an all-to-all under spray at line rate."""
    if data.load is not None:
        return data.load, data.load_title
    from topo.analysis.demand import all_to_all
    from topo.analysis.routing import route

    fabric = data.fabric
    routed = route(fabric, all_to_all(fabric, data.network), "spray")
    title = "all-to-all at line rate, sprayed evenly over all shortest paths; share of each link's speed"
    return routed.link_gbps(fabric) / fabric.links.gbps[:, None], title


def _fullest(fabric: Fabric, strips: Strips, links: BoolArray, fullest: FloatArray) -> dict[tuple[int, int], float]:
    """The largest utilisation between each two boxes."""
    a, b = strips.group[fabric.link_a], strips.group[fabric.link_b]
    rows = np.flatnonzero(links & (a >= 0) & (b >= 0))
    pairs, place = np.unique(np.stack([a[rows], b[rows]]), axis=1, return_inverse=True)
    most = np.zeros(pairs.shape[1])
    np.maximum.at(most, place.reshape(-1), fullest[rows])
    return {(int(p), int(q)): float(v) for p, q, v in zip(*pairs, most, strict=True)}


def _spread(fabric: Fabric, network: int, use: FloatArray, links: BoolArray | None) -> list[str]:
    """'leaf–spine up: least 0.98, mean 0.98, most 0.98 of the speed' for each kind of link, and each direction where
    there is an up and a down."""
    tree = is_tree(fabric, network)
    mask = (fabric.links.network == network) & ~fabric.is_endpoint_link
    if links is not None:
        mask &= links
    result = []
    for kind in np.unique(fabric.links.kind[mask]).tolist():
        here = mask & (fabric.links.kind == kind)
        for v, word in ((use[here, 0], " up"), (use[here, 1], " down")) if tree else ((use[here], ""),):
            name = fabric.link_kinds[kind].replace("_", "–")
            least, mean, most = share(float(v.min())), share(float(v.mean())), share(float(v.max()))
            result.append(f"{name}{word}: least {least}, mean {mean}, most {most} of the speed")
    return result


views.add("load", View("links coloured by utilisation under a routing and a traffic", _draw))
