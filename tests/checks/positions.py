"""Random places in a fabric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.checks.labels import device_label, port_label
from topo.fabric import HOST, LEAF, SWITCH, Fabric
from topo.fabric.model import BoolArray, IntArray


@dataclass(frozen=True)
class Places:
    """A fabric and a source of chance."""

    fabric: Fabric
    chance: np.random.Generator

    def one(self, rows: IntArray) -> int:
        """One of some rows; raises where there is none, so that no mutation is silently empty."""
        return int(self.chance.choice(rows))

    @property
    def lower(self) -> IntArray:
        """Tier of each link's end a."""
        return np.asarray(self.fabric.devices.tier[self.fabric.link_a])

    @property
    def lowest(self) -> int:
        """The tier of the switches that hosts are on."""
        return LEAF if (self.fabric.devices.tier == LEAF).any() else SWITCH

    @property
    def uplinks(self) -> BoolArray:
        """Shape (links,): links between switches with their lower end on the lowest tier."""
        return np.asarray(self.lower == self.lowest)

    def uplink(self, tier: int | None = None) -> int:
        """A link from a tier (by default the lowest) to the one above."""
        return self.one(np.flatnonzero(self.lower == (self.lowest if tier is None else tier)))

    def host_link(self, network: int = 0) -> int:
        """A link of a host."""
        return self.one(np.flatnonzero((self.lower == HOST) & (self.fabric.links.network == network)))

    def switch(self, tier: int) -> int:
        """A switch of a tier."""
        return self.one(np.flatnonzero(self.fabric.devices.tier == tier))

    def port(self, row: int) -> str:
        """A port row as device:port."""
        return port_label(self.fabric, row)

    def device(self, row: int) -> str:
        """The name of a device."""
        return device_label(self.fabric, row)

    def ends(self, link: int) -> set[str]:
        """Both ends of a link as device:port."""
        return {self.port(int(self.fabric.links.a[link])), self.port(int(self.fabric.links.b[link]))}

    def alone(self, *links: int) -> bool:
        """Whether each of some links is a bundle of its own."""
        bundle = self.fabric.links.bundle
        return all(int((bundle == bundle[link]).sum()) == 1 for link in links)

    def a(self, link: int) -> int:
        """The device at the lower end."""
        return int(self.fabric.link_a[link])

    def b(self, link: int) -> int:
        """The device at the upper end."""
        return int(self.fabric.link_b[link])

    def links_of(self, device: int) -> IntArray:
        """Links of a device."""
        return np.flatnonzero((self.fabric.link_a == device) | (self.fabric.link_b == device))
