"""Hosts on two leaves: which can be, and what is said of those that cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topo.errors import Problem
from topo.generators.family import Attached
from topo.generators.trees.params import TreeParams
from topo.generators.trees.wire import Home

ALONE = "hosts of one NIC, all its ports on the leaf of a rail, stand beside hosts whose NICs two leaves do not share"
"""Why hosts of several kinds cannot be on two leaves each where leaves hold whole rails."""


def even_places(home: Home) -> bool:
    """Every NIC of a host has an even number of ports in each of its planes: two leaves can share each NIC."""
    ports = np.unique(np.stack([home.plane, home.rail]), axis=1, return_counts=True)[1]
    return bool((ports % 2 == 0).all())


def odd_homes(params: TreeParams, ends: Attached, homes: Sequence[Home], planes: int) -> tuple[Problem, ...]:
    """What `homing: dual` is refused for: kinds of hosts whose ends in a plane two leaves do not share equally."""
    words = "only the leaves of homing: dual are pairs", "peer_links", str(params.peer_links), "leave it out"
    if params.homing != "dual":
        return (Problem(*words, "or homing: dual"),) if params.peer_links else ()
    of = "in each plane" if planes > 1 else "in this network"
    kinds = [(h, k) for h, k in zip(homes, ends.kinds, strict=True) if k.count and len(k.one)]
    odd = [(int(n[n % 2 > 0][0]), k) for h, k in kinds if ((n := np.bincount(h.plane)) % 2).any()]
    if not odd:
        return ()
    said = ", ".join(
        f"{k.count:,} host{'s' if k.count > 1 else ''} {'with' if k.gpus else 'without'} GPUs "
        f"{'have' if k.count > 1 else 'has'} {n} end{'s' if n > 1 else ''} {of}"
        for n, k in odd
    )
    hint = "give those hosts NICs of two ports or a second NIC in this network, or a network of their own"
    if planes > 1:
        hint = "fewer planes, or leave homing out: a host of several planes is on a leaf of each"
    result = Problem(f"two leaves do not share an odd number of ends: {said}", "homing", "dual", "single", hint)
    return (result, Problem(*words)) if params.peer_links else (result,)
