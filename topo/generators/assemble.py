"""Hosts and wired networks joined to one Fabric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric import HOST, Devices, Endpoints, Fabric, Links, Origin
from topo.fabric.model import BoolArray, FloatArray, IntArray, Table
from topo.fabric.speed import speeds
from topo.generators.family import Wiring
from topo.generators.hosts import Attached, HostGroup, ports_of
from topo.generators.port_runs import PortColumns, PortRuns, in_use


@dataclass(frozen=True)
class NetworkPiece:
    """One network, wired."""

    name: str
    family: str
    attached: Attached
    wiring: Wiring


def assemble(name: str, groups: Sequence[HostGroup], pieces: Sequence[NetworkPiece], catalog: Catalog) -> Fabric:
    """One Fabric of all hosts and networks; raises ParameterError where two devices would have the same name."""
    hosts = _Hosts(groups, catalog)
    device_parts: list[Devices] = [hosts.devices]
    port_runs = hosts.port_runs
    link_parts: list[Links] = []
    endpoint_parts: list[Endpoints] = []
    reserved_parts = [_full(len(hosts.devices), 0)]
    kinds: list[str] = ["endpoint"]
    codes = hosts.codes
    first_ports: dict[str, IntArray] = {}
    outside_parts = [np.zeros(port_runs.ports, dtype=np.bool_)]
    device_start, port_start = len(hosts.devices), port_runs.ports
    link_start = bundle_start = 0
    for row, piece in _lenders_first(pieces):
        wiring, ends = piece.wiring, piece.attached
        switches = _switches(wiring, row, codes)
        port_runs, first_port = _with_switches(port_runs, wiring, codes)
        kind_code = np.array([_code(kinds, k) for k in wiring.link_kinds] or [0], dtype=np.int32)
        host_port = hosts.endpoint_ports(piece.name)
        first_port = first_ports[piece.name] = port_start + first_port
        if wiring.lent is not None:
            first_port = np.concatenate([first_port, first_ports[wiring.lent.network][wiring.lent.rows]])
        rows = _LinkRows(wiring, ends, np.flatnonzero(wiring.at_switch >= 0))
        links = _links(rows, row, host_port, first_port, kind_code, (link_start, bundle_start))
        device_parts.append(switches)
        link_parts.append(links)
        endpoint_parts.append(hosts.endpoints(ends, host_port, row, wiring))
        outside_parts.append(_outside(wiring))
        reserved_parts.append(np.array(wiring.reserved or (0,) * len(wiring.layouts))[wiring.switches.layout])
        device_start += len(switches)
        port_start = port_runs.ports
        link_start += len(links)
        bundle_start += int(rows.starts.sum()) if len(pieces) > 1 else 0
    devices = _joined(Devices, device_parts)
    if len(pieces) + len(groups) > 2:
        _refuse_namesakes(devices)
    links = _joined(Links, link_parts)
    endpoints = _joined(Endpoints, endpoint_parts)
    reserved = np.concatenate(reserved_parts)
    system_names = tuple(tuple(g.part.port_names.items()) for g in groups)
    return Fabric(
        name=name,
        networks=tuple(p.name for p in pieces),
        parts=tuple(codes.parts),
        groups=tuple(g.part.id for g in groups),
        scale_up_gbps=tuple(g.part.scale_up.gbps_per_gpu if g.part.scale_up else 0.0 for g in groups),
        link_kinds=tuple(kinds),
        port_names=np.array(codes.names, dtype=np.str_),
        devices=devices,
        ports=in_use(port_runs, links, endpoints, reserved, np.concatenate(outside_parts)),
        links=links,
        endpoints=endpoints,
        origins=tuple(Origin(p.name, p.family, p.wiring.shape) for p in pieces),
        system_names=system_names if any(system_names) else (),
    )


def _lenders_first(pieces: Sequence[NetworkPiece]) -> list[tuple[int, NetworkPiece]]:
    """The pieces with their rows, those behind all others that use switches of another."""
    return sorted(enumerate(pieces), key=lambda pair: pair[1].wiring.lent is not None)


def _outside(wiring: Wiring) -> BoolArray:
    """Shape (switch ports,): those that lead out of the fabric."""
    if not any(wiring.outside or ()):
        ports = np.array([len(one.names) for one in wiring.layouts] or [0])
        return np.zeros(int(ports[wiring.switches.layout].sum()), dtype=np.bool_)
    of_layout = [np.isin(np.arange(1, len(one.names) + 1), ports) for one, ports in zip(
        wiring.layouts, wiring.outside or ((),) * len(wiring.layouts), strict=True)]  # fmt: skip
    none = np.zeros(0, dtype=np.bool_)
    return np.concatenate([none, *(of_layout[i] for i in wiring.switches.layout.tolist())])


def _refuse_namesakes(devices: Devices) -> None:
    names = devices.name.tolist()
    if len(set(names)) < len(names):
        twice = next(name for name, times in Counter(names).items() if times > 1)
        raise ParameterError(
            "networks", twice, "two devices would have this name", hint="rename a network of the design"
        )


class _Codes:
    """Part ids and port names, each written once."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.names: list[str] = []
        self._name_row: dict[str, int] = {}

    def part(self, part_id: str) -> int:
        return _code(self.parts, part_id)

    def name_rows(self, names: Sequence[str]) -> IntArray:
        for name in names:
            if name not in self._name_row:
                self._name_row[name] = len(self.names)
                self.names.append(name)
        return np.array([self._name_row[n] for n in names], dtype=np.int32)


