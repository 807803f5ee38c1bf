"""All shortest paths between two GPUs, with the load of each step when the traffic spreads evenly over them."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.keys import hues
from topo.diagrams.facts import speed
from topo.diagrams.paths import PathSet, default_hosts, endpoint_of_gpu, line_rate, paths_between, same_plane
from topo.diagrams.registry import views
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, NORMAL, SMALL, Canvas
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import HOST_FILL, INK, MUTED, tint
from topo.diagrams.sheet.textwidth import fits
from topo.errors import ParameterError, nearest
from topo.fabric import SWITCH, TIER_NAMES, Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import IntArray
from topo.units import amount

NAMES = 5000
"""Hosts among which a mistyped name is sought: a moment's work."""
CELL, ROW, MOST_GROUPS = 36.0, 116.0, 40
"""Points: the width of a box, and from one row to the next; more groups in a row than the last are joined."""


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    (a, gpu_a), (b, gpu_b) = _pair(data)
    target = endpoint_of_gpu(fabric, data.network, b, gpu_b)
    plane = int(fabric.endpoints.plane[target])
    source = endpoint_of_gpu(fabric, data.network, a, gpu_a)
    inside = int(fabric.endpoints.plane[source]) != plane
    if inside:
        source = same_plane(fabric, data.network, a, plane)
    paths = paths_between(fabric, data.network, source, target)
    rate = line_rate(fabric, paths)
    heads = [
        f"{amount(paths.paths, 'shortest path')} over {amount(len(paths.layers), 'switch')} each · "
        f"plane {plane} · {speed(rate)} between the two NIC ports",
        _ends_text(fabric, a, gpu_a, source, inside),
        _domain_text(fabric, a, b),
    ]
    names = f"{fabric.devices.name[a]} GPU {gpu_a} to {fabric.devices.name[b]} GPU {gpu_b}"
    canvas = Canvas(f"{data.title or fabric.name}: paths of {names}", [h for h in heads if h])
    y = _heights(canvas, fabric, paths)
    place = _boxes(canvas, fabric, paths, (a, b), y)
    _lines(canvas, fabric, paths, place, rate)
    bottom = max(y) + CELL / 2 + 24
    for text in _loads(fabric, paths, rate):
        canvas.text(MARGIN, bottom, text, NORMAL, INK, "left")
        bottom += 16
    note = "Loads: one flow at line rate, split at every switch evenly over all its links that lie on a shortest path."
    return canvas.finish(canvas.legend(bottom + 8, [], [note]))


def _pair(data: DiagramInput) -> tuple[tuple[int, int], tuple[int, int]]:
    if data.pair is None:
        a, b = default_hosts(data.fabric, data.network)
        return (a, 0), (b, 0)
    rows = data.fabric.device_row
    result = []
    for name, gpu in (data.pair[:2], data.pair[2:]):
        if name not in rows or not data.fabric.is_host[rows[name]]:
            hosts = data.fabric.devices.name[data.fabric.is_host].tolist()
            allowed = f"{hosts[0]} to {hosts[-1]}" if hosts else ""
            raise ParameterError("pair", name, "no host has this name", allowed, nearest(name, hosts[:NAMES]))
        result.append((rows[name], gpu))
    if result[0][0] == result[1][0]:
        raise ParameterError("pair", data.pair[0], "both GPUs are in this host", "two hosts")
    return result[0], result[1]


def _ends_text(fabric: Fabric, host: int, gpu: int, source: int, inside: bool) -> str:
    """Where the traffic crosses planes, that it does so inside the host."""
    if not inside:
        return ""
    return (
        f"inside {fabric.devices.name[host]}: GPU {gpu} hands over to NIC {int(fabric.endpoints.nic[source])}, "
        "which is on the plane of the other end"
    )


def _domain_text(fabric: Fabric, a: int, b: int) -> str:
    """That two hosts need none of these paths, where a scale-up domain joins them."""
    first, second = joined_hosts(fabric, np.array([a, b])).tolist()
    return (
        "both hosts are in one scale-up domain, which joins their GPUs without these paths" if first == second else ""
    )


def _heights(canvas: Canvas, fabric: Fabric, paths: PathSet) -> list[float]:
    """The y of each layer, hosts first and last: by tier, or where there are no tiers one higher at every hop."""
    tier = [int(fabric.devices.tier[layer[0]]) for layer in paths.layers]
    flat = SWITCH in tier
    levels = list(range(len(tier) + 2)) if flat else [0, *tier, 0]
    top = max(levels)
    shown = sorted(set(levels), reverse=True)
    y = [canvas.top + CELL / 2 + (top - level) * ROW for level in levels]
    for level in shown:
        word = TIER_NAMES[level] if not flat else "host" if level in (0, top) else f"switch {level}"
        canvas.tier(canvas.top + CELL / 2 + (top - level) * ROW, [word])
    return y


