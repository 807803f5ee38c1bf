"""Finds the prices that bound the worst permutation of an equal split; `topo.certificates` proves the bound."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from topo.analysis.network import switch_network
from topo.analysis.routing import channels_of
from topo.analysis.symmetry import network_symmetry
from topo.analysis.throughput.proof import generators_proof
from topo.analysis.traffic.worst_spread import Split, search_spread
from topo.analysis.traffic.worst_value import line_of
from topo.certificates import switch_graph_digest
from topo.certificates.kinds.worst_permutation import PRICE_ONE
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.solvers.budget import QUESTION_S

MOST_STEPS = 2e8
"""Arcs times destinations times kinds of arcs for which the bound is tried."""
STEPS_PER_S = 5e7
"""Such steps for which a second is enough."""


def permutation_proof(
    fabric: Fabric, network: int, most_steps: float = MOST_STEPS, symmetry_s: float = QUESTION_S / 3
) -> dict[str, Any] | None:
    """A certificate of kind `worst-permutation` for one network, whose symmetry is sought for at most `symmetry_s`;
    None where nothing loads it, or it takes more than `most_steps`."""
    net = switch_network(fabric, network)
    senders = int((net.endpoints_at > 0).sum())
    if not net.edges or senders < 2 or float(len(net.tail)) * senders > most_steps:
        return None
    symmetry = network_symmetry(fabric, net, network, limit_s=symmetry_s)
    order = np.lexsort((net.head, net.tail, symmetry.arc_orbit))
    arcs = order[np.unique(symmetry.arc_orbit[order], return_index=True)[1]]
    if float(len(arcs)) * len(net.tail) * senders > most_steps:
        return None
    channels = channels_of(fabric, net)
    first = np.zeros(len(net.tail), dtype=np.int64)
    first[channels.arc[::-1]] = np.arange(len(channels))[::-1]
    chosen, line = first[arcs], line_of(net)
    weight = np.ones(len(channels), dtype=np.int64)
    result = np.zeros((len(arcs), senders), dtype=np.int64)
    search = search_spread(channels, Split(weight), line, chosen, inf, result)
    if not search.bound.any():
        return None
    return {
        "kind": "worst-permutation",
        "network": fabric.networks[network],
        "switch_graph": switch_graph_digest(fabric, fabric.networks[network]),
        "generators": generators_proof(symmetry),
        "prices": [
            {
                "arc": [int(net.tail[a]), int(net.head[a])],
                "of": _scaled(row, int(net.links[a % net.edges]), search.scale),
            }
            for a, row in zip(arcs.tolist(), result, strict=True)
            if row.any()
        ],
    }


def _scaled(prices: IntArray, links: int, scale: int) -> list[int]:
    """Prices of one of several links in units of 1 / scale, as those of all of them in the certificate's."""
    return [-(-int(p) * links * PRICE_ONE // scale) for p in prices.tolist()]
