"""The frozen fabric: five tables of columns, what is read off them, and the same tables with some rows left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from operator import index
from typing import ClassVar

import numpy as np

from topo.errors import ParameterError, nearest
from topo.fabric.model import (
    HOST,
    LEAF,
    SPINE,
    BoolArray,
    Devices,
    Endpoints,
    IntArray,
    LaidLinks,
    Links,
    Origin,
    Ports,
    StrArray,
)
from topo.fabric.shape_keys import DUAL, LEAVES_FROM, LEAVES_IN, OWN_ROUTERS, SPINES_FROM, SPINES_IN, SPINES_TIER
from topo.notebook import table


@dataclass(frozen=True)
class Fabric:
    """What is built, down to every port. `networks[0]` is the compute network.

    `scale_up_gbps` is the bandwidth of one GPU into its scale-up domain (0.0 where there is none), per host group.
    `cables` is known where cables have been chosen and some carry several links, or links have several; None: the cable
    of a link is its own. `system_names`, by host group: what other systems (`linux`, `ibstat`) call the ports of a
    host, in port order, where that is known.
    """

    name: str
    networks: tuple[str, ...]
    parts: tuple[str, ...]
    groups: tuple[str, ...]
    scale_up_gbps: tuple[float, ...]
    link_kinds: tuple[str, ...]
    port_names: StrArray
    devices: Devices
    ports: Ports
    links: Links
    endpoints: Endpoints
    origins: tuple[Origin, ...]
    cables: LaidLinks | None = None
    system_names: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ()

    picture: ClassVar[Callable[[Fabric], str] | None] = None
    """Draws a fabric as SVG for a notebook; set by the layer that can draw."""

    def __repr__(self) -> str:
        sizes = ", ".join(f"{number} {what}" for what, number in self._sizes())
        return f"<Fabric {self.name}: {sizes}>"

    def _sizes(self) -> list[tuple[str, str]]:
        hosts = int(self.is_host.sum())
        counts = {"hosts": hosts, "switches": len(self.devices) - hosts, "endpoints": len(self.endpoints)}
        return [(what, f"{number:,}") for what, number in {**counts, "links": len(self.links)}.items()]

    def _repr_html_(self) -> str:
        return table(self.name, [*self._sizes(), ("networks", ", ".join(self.networks))])

    def _repr_svg_(self) -> str | None:
        draw = type(self).picture
        return draw(self) if draw else None

    @cached_property
    def port_start(self) -> IntArray:
        """Shape (devices + 1,): the ports of device d are rows port_start[d] .. port_start[d + 1] - 1."""
        return np.searchsorted(self.ports.device, np.arange(len(self.devices) + 1))

    @cached_property
    def link_a(self) -> IntArray:
        """Shape (links,): the device at end a."""
        return self.ports.device[self.links.a]

    @cached_property
    def link_b(self) -> IntArray:
        """Shape (links,): the device at end b."""
        return self.ports.device[self.links.b]

    @cached_property
    def is_host(self) -> BoolArray:
        """Shape (devices,)."""
        return np.asarray(self.devices.tier == HOST)

    @cached_property
    def is_endpoint_link(self) -> BoolArray:
        """Shape (links,): one end is a host."""
        return np.asarray(self.is_host[self.link_a] | self.is_host[self.link_b])

    @cached_property
    def is_router(self) -> BoolArray:
        """Shape (devices,): switches that are part of their endpoints' own devices: nobody buys them."""
        rows = [row for row, origin in enumerate(self.origins) if OWN_ROUTERS in dict(origin.shape)]
        return np.asarray(~self.is_host & np.isin(self.devices.network, rows))

    @cached_property
    def is_inside(self) -> BoolArray:
        """Shape (links,): endpoint links to such switches, which lie inside a device."""
        router = self.is_router
        if not router.any():
            return np.zeros(len(self.links), dtype=np.bool_)
        return np.asarray(self.is_endpoint_link & (router[self.link_a] | router[self.link_b]))

    @cached_property
    def link_of_port(self) -> IntArray:
        """Shape (ports,): a link row that uses the port, -1 where none does."""
        result = np.full(len(self.ports), -1, dtype=np.int64)
        rows = np.arange(len(self.links))
        result[self.links.a] = rows
        result[self.links.b] = rows
        return result

    @cached_property
    def endpoint_link(self) -> IntArray:
        """Shape (endpoints,): the link row of each endpoint, -1 where it is cut off."""
        return np.asarray(self.link_of_port[self.endpoints.port])

    @cached_property
    def endpoint_switch(self) -> IntArray:
        """Shape (endpoints,): the switch each endpoint is attached to, -1 where it is cut off."""
        link = self.endpoint_link
        if not len(self.links):
            return np.full(len(self.endpoints), -1, dtype=np.int64)
        a, b = self.link_a[link], self.link_b[link]
        other = np.where(a == self.endpoints.host, b, a)
        return np.where(link >= 0, other, -1)

    @cached_property
    def device_row(self) -> dict[str, int]:
        """Device name -> row."""
        return {str(name): row for row, name in enumerate(self.devices.name)}

    def names_in(self, system: str) -> dict[int, str]:
        """Port row -> what a system calls the port, of the hosts whose part says so."""
        result: dict[int, str] = {}
        for group, listed in enumerate(self.system_names):
            names = dict(listed).get(system, ())
            for device in np.flatnonzero(self.is_host & (self.devices.group == group)).tolist() if names else ():
                start, stop = int(self.port_start[device]), int(self.port_start[device + 1])
                result |= {start + i: name for i, name in enumerate(names[: stop - start]) if name}
        return result

    def port_name(self, rows: IntArray) -> StrArray:
        """The vendor's names of the given port rows."""
        return np.asarray(self.port_names[self.ports.name[rows]])

    def without(self, links: Iterable[int] = (), devices: Iterable[str | int] = ()) -> Fabric:
        """The fabric without these link ids and devices, by name or row; raises ParameterError for an unknown one."""
        return _without(self, links, devices)

    def _shape(self, network: int) -> dict[str, int]:
        return next((dict(o.shape) for o in self.origins if o.network == self.networks[network]), {})

    def bonds(self, network: int) -> bool:
        """Whether the ends of a host in a network stand in for each other: on two leaves of a pair (`homing: dual`), in
        a network that is not the GPUs' own."""
        return network > 0 and DUAL in self._shape(network)

    def lender(self, network: int) -> int:
        """The row of the network whose switches a network uses as its own; its own row where it has switches enough."""
        shape = self._shape(network)
        result = shape.get(SPINES_IN, shape.get(LEAVES_IN, network))
        return result if 0 <= result < len(self.networks) else network

    def switches_in(self, network: int) -> BoolArray:
        """Shape (devices,): the switches that a network runs over: its own, and those that it shares."""
        mask = (self.devices.network == network) & ~self.is_host
        return np.asarray(mask | self.lent_to(network, LEAF) | self.lent_to(network, SPINE))

    def lent_to(self, network: int, tier: int) -> BoolArray:
        """Shape (devices,): the switches of another network that are leaves, or spines (`tier`), of this one."""
        shape = self._shape(network)
        key, first, many, there = (
            (LEAVES_IN, shape.get(LEAVES_FROM, 0), shape.get("leaves", 0), LEAF)
            if tier == LEAF
            else (SPINES_IN, shape.get(SPINES_FROM, 0), shape.get("spines", 0), shape.get(SPINES_TIER, SPINE))
        )
        if not 0 <= shape.get(key, -1) < len(self.networks) or shape[key] == network:
            return np.zeros(len(self.devices), dtype=np.bool_)
        index, devices = self.devices.index, self.devices
        mask = (devices.network == shape[key]) & (devices.tier == there)
        return np.asarray(mask & (index >= first) & (index < first + many))

    def tier_in(self, network: int, tier: int) -> BoolArray:
        """Shape (devices,): the switches that are leaves, or spines, of a network, its own and shared ones."""
        own = (self.devices.network == network) & (self.devices.tier == tier)
        return np.asarray(own | self.lent_to(network, tier))

    def network_at(self, device: IntArray, link: IntArray) -> IntArray:
        """The network of a switch at an end of each link row: the link's own where its network shares the switch."""
        result = np.array(self.devices.network[device])
        for row in range(len(self.networks)):
            if self.lender(row) != row:
                result[(self.links.network[link] == row) & self.switches_in(row)[device]] = row
        return result

    def network_row(self, name: str) -> int:
        """The row of a network by name; raises KeyError."""
        if name not in self.networks:
            raise KeyError(f"no network {name!r}; the fabric has {', '.join(self.networks)}")
        return self.networks.index(name)


def _without(fabric: Fabric, links: Iterable[int] = (), devices: Iterable[str | int] = ()) -> Fabric:
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
    kept = np.flatnonzero(ports)
    new_device = np.cumsum(devices) - 1
    link_rows = fabric.links.rows(links)
    end_rows = fabric.endpoints.rows(devices[fabric.endpoints.host])
    port_rows = fabric.ports if len(kept) == len(ports) else fabric.ports.rows(kept)
    if ports[end_rows.port].all():
        new_port = np.empty(len(ports), dtype=np.int64)
        new_port[kept] = np.arange(len(kept))
    else:  # an endpoint on a port of another device than its host
        new_port = np.cumsum(ports) - 1
    return replace(
        fabric,
        devices=fabric.devices.rows(devices),
        ports=port_rows.changed(device=new_device[port_rows.device]),
        links=link_rows.changed(a=new_port[link_rows.a], b=new_port[link_rows.b]),
        endpoints=end_rows.changed(port=new_port[end_rows.port], host=new_device[end_rows.host]),
    )
