"""The ports of all devices as runs of alike devices: what a run repeats is written out when somebody asks for it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.fabric import Endpoints, Links, PortRole, Ports
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.fabric.speed import speeds


@dataclass(frozen=True)
class PortColumns:
    """The ports of one device in number order (shape (ports,) each), as in `topo.fabric.Ports`."""

    cage: IntArray
    sub: IntArray
    lanes: IntArray
    gbps: FloatArray
    name: IntArray

    def __len__(self) -> int:
        return len(self.cage)

    @property
    def number(self) -> IntArray:
        """The ports counted from 1."""
        return np.arange(1, len(self) + 1, dtype=np.int32)


@dataclass(frozen=True)
class PortRuns:
    """Devices in order: so many with the ports of a template, by its place in `templates`, run by run."""

    templates: tuple[PortColumns, ...]
    runs: tuple[tuple[int, int], ...]

    @property
    def ports(self) -> int:
        """How many ports all devices have."""
        return sum(len(self.templates[one]) * devices for one, devices in self.runs)

    def device(self) -> IntArray:
        """Shape (ports,): the row of each port's device."""
        width = np.array([len(one) for one in self.templates])
        template, devices = np.array(self.runs, dtype=np.int64).reshape(-1, 2).T
        widths = np.repeat(width[template], devices)
        return np.repeat(np.arange(len(widths), dtype=np.int32), widths)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Shape (ports,): a column of `PortColumns`, of all devices."""
        columns = [getattr(one, name) for one in self.templates]
        result = np.empty(self.ports, dtype=np.float64 if name == "gbps" else np.int32)
        at = 0
        for one, devices in self.runs:
            width = len(columns[one])
            result[at : at + width * devices].reshape(devices, width)[:] = columns[one]
            at += width * devices
        return result


def in_use(runs: PortRuns, links: Links, endpoints: Endpoints, reserved: IntArray, outside: BoolArray) -> Ports:
    """The ports with the roles that the links give them; a NIC port takes its link's speed, with as many lanes. The
    last free ports of each device, as many as are `reserved` (shape (devices,)), are kept; those `outside` (shape
    (ports,)) lead out of the fabric."""
    device = runs.device()
    role = np.full(len(device), PortRole.SPARE, dtype=np.int32)
    role[outside] = PortRole.OUTSIDE
    end_link = links.kind == 0
    between = np.where(links.active, np.int32(PortRole.FABRIC), np.int32(PortRole.BACKUP))
    role[links.a] = role[links.b] = np.where(end_link, np.int32(PortRole.HOST), between)
    if reserved.any():
        free = np.flatnonzero(role == PortRole.SPARE)
        at = device[free]
        up_to = np.cumsum(np.bincount(at, minlength=len(reserved)))  # free ports up to the last of each device
        role[free[up_to[at] - np.arange(len(free)) <= reserved[at]]] = PortRole.RESERVED
    later = {field.name: partial(runs.column, field.name) for field in fields(PortColumns)}
    later |= {"number": partial(runs.column, "number"), "gbps": partial(_gbps, runs, endpoints)}
    return Ports.with_later({**later, "lanes": partial(_lanes, runs, endpoints)}, device=device, role=role)


def _gbps(runs: PortRuns, endpoints: Endpoints) -> FloatArray:
    """The speed that each port is configured for."""
    result: FloatArray = runs.column("gbps")
    result[endpoints.port] = endpoints.gbps
    return speeds(result)


def _lanes(runs: PortRuns, endpoints: Endpoints) -> IntArray:
    """The lanes that each port uses at that speed."""
    result: IntArray = runs.column("lanes")
    nic = endpoints.port
    result[nic] = np.ceil(result[nic] * endpoints.gbps / runs.column("gbps")[nic])
    return result
