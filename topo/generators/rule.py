"""The wiring rule that a family brings: which pairs of switches a kind of link joins, and how many links at most.

A rule is written from the paper that the family cites, in the columns of the switches and the sizes of the network
alone. It shares no arithmetic with the generator, so that it can find the generator at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from topo.fabric import Origin
from topo.fabric.model import BoolArray, IntArray


@dataclass(frozen=True)
class SwitchLinks:
    """The links between switches without tiers of one network, both ends: link rows, device rows, pods, indices
    (shape (links,) each). `code` is a row of `kinds`."""

    row: IntArray
    kinds: tuple[str, ...]
    code: IntArray
    u: IntArray
    v: IntArray
    pod_u: IntArray
    pod_v: IntArray
    index_u: IntArray
    index_v: IntArray

    def of_kind(self, name: str) -> BoolArray:
        """Which links are of a kind."""
        return np.asarray(self.code == (self.kinds.index(name) if name in self.kinds else -1))


@dataclass(frozen=True)
class AtMost:
    """At most `most` links have the same key (shape (links,), -1 where the rule does not apply)."""

    key: IntArray
    most: IntArray
    between: str


Rule = Callable[[SwitchLinks, Origin], tuple[BoolArray, list[AtMost]]]
"""(links, origin with the sizes) -> which links may be (shape (links,)), and how many between what. A link too many at
one place is one too few elsewhere, and that place is dark or has too many as well."""


def pair_key(u: IntArray, v: IntArray, where: BoolArray) -> IntArray:
    """The same number for links between the same two, whichever end comes first; -1 elsewhere."""
    low, high = np.minimum(u, v).astype(np.int64), np.maximum(u, v).astype(np.int64)
    return np.where(where, low * (int(high.max(initial=0)) + 1) + high, -1)


def once(links: SwitchLinks, where: BoolArray) -> AtMost:
    """No two of these links join the same switches."""
    return AtMost(pair_key(links.u, links.v, where), np.ones(len(links.u), dtype=np.int64), "two switches")


def by_tiers(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """Trees: every switch has a tier, and the checks of tiers, pods, planes and spread say the rest. A link between
    switches without a tier has no place."""
    return np.zeros(len(links.u), dtype=np.bool_), []
