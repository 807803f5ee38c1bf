"""One network of a fabric as a capacitated switch graph: what every analysis computes on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.fabric import Fabric
from topo.fabric.joined import components
from topo.fabric.model import BoolArray, FloatArray, IntArray, StrArray
from topo.fabric.once import once
from topo.fabric.ranks import grouped
from topo.fabric.speed import speeds


@dataclass(frozen=True)
class SwitchNetwork:
    """Switches, the edges between them, and the endpoints on them.

    Rows of switches are local (0 .. switches - 1); `device` gives the fabric's device rows. Active parallel links
    between two switches are one edge of their summed capacity. Each edge stands for two arcs: arc e runs from `u[e]` to
    `v[e]`, arc e + edges from `v[e]` to `u[e]`, each with capacity `gbps[e]`. Endpoint links are not edges.
    """

    device: IntArray
    name: StrArray
    plane: IntArray
    u: IntArray
    v: IntArray
    gbps: FloatArray
    links: IntArray
    """Shape (edges,): how many parallel links an edge has."""
    edge_of_link: IntArray
    """Shape (fabric links,): the edge of each switch-to-switch link of this network, -1 for all others."""
    endpoint: IntArray
    """Shape (n,): rows of the fabric's endpoints that belong to this network and are connected."""
    at: IntArray
    """Shape (n,): the switch of each endpoint."""
    host: IntArray
    """Shape (n,): device row of each endpoint's host."""
    endpoint_gbps: FloatArray
    """Shape (n,): line rate of each endpoint."""
    attach_gbps: FloatArray
    """Shape (n,): speed of each endpoint's link."""
    endpoint_plane: IntArray
    """Shape (n,): plane of each endpoint."""
    row: int = 0
    """The network's row in the fabric: its switches may be those of another network too."""

    @property
    def switches(self) -> int:
        """How many switches."""
        return len(self.device)

    @property
    def edges(self) -> int:
        """How many edges; there are twice as many arcs."""
        return len(self.u)

    @cached_property
    def tail(self) -> IntArray:
        """Shape (arcs,): where each arc starts."""
        return np.concatenate([self.u, self.v])

    @cached_property
    def head(self) -> IntArray:
        """Shape (arcs,): where each arc ends."""
        return np.concatenate([self.v, self.u])

    @cached_property
    def capacity(self) -> FloatArray:
        """Shape (arcs,): Gb/s of each arc."""
        return np.concatenate([self.gbps, self.gbps])

    @cached_property
    def component(self) -> IntArray:
        """Shape (switches,): the connected component of each switch."""
        result = components(self.switches, self.u, self.v)
        result.setflags(write=False)
        return result

    @cached_property
    def endpoints_at(self) -> IntArray:
        """Shape (switches,): how many endpoints sit on each switch."""
        return np.bincount(self.at, minlength=self.switches)


def switch_network(fabric: Fabric, network: str | int = 0) -> SwitchNetwork:
    """The switch graph of one network; raises KeyError for a name the fabric does not have."""
    row = fabric.network_row(network) if isinstance(network, str) else network
    return once(fabric, ("switch network", row), lambda: _read(fabric, row))


def remaining(net: SwitchNetwork, fabric: Fabric, devices: BoolArray) -> SwitchNetwork:
    """What is left of a network of a fabric where only the `devices` of a mask (devices,) stay. Each port has one link,
    each endpoint is a port of its host, and no network lends it switches: what stays is as it was."""
    stays = devices[net.device]
    local, row = np.cumsum(stays) - 1, np.cumsum(devices) - 1
    edges = stays[net.u] & stays[net.v]
    place = np.where(edges, np.cumsum(edges) - 1, -1)
    edge_of_link = net.edge_of_link[devices[fabric.link_a] & devices[fabric.link_b]]
    there = edge_of_link >= 0
    edge_of_link[there] = place[edge_of_link[there]]
    ends = stays[net.at] & devices[net.host]
    return SwitchNetwork(
        device=row[net.device[stays]],
        name=net.name[stays],
        plane=net.plane[stays],
        u=local[net.u[edges]],
        v=local[net.v[edges]],
        gbps=net.gbps[edges],
        links=net.links[edges],
        edge_of_link=edge_of_link,
        endpoint=(np.cumsum(devices[fabric.endpoints.host]) - 1)[net.endpoint[ends]],
        at=local[net.at[ends]],
        host=row[net.host[ends]],
        endpoint_gbps=net.endpoint_gbps[ends],
        attach_gbps=net.attach_gbps[ends],
        endpoint_plane=net.endpoint_plane[ends],
        row=net.row,
    )


def _read(fabric: Fabric, row: int) -> SwitchNetwork:
    device = np.flatnonzero(fabric.switches_in(row))
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[device] = np.arange(len(device))
    rows = np.flatnonzero((fabric.links.network == row) & ~fabric.is_endpoint_link & fabric.links.active)
    a, b = local[fabric.link_a[rows]], local[fabric.link_b[rows]]
    key = np.minimum(a, b) * max(len(device), 1) + np.maximum(a, b)
    unique, first, edge = grouped(key)
    edge_of_link = np.full(len(fabric.links), -1, dtype=np.int64)
    edge_of_link[rows] = edge
    connected = (fabric.endpoints.network == row) & (fabric.endpoint_switch >= 0)
    ends = np.flatnonzero(connected)
    link = fabric.endpoint_link[ends]
    ends, link = ends[fabric.links.active[link]], link[fabric.links.active[link]]
    return SwitchNetwork(
        device=device,
        name=fabric.devices.name[device],
        plane=fabric.devices.plane[device],
        u=a[first],
        v=b[first],
        gbps=speeds(np.bincount(edge, weights=fabric.links.gbps[rows], minlength=len(unique))),
        links=np.bincount(edge, minlength=len(unique)),
        edge_of_link=edge_of_link,
        endpoint=ends,
        at=local[fabric.endpoint_switch[ends]],
        host=fabric.endpoints.host[ends],
        endpoint_gbps=fabric.endpoints.gbps[ends],
        attach_gbps=fabric.links.gbps[link],
        endpoint_plane=fabric.endpoints.plane[ends],
        row=row,
    )
