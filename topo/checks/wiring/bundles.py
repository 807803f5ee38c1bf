"""Bundles whose links differ in their devices, kind or speed, and kinds that belie the tiers they join."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped
from topo.fabric import SPINE, TIER_NAMES, Fabric
from topo.fabric.model import BoolArray, IntArray

CODE = "bundles"


def _odd(fabric: Fabric) -> tuple[BoolArray, IntArray]:
    """Shape (links,) twice: links unlike the majority of their bundle, and a link row of that majority."""
    links = fabric.links
    if (links.bundle[1:] > links.bundle[:-1]).all():  # each link is a bundle of its own
        return np.zeros(len(links), dtype=np.bool_), np.arange(len(links))
    columns = [fabric.link_a, fabric.link_b, links.kind, links.network, links.gbps.astype(np.int64), links.lag]
    order = np.lexsort((links.id, *columns, links.bundle))
    bundle = links.bundle[order]
    fresh = np.ones(len(links), dtype=np.bool_)
    if len(links):
        fresh[1:] = np.any([column[order][1:] != column[order][:-1] for column in (links.bundle, *columns)], axis=0)
    run = np.cumsum(fresh) - 1
    length = np.bincount(run, minlength=1) if len(links) else np.zeros(0, dtype=np.int64)
    start = np.flatnonzero(fresh)
    by_bundle = np.lexsort((-length, bundle[start])) if len(start) else start
    first = np.ones(len(by_bundle), dtype=np.bool_)
    first[1:] = bundle[start[by_bundle]][1:] != bundle[start[by_bundle]][:-1]
    chosen = by_bundle[first]
    place = np.searchsorted(bundle[start[chosen]], bundle)
    odd, usual = np.zeros(len(links), dtype=np.bool_), np.zeros(len(links), dtype=np.int64)
    odd[order] = chosen[place] != run if len(links) else odd
    usual[order] = order[start[chosen[place]]] if len(links) else usual
    return odd, usual


def _wrong_kind(fabric: Fabric) -> BoolArray:
    """Links whose kind names another pair of tiers than they join; kinds that name no tiers are left alone."""
    tier = fabric.devices.tier
    names = [f"{low}_{high}" for low in TIER_NAMES for high in TIER_NAMES]
    told = np.array([names.index(k) if k in names else -1 for k in fabric.link_kinds] or [-1])
    low, high = tier[fabric.link_a], np.array(tier[fabric.link_b])
    for row in range(len(fabric.networks)):
        high[(fabric.links.network == row) & fabric.lent_to(row, SPINE)[fabric.link_b]] = SPINE
    joined = low * len(TIER_NAMES) + high
    code = fabric.link_kinds.index("endpoint") if "endpoint" in fabric.link_kinds else -1
    told_here = told[fabric.links.kind]
    return np.asarray(
        ((told_here >= 0) & (told_here != joined)) | ((fabric.links.kind == code) != fabric.is_endpoint_link)
    )


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    odd, usual = _odd(fabric)

    def describe(row: int) -> Finding:
        a, b = link_label(fabric, row)
        low, high = link_label(fabric, int(usual[row]))
        message = f"the link from {a} to {b} is in one bundle with the unlike link from {low} to {high}"
        return Finding(CODE, "error", message, (a, b, low, high))

    def describe_kind(row: int) -> Finding:
        a, b = link_label(fabric, row)
        tiers = [TIER_NAMES[fabric.devices.tier[d]] for d in (fabric.link_a[row], fabric.link_b[row])]
        kind = fabric.link_kinds[links.kind[row]]
        message = f"the link from {a} to {b} is of kind {kind} and joins {tiers[0]} to {tiers[1]}"
        return Finding(CODE, "error", message, (a, b))

    result = capped(CODE, np.flatnonzero(odd), describe, "links are unlike the others of their bundle")
    return result + capped(CODE, np.flatnonzero(_wrong_kind(fabric)), describe_kind, "links are of the wrong kind")


wiring_checks.add(CODE, WiringCheck("links of a bundle are alike, and of the kind that their tiers say", _run))
