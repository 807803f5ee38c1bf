"""Planes that are the same in every column: what is found in one of them is found in each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from topo.fabric.model import Fabric, IntArray, Table
from topo.fabric.once import once
from topo.fabric.subset import keep

OF_SWITCH = ("tier", "pod", "index", "part", "group", "domain", "gpus")
OF_PORT = ("number", "cage", "sub", "lanes", "gbps", "role", "name")
OF_LINK = ("gbps", "kind", "lag", "active")
OF_ENDPOINT = ("host", "gbps")
AT_HOST = ("gbps", "lanes", "role")
"""Columns of the ports of hosts: those that a plane uses are other ports than another's."""


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
    of_switch = np.where(fabric.is_host, -1, devices.network.astype(np.int64) * planes + devices.plane + 1)
    used = np.unique(of_switch[of_switch >= 0])
    several = np.flatnonzero(np.bincount(used // planes) > 1)
    of_link = links.network.astype(np.int64) * planes + links.plane + 1
    at_a, at_b = of_switch[fabric.link_a], of_switch[fabric.link_b]
    if ((at_a >= 0) & (at_a != of_link)).any() or ((at_b >= 0) & (at_b != of_link)).any():
        return None
    of_end = ends.network.astype(np.int64) * planes + ends.plane + 1
    tied = fabric.endpoint_link
    if len(links) and ((tied >= 0) & (of_link[tied] != of_end)).any():
        return None
    place = np.full(len(links) + 1, -1, dtype=np.int64)
    devices_kept = np.ones(len(devices), dtype=np.bool_)
    links_kept, ends_kept = np.ones(len(links), dtype=np.bool_), np.ones(len(ends), dtype=np.bool_)
    for network in several.tolist():
        codes = used[used // planes == network]
        each = [_plane(fabric, of_switch, of_link, of_end, int(code)) for code in codes]
        if None in each:
            continue
        first, *others = [plane for plane in each if plane is not None]
        for plane in (first, *others):
            place[plane.links] = np.arange(len(plane.links))
        if all(_equal(fabric, place, first, other) for other in others):
            for other in others:
                devices_kept[other.switch], links_kept[other.links], ends_kept[other.ends] = False, False, False
    if devices_kept.all():
        return None
    return keep(replace(fabric, endpoints=ends.rows(ends_kept)), devices_kept, links_kept)


def _plain(fabric: Fabric) -> bool:
    """Whether each network has its own switches, each port at most one link, each endpoint a port of its host, ports
    lie device by device, and networks and planes have numbers that tell them apart."""
    devices, ports, links, ends = fabric.devices, fabric.ports, fabric.links, fabric.endpoints
    if any(fabric.lender(row) != row for row in range(len(fabric.networks))):
        return False
    if any(int(t.plane.min(initial=0)) < -1 for t in (devices, links, ends)):
        return False
    if any(int(network.min(initial=0)) < 0 for network in (devices.network[~fabric.is_host], links.network)):
        return False
    if (ports.device[1:] < ports.device[:-1]).any() or not (fabric.is_host[ends.host].all() if len(ends) else True):
        return False
    if (ports.device[ends.port] != ends.host).any():
        return False
    row = np.arange(len(links))
    return np.array_equal(fabric.link_of_port[links.a], row) and np.array_equal(fabric.link_of_port[links.b], row)


def _plane(fabric: Fabric, of_switch: IntArray, of_link: IntArray, of_end: IntArray, code: int) -> _Plane | None:
    """The rows of a plane; None where its switches do not follow each other."""
    switch = np.flatnonzero(of_switch == code)
    if int(switch[-1]) - int(switch[0]) + 1 != len(switch):
        return None
    ports = slice(int(fabric.port_start[switch[0]]), int(fabric.port_start[switch[-1] + 1]))
    return _Plane(switch, ports, np.flatnonzero(of_link == code), np.flatnonzero(of_end == code))


def _equal(fabric: Fabric, place: IntArray, one: _Plane, other: _Plane) -> bool:
    """Whether two planes are the same; `place` (links + 1,) says which of its plane's links each link is."""
    ports, links, ends = fabric.ports, fabric.links, fabric.endpoints
    sizes = [(len(p.switch), p.ports.stop - p.ports.start, len(p.links), len(p.ends)) for p in (one, other)]
    if sizes[0] != sizes[1]:
        return False
    shift, port_shift = int(other.switch[0] - one.switch[0]), other.ports.start - one.ports.start
    if not _same(fabric.devices, OF_SWITCH, one.switch, other.switch):
        return False
    if not all(np.array_equal(getattr(ports, c)[one.ports], getattr(ports, c)[other.ports]) for c in OF_PORT):
        return False
    if not np.array_equal(ports.device[one.ports] + shift, ports.device[other.ports]):
        return False
    if not _same(links, OF_LINK, one.links, other.links) or not _same(ends, OF_ENDPOINT, one.ends, other.ends):
        return False
    if not _rails_equal(
        [
            (t.rail[a], t.rail[b])
            for t, a, b in (
                (fabric.devices, one.switch, other.switch),
                (links, one.links, other.links),
                (ends, one.ends, other.ends),
            )
        ]
    ):
        return False
    for port, device in ((links.a, fabric.link_a), (links.b, fabric.link_b)):
        mine, theirs = port[one.links], port[other.links]
        host = fabric.is_host[device[one.links]]
        if not np.array_equal(np.where(host, 0, mine + port_shift), np.where(host, 0, theirs)):
            return False
        if not np.array_equal(device[one.links[host]], device[other.links[host]]):
            return False
        if not _same(ports, AT_HOST, mine[host], theirs[host]):
            return False
    if not _same(ports, AT_HOST, ends.port[one.ends], ends.port[other.ends]):
        return False
    tied = fabric.endpoint_link
    if not len(links):
        return True
    at_a = links.a[tied] == ends.port
    if not np.array_equal(at_a[one.ends], at_a[other.ends]):
        return False
    return np.array_equal(place[tied[one.ends]], place[tied[other.ends]])


def _rails_equal(columns: list[tuple[IntArray, IntArray]]) -> bool:
    """Whether rails differ by one number everywhere, and what is of no rail is of none."""
    one, other = (np.concatenate(side) for side in zip(*columns, strict=True))
    of_rail = one >= 0
    if not np.array_equal(of_rail, other >= 0) or not np.array_equal(one[~of_rail], other[~of_rail]):
        return False
    shifts = other[of_rail] - one[of_rail]
    return not len(shifts) or bool((shifts == shifts[0]).all())


def _same(table: Table, columns: tuple[str, ...], one: IntArray, other: IntArray) -> bool:
    """Whether two lists of rows have the same values in these columns."""
    return all(np.array_equal(getattr(table, c)[one], getattr(table, c)[other]) for c in columns)
