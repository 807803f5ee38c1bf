"""What is lost when something fails; without a failure given, the first switch of the highest tier."""

from __future__ import annotations

from math import ceil, floor, isinf

import numpy as np

from topo.diagrams.drawn.keys import hues, speed_keys
from topo.diagrams.drawn.rings import draw_failed
from topo.diagrams.drawn.strips import Strips, ends_of, join, place, tier_of
from topo.diagrams.facts import bundles, numbers, per_device, speed, tier_count
from topo.diagrams.registry import views
from topo.diagrams.selection import between, hosts_on, is_tree, leaf_index, leaves_of, split_by_tier
from topo.diagrams.sheet.abbreviations import share
from topo.diagrams.sheet.canvas import MARGIN, NORMAL, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import FAILED, INK, speed_width
from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.units import amount

LEFT_S = 5.0
"""Seconds for what throughput is left: a drawing should not take longer than a reader waits for."""


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    failed, lost = _failure(data)
    facts = _facts(data, failed, lost)
    title = f"{data.title or fabric.name}: failure of {_name(fabric, failed, lost)}"
    rows = np.flatnonzero(fabric.switches_in(data.network))
    if not is_tree(fabric, data.network):
        return draw_failed(data, title, failed, lost, facts)
    planes = np.unique(fabric.devices.plane[_touched(fabric, failed, lost)])
    planes = planes[planes >= 0]
    plane = int(planes[0]) if len(planes) else 0
    selected = rows[fabric.devices.plane[rows] == plane]
    hosts = hosts_on(fabric, data.network, selected)
    links = between(fabric, data.network, [selected, hosts])
    canvas = Canvas(title, [f"plane {plane} of {amount(len(np.unique(fabric.devices.plane[rows])), 'plane')}"])
    tiers = []
    for tier, part in split_by_tier(fabric, selected):
        pods = np.unique(fabric.devices.pod[part])
        tiers.append(tier_of(fabric, tier, part, fabric.devices.pod if len(pods) > 1 else None, "pod"))
    leaves = leaves_of(fabric, selected)
    tiers.append(tier_of(fabric, HOST, hosts, leaf_index(fabric, data.network, leaves), "hosts of leaf"))
    own = hues(fabric)
    strips = place(canvas, fabric, tiers, lambda part: FAILED if failed[part].any() else own(part))
    result = join(canvas, fabric, strips, links & ~lost)
    _lost_lines(canvas, fabric, strips, links & lost)
    y = strips.bottom + 26
    for text in facts:
        canvas.text(MARGIN, y, text, NORMAL, INK, "left")
        y += 16
    keys = [*speed_keys(result), Key("failed or lost", FAILED, 2.2, True), Key("holds a failed device", FAILED)]
    return canvas.finish(canvas.legend(y + 14, keys, ["Counts between the strips are of the links that still work."]))


def _failure(data: DiagramInput) -> tuple[BoolArray, BoolArray]:
    """Masks of the failed devices and of all links that are lost with them."""
    fabric = data.fabric
    failed = np.zeros(len(fabric.devices), dtype=np.bool_) if data.failed is None else data.failed
    links = np.zeros(len(fabric.links), dtype=np.bool_) if data.failed_links is None else data.failed_links
    if not failed.any() and not links.any():
        rows = np.flatnonzero(fabric.switches_in(data.network))
        failed = failed.copy()
        failed[rows[np.argmax(fabric.devices.tier[rows])]] = True
    return failed, np.asarray(links | failed[fabric.link_a] | failed[fabric.link_b])


def _touched(fabric: Fabric, failed: BoolArray, lost: BoolArray) -> IntArray:
    ends = np.concatenate([np.flatnonzero(failed), fabric.link_a[lost], fabric.link_b[lost]])
    return np.asarray(ends[fabric.devices.tier[ends] != HOST])


