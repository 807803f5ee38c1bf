"""The sizes of a fat-tree network: closed forms from kinds of hosts and their numbers, never from every endpoint.

Sizes follow M. Al-Fares et al., "A Scalable, Commodity Data Center Network Architecture", SIGCOMM 2008, made general in
radix, ratio, fill and spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.fabric.model import IntArray
from topo.generators.trees.counts.ports import TierPorts
from topo.generators.trees.counts.seats import Rails, WholeHosts

Seats = WholeHosts | Rails


@dataclass(frozen=True)
class TreePorts:
    """The switches of a tree. `top` is the spine of two tiers, all ports down."""

    leaf: TierPorts
    spine: TierPorts
    top: TierPorts
    core: TierPorts


@dataclass(frozen=True)
class TreeSizes:
    """How a tree network is built: planes of `leaves` leaves in pods of up to `width`, each pod with `spines` spines;
    spine indices in groups of `share`, each group with `cores` cores (0 where there is no such tier).

    `seats` fill the leaves. `reached` counts the pods that the upper tiers are bought for.
    """

    tiers: int
    planes: int
    seats: Seats
    leaf: tuple[int, int]
    spine: tuple[int, int]
    leaves: int
    width: int
    pods: int
    spines: int
    cores: int
    share: int
    by_rail: bool
    notes: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    """How ratios are read that are written rounded."""

    @property
    def all_cores(self) -> int:
        """Core switches of a plane."""
        return self.cores * (self.spines // self.share) if self.cores else 0

    def switches(self) -> dict[str, int]:
        """Closed-form counts of switches by tier."""
        counts = {
            "leaf": self.planes * self.leaves,
            "spine": self.planes * self.pods * self.spines,
            "core": self.planes * self.all_cores,
        }
        return {k: n for k, n in counts.items() if n}

    def links(self) -> dict[str, int]:
        """Closed-form counts of switch-to-switch links by kind."""
        leaf_spine = self.planes * self.leaves * self.leaf[1] if self.spines else 0
        spine_core = self.planes * self.pods * self.spines * self.spine[1] if self.cores else 0
        return {k: n for k, n in (("leaf_spine", leaf_spine), ("spine_core", spine_core)) if n}

    @cached_property
    def cost(self) -> tuple[int, int]:
        """Switches, links between switches."""
        return sum(self.switches().values()), sum(self.links().values())

    @property
    def group(self) -> int:
        """Leaves that are filled alike: those of a scalable unit."""
        return self.seats.group_of(self.leaf[0])

    def leaf_pod(self) -> IntArray:
        """The pod of each leaf of a plane."""
        unit, nth = np.divmod(np.arange(self.leaves, dtype=np.int64), self.group)
        if self.tiers == 2:
            return np.zeros(self.leaves, dtype=np.int64)
        if self.by_rail:
            homes = self.seats.homes
            return np.asarray(unit // (self.width // homes) * (self.group // homes) + nth // homes)
        return np.asarray(unit // (self.width // self.group))
