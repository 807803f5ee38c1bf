"""Shortest paths that cross more switches than the family's closed form says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.checks import answers
from topo.checks.example import longest_pair
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.fabric import Fabric

CODE = "path-length"


def _readable(fabric: Fabric) -> Fabric:
    """The fabric without links and endpoints that belong to a network and are cabled to another, or to no switch:
    other checks name those, and paths cannot be counted over them."""
    devices, links, ends = fabric.devices, fabric.links, fabric.endpoints
    inside = np.ones(len(links), dtype=np.bool_)
    for end in (fabric.link_a, fabric.link_b):
        inside &= fabric.is_host[end] | (devices.network[end] == links.network)
    at = fabric.endpoint_switch
    placed = (at < 0) | (~fabric.is_host[at] & (devices.network[at] == ends.network))
    if inside.all() and placed.all():
        return fabric
    return replace(fabric, links=links.rows(inside), endpoints=ends.rows(placed))


def _run(context: Context) -> list[Finding]:
    found = []
    fabric = _readable(context.fabric)
    context = context if fabric is context.fabric else replace(context, fabric=fabric)
    for network, counts in context.counts.items():
        longest = answers.hops(context, network).max
        if longest <= counts.max_hops or not counts.max_hops:
            continue
        pair = longest_pair(fabric, network, longest)
        example = f", for example from {pair[0]} to {pair[1]}" if pair else ""
        message = f"shortest paths of network {network} cross up to {longest} switches{example}"
        hint = f"the closed form gives at most {counts.max_hops}: {counts.formula}"
        found.append(Finding(CODE, "error", message, pair, hint))
    return found


wiring_checks.add(CODE, WiringCheck("no path is longer than the closed form says", _run))
