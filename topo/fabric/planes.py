"""Planes that are the same in every column: what is found in one of them is found in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.fabric.fabric import Fabric, keep
from topo.fabric.model import Devices, Endpoints, IntArray, Links
from topo.fabric.once import once
from topo.fabric.plain import is_plain
from topo.fabric.ranks import stable_order

OF_SWITCH = ("tier", "pod", "index", "part", "group", "domain", "gpus")
OF_PORT = ("number", "cage", "sub", "lanes", "gbps", "role")
OF_LINK = ("gbps", "kind", "lag", "active")
OF_ENDPOINT = ("host", "gbps")
AT_HOST = ("gbps", "lanes", "role")
"""Columns of the ports of hosts: those that a plane uses are other ports than another's."""
CODES = 1 << 24
"""Networks times planes of which a fabric with equal planes has fewer, so that all are counted by small numbers."""
NO_RAIL = 1 << 30
"""Above the number of every rail: the least of none."""


@dataclass(frozen=True)
class _Plane:
    """Rows of one plane: its switches (consecutive), and the first of their ports; its links and endpoints."""

    switch: IntArray
    ports: slice
    links: IntArray
    ends: IntArray


def one_of_equal_planes(fabric: Fabric) -> Fabric | None:
    """The fabric with the first plane of each network whose planes are equal, all hosts, and all other networks; None
    where no network has equal planes.

    Planes are equal where their switches, the ports of these, their links and their endpoints come in the same order
    with the same values, and join the same hosts: only names, ids, bundles, and which NICs and ports of a host they
    use, may differ, and all their rails by the same number. No link of such a network joins two planes or leads to
    another network, and none shares switches."""
    return once(fabric, "one of equal planes", lambda: _one(fabric))


def _one(fabric: Fabric) -> Fabric | None:
    devices, links, ends = fabric.devices, fabric.links, fabric.endpoints
    if len(np.unique(devices.plane[~fabric.is_host])) < 2 or not _plain(fabric):
        return None
    planes = int(max(t.plane.max(initial=-1) for t in (devices, links, ends))) + 2
    networks = int(max(t.network.max(initial=0) for t in (devices, links, ends))) + 1
    if planes * networks > CODES:
        return None
    of_switch = np.where(fabric.is_host, np.int32(-1), _code(devices, planes))
    used = np.unique(of_switch[of_switch >= 0])
    several = np.flatnonzero(np.bincount(used // planes) > 1)
    of_link = _code(links, planes)
    at_a, at_b = of_switch[fabric.link_a], of_switch[fabric.link_b]
    if ((at_a >= 0) & (at_a != of_link)).any() or ((at_b >= 0) & (at_b != of_link)).any():
        return None
    of_end = _code(ends, planes)
    tied = fabric.endpoint_link
    if len(links) and ((tied >= 0) & (of_link[tied] != of_end)).any():
        return None
    place = np.zeros(len(links), dtype=np.int64)
    devices_kept = np.ones(len(devices), dtype=np.bool_)
    links_kept, ends_kept = np.ones(len(links), dtype=np.bool_), np.ones(len(ends), dtype=np.bool_)
    rows = _by_code(of_link, planes * networks), _by_code(of_end, planes * networks)
    for network in several.tolist():
        codes = used[used // planes == network]
        each = [_plane(fabric, of_switch, rows, int(code)) for code in codes]
        if None in each:
            continue
        first, *others = [plane for plane in each if plane is not None]
        for plane in (first, *others):
            place[plane.links] = np.arange(len(plane.links))
        shared = list(_columns(fabric, place, first))
        if all(_same(shared, _columns(fabric, place, other)) for other in others):
            for other in others:
                devices_kept[other.switch], links_kept[other.links], ends_kept[other.ends] = False, False, False
    if devices_kept.all():
        return None
    return keep(replace(fabric, endpoints=ends.rows(ends_kept)), devices_kept, links_kept)


def _plain(fabric: Fabric) -> bool:
    """Whether each network has its own switches, each port at most one link, each endpoint a port of its host, ports
    lie device by device, and networks and planes have numbers that tell them apart."""
    devices, links, ends = fabric.devices, fabric.links, fabric.endpoints
    if any(fabric.lender(row) != row for row in range(len(fabric.networks))):
        return False
    if any(int(t.plane.min(initial=0)) < -1 for t in (devices, links, ends)):
        return False
    if any(
        int(network.min(initial=0)) < 0 for network in (devices.network[~fabric.is_host], links.network, ends.network)
    ):
        return False
    return is_plain(fabric)


def _code(table: Devices | Links | Endpoints, planes: int) -> IntArray:
    """A number for the network and plane of each row, by (network, plane)."""
    code: IntArray = table.network.astype(np.int32)
    code *= planes
    code += table.plane.astype(np.int32)
    code += 1
    return code


def _by_code(code: IntArray, codes: int) -> tuple[IntArray, IntArray]:
    """The rows by their code, ascending; and where those of each code begin, shape (codes + 1,)."""
    order = stable_order(code)
    return order, np.concatenate([[0], np.cumsum(np.bincount(code, minlength=codes))])


def _plane(
    fabric: Fabric, of_switch: IntArray, rows: tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]], code: int
) -> _Plane | None:
    """The rows of a plane; None where its switches do not follow each other. `rows` are links and endpoints by code."""
    switch = np.flatnonzero(of_switch == code)
    if int(switch[-1]) - int(switch[0]) + 1 != len(switch):
        return None
    ports = slice(int(fabric.port_start[switch[0]]), int(fabric.port_start[switch[-1] + 1]))
    links, ends = (order[start[code] : start[code + 1]] for order, start in rows)
    return _Plane(switch, ports, links, ends)


def _columns(fabric: Fabric, place: IntArray, plane: _Plane) -> Iterator[npt.NDArray[Any]]:
    """Every column of a plane that equal planes share, its rows and rails counted from its first; `place` (links,) says
    which of its plane's links each link is."""
    devices, ports, links, ends = fabric.devices, fabric.ports, fabric.links, fabric.endpoints
    yield np.array([len(plane.switch), len(plane.links), len(plane.ends)])
    yield from (getattr(devices, c)[plane.switch] for c in OF_SWITCH)
    yield from (getattr(ports, c)[plane.ports] for c in OF_PORT)
    yield ports.device[plane.ports] - plane.switch[0]
    yield from (getattr(links, c)[plane.links] for c in OF_LINK)
    yield from (getattr(ends, c)[plane.ends] for c in OF_ENDPOINT)
    rails = [devices.rail[plane.switch], links.rail[plane.links], ends.rail[plane.ends]]
    least = min((int(rail[rail >= 0].min(initial=NO_RAIL)) for rail in rails), default=0)
    yield from (np.where(rail >= 0, rail - least, rail) for rail in rails)
    for port, device in ((links.a, fabric.link_a), (links.b, fabric.link_b)):
        own, at = port[plane.links], device[plane.links]
        host = np.flatnonzero(fabric.is_host[at])
        yield at[host]
        yield from (getattr(ports, c)[own[host]] for c in AT_HOST)
        own = own - plane.ports.start
        own[host] = -1
        yield own
    port = ends.port[plane.ends]
    yield from (getattr(ports, c)[port] for c in AT_HOST)
    tied = fabric.endpoint_link[plane.ends]
    if len(links):
        yield np.where(tied >= 0, place[tied], -1)
        yield links.a[tied] == port


def _same(one: Iterable[npt.NDArray[Any]], other: Iterable[npt.NDArray[Any]]) -> bool:
    """Whether two planes have the same columns."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
