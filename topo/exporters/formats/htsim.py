"""htsim's `.topo` file of a full, even fat-tree plane, and an all-to-all connection matrix for small ones.

htsim builds the tree from its header alone and reads every figure as a whole number, so a plane is written only where
the tree that htsim makes of it is the plane itself. The rules are those of `FatTreeTopologyCfg`/`set_custom_params` in
csg-htsim's fat_tree_topology.cpp (Broadcom/csg-htsim, 2026-03).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.fabric import CORE, LEAF, SPINE, TIER_NAMES, Fabric
from topo.fabric.model import IntArray
from topo.units import amount, verb

MOST_FLOWS_OF = 64
"""Endpoints up to which an all-to-all matrix is written."""
LATENCY_NS = 500
"""Of every link, where cables have no known length: a link of 100 m takes that long."""


@dataclass(frozen=True)
class _Tier:
    """What every switch of a tier has: links down and up, links to each switch or host below, speed of those, number of
    switches; and how many times more goes down than up."""

    down: int
    up: int
    bundle: int
    gbps: int
    switches: int
    oversubscribed: int = 1


def _plane(fabric: Fabric) -> tuple[list[_Tier], int, str]:
    """The tiers of plane 0 of the main network and its pods; or why htsim cannot hold it."""
    d, n = fabric.devices, len(fabric.devices)
    mask = (fabric.links.network == 0) & (fabric.links.plane == 0) & fabric.links.active
    a, b = fabric.link_a[mask], fabric.link_b[mask]
    down, up = np.bincount(b, minlength=n), np.bincount(a, minlength=n)
    pair, many = np.unique(a.astype(np.int64) * n + b, return_counts=True)
    tiers: list[_Tier] = []
    for tier in (LEAF, SPINE, CORE):
        rows = np.flatnonzero((d.network == 0) & (d.plane == 0) & (d.tier == tier))
        if not len(rows):
            break
        figures = {
            "links down": down[rows],
            "links up": up[rows],
            "links to each device below": many[np.isin(pair % n, rows)] if tier > LEAF else np.ones(1, np.int64),
            "speed of links down": fabric.links.gbps[mask][np.isin(b, rows)],
        }
        for what, values in figures.items():
            if len(np.unique(values)) > 1:
                return (
                    [],
                    0,
                    (
                        f"htsim wants a full, even tree: {TIER_NAMES[tier]} switches differ in {what} "
                        f"({values.min():g} to {values.max():g})"
                    ),
                )
            if not len(values) or not float(values[0]).is_integer():
                return [], 0, f"htsim reads whole numbers; the {what} of {TIER_NAMES[tier]} switches are none"
        tiers.append(_Tier(*(int(x[0]) for x in (*figures.values(), [len(rows)]))))
    if len(tiers) < 2 or not tiers[0].down or bool(((d.network == 0) & (d.tier > CORE)).any()):
        return [], 0, "htsim wants a fat-tree of two or three tiers"
    pods = len(np.unique(d.pod[(d.network == 0) & (d.plane == 0) & (d.tier == LEAF)])) if len(tiers) == 3 else 1
    for i, (below, above) in enumerate(pairwise(tiers)):
        ratio, rest = divmod(below.down * below.gbps, max(1, below.up * above.gbps))
        if below.gbps != above.gbps:
            return (
                [],
                0,
                f"htsim compares numbers of links: it cannot hold {below.gbps} and {above.gbps} Gb/s in one tree",
            )
        if rest or not ratio:
            return (
                [],
                0,
                (
                    "htsim reads the oversubscription as a whole number, 1 or more; "
                    f"{TIER_NAMES[LEAF + i]} switches have {amount(below.down, 'link')} down and {below.up:,} up"
                ),
            )
        tiers[i] = _Tier(below.down, below.up, below.bundle, below.gbps, below.switches, ratio)
    return tiers, pods, _misfit(fabric, tiers, pods, pair, n)


def _misfit(fabric: Fabric, tiers: list[_Tier], pods: int, pair: IntArray, n: int) -> str:
    """Why the tree that htsim makes of these figures is not the plane; nothing where it is."""
    leaf, spine = tiers[0], tiers[1]
    if leaf.switches % pods or spine.switches % pods:
        return "htsim wants pods of equal size"
    if leaf.up != spine.switches // pods * spine.bundle or spine.down != leaf.switches // pods * spine.bundle:
        return "htsim joins every leaf of a pod to every spine of it, by equal bundles"
    if len(tiers) < 3:
        return ""
    core, groups = tiers[2], spine.switches // pods
    if core.switches % groups or spine.up != core.switches // groups * core.bundle or core.down != pods * core.bundle:
        return "htsim joins every core switch to one spine of each pod, by equal bundles"
    d = fabric.devices
    above = pair[np.isin(pair % n, np.flatnonzero((d.network == 0) & (d.plane == 0) & (d.tier == CORE)))]
    below: dict[int, set[int]] = {}
    for spine_row, core_row in zip((above // n).tolist(), (above % n).tolist(), strict=True):
        below.setdefault(core_row, set()).add(spine_row)
    if len({frozenset(rows) for rows in below.values()}) != groups:
        return "htsim gives the spines at one place of their pods the same core switches"
    return ""


def _nodes(fabric: Fabric) -> int:
    ends = fabric.endpoints
    return int(((ends.network == 0) & (ends.plane == 0)).sum())


def _refuses(plan: Plan) -> str:
    tiers, _, why = _plane(plan.fabric)
    nodes = _nodes(plan.fabric)
    if not why and nodes != tiers[0].down * tiers[0].switches:
        why = (
            f"htsim wants every link of a leaf down to be a host's: {amount(nodes, 'endpoint')} "
            f"{verb(nodes, 'are')} not "
            f"{tiers[0].down} a leaf"
        )
    return why


def _write(plan: Plan) -> dict[str, bytes]:
    tiers, pods, _ = _plane(plan.fabric)
    nodes = _nodes(plan.fabric)
    lines = [f"Nodes {nodes}", f"Tiers {len(tiers)}", f"Podsize {nodes // pods}"]
    for number, tier in enumerate(tiers):
        lines += ["", f"Tier {number}", f"Downlink_speed_Gbps {tier.gbps}", f"Radix_Down {tier.down}"]
        if number < len(tiers) - 1:
            lines += [f"Radix_Up {tier.up}", f"Oversubscribed {tier.oversubscribed}"]
        lines += [f"Bundle {tier.bundle}", f"Downlink_Latency_ns {LATENCY_NS}"]
    files = {"htsim/fabric.topo": ("\n".join(lines) + "\n").encode()}
    if nodes <= MOST_FLOWS_OF:
        flows = [(x, y) for x in range(nodes) for y in range(nodes) if x != y]
        head = [f"Nodes {nodes}", f"Connections {len(flows)}"]
        body = [f"{x}->{y} id {i} start 0 size 2000000" for i, (x, y) in enumerate(flows, 1)]
        files["htsim/all-to-all.cm"] = ("\n".join(head + body) + "\n").encode()
    return files


exporters.add("htsim", Exporter("htsim fat-tree", _write, "all but one plane, names, ports, cables", _refuses))
