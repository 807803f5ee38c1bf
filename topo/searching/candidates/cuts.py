"""What a network cannot carry more than, by counts of the links that traffic has to cross.

Nothing is wired. A bound is one of

* leaf cut: of N endpoints of a plane on L leaves some leaf has H >= ceil(N / L), and at most as many as it has ports
  and leave one for each other leaf. What they send to the others, H (N - H) / (N - 1) of line rate, leaves over that
  leaf's uplinks; between the two ends that is least at one of them.
* distance: all links together carry at most their capacity; a message from an endpoint crosses as many links as lie
  between two switches. At most p (r)(r - 1)^(j - 1) endpoints lie j links away where a switch has p endpoints and r
  links, so the mean distance has a least value (the Moore bound).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from topo.catalog import Catalog
from topo.generators import Attached, Counts
from topo.searching.candidates.candidate import Candidate, ports_at

ONE_PLANE = ("ft2", "ft3", "mrft")
TREES = (*ONE_PLANE, "mpft", "dual-plane", "rail-only")
"""Families whose leaves all have equally many uplinks, so that the leaf cut bounds them."""
REGULAR = ("jellyfish", "hyperx", "slim-fly")
"""Families whose switches all have equally many links, over which endpoints are spread evenly."""


def carried(
    candidate: Candidate, counts: Counts, ends: Attached, catalog: Catalog, endpoint_gbps: float, link_gbps: float
) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that endpoint all-to-all reaches, and the cut that says so."""
    speed = link_gbps / endpoint_gbps if endpoint_gbps else 1.0
    leaves, switches = counts.switches.get("leaf", 0), counts.switches.get("switch", 0)
    if candidate.family in TREES and leaves and candidate.get("homing") != "dual" and not candidate.get("leaves"):
        planes = planes_of(candidate, ends)
        if leaves > planes and len(ends) >= 2 * planes:
            uplinks = counts.links.get("leaf_spine", 0) / leaves
            ports = ports_at(catalog.switch(candidate.part_of("leaf")), endpoint_gbps)
            return leaf_cut(len(ends) // planes, leaves // planes, ports, uplinks, speed)
    if switches > 1 and (candidate.family in REGULAR or candidate.family == "dragonfly"):
        hosts = ends.hosts
        wide = -(-len(ends) // hosts)
        most = max(-(-hosts // switches) * wide, -(-len(ends) // switches))
        fabric = sum(n for kind, n in counts.links.items() if kind != "endpoint")
        degree = 2 * fabric // switches
        if candidate.family == "dragonfly":
            degree = int(candidate.get("a") or 0) + int(candidate.get("h") or 0) - 1
            degree = degree if candidate.get("a") and candidate.get("h") else counts.links["endpoint"]
        return distance_cut(len(ends), most, degree, fabric, speed)
    sizes = {key: candidate.get(key) for key in ("p", "k", "leaves", "spines")}
    if candidate.family == "torus" and candidate.get("shape"):
        return torus_cut(len(ends), sizes["p"] or 1, candidate.get("shape"), counts.links, speed)
    if candidate.family == "dragonfly-plus" and sizes["p"]:
        group = sizes["p"] * (sizes["leaves"] or sizes["p"])
        return group_cut(len(ends), sizes["p"], group, counts.links, speed)
    if candidate.family == "zcube" and sizes["k"]:
        pairs, k = len(ends) // 2, sizes["k"]
        far = (pairs + 2 * max(pairs - k, 0)) / max(2 * pairs - 1, 1)
        links = sum(n for kind, n in counts.links.items() if kind != "endpoint")
        upper = min(1.0, 2 * links * speed / (2 * pairs * far)) if far else 1.0
        return upper, {
            "kind": "two-sides",
            "endpoints": 2 * pairs,
            "on_switch": k,
            "links": links,
            "mean_distance": far,
        }
    return 1.0, {"kind": "endpoint"}


def torus_cut(
    endpoints: int, held: int, shape: Sequence[int], links: Mapping[str, int], speed: float
) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that a torus carries in all-to-all traffic with at most `held` endpoints a device: all
    links against the mean distance, and where every device is full each dimension's links against its own."""
    rings = [[1] + [2] * ((side - 1) // 2) + [1] * (side % 2 == 0) for side in shape]
    shells = np.ones(1, dtype=np.int64)
    for ring in rings:
        shells = np.convolve(shells, ring)
    far = shelled_distance(endpoints, held, shells.tolist())
    own = [n for kind, n in links.items() if kind != "endpoint"]
    upper = 2 * sum(own) * speed / (endpoints * far) if far else 1.0
    if endpoints == held * math.prod(shape) and len(own) == len(shape):
        for ring, number, side in zip(rings, own, shape, strict=True):
            mean = sum(d * n for d, n in enumerate(ring)) / side * endpoints / (endpoints - 1)
            upper = min(upper, 2 * number * speed / (endpoints * mean))
    return min(1.0, upper), {
        "kind": "torus", "endpoints": endpoints, "on_switch": held, "shape": list(shape), "links": sum(own),
        "speed": speed, "mean_distance": far,
    }  # fmt: skip


def group_cut(
    endpoints: int, held: int, group: int, links: Mapping[str, int], speed: float
) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that groups of leaves and spines carry in all-to-all traffic: what leaves a leaf of at most
    `held` endpoints takes two links of groups, what leaves a group of at most `group` endpoints one between groups."""
    upper, others = 1.0, endpoints - 1
    for kind, steps, near in (("group", 2, held), ("global", 1, group)):
        if endpoints > near:
            upper = min(upper, 2 * links.get(kind, 0) * speed * others / (endpoints * steps * (endpoints - near)))
    return upper, {
        "kind": "groups", "endpoints": endpoints, "on_leaf": held, "on_group": group, "speed": speed,
        "links": {kind: links.get(kind, 0) for kind in ("group", "global")},
    }  # fmt: skip


def shelled_distance(endpoints: int, held: int, shells: Sequence[int]) -> float:
    """A lower bound on the mean distance between two endpoints where every switch has at most `held` endpoints, and
    `shells` switches lie 0, 1, 2, ... links from any one."""
    if endpoints < 2:
        return 0.0
    near, far = held - 1, 0.0
    for shell in shells[1:]:
        if near >= endpoints - 1:
            break
        far += 1 - near / (endpoints - 1)
        near += held * shell
    return far


def planes_of(candidate: Candidate, ends: Attached) -> int:
    """The planes of a tree of these endpoints."""
    if candidate.family in ONE_PLANE:
        return 1
    if candidate.get("planes"):
        return int(candidate.get("planes"))
    bring = [kind.one for kind in ends.kinds if kind.count and len(kind.one)]
    nics, ports = (max(int(getattr(one, key).max()) + 1 for one in bring) for key in ("nic", "nic_port"))
    if candidate.family == "rail-only":
        return nics
    return ports if ports > 1 or candidate.family == "dual-plane" else nics


def leaf_cut(endpoints: int, leaves: int, ports: int, uplinks: float, speed: float) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that leaves carry in all-to-all traffic among the endpoints of a plane; a leaf has at most
    `ports` endpoints, and `uplinks`, each `speed` times as fast as an endpoint's link."""
    ends = (-(-endpoints // leaves), min(endpoints - leaves + 1, ports))
    held = min(ends, key=lambda n: n * (endpoints - n))
    out = held * (endpoints - held) / (endpoints - 1)
    upper = min(1.0, uplinks * speed / out) if out else 1.0
    return upper, {
        "kind": "leaf-cut", "endpoints": endpoints, "leaves": leaves, "on_leaf": held, "uplinks": uplinks,
        "speed": speed,
    }  # fmt: skip


def distance_cut(endpoints: int, held: int, degree: int, links: int, speed: float) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that `links` links carry in all-to-all traffic where every switch has at most `held`
    endpoints and `degree` links."""
    far = mean_distance(endpoints, held, degree)
    upper = min(1.0, 2 * links * speed / (endpoints * far)) if far else 1.0
    return upper, {
        "kind": "distance", "endpoints": endpoints, "on_switch": held, "degree": degree, "links": links, "speed": speed,
        "mean_distance": far,
    }  # fmt: skip


def mean_distance(endpoints: int, held: int, degree: int) -> float:
    """A lower bound on the mean distance between two endpoints, in links between switches, where every switch has at
    most `held` endpoints and `degree` links. In a walk of j links from v to w the product of their endpoints is at most
    the mean of the squares, so at most sum p^2 r (r - 1)^(j - 1) ordered pairs lie j apart."""
    if endpoints < 2:
        return 0.0
    near, shell, far = held - 1, held * degree, 0.0
    while near < endpoints - 1:
        far += 1 - near / (endpoints - 1)
        if shell <= 0:
            return math.inf
        near, shell = near + shell, shell * max(degree - 1, 0)
    return far
