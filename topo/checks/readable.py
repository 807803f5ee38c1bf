"""The part of a fabric that questions can be asked of, where some of its rows contradict each other.

Wiring checks name what is left out here; every other question is asked of the rest, so that one wrong row does not
keep all answers away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.once import once


def exists(fabric: Fabric, port: IntArray) -> BoolArray:
    """Which of some numbers are rows of the port table."""
    return np.asarray((port >= 0) & (port < len(fabric.ports)))


def existing(fabric: Fabric) -> Fabric:
    """The fabric without links and endpoints on ports that do not exist."""
    links = exists(fabric, fabric.links.a) & exists(fabric, fabric.links.b)
    ends = exists(fabric, fabric.endpoints.port)
    if links.all() and ends.all():
        return fabric
    return replace(fabric, links=fabric.links.rows(links), endpoints=fabric.endpoints.rows(ends))


def readable(fabric: Fabric) -> Fabric:
    """The fabric without those, without links that belong to one network and are cabled to another, and without
    endpoints that are on no switch of theirs. The fabric itself where nothing is left out."""
    less = once(fabric, "readable", lambda: _readable(fabric))
    return fabric if less is None else less


def _readable(whole: Fabric) -> Fabric | None:
    """What is left; None where that is all, as a fabric that holds itself would live for ever."""
    fabric = existing(whole)
    inside = np.ones(len(fabric.links), dtype=np.bool_)
    for end in (fabric.link_a, fabric.link_b):
        inside &= fabric.is_host[end] | (fabric.network_at(end, np.arange(len(end))) == fabric.links.network)
    if not inside.all():
        fabric = replace(fabric, links=fabric.links.rows(inside))
    ends, at = fabric.endpoints, fabric.endpoint_switch
    placed = (at < 0) | (~fabric.is_host[at] & (fabric.network_at(at, fabric.endpoint_link) == ends.network))
    placed &= fabric.ports.device[ends.port] == ends.host
    if not placed.all():
        fabric = replace(fabric, endpoints=ends.rows(placed))
    return None if fabric is whole else fabric
