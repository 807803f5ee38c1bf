"""Mistakes in families without tiers, where no spread of uplinks gives them away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.fabric import SWITCH

from . import mutate
from .positions import Places
from .wiring_mutations import EVERY, FLAT, Mistake, mutation


def _with_endpoints(at: Places) -> int:
    """A switch that hosts are on: some families have others."""
    return at.one(np.intersect1d(at.fabric.endpoint_switch, np.flatnonzero(at.fabric.devices.tier == SWITCH)))


@mutation("dark-ports counts", FLAT)
def flat_link_removed(at: Places) -> Mistake:
    link = at.uplink()
    ends = [at.port(int(p)) for p in (at.fabric.links.a[link], at.fabric.links.b[link])]
    return Mistake(mutate.removed(at.fabric, link), {"dark-ports": {ends[0]}})


@mutation("dark-switches dark-ports cut-off counts", FLAT)
def switch_without_a_link(at: Places) -> Mistake:
    switch = _with_endpoints(at)
    return Mistake(mutate.removed(at.fabric, at.links_of(switch)), {"dark-switches": {at.device(switch)}})


@mutation("islands dark-ports counts", FLAT)
def switch_without_a_neighbour(at: Places) -> Mistake:
    switch = _with_endpoints(at)
    links = at.links_of(switch)
    return Mistake(mutate.removed(at.fabric, links[at.uplinks[links]]), {"islands": {at.device(switch)}})


@mutation("flat-links", ("slim-fly", "dragonfly", "hyperx", "torus", "dragonfly-plus"))
def flat_cables_crossed(at: Places) -> Mistake:
    """Two cables of one kind between four switches of four groups exchange their upper ends."""
    fabric, pod = at.fabric, at.fabric.devices.pod
    across = at.uplinks & (pod[fabric.link_a] != pod[fabric.link_b])
    link = at.one(np.flatnonzero(across))
    groups = [pod[at.a(link)], pod[at.b(link)]]
    away = across & ~np.isin(pod[fabric.link_a], groups) & ~np.isin(pod[fabric.link_b], groups)
    other = at.one(np.flatnonzero(away & (fabric.links.kind == fabric.links.kind[link])))
    moved = {at.port(int(fabric.links.a[link])), at.port(int(fabric.links.b[other]))}
    return Mistake(mutate.swapped(fabric, link, other), {"flat-links": moved})


@mutation("flat-links", FLAT)
def cable_beside_another(at: Places) -> Mistake:
    """A cable ends on a switch that its other end already has a cable of that kind to."""
    fabric = at.fabric
    for link in at.chance.permutation(np.flatnonzero(at.uplinks)):
        kind = at.uplinks & (fabric.links.kind == fabric.links.kind[link])
        near = np.setdiff1d(fabric.link_b[kind & (fabric.link_a == at.a(link))], [at.b(link)])
        apart = (fabric.link_a != at.a(link)) & (fabric.link_a != at.b(link))
        others = np.flatnonzero(kind & np.isin(fabric.link_b, near) & apart)
        if len(others):
            break
    other = at.one(others)
    moved = {at.port(int(fabric.links.a[link])), at.port(int(fabric.links.b[other]))}
    return Mistake(mutate.swapped(fabric, int(link), other), {"flat-links": moved})


@mutation("wiring-rule", EVERY)
def family_that_nobody_knows(at: Places) -> Mistake:
    """Nothing can be said of where its links belong."""
    origins = tuple(replace(origin, family="a-lattice") for origin in at.fabric.origins)
    return Mistake(replace(at.fabric, origins=origins), {"wiring-rule": set()})


@mutation("flat-links", tuple(name for name in FLAT if name != "jellyfish"))
def sizes_that_are_not_stated(at: Places) -> Mistake:
    """A file that lost the sizes of its network."""
    origins = tuple(replace(origin, shape=()) for origin in at.fabric.origins)
    return Mistake(replace(at.fabric, origins=origins), {"flat-links": set()})
