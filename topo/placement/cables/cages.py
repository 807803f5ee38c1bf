"""Which cages the links of a fabric join, and which of them have to share one cabling technology.

A cage holds one plug or module. So links that meet in a cage agree on what they run over, and so do all links that are
connected through shared cages: a component of the graph whose vertices are cages and whose edges are links.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog, Host, Switch
from topo.catalog.ports import host_ports
from topo.fabric import HOST, Fabric
from topo.fabric.joined import components
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.ranks import ranks


@dataclass(frozen=True, order=True)
class CageClass:
    """Cages that take the same plugs: form, ports in the configured breakout, their speed and lanes."""

    form: str
    ports: int
    gbps: float
    lanes: int


@dataclass(frozen=True)
class Cages:
    """The cages of a fabric that carry links.

    `device` and `number`: shape (cages,). `kind`: shape (cages,), a row of `classes`. `a`, `b`: shape (links,), the
    cage at each end. `group`: shape (links,), the component of each link, counted from 0.
    """

    device: IntArray
    number: IntArray
    kind: IntArray
    classes: tuple[CageClass, ...]
    a: IntArray
    b: IntArray
    group: IntArray

    @cached_property
    def degree(self) -> IntArray:
        """Shape (cages,): links that end in the cage."""
        n = len(self.device)
        return np.asarray(np.bincount(self.a, minlength=n) + np.bincount(self.b, minlength=n))

    @cached_property
    def groups(self) -> int:
        """How many components."""
        return int(self.group.max(initial=-1)) + 1

    @cached_property
    def cage_group(self) -> IntArray:
        """Shape (cages,): the component of each cage."""
        result = np.zeros(len(self.device), dtype=np.int64)
        result[self.a] = self.group
        result[self.b] = self.group
        return result

    @cached_property
    def links_of_group(self) -> IntArray:
        """Shape (groups,): links in each component."""
        return np.bincount(self.group, minlength=self.groups)

    @cached_property
    def cages_of_group(self) -> IntArray:
        """Shape (groups,): cages in each component."""
        return np.bincount(self.cage_group, minlength=self.groups)

    @cached_property
    def hub(self) -> IntArray:
        """Shape (groups,): the cage in which all links of the component meet (of two, the one with the higher row);
        -1 where there is none."""
        full = self.degree == self.links_of_group[self.cage_group]
        result = np.full(self.groups, -1, dtype=np.int64)
        rows = np.flatnonzero(full)
        result[self.cage_group[rows]] = rows
        return result


def cages_of(fabric: Fabric, catalog: Catalog) -> Cages:
    """The cages and components of a fabric. A part that the catalog lacks has cages of the form `unknown`."""
    ports = fabric.ports
    first = _first_of_cages(fabric)
    start = np.flatnonzero(first)
    cage_of_port: IntArray = np.cumsum(first, dtype=np.int32 if len(first) < 1 << 31 else np.int64)
    cage_of_port -= 1
    at_a, at_b = cage_of_port[fabric.links.a], cage_of_port[fabric.links.b]
    carries = np.zeros(len(start), dtype=np.bool_)
    carries[at_a] = carries[at_b] = True
    new = np.cumsum(carries) - 1
    a, b = new[at_a], new[at_b]
    rows, size = start[carries], np.diff(np.append(start, len(first)))[carries]
    group = ranks(components(len(rows), a, b)[a])
    kind, classes = _classes(fabric, catalog, rows, size)
    return Cages(ports.device[rows], ports.cage[rows], kind, classes, a, b, group)


def _first_of_cages(fabric: Fabric) -> BoolArray:
    """Shape (ports,): where a cage begins. Ports lie cage by cage; one without a cage has one of its own."""
    device, cage = fabric.ports.device, fabric.ports.cage
    result = np.ones(len(device), dtype=np.bool_)
    result[1:] = (device[1:] != device[:-1]) | (cage[1:] != cage[:-1])
    if int(cage.min(initial=0)) < 0:
        result |= cage < 0
        result[1:] |= cage[:-1] < 0
    return result


def _classes(
    fabric: Fabric, catalog: Catalog, first_port: IntArray, size: IntArray
) -> tuple[IntArray, tuple[CageClass, ...]]:
    ports, devices = fabric.ports, fabric.devices
    device, cage = ports.device[first_port], ports.cage[first_port]
    speed, speed_code = np.unique(ports.gbps[first_port], return_inverse=True)
    template = devices.part[device].astype(np.int64) * 2 + (devices.tier[device] == HOST)
    columns = (template, cage, size, speed_code, ports.lanes[first_port])
    code: IntArray = np.zeros(len(first_port), dtype=np.int64)
    for column in columns:
        code = ranks(code * (int(column.max(initial=0)) + 1) + column)
    _, where = np.unique(code, return_index=True)
    result = []
    for row in where.tolist():
        part = fabric.parts[int(devices.part[device[row]])] if devices.part[device[row]] >= 0 else ""
        form = _form(catalog, part, int(cage[row]), bool(devices.tier[device[row]] == HOST))
        lanes = int(ports.lanes[first_port[row]])
        result.append(CageClass(form, int(size[row]), float(speed[speed_code[row]]), lanes))
    classes = tuple(sorted(set(result)))
    return np.array([classes.index(c) for c in result], dtype=np.int64)[code], classes


def _form(catalog: Catalog, part: str, cage: int, is_host: bool) -> str:
    kind = "host" if is_host else "switch"
    if not part or catalog.path(kind, part) is None:
        return "unknown"
    if not is_host:
        switch: Switch = catalog.switch(part)
        return switch.form_of(cage)
    host: Host = catalog.host(part)
    forms = {port.cage: port.part.cage for port in host_ports(host, catalog.nic)}
    return forms.get(cage, "unknown")
