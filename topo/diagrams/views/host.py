"""One host: its GPUs and scale-up domain, its NICs of every network, and the switch port each NIC port is cabled to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from topo.diagrams.drawn.keys import hue_keys, hues
from topo.diagrams.facts import speed
from topo.diagrams.registry import views
from topo.diagrams.sheet.abbreviations import broken
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import INK, MUTED, PAPER, speed_width, tint
from topo.errors import ParameterError, nearest
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray
from topo.units import amount

CELL, ROW = 44.0, 96.0
"""Points: the width of a box, and from one row to the next."""


@dataclass(frozen=True)
class _Nic:
    """One NIC: its endpoint rows."""

    network: int
    nic: int
    rows: IntArray


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    host = _host(data)
    ends = np.flatnonzero(fabric.endpoints.host == host)
    nics = _nics(fabric, ends)
    gpus = int(fabric.devices.gpus[host])
    group = int(fabric.devices.group[host])
    scale_up = fabric.scale_up_gbps[group] if group >= 0 else 0.0
    name = str(fabric.devices.name[host])
    domain = int((fabric.devices.domain == fabric.devices.domain[host]).sum())
    part = fabric.groups[group] if group >= 0 else ""
    heads = [
        f"{part} · {amount(gpus, 'GPU')} · {amount(len(nics), 'NIC')} · {amount(len(ends), 'NIC port')}"
        + (f" · scale-up domain of {amount(domain, 'host')}" if scale_up else "")
    ]
    canvas = Canvas(f"{data.title or fabric.name}: {name}", heads)
    y = {
        "switch": canvas.top + CELL / 2,
        "nic": canvas.top + CELL * 1.5 + ROW,
        "gpu": canvas.top + CELL * 2.5 + ROW * 1.55,
        "scale-up": canvas.top + CELL * 3.2 + ROW * 2.0,
    }
    left, room = GUTTER, canvas.width - GUTTER - MARGIN
    bottom = y["scale-up"] + 32
    top = y["nic"] - CELL / 2 - 18
    canvas.box("host", left + room / 2, (top + bottom) / 2, room, bottom - top, "none", MUTED, holds=np.array([host]))
    pitch = room / max(len(ends), 1)
    gpu_x = _gpus(canvas, gpus, scale_up, left, room, y)
    _nic_boxes(_NicRow(canvas, fabric, pitch, y), nics, left, gpu_x)
    canvas.tier(y["switch"], ["switches", "where each port is", "cabled to"])
    canvas.tier(y["nic"], ["NICs", "with their ports"])
    if gpus:
        canvas.tier(y["gpu"], ["GPUs"])
    reached = np.unique(fabric.endpoint_switch[ends])
    speeds = np.unique(fabric.endpoints.gbps[ends]).tolist()
    keys = [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in speeds] + hue_keys(fabric, reached[reached >= 0])
    return canvas.finish(canvas.legend(bottom + 30, keys))


def _host(data: DiagramInput) -> int:
    fabric = data.fabric
    if not data.host:
        rows = np.flatnonzero((fabric.devices.tier == HOST) & (fabric.devices.gpus > 0))
        rows = rows if len(rows) else np.flatnonzero(fabric.devices.tier == HOST)
        if not len(rows):
            raise ParameterError("view", "host", f"{fabric.name} has no hosts", hint="--view overview draws it")
        return int(rows[0])
    row = fabric.device_row.get(data.host, -1)
    if row < 0 or fabric.devices.tier[row] != HOST:
        names = [str(n) for n in fabric.devices.name[fabric.is_host]]
        allowed = f"{names[0]} … {names[-1]}" if names else "none"
        raise ParameterError("host", data.host, "no host has this name", allowed, nearest(data.host, names[:2000]))
    return row


def _nics(fabric: Fabric, ends: IntArray) -> list[_Nic]:
    e = fabric.endpoints
    keys = sorted({(int(e.network[r]), int(e.nic[r])) for r in ends.tolist()})
    return [_Nic(n, i, ends[(e.network[ends] == n) & (e.nic[ends] == i)]) for n, i in keys]


def _gpus(canvas: Canvas, gpus: int, scale_up: float, left: float, room: float, y: dict[str, float]) -> list[float]:
    """The GPUs side by side and the scale-up network below them; gives where each GPU stands."""
    pitch = (room - 24) / max(gpus, 1)
    places = [left + 12 + pitch * (i + 0.5) for i in range(gpus)]
    width = min(pitch * 0.8, 90.0)
    label = "GPU {}" if width > 40 else "{}"
    for i, x in enumerate(places):
        name = canvas.box(f"GPU {i}", x, y["gpu"], width, CELL * 0.7, PAPER, INK)
        if width >= 14:
            canvas.text(x, y["gpu"], label.format(i), SMALL)
        if scale_up:
            bar = "scale-up network"
            points = [(x, y["gpu"] + CELL * 0.35), (x, y["scale-up"] - 12)]
            canvas.line(name, bar, points, 0, INK, f"{scale_up:,g} Gb/s", width=3.0)
    if gpus and scale_up:
        canvas.box("scale-up network", left + room / 2, y["scale-up"], room - 24, 24, tint(INK, 0.15), INK)
        text = f"scale-up network: {scale_up:,g} Gb/s per GPU each way"
        canvas.text(left + room / 2, y["scale-up"], text, NORMAL)
    return places


@dataclass(frozen=True)
class _NicRow:
    """Where NICs and the switches above them are drawn: `pitch` from port to port, heights by what stands there."""

    canvas: Canvas
    fabric: Fabric
    pitch: float
    y: dict[str, float]

    @property
    def size(self) -> float:
        return SMALL if self.pitch >= 80 else 7.0


def _nic_boxes(drawn: _NicRow, nics: list[_Nic], left: float, gpu_x: list[float]) -> None:
    """NICs with the switches above their ports and the GPUs that use them below."""
    canvas, fabric, pitch, y, size = drawn.canvas, drawn.fabric, drawn.pitch, drawn.y, drawn.size
    shade, x = hues(fabric), left
    for nic in nics:
        middle = x + pitch * len(nic.rows) / 2
        wide = min(pitch * len(nic.rows) * 0.92, 160.0 * len(nic.rows))
        label = f"{fabric.networks[nic.network]} NIC {nic.nic}"
        box = canvas.box(label, middle, y["nic"], wide, CELL, PAPER, MUTED)
        ports = fabric.port_name(fabric.endpoints.port[nic.rows]).tolist()
        text = [(f"NIC {nic.nic}", size, INK)] + ([(", ".join(ports), size, MUTED)] if pitch >= 40 else [])
        network = [(fabric.networks[nic.network], size, MUTED)] if nic.network and pitch >= 40 else []
        canvas.stack(middle, y["nic"], wide - 2, text + network)
        _uplinks(drawn, nic, box, x, shade)
        e = fabric.endpoints
        first, count = int(e.gpu_first[nic.rows[0]]), int(e.gpu_count[nic.rows[0]])
        for g in range(first, min(first + count, len(gpu_x))) if nic.network == 0 else ():
            points = [(gpu_x[g], y["gpu"] - CELL * 0.35), (middle, y["nic"] + CELL / 2)]
            canvas.line(f"GPU {g}", box, points, 0, MUTED, f"GPU {g} uses NIC {nic.nic}", width=1.0)
        x += pitch * len(nic.rows)


def _uplinks(drawn: _NicRow, nic: _Nic, box: str, x: float, shade: Callable[[IntArray], str]) -> None:
    canvas, fabric, pitch, y, size = drawn.canvas, drawn.fabric, drawn.pitch, drawn.y, drawn.size
    width = min(pitch * 0.9, 150.0)
    for i, row in enumerate(nic.rows.tolist()):
        at = x + pitch * (i + 0.5)
        switch, link = int(fabric.endpoint_switch[row]), int(fabric.endpoint_link[row])
        if switch < 0:
            canvas.text(at, y["switch"], "not cabled" if pitch >= 62 else "–", size, MUTED)
            continue
        colour = shade(np.array([switch])) if nic.network == 0 else MUTED
        a, b = int(fabric.links.a[link]), int(fabric.links.b[link])
        port = b if int(fabric.ports.device[b]) == switch else a
        label = str(fabric.devices.name[switch])
        name = canvas.box(label, at, y["switch"], width, CELL, tint(colour, 0.2), colour, holds=np.array([switch]))
        text = str(fabric.port_name(np.array([port]))[0])
        rows = [(part, size, INK) for part in broken(label, size, width - 4)]
        rows += [(text if len(rows) > 1 else f"port {text}", size, MUTED)]
        if pitch >= 40:
            canvas.stack(at, y["switch"], width - 2, rows, 1.25)
        gbps = float(fabric.links.gbps[link])
        points = [(at, y["nic"] - CELL / 2), (at, y["switch"] + CELL / 2)]
        canvas.line(box, name, points, gbps, colour, speed(gbps))


views.add("host", View("one host: GPUs, scale-up network, NICs and where they are cabled to", _draw))
