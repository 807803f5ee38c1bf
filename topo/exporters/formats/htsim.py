"""htsim's `.topo` file of a full, even fat-tree plane, and an all-to-all connection matrix for small ones."""

from __future__ import annotations

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.fabric import CORE, LEAF, SPINE, Fabric
from topo.fabric.model import IntArray

MOST_FLOWS_OF = 64
"""Endpoints up to which an all-to-all matrix is written."""


def _sizes(fabric: Fabric) -> tuple[list[dict[str, float]], str]:
    """Per tier: links down and up, their bundle and speed, of plane 0 of the main network; or why there are none."""
    d, n = fabric.devices, len(fabric.devices)
    mine = (fabric.links.network == 0) & (fabric.links.plane == 0) & fabric.links.active
    a, b = fabric.link_a[mine], fabric.link_b[mine]
    down, up = np.bincount(b, minlength=n), np.bincount(a, minlength=n)
    pair, many = np.unique(a.astype(np.int64) * n + b, return_counts=True)
    tiers: list[dict[str, float]] = []
    for tier in (LEAF, SPINE, CORE):
        rows = np.flatnonzero((d.network == 0) & (d.plane == 0) & (d.tier == tier))
        if not len(rows):
            break
        below = np.isin(b, rows)
        figures = (down[rows], up[rows], fabric.links.gbps[mine][below], many[np.isin(pair % n, rows)])
        if any(len(np.unique(x)) != 1 for x in figures):
            return [], "htsim wants a full, even tree: every switch of a tier with the same links"
        radix_down, radix_up, gbps, bundle = (float(x[0]) for x in figures)
        tiers.append({"down": radix_down, "up": radix_up, "gbps": gbps, "bundle": bundle if tier > LEAF else 1})
    if len(tiers) < 2:
        return [], "htsim wants a fat-tree of two or three tiers"
    return tiers, ""


def _endpoints(fabric: Fabric) -> IntArray:
    ends = fabric.endpoints
    return np.flatnonzero((ends.network == 0) & (ends.plane == 0))


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    tiers, _ = _sizes(fabric)
    nodes = len(_endpoints(fabric))
    d = fabric.devices
    pods = len(np.unique(d.pod[(d.network == 0) & (d.plane == 0) & (d.tier == LEAF)])) if len(tiers) == 3 else 1
    lines = [f"Nodes {nodes}", f"Tiers {len(tiers)}", f"Podsize {nodes // pods}"]
    for number, tier in enumerate(tiers):
        lines += [
            "",
            f"Tier {number}",
            f"Downlink_speed_Gbps {written(tier['gbps'])}",
            f"Radix_Down {tier['down']:.0f}",
        ]
        if number < len(tiers) - 1:
            ratio = tier["down"] * tier["gbps"] / (tier["up"] * tiers[number + 1]["gbps"])
            lines += [f"Radix_Up {tier['up']:.0f}", f"Oversubscribed {written(ratio)}"]
        lines += [f"Bundle {tier['bundle']:.0f}", "Downlink_Latency_ns 500"]
    files = {"htsim/fabric.topo": ("\n".join(lines) + "\n").encode()}
    if nodes <= MOST_FLOWS_OF:
        flows = [(x, y) for x in range(nodes) for y in range(nodes) if x != y]
        head = [f"Nodes {nodes}", f"Connections {len(flows)}"]
        body = [f"{x}->{y} id {i} start 0 size 2000000" for i, (x, y) in enumerate(flows, 1)]
        files["htsim/all-to-all.cm"] = ("\n".join(head + body) + "\n").encode()
    return files


exporters.add(
    "htsim",
    Exporter("htsim fat-tree", _write, "all but one plane, names, ports, cables", lambda plan: _sizes(plan.fabric)[1]),
)