def _code(known: list[str], word: str) -> int:
    if word not in known:
        known.append(word)
    return known.index(word)


def _full(n: int, value: int) -> IntArray:
    return np.full(n, value, dtype=np.int32)


def host_names(groups: Sequence[HostGroup]) -> list[str]:
    """The names of all hosts, in order of groups."""
    names: list[str] = []
    used: Counter[str] = Counter()
    for g in groups:
        used[g.part.name_prefix] += 1
        nth = used[g.part.name_prefix]
        head = g.part.name_prefix if nth == 1 else f"{g.part.name_prefix}{nth}"
        names += [f"{head}-{i:05d}" for i in range(g.count)]
    return names


class _Hosts:
    """Host devices and their ports, and where each network's endpoints sit on them."""

    def __init__(self, groups: Sequence[HostGroup], catalog: Catalog) -> None:
        self.groups = groups
        self.codes = _Codes()
        self.templates = [ports_of(g.part, catalog) for g in groups]
        counts = [g.count for g in groups]
        total = sum(counts)
        group = np.repeat(np.arange(len(groups)), counts).astype(np.int32)
        self.group = group
        names = host_names(groups)
        domain = np.zeros(total, dtype=np.int32)
        first = next_domain = 0
        for g in groups:
            width = g.part.scale_up.hosts_per_domain if g.part.scale_up else 1
            domain[first : first + g.count] = next_domain + np.arange(g.count) // width
            next_domain = int(domain[first + g.count - 1]) + 1 if g.count else next_domain
            first += g.count
        part_code = np.array([self.codes.part(g.part.id) for g in groups], dtype=np.int32)
        gpus = np.array([g.part.gpus for g in groups], dtype=np.int32)
        minus = _full(total, -1)
        self.devices = Devices(
            np.array(names, dtype=np.str_),
            _full(total, HOST),
            minus,
            minus,
            minus,
            minus,
            np.arange(total, dtype=np.int32),
            part_code[group],
            group,
            domain,
            gpus[group],
        )
        width_of = np.array([len(t.names) for t in self.templates])
        self.start = np.concatenate([[0], np.cumsum(width_of[group])]).astype(np.int64)
        templates = [PortColumns(t.cage, t.sub, t.lanes, t.gbps, self.codes.name_rows(t.names)) for t in self.templates]
        self.port_runs = PortRuns(tuple(templates), tuple(enumerate(counts)))

    def endpoint_ports(self, network: str) -> IntArray:
        """Port rows of a network's endpoints, in the order of `attached`."""
        first, rows = 0, []
        for group, template in zip(self.groups, self.templates, strict=True):
            selected = np.flatnonzero([n == network for n in template.network])
            start = self.start[first : first + group.count]
            rows.append((start[:, None] + selected[None, :]).ravel())
            first += group.count
        return np.concatenate(rows)

    def endpoints(self, ends: Attached, port: IntArray, network: int, wiring: Wiring) -> Endpoints:
        return Endpoints(
            port,
            ends.host,
            ends.nic,
            ends.nic_port,
            ends.gpu_first,
            ends.gpu_count,
            _full(len(ends), network),
            wiring.plane,
            wiring.rail,
            ends.gbps,
        )


