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
from collections.abc import Mapping
from typing import Any

from topo.catalog import Catalog
from topo.generators import Attached, Counts
from topo.searching.candidate import Candidate, ports_at

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
    return 1.0, {"kind": "endpoint"}


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
