"""Sub-fabrics: the same tables with some links, devices or networks left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import index

import numpy as np

from topo.errors import ParameterError, nearest
from topo.fabric.model import BoolArray, Fabric, IntArray


def without(fabric: Fabric, links: Iterable[int] = (), devices: Iterable[str | int] = ()) -> Fabric:
    """The fabric without the links of these ids and without these devices, by name or row, and all that hangs on them.

    Raises ParameterError for an id, a name or a row that the fabric does not have.
    """
    wanted = np.unique(np.asarray([_whole("links", link) for link in links], dtype=np.int64))
    unknown = wanted[~np.isin(wanted, fabric.links.id)]
    if len(unknown):
        raise ParameterError("links", int(unknown[0]), "no link has this id", f"ids of {fabric.name}")
    lost = np.zeros(len(fabric.devices), dtype=np.bool_)
    for name in devices:
        if not isinstance(name, str):
            row = _whole("devices", name)
            if not 0 <= row < len(lost):
                raise ParameterError("devices", row, "no device has this row", f"names, or 0 to {len(lost) - 1:,}")
            lost[row] = True
            continue
        if name not in fabric.device_row:
            raise ParameterError(
                "devices", name, "no device has this name", hint=nearest(name, list(fabric.device_row))
            )
        lost[fabric.device_row[name]] = True
    return keep(fabric, ~lost, ~np.isin(fabric.links.id, wanted))


def _whole(key: str, value: object) -> int:
    """A whole number of any kind, numpy's too; raises ParameterError."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ParameterError(key, value, "is no whole number", "ids of links" if key == "links" else "names, or rows")
    return index(value)


def keep(fabric: Fabric, devices: BoolArray, links: BoolArray) -> Fabric:
    """The fabric of the devices and links that two masks select (shapes (devices,) and (links,))."""
    links = links & devices[fabric.link_a] & devices[fabric.link_b]
    ports = devices[fabric.ports.device]
    new_device = np.cumsum(devices) - 1
    new_port = np.cumsum(ports) - 1
    link_rows = fabric.links.rows(links)
    end_rows = fabric.endpoints.rows(devices[fabric.endpoints.host])
    port_rows = fabric.ports.rows(ports)
    return replace(
        fabric,
        devices=fabric.devices.rows(devices),
        ports=port_rows.changed(device=new_device[port_rows.device]),
        links=link_rows.changed(a=new_port[link_rows.a], b=new_port[link_rows.b]),
        endpoints=end_rows.changed(port=new_port[end_rows.port], host=new_device[end_rows.host]),
    )


def rows_of(names: Sequence[str], fabric: Fabric) -> IntArray:
    """Device rows of the given names; raises KeyError."""
    return np.array([fabric.device_row[name] for name in names], dtype=np.int64)
