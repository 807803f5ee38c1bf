"""What tells one family of fat-trees from another, and where the ends of its hosts belong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached
from topo.generators.hosts import OneHost
from topo.generators.trees.counts.seats import Rails, WholeHosts
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.homing import even_places
from topo.generators.trees.params import RailKeys, TreeParams
from topo.generators.trees.wire import Home, TreeNames, plane_heads

SOURCE = "Al-Fares et al., SIGCOMM 2008; DeepSeek-AI, arXiv 2505.09343, table 3"


@dataclass(frozen=True)
class TreeForm:
    """What tells one family of trees from another.

    `planes`: (params, ends) -> how many planes, and the plane of each endpoint of one host, by kind; raises
    ParameterError. `names`: (sizes, prefix, the NIC that each rail of each plane is) -> names of switches. `rails`:
    leaves hold whole rails. `tiers`: 2, 3 or None for two while they fit. `lone`: what one switch can hold is one.
    """

    planes: Callable[[Any, Attached], tuple[int, list[IntArray]]]
    names: Callable[[TreeSizes, str, IntArray], TreeNames]
    formula: str
    rails: bool = False
    tiers: int | None = 2
    lone: bool = False
    source: str = SOURCE
    heads: Callable[[str, int], list[str]] = plane_heads
    """(prefix, planes) -> what the names of each plane's switches start with."""


def homes_of(ends: Attached, of_one: list[IntArray]) -> list[Home]:
    """Where the endpoints of one host of each kind belong; `of_one`: the plane of each, by kind."""
    any_gpu = any((k.one.gpu_count > 0).any() for k in ends.kinds if k.count)
    pairs = zip(of_one, ends.kinds, strict=True)
    return [_home(plane.astype(np.int64).tobytes(), k.one, any_gpu) for plane, k in pairs]


@lru_cache(maxsize=1024)
def _home(planes: bytes, one: OneHost, any_gpu: bool) -> Home:
    plane: IntArray = np.frombuffer(planes, dtype=np.int64)
    rail, place, slot = (np.zeros(len(plane), dtype=np.int64) for _ in range(3))
    for p in set(plane.tolist()):
        rows = np.flatnonzero(plane == p)
        slot[rows] = np.arange(len(rows))
        nics, local = np.unique(one.nic[rows], return_inverse=True)
        rail[rows] = local
        for n in range(len(nics)):
            of_nic = rows[local == n]
            place[of_nic] = np.arange(len(of_nic))
    served: BoolArray = np.asarray(one.gpu_count > 0) if any_gpu else np.ones(len(plane), dtype=np.bool_)
    return Home(plane, one.nic, rail, place, slot, served)


def rails_in(ends: Attached, homes: list[Home]) -> tuple[int, int]:
    """Rails within a plane, and the ports of a NIC in it."""
    served = [(h.rail[h.served], h.place[h.served]) for h, k in zip(homes, ends.kinds, strict=True) if k.count]
    return (
        max((int(rail.max(initial=-1)) + 1 for rail, _ in served), default=1),
        max((int(place.max(initial=-1)) + 1 for _, place in served), default=1),
    )


def seats_of(params: TreeParams, ends: Attached, homes: list[Home], by_rails: bool, dual: bool) -> Rails | WholeHosts:
    """How the hosts of a plane fill leaves: by whole rails, or whole hosts; `dual`: on two leaves of a pair each."""
    cap, balanced = params.hosts_per_leaf, params.packing == "balanced"
    kinds = list(zip(homes, ends.kinds, strict=True))
    if by_rails:
        rails, wide = rails_in(ends, homes)
        own = [h for h, k in kinds if k.count and h.served.any()]
        twin = 2 if dual and all(even_places(h) for h in own) else 1
        apart = min((len(np.unique(h.rail)) for h in own), default=2) if dual and twin == 1 else 0
        hosts = sum(k.count for h, k in kinds if h.served.any())
        others = sum(k.count * int(((h.plane == 0) & ~h.served).sum()) for h, k in kinds)
        wanted = params.rails_per_leaf if isinstance(params, RailKeys) else None
        return Rails(hosts, rails, wide // twin, others, wanted, cap, balanced, twin, apart, params.min_leaves or 1)
    twin = 2 if dual else 1
    widths = [(k.count, int((h.plane == 0).sum()) // twin) for h, k in kinds]
    kept = tuple((n, w) for n, w in widths if n and w)
    return WholeHosts(kept, cap, balanced, twin, params.min_leaves or 1)


def served_ends(ends: Attached) -> Any:
    """Shape (endpoints,): which serve GPUs; all where none does."""
    with_gpu = ends.gpu_count > 0
    return with_gpu if with_gpu.any() else np.ones(len(ends), dtype=np.bool_)


def rail_of_planes(homes: list[Home], planes: int) -> IntArray:
    """Shape (planes, rails of a plane): the NIC of a host that each rail is."""
    rails = max((int(h.rail.max(initial=-1)) + 1 for h in homes), default=1)
    result = np.full((planes, rails), -1)
    for h in homes:
        result[h.plane, h.rail] = np.maximum(result[h.plane, h.rail], h.nic)
    return result


def one_plane(params: Any, ends: Attached) -> tuple[int, list[IntArray]]:
    """All endpoints in plane 0."""
    return 1, [np.zeros(len(k.one), dtype=np.int64) for k in ends.kinds]
