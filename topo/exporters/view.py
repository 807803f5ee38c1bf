"""The links of a fabric as plain lists, for formats that write one line a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray, IntArray


class LinkEnd(NamedTuple):
    """One active link: devices by row and name, ports by row and the vendor's name; `b` is the upper end."""

    link: int
    a: int
    a_name: str
    a_port: int
    a_port_name: str
    b: int
    b_name: str
    b_port: int
    b_port_name: str
    gbps: float


def link_ends(fabric: Fabric, own: BoolArray | None = None) -> Iterator[LinkEnd]:
    """Active links in order; `own` (shape (links,)) selects some."""
    links = fabric.links
    rows = np.flatnonzero(links.active if own is None else links.active & own)
    name, port = fabric.devices.name.tolist(), fabric.port_names.tolist()
    a, b = links.a[rows], links.b[rows]
    columns = (rows, fabric.ports.device[a], a, fabric.ports.name[a], fabric.ports.device[b], b, fabric.ports.name[b])
    speed = links.gbps[rows].tolist()
    for (link, da, pa, na, db, pb, nb), gbps in zip(
        zip(*(c.tolist() for c in columns), strict=True), speed, strict=True
    ):
        yield LinkEnd(link, da, name[da], pa, port[na], db, name[db], pb, port[nb], gbps)


def switch_rows(fabric: Fabric, network: int | None = None) -> IntArray:
    """Device rows of switches, of one network or all."""
    mask = fabric.devices.tier != HOST
    return np.flatnonzero(mask if network is None else mask & (fabric.devices.network == network))


def quoted(text: str) -> str:
    """A text in double quotes for DOT and YAML, whatever it holds."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
