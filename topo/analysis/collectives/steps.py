"""How long the steps of a collective take that follow each other, for messages too short to fill a link.

A collective takes the time of its bytes (see `timing`) plus that of its longest chain of messages: a ring's piece goes
from any rank round through all others, a tree's goes from the deepest rank to the root and back, an all-to-all sends
once. A message inside a scale-up domain costs `scale_up_us` of the latency model; one between domains `base_us` and
`per_switch_us` for each switch on its shortest path (cables apart), and `scale_up_us` more where it is forwarded inside
the sender's domain.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.lowering import Forwarding, nics_of
from topo.analysis.collectives.operation import Chain
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.network import SwitchNetwork
from topo.analysis.paths.hops import pair_hops
from topo.catalog import LatencyModel
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray


def steps_us(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    chains: list[Chain],
    forwarding: Forwarding,
    model: LatencyModel,
) -> float:
    """The time of chains of messages that follow each other, in microseconds."""
    total = 0.0
    for chain in chains:
        us = message_us(fabric, net, ranks, chain, forwarding, model)
        total += chain.times * _longest(chain, us)
    return total


def _longest(chain: Chain, us: FloatArray) -> float:
    """The last piece of a ring to arrive leaves out the cheapest message."""
    if chain.kind == "max" or not len(us):
        return float(us.max(initial=0.0))
    return float(us.sum() - (us.min() if chain.kind == "ring" else 0.0))


def message_us(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    sent: Chain,
    forwarding: Forwarding,
    model: LatencyModel,
) -> FloatArray:
    """Shape (messages,): the latency of a short message between ranks, to the first endpoint of the receiving GPU."""
    src, dst = sent.src, sent.dst
    fast = np.array(fabric.scale_up_gbps)[fabric.devices.group[ranks.host]] > 0
    result = np.full(len(src), model.scale_up_us)
    rows = np.flatnonzero((ranks.domain[src] != ranks.domain[dst]) | ~fast[src])
    i, j = src[rows], dst[rows]
    nics = nics_of(fabric, net)
    target = nics.of_gpu[nics.host[ranks.host[j]], ranks.gpu[j], 0]
    if (target < 0).any():
        raise ParameterError("ranks", "", "a receiving GPU has no endpoint in this network", "GPUs with a NIC in it")
    source, own = nics.sources(fabric, net, ranks, i, target, forwarding)
    pair, where = np.unique(net.at[source] * net.switches + net.at[target], return_inverse=True)
    crossed = pair_hops(net, pair // net.switches, pair % net.switches)[where]
    result[rows] = model.base_us + model.per_switch_us * crossed + np.where(own, 0.0, model.scale_up_us)
    return result
