"""How long each link's cable has to be, and what that figure rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray, Table

ASSUMED, COMPUTED, OVERRIDE = 0, 1, 2
"""Rows of `BASES`."""
BASES = ("assumed", "computed", "override")
"""What a length rests on: one figure per link kind, a route through the floor plan, or a measured value."""

ASSUMED_M: Mapping[str, float] = MappingProxyType(
    {"endpoint": 10.0, "leaf_spine": 30.0, "spine_core": 60.0, "local": 20.0, "global": 60.0}
)
"""Assumed cable length per link kind in metres; a design's `lengths_m` wins."""

SCALE_UP, ASSUMED_SCALE_UP_M = "scale_up", 2.0
"""The key of `lengths_m`, and the assumed length, of the links of scale-up networks, which stay in a rack."""

ASSUMED_OTHER_M = 30.0
"""Assumed cable length of every other link kind in metres."""


@dataclass(frozen=True)
class Lengths(Table):
    """Per link (shape (links,) each): the length a cable needs, of which `slack_m` is reserve, and its basis."""

    length_m: FloatArray
    slack_m: FloatArray
    basis: IntArray


def scale_up_links(fabric: Fabric) -> BoolArray:
    """Shape (links,): links of a network of the family `scale-up`."""
    inside = [row for row, origin in enumerate(fabric.origins) if origin.family == "scale-up"]
    return np.asarray(np.isin(fabric.links.network, inside))


def assumed(fabric: Fabric, lengths_m: Mapping[str, float] | None = None) -> Lengths:
    """One length per link kind: the design's `lengths_m`, else `ASSUMED_M`."""
    table = {**ASSUMED_M, **(lengths_m or {})}
    by_kind = np.array([table.get(kind, ASSUMED_OTHER_M) for kind in fabric.link_kinds], dtype=np.float64)
    n = len(fabric.links)
    length = by_kind[fabric.links.kind]
    length[scale_up_links(fabric)] = table.get(SCALE_UP, ASSUMED_SCALE_UP_M)
    return Lengths(length, np.zeros(n), np.full(n, ASSUMED, dtype=np.int8))
