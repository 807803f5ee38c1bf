"""Where the sizes of one family with one switch part are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from topo.catalog import Catalog, Host, Switch
from topo.searching.candidates.candidate import ports_at


class Room(NamedTuple):
    """What sizes of families without tiers depend on: of a switch part its ports alone, so that parts with as many have
    the same sizes."""

    host: Host
    hosts: int
    endpoints: int
    nics: int
    ports: int


@dataclass(frozen=True)
class Site:
    """What the axes of one family with one switch part depend on."""

    catalog: Catalog
    host: Host
    hosts: int
    endpoints: int
    endpoint_gbps: float
    switch: Switch
    fits: Sequence[str]
    nics: int = 1
    """NICs of a host."""

    @property
    def room(self) -> Room:
        """What the sizes of the families without tiers depend on."""
        return Room(self.host, self.hosts, self.endpoints, self.nics, self.ports)

    @property
    def ports(self) -> int:
        """Ports of the switch at the speed of endpoints."""
        return ports_at(self.switch, self.endpoint_gbps)