def _name(fabric: Fabric, failed: BoolArray, lost: BoolArray) -> str:
    names = fabric.devices.name[failed].tolist()
    if not names:
        return amount(int(lost.sum()), "link")
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _facts(data: DiagramInput, failed: BoolArray, lost: BoolArray) -> list[str]:
    """What is lost in numbers: links, hosts, what each neighbour keeps, planes that are not touched."""
    fabric = data.fabric
    ends = fabric.endpoints
    selected = np.flatnonzero(ends.network == data.network)
    link = fabric.endpoint_link[selected]
    down = (link < 0) | lost[link] | failed[ends.host[selected]]
    hosts, of = np.unique(ends.host[selected], return_inverse=True)
    left = np.bincount(of, weights=~down, minlength=len(hosts))
    total = np.bincount(of, minlength=len(hosts))
    network = fabric.links.network == data.network
    core = lost & network & ~fabric.is_endpoint_link
    gone = float(fabric.links.gbps[core].sum())
    result = [
        f"lost: {amount(int(core.sum()), 'switch-to-switch link')} ({gone:,.0f} Gb/s), "
        f"{amount(int((lost & network & fabric.is_endpoint_link).sum()), 'endpoint link')}",
        f"{amount(int((left == 0).sum()), 'host')} cut off, "
        f"{amount(int(((left > 0) & (left < total)).sum()), 'host')} with fewer NIC ports",
    ]
    touched = np.unique(np.concatenate([fabric.link_a[core], fabric.link_b[core]]))
    touched = touched[~failed[touched]]
    alive = network & ~lost & ~fabric.is_endpoint_link
    for tier in np.unique(fabric.devices.tier[touched]).tolist():
        rows = touched[fabric.devices.tier[touched] == tier]
        both = np.concatenate([fabric.link_a[alive], fabric.link_b[alive]])
        before = np.concatenate([fabric.link_a[alive | core], fabric.link_b[alive | core]])
        keep = f"{tier_count(tier, len(rows))} {'keeps' if len(rows) == 1 else 'keep'}"
        result.append(
            f"{keep} {per_device(fabric, both, rows)} of {per_device(fabric, before, rows)} links to other switches"
        )
    planes = np.unique(fabric.devices.plane[np.flatnonzero(fabric.switches_in(data.network))])
    whole = np.setdiff1d(planes, fabric.devices.plane[_touched(fabric, failed, lost)])
    whole_planes = [int(p) for p in whole if p >= 0]
    result.append(throughput_left(fabric, data.network, failed, lost))
    return result + ([f"untouched: planes {numbers(whole_planes)}"] if whole_planes else [])


def throughput_left(fabric: Fabric, network: int, failed: BoolArray, lost: BoolArray) -> str:
    """What all-to-all traffic keeps under adaptive routing, as a sentence; the ends of an interval that a limit leaves
    wide are rounded outwards."""
    from topo.analysis.throughput import throughput
    from topo.errors import InputError, LimitReachedError

    kind = "all-to-all traffic under adaptive routing"
    try:
        less = fabric.without(fabric.links.id[lost].tolist(), fabric.devices.name[failed].tolist())
        left = throughput(less, "all-to-all", "adaptive", network, fabric, LEFT_S, certified=False)
    except (InputError, LimitReachedError):
        return f"throughput left: not found within {LEFT_S:g} s"
    if isinf(left.lower):
        return f"throughput left: nothing sends {kind}"
    if left.exact:
        return f"throughput left: {share(left.lower)} of line rate for {kind}"
    high = f"{ceil(left.upper * 100) / 100:g}" if not isinf(left.upper) else "an unknown share"
    return (
        f"throughput left: {floor(left.lower * 100) / 100:g} to {high} of line rate for {kind}, what {LEFT_S:g} s prove"
    )


def _lost_lines(canvas: Canvas, fabric: Fabric, strips: Strips, lost: BoolArray) -> None:
    for b in bundles(fabric, strips.group, lost):
        low, high = ends_of(strips, b)
        points = [(low.x, low.y - low.h / 2), (high.x, high.y + high.h / 2)]
        title = f"lost: {b.links:,} × {speed(b.gbps)}"
        canvas.line(low.name, high.name, points, b.gbps, FAILED, title, True, speed_width(b.gbps) * 0.6)


views.add("failure", View("what is lost when a device or a link fails", _draw))