def _switches(wiring: Wiring, network: int, codes: _Codes) -> Devices:
    n = len(wiring.switches)
    s = wiring.switches
    part = np.array([codes.part(layout.part) for layout in wiring.layouts], dtype=np.int32)
    minus = _full(n, -1)
    return Devices(
        s.name, s.tier, _full(n, network), s.plane, s.rail, s.pod, s.index, part[s.layout], minus, minus, _full(n, 0)
    )


def _with_switches(before: PortRuns, wiring: Wiring, codes: _Codes) -> tuple[PortRuns, IntArray]:
    """The ports of the devices `before` and those of the switches, and the row of each switch's first port among
    the latter."""
    layouts, layout = wiring.layouts, wiring.switches.layout
    width = np.array([len(one.names) for one in layouts])[layout]
    first = np.flatnonzero(np.diff(layout, prepend=-1))
    templates = [PortColumns(one.cage, one.sub, one.lanes, one.gbps, codes.name_rows(one.names)) for one in layouts]
    known = len(before.templates)
    runs = zip((layout[first] + known).tolist(), np.diff([*first, len(layout)]).tolist(), strict=True)
    after = PortRuns((*before.templates, *templates), (*before.runs, *runs))
    return after, np.concatenate([[0], np.cumsum(width)])[:-1]


@dataclass(frozen=True)
class _LinkRows:
    """The links of a network: those of its `joined` endpoints (rows) in their order, then those between switches.
    Columns that few ask for are made when somebody does."""

    wiring: Wiring
    attached: Attached
    joined: IntArray

    def __len__(self) -> int:
        return len(self.joined) + len(self.wiring.links.kind)

    def gbps(self) -> FloatArray:
        """The speed of each link."""
        return speeds(np.concatenate([self.attached.gbps[self.joined], self.wiring.links.gbps]))

    def plane(self) -> IntArray:
        """The plane of each endpoint, and of each link's lower switch."""
        w = self.wiring
        lent = np.zeros(len(w.lent.rows) if w.lent is not None else 0, dtype=np.int32)
        return np.concatenate([w.plane[self.joined], np.concatenate([w.switches.plane, lent])[w.links.a_switch]])

    def rail(self) -> IntArray:
        """The rail of each endpoint, and of each link's lower switch."""
        w = self.wiring
        lent = np.full(len(w.lent.rows) if w.lent is not None else 0, -1, dtype=np.int32)
        return np.concatenate([w.rail[self.joined], np.concatenate([w.switches.rail, lent])[w.links.a_switch]])

    @cached_property
    def starts(self) -> BoolArray:
        """Whether a link joins other devices than the one before."""
        links = self.wiring.links
        left = np.concatenate([-1 - self.attached.host[self.joined], links.a_switch])
        right = np.concatenate([self.wiring.at_switch[self.joined], links.b_switch])
        result = np.ones(len(self), dtype=np.bool_)
        result[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
        return result

    def bundle(self, first: int) -> IntArray:
        """The bundle of each link, counted from `first`."""
        return np.cumsum(self.starts) - 1 + first


def _links(
    rows: _LinkRows,
    network: int,
    host_port: IntArray,
    first_port: IntArray,
    kind_code: IntArray,
    first: tuple[int, int],
) -> Links:
    """The links of a network. `first`: the first numbers of links and of bundles."""
    w, joined, n = rows.wiring, rows.joined, len(rows)
    backup = [i for i, kind in enumerate(w.link_kinds) if kind in w.backup]
    later: dict[str, Callable[[], npt.NDArray[Any]]] = {
        "gbps": rows.gbps,
        "plane": rows.plane,
        "rail": rows.rail,
        "bundle": partial(rows.bundle, first[1]),
        "lag": partial(np.zeros, n, dtype=np.bool_),
    }
    return Links.with_later(
        later,
        id=np.arange(first[0], first[0] + n),
        a=np.concatenate([host_port[joined], first_port[w.links.a_switch] + w.links.a_port - 1]),
        b=np.concatenate(
            [
                first_port[w.at_switch[joined]] + w.at_port[joined] - 1,
                first_port[w.links.b_switch] + w.links.b_port - 1,
            ]
        ),
        kind=np.concatenate([_full(len(joined), 0), kind_code[w.links.kind]]),
        network=_full(n, network),
        active=np.concatenate([np.ones(len(joined), dtype=np.bool_), ~np.isin(w.links.kind, backup)]),
    )


TableType = TypeVar("TableType", bound=Table)


def _joined(kind: type[TableType], parts: Sequence[TableType]) -> TableType:
    if len(parts) == 1:
        return parts[0]
    return kind(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(kind)))