def _spans(paths: PathSet, y: list[float], left: float, right: float) -> list[tuple[float, float]]:
    """From where to where each layer's row reaches: layers that share a height share it from left to right."""
    spans = []
    for at in range(len(y)):
        same = [i for i in range(len(y)) if y[i] == y[at]]
        width = (right - left) / len(same)
        place = same.index(at)
        spans.append((left + width * place + 4, left + width * (place + 1) - 4))
    return spans


def _boxes(
    canvas: Canvas, fabric: Fabric, paths: PathSet, hosts: tuple[int, int], y: list[float]
) -> dict[int, tuple[str, float, float]]:
    """Draws hosts and layers; gives (box, x, y) by device. Layers of many switches are grouped."""
    shade = hues(fabric)
    spans = _spans(paths, y, GUTTER, canvas.width - MARGIN)
    place: dict[int, tuple[str, float, float]] = {}
    rows = [np.array([hosts[0]]), *paths.layers, np.array([hosts[1]])]
    for layer, at, (left, right) in zip(rows, y, spans, strict=True):
        groups = _groups(layer, int(min(MOST_GROUPS, (right - left) / 15)))
        pitch = (right - left) / len(groups)
        w = min(pitch * 0.9, 150.0)
        names = [str(fabric.devices.name[g[0]]) for g in groups]
        short = _short(fabric, [int(g[0]) for g in groups])
        labels = names if fits(names, SMALL, w - 4) else short if fits(short, 7.0, w - 1) else []
        size = SMALL if labels == names or fits(short, SMALL, w - 2) else 7.0
        for i, rows_of in enumerate(groups):
            x = left + pitch * (i + 0.5)
            host = bool(fabric.is_host[rows_of[0]])
            colour = MUTED if host else shade(rows_of)
            fill = HOST_FILL if host else tint(colour, 0.2)
            box = canvas.box(names[i], x, at, w, CELL, fill, colour, holds=rows_of)
            if labels:
                more = [(f"× {len(rows_of):,}", size, MUTED)] if len(rows_of) > 1 else []
                canvas.stack(x, at, w, [(labels[i], size, INK), *more])
            place.update({int(r): (box, x, at) for r in rows_of.tolist()})
    return place


def _short(fabric: Fabric, devices: list[int]) -> list[str]:
    """Indices, with the pod before them where several pods are among the devices."""
    d = fabric.devices
    many = len({int(d.pod[r]) for r in devices}) > 1 and fabric.devices.tier[devices[0]] == SWITCH
    return [f"{d.pod[r]}.{d.index[r]}" if many else str(d.index[r]) for r in devices]


def _groups(layer: IntArray, most: int) -> list[IntArray]:
    size = 1 << max(-(-len(layer) // max(most, 1)) - 1, 0).bit_length()
    return [layer[i : i + size] for i in range(0, len(layer), size)]


def _lines(
    canvas: Canvas, fabric: Fabric, paths: PathSet, place: dict[int, tuple[str, float, float]], rate: float
) -> None:
    colour = hues(fabric)(paths.layers[0])
    e = fabric.endpoints
    first = (int(e.host[paths.source]), int(paths.layers[0][0]), 1, 1.0)
    last = (int(paths.layers[-1][0]), int(e.host[paths.target]), 1, 1.0)
    for step in ((first,), *paths.steps, (last,)):
        drawn: dict[tuple[str, str], tuple[int, float, tuple[int, int]]] = {}
        for u, v, links, share in step:
            key = (place[u][0], place[v][0])
            had = drawn.get(key, (0, 0.0, (u, v)))
            drawn[key] = (had[0] + links, had[1] + share, (u, v))
        for (a, b), (links, share, (u, v)) in drawn.items():
            (_, x0, y0), (_, x1, y1) = place[u], place[v]
            lean = CELL / 2 if y0 > y1 else -CELL / 2 if y0 < y1 else 0.0
            title = f"{links:,} × carries {rate * share:,.4g} Gb/s"
            many = len(drawn) > 100
            points = [(x0, y0 - lean), (x1, y1 + lean)]
            canvas.line(a, b, points, rate, colour, title, width=0.6 if many else 1.2 if len(drawn) > 30 else 0.0)


def _loads(fabric: Fabric, paths: PathSet, rate: float) -> list[str]:
    """'leaf to spine: 32 links, each carries 12.5 Gb/s (3.1% of 400G)' for each step."""
    result = []
    for layer, step in zip(paths.layers, paths.steps, strict=False):
        after = int(fabric.devices.tier[step[0][1]])
        words = f"{TIER_NAMES[int(fabric.devices.tier[layer[0]])]} to {TIER_NAMES[after]}"
        links = sum(n for _, _, n, _ in step)
        each = sorted({round(rate * share / n, 6) for _, _, n, share in step})
        low, high = each[0], each[-1]
        load = f"{low:.4g}" if high - low < 1e-6 * high else f"{low:.4g} to {high:.4g}"
        result.append(f"{words}: {amount(links, 'link')}, each carries {load} Gb/s")
    return result


views.add("path", View("all shortest paths between two GPUs, with loads", _draw))
