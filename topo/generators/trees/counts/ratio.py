"""Which split of a switch's ports to take for a ratio of bandwidths, so that a higher ratio never costs more.

The largest split of exactly the ratio comes first, and 1:1 always takes it. Where a higher ratio then needs more
switches or links than a lower one (its uplinks divide badly: 42:21 on 64 ports needs 21 spines, 40:20 needs 10), its
next smaller split is tried, and where none of them helps the split of the lower ratio stands, which meets the higher
one too. Below 1:1 it is the other way round: the largest split that needs no less than the ratios above it, where there
is one. The ratios that are compared are the usual ones: halves, thirds and quarters up to 4, then whole numbers; both
numbers fall, or stay, from any of them to any higher one. Any other ratio needs no more than the usual one below it and
no less than the one above.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Protocol, TypeVar

from topo.errors import InputError
from topo.generators.trees.counts.ports import TierPorts


class Costed(Protocol):
    """Sizes that know how many switches and links they need."""

    @property
    def cost(self) -> tuple[int, int]:
        """Switches, links between switches."""


C = TypeVar("C", bound=Costed)
SIZE = {"gpus", "build_for_gpus"}
"""Keys of problems that a lower ratio may mend, as its split may hold more hosts whole."""
Built = Callable[[int, int], C]
"""(down, up) -> sizes; raises InputError where they do not fit."""


def chosen(
    ports: TierPorts, ratio: Fraction, built: Built[C], lowers: Callable[[int], int] = lambda down: -down,
    chains: tuple[list[C | None], list[C | None]] | None = None,
) -> C:  # fmt: skip
    """The sizes of the best split for a ratio; raises InputError where no split gives it or none of its splits can be
    built. `lowers` tells how many switches so many ports down need: where keys contradict the largest split, only a
    split that needs no more of them is tried. `chains` keeps the choices for the usual ratios from 1
    down and from 1 up, for the same ports and `built`."""
    known = chains[ratio > 1] if chains else []
    own, first, least = None, None, 0
    for split in ports.exact(ratio):
        try:
            if first and lowers(split[0]) != least:
                break
            own = built(*split)
            break
        except InputError as error:
            if first:
                break
            first = error
            try:
                least = lowers(split[0])
            except InputError:
                break
    if own is None and ratio > 1 and first and {p.key for p in first.problems} <= SIZE:
        lower = [one for one in usual_ratios(ratio)[0] if one < ratio]
        own = next((result for one in lower[::-1] if (result := _next(ports, one, built, None, True))), None)
    if own is None:
        raise first or ports.refusal(ratio)
    if ratio == 1:
        return own
    towards, beyond = usual_ratios(ratio)
    near: C | None = None
    for place, one in enumerate(towards):
        if place == len(known):
            known.append(_next(ports, one, built, near, ratio > 1))
        near = known[place]
    if towards[-1] == ratio:
        return near or own
    far = _next(ports, beyond, built, near, ratio > 1)
    return _next(ports, ratio, built, near, ratio > 1, far) or own


def _next(
    ports: TierPorts, ratio: Fraction, built: Built[C], near: C | None, falling: bool, far: C | None = None
) -> C | None:
    """The largest split of a ratio that costs no more (no less, where not `falling`) than `near`, the sizes of the
    ratio before it, and no less (no more) than `far`; `near` where there is none."""
    for split in ports.exact(ratio):
        try:
            result = built(*split)
        except InputError:
            continue
        cheaper, dearer = (near, far) if falling else (far, near)
        if (cheaper is None or _within(result, cheaper)) and (dearer is None or _within(dearer, result)):
            return result
    return near if falling else None


def _within(one: Costed, other: Costed) -> bool:
    return one.cost[0] <= other.cost[0] and one.cost[1] <= other.cost[1]


@lru_cache(maxsize=256)
def usual_ratios(ratio: Fraction) -> tuple[tuple[Fraction, ...], Fraction]:
    """The usual ratios from 1 towards `ratio`, and the next one beyond it."""
    if ratio < 1:
        above, beyond = usual_ratios(1 / ratio)
        return tuple(1 / r for r in above), 1 / beyond
    result = {Fraction(a, b) for b in (1, 2, 3, 4) for a in range(b, 4 * b + 1)}
    result |= {Fraction(a) for a in range(5, int(ratio) + 2)} | {Fraction(5)}
    return tuple(sorted(r for r in result if r <= ratio)), min(r for r in result if r > ratio)
