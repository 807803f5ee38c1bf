"""The seats of a plan with some keys left out, of fewer hosts, or as another size has them."""

from __future__ import annotations

from dataclasses import replace

from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.counts.sizes import Seats


def seats_without(seats: Seats, keys: set[str]) -> Seats:
    """The seats as if these keys were left out."""
    if "rails_per_leaf" in keys and isinstance(seats, Rails):
        seats = replace(seats, per_leaf=None)
    cap, least = None if "hosts_per_leaf" in keys else seats.cap, 1 if "min_leaves" in keys else seats.least
    return replace(seats, cap=cap, least=least)


def fewer(seats: Seats, hosts: int) -> Seats:
    """The first hosts of the seats, so many at most."""
    if isinstance(seats, Rails):
        return replace(seats, hosts=min(seats.hosts, hosts))
    kinds = []
    for count, width in seats.kinds:
        kinds.append((min(count, hosts), width))
        hosts -= kinds[-1][0]
    return replace(seats, kinds=tuple(kinds))


def like(now: Seats, final: Seats, room: int = 0) -> Seats:
    """The seats of the present size with the rails of a leaf that the final size has."""
    if isinstance(now, Rails) and isinstance(final, Rails):
        return replace(now, per_leaf=final.rails_of(room) if room else final.per_leaf)
    return now


def options(seats: Seats) -> list[Seats]:
    """The seats with each number of rails a leaf that a given number of hosts a leaf leaves open, the most first."""
    if not isinstance(seats, Rails) or seats.per_leaf:
        return [seats]
    whole = seats.cap is not None and seats.hosts <= seats.cap
    rails = seats.shares[::-1] if whole else [1]
    return [replace(seats, per_leaf=r) for r in rails]


def podded(leaves: int, width: int, group: int, homes: int, by_rail: bool) -> tuple[int, int]:
    """Pods of up to `width` leaves, and the leaves of the widest; the `homes` leaves of a host's rail share a pod."""
    units = leaves // group
    if by_rail:
        each = width // homes
        return -(-units // each) * (group // homes), min(units, each) * homes
    each = width // group
    return -(-units // each), min(units, each) * group
