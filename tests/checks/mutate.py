"""One mistake in a fabric at a time: pure functions that give a mutated copy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import Table


def changed(table: Any, **cells: tuple[int, Any]) -> Any:
    """A table with one cell of each named column replaced: column=(row, value)."""
    assert isinstance(table, Table)
    columns = {}
    for name, (row, value) in cells.items():
        column = np.array(getattr(table, name))
        if column.dtype.kind == "U":
            column = column.astype(f"<U{max(column.dtype.itemsize // 4, len(value))}")
        column[row] = value
        columns[name] = column
    return replace(table, **columns)


def with_link(fabric: Fabric, row: int, **cells: Any) -> Fabric:
    """The fabric with cells of one link replaced."""
    return replace(fabric, links=changed(fabric.links, **{name: (row, value) for name, value in cells.items()}))


def with_port(fabric: Fabric, row: int, **cells: Any) -> Fabric:
    """The fabric with cells of one port replaced."""
    return replace(fabric, ports=changed(fabric.ports, **{name: (row, value) for name, value in cells.items()}))


def with_device(fabric: Fabric, row: int, **cells: Any) -> Fabric:
    """The fabric with cells of one device replaced."""
    return replace(fabric, devices=changed(fabric.devices, **{name: (row, value) for name, value in cells.items()}))


def with_endpoint(fabric: Fabric, row: int, **cells: Any) -> Fabric:
    """The fabric with cells of one endpoint replaced."""
    return replace(fabric, endpoints=changed(fabric.endpoints, **{name: (row, value) for name, value in cells.items()}))


def swapped(fabric: Fabric, first: int, second: int) -> Fabric:
    """Two cables crossed: each keeps its lower end and takes the other's upper end."""
    b = np.array(fabric.links.b)
    b[[first, second]] = b[[second, first]]
    return replace(fabric, links=replace(fabric.links, b=b))


def turned(fabric: Fabric, row: int) -> Fabric:
    """One link with its ends exchanged."""
    return with_link(fabric, row, a=fabric.links.b[row], b=fabric.links.a[row])


def removed(fabric: Fabric, rows: Any) -> Fabric:
    """The fabric without some link rows."""
    keep = np.ones(len(fabric.links), dtype=np.bool_)
    keep[rows] = False
    return replace(fabric, links=fabric.links.rows(keep))


def renamed_port(fabric: Fabric, row: int, name: str, **cells: Any) -> Fabric:
    """One port under another name (and other cells)."""
    names = np.append(fabric.port_names, name)
    return with_port(replace(fabric, port_names=names), row, name=len(fabric.port_names), **cells)
