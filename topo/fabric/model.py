"""The data model: five tables of numpy columns.

Row numbers are ids within one fabric: `links.a` holds port rows, `ports.device` device rows. What survives
`Fabric.without()` is the device's name, the port's name and the link's `id`; rows are renumbered.
Every integer column uses -1 for "does not apply", never for "unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from topo.fabric.shape_keys import DUAL, LEAVES_FROM, LEAVES_IN, OWN_ROUTERS, SPINES_FROM, SPINES_IN, SPINES_TIER
from topo.fabric.speed import speeds
from topo.notebook import table

IntArray = npt.NDArray[np.integer[Any]]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
StrArray = npt.NDArray[np.str_]

HOST, LEAF, SPINE, CORE, SWITCH = 0, 1, 2, 3, 4
"""Tiers of a device, which are rows of `TIER_NAMES`."""
TIER_NAMES = ("host", "leaf", "spine", "core", "switch")
"""The same in words; `switch` is the single tier of families without tiers (Slim Fly, dragonfly, imported)."""


class PortRole(IntEnum):
    """What a port is for."""

    FABRIC = 0
    HOST = 1
    BACKUP = 2
    SPARE = 3
    RESERVED = 4
    OUTSIDE = 5


T = TypeVar("T", bound="Table")


@dataclass(frozen=True)
class Table:
    """Columns of equal length; every array is made read-only."""

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)

    @classmethod
    def with_later(cls: type[T], later: Mapping[str, Callable[[], npt.NDArray[Any]]], **columns: npt.NDArray[Any]) -> T:
        """A table with some `columns` at hand; each of the others is made when it is first asked for. Speeds are given
        as `topo.fabric.speed.speeds` rounds them."""
        table = cls.__new__(cls)
        for name, column in columns.items():
            column.setflags(write=False)
            object.__setattr__(table, name, column)
        object.__setattr__(table, "_later", dict(later))
        return table

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> npt.NDArray[Any]:
            make = vars(self).get("_later", {}).get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__} has no column {name!r}")
            column = make()
            column.setflags(write=False)
            object.__setattr__(self, name, column)
            return column

    def __len__(self) -> int:
        first: npt.NDArray[Any] = getattr(self, fields(self)[0].name)
        return len(first)

    def rows(self: T, index: npt.NDArray[Any]) -> T:
        """The rows that a boolean mask or an index array selects, each column when it is first asked for."""
        if index.dtype == np.bool_:
            if index.all():
                return self
            index = np.flatnonzero(index)
        first, *others = (f.name for f in fields(self))
        later = {name: partial(self._selected, name, index) for name in others}
        return self.with_later(later, **{first: getattr(self, first)[index]})

    def _selected(self, name: str, index: npt.NDArray[Any]) -> npt.NDArray[Any]:
        column: npt.NDArray[Any] = getattr(self, name)[index]
        return column

    def changed(self: T, **columns: npt.NDArray[Any]) -> T:
        """The table with other columns of these names."""
        names = [f.name for f in fields(self) if f.name not in columns]
        ready = {name: getattr(self, name) for name in names if name in vars(self)}
        later = {name: partial(getattr, self, name) for name in names if name not in ready}
        return self.with_later(later, **ready, **columns)

    def __getstate__(self) -> dict[str, npt.NDArray[Any]]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Devices(Table):
    """Hosts and switches. `index` counts within (network, plane, pod, tier); `domain` is the scale-up domain."""

    name: StrArray
    tier: IntArray
    network: IntArray
    plane: IntArray
    rail: IntArray
    pod: IntArray
    index: IntArray
    part: IntArray
    group: IntArray
    domain: IntArray
    gpus: IntArray


@dataclass(frozen=True)
class Ports(Table):
    """Ports of all devices, in device order. `number` counts from 1 on its device; `name` is a code into
    `Fabric.port_names`; `cage` and `sub` count from 1; `gbps` is the speed the port is configured for."""

    device: IntArray
    number: IntArray
    cage: IntArray
    sub: IntArray
    lanes: IntArray
    gbps: FloatArray
    role: IntArray
    name: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "gbps", speeds(self.gbps))
        super().__post_init__()


@dataclass(frozen=True)
class Links(Table):
    """Logical links. `a` is the port on the lower tier, `b` on the upper; `kind` codes into `Fabric.link_kinds`.
    Links of one `bundle` run in parallel between the same two devices; `lag` tells that they act as one."""

    id: IntArray
    a: IntArray
    b: IntArray
    gbps: FloatArray
    kind: IntArray
    network: IntArray
    plane: IntArray
    rail: IntArray
    bundle: IntArray
    lag: BoolArray
    active: BoolArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "gbps", speeds(self.gbps))
        super().__post_init__()


@dataclass(frozen=True)
class Endpoints(Table):
    """NIC ports that inject traffic. The GPUs `gpu_first .. gpu_first + gpu_count - 1` of the host use the NIC
    (`gpu_count` 0 for storage and management). `gbps` is the line rate."""

    port: IntArray
    host: IntArray
    nic: IntArray
    nic_port: IntArray
    gpu_first: IntArray
    gpu_count: IntArray
    network: IntArray
    plane: IntArray
    rail: IntArray
    gbps: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "gbps", speeds(self.gbps))
        super().__post_init__()


@dataclass(frozen=True)
class LaidLinks(Table):
    """Which physical cable carries which link: pairs of a link's `id` and the number of a cable."""

    link: IntArray
    cable: IntArray


@dataclass(frozen=True)
class Origin:
    """Which generator wired a network and with what sizes: what `symmetries()` needs. Empty for imports."""

    network: str
    family: str
    shape: tuple[tuple[str, int], ...] = ()

    def __getitem__(self, key: str) -> int:
        return dict(self.shape)[key]


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
        from topo.fabric.subset import without

        return without(self, links, devices)

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
