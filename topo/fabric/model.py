"""The data model: five tables of numpy columns.

Row numbers are ids within one fabric: `links.a` holds port rows, `ports.device` device rows. What survives
`Fabric.without()` is the device's name, the port's name and the link's `id`; rows are renumbered.
Every integer column uses -1 for "does not apply", never for "unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from topo.fabric.speed import speeds

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
                if name in vars(self):  # made in another thread since
                    return vars(self)[name]
                raise AttributeError(f"{type(self).__name__} has no column {name!r}")
            column = make()
            column.setflags(write=False)
            object.__setattr__(self, name, column)
            self._later.pop(name, None)  # with all that it was made of
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
