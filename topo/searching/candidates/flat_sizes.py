"""Sizes of the families without tiers, whose keys depend on one another: whole settings of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from topo.searching.candidates.site import Room

FLAT = ("p", "q", "a", "h", "g", "r", "k", "switches", "leaves", "spines", "shape", "width")
"""Keys of sizes: one that a request states replaces the settings of its family."""


def _jellyfish(room: Room) -> Iterator[dict[str, Any]]:
    for p in range(1, room.ports):
        if room.endpoints / p <= 100_000:
            yield {"p": p}


def _hyperx(room: Room) -> Iterator[dict[str, Any]]:
    """For each number of endpoints a switch: the smallest near-square grids of one to three dimensions, each with one
    link and with as many parallel links as there are ports for."""
    seen = set()
    for p in range(1, room.ports):
        needed = -(-room.endpoints // p)
        for dimensions in (1, 2, 3):
            shape = near_square(needed, dimensions)
            links = sum(s - 1 for s in shape)
            most = (room.ports - p) // links if links else 0
            if max(shape) > 512 or most < 1:
                continue
            for width in sorted({1, most}):
                setting = (p, shape, width)
                if setting not in seen:
                    seen.add(setting)
                    yield {"shape": shape, "width": (width,) * dimensions, "p": p}


def _slim_fly(room: Room) -> Iterator[dict[str, Any]]:
    from topo.generators.families.slim_fly import is_order, network_radix

    for q in range(2, room.ports):
        p = -(-room.endpoints // (2 * q * q))
        if is_order(q) and network_radix(q) + p <= room.ports:
            yield {"q": q, "p": p}


def _dragonfly(room: Room) -> Iterator[dict[str, Any]]:
    seen = set()
    for h in range(1, room.ports // 2):
        for a in (h, 2 * h, 4 * h):
            for p in sorted({max(1, h // 2), h, -(-3 * h // 2), 2 * h}):
                if p + a - 1 + h <= room.ports and room.endpoints / p <= 100_000 and (p, a, h) not in seen:
                    seen.add((p, a, h))
                    yield {"p": p, "a": a, "h": h}


def _dragonfly_plus(room: Room) -> Iterator[dict[str, Any]]:
    """The family's own size, and groups of leaves with half, as many or twice as many endpoints as uplinks."""
    yield {}
    seen = set()
    for spines in range(1, room.ports):
        if spines > 16 and spines % 4:
            continue
        for p in sorted({-(-spines // 2), spines, 2 * spines}):
            for leaves in sorted({spines, p, room.ports // 2}):
                setting = (p, leaves, spines)
                if p + spines <= room.ports and 0 < leaves < room.ports and setting not in seen:
                    seen.add(setting)
                    yield {"p": p, "leaves": leaves, "spines": spines}


def _torus(room: Room) -> Iterator[dict[str, Any]]:
    """The family's own size; then for 1, 2, 4, ... endpoints a device the smallest near-square grids of one to four
    dimensions, with 1, 2, 4, ... links and with as many as there are ports for."""
    yield {}
    p = 1
    while p < room.ports:
        needed = -(-room.endpoints // p)
        shapes = {near_square(needed, dimensions) for dimensions in (1, 2, 3, 4)}
        for shape in sorted(shapes, key=lambda shape: (len(shape), shape)):
            most = (room.ports - p) // sum(2 if side > 2 else 1 for side in shape)
            if most < 1 or max(shape) > 4096 or math.prod(shape) > 100_000:
                continue
            for width in sorted({most, *(1 << n for n in range(most.bit_length()))}):
                yield {"shape": shape, "width": (width,) * len(shape), "p": p}
        p *= 2


def near_square(needed: int, dimensions: int) -> tuple[int, ...]:
    """The smallest grid for so many among those whose sides differ by at most one, longest first."""
    side = max(2, math.floor(needed ** (1 / dimensions) + 1e-9))
    grids = [(side + 1,) * n + (side,) * (dimensions - n) for n in range(dimensions + 1)]
    return next((grid for grid in grids if math.prod(grid) >= needed), grids[-1])


def _zcube(room: Room) -> Iterator[dict[str, Any]]:
    """The family's own size; then every number of switches a side, with one link and with as many as there are ports
    for, where GPUs or NICs have two ports."""
    yield {}
    each, pairs = room.endpoints // room.hosts, room.endpoints // 2
    if each not in (2 * room.host.gpus, 2 * room.nics):
        return
    for side in range(1, room.ports):
        k = -(-pairs // side)
        if -(-pairs // k) == side and k + side <= room.ports:
            for width in sorted({1, (room.ports - k) // side}):
                yield {"k": k, "width": width}


SETTINGS: Mapping[str, Callable[[Room], Iterator[dict[str, Any]]]] = MappingProxyType(
    {
        "jellyfish": _jellyfish, "hyperx": _hyperx, "slim-fly": _slim_fly, "dragonfly": _dragonfly,
        "dragonfly-plus": _dragonfly_plus, "torus": _torus, "zcube": _zcube,
    }
)  # fmt: skip
"""Families whose sizes depend on one another -> their settings; a key that the request states replaces its own."""
