"""An all-to-all of many ranks, summed by switches without writing out its messages.

Which endpoint a message leaves by depends on its sender and on the plane and NIC number of the receiving endpoint alone
(see `lowering`). With one key for each such pair, the traffic from switch u to switch v is the sum over keys of what
senders put on u and receivers take from v, less what stays inside each host.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.collectives.lowering import Forwarding, nics_of, sources
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.demand import Demand, Sparse, Uniform, components
from topo.analysis.network import SwitchNetwork
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray

MOST_SWITCHES = 8192
"""Switches whose pairs are held at once: half a gigabyte."""


@dataclass(frozen=True)
class Summed:
    """The demand in bytes (for Gb/s), and the time of the busiest GPU's port into its scale-up domain."""

    demand: Demand
    scale_up_us: float


@dataclass(frozen=True)
class _Keyed:
    """Ranks by key: `src[i, c]` the endpoint by which rank i sends to key c, `own[i, c]` whether it is its own, and for
    every receiving endpoint `at` its rank, its key and the share of the rank's bytes that it takes."""

    src: IntArray
    own: BoolArray
    at: IntArray
    rank: IntArray
    key: IntArray
    share: FloatArray


def summed_all_to_all(
    fabric: Fabric, net: SwitchNetwork, ranks: Ranks, size_bytes: float, forwarding: Forwarding, hashed: bool
) -> Summed:
    """Every rank sends `size_bytes` / ranks to every other. `hashed`: the routing tells endpoints apart, which needs a
    demand of all endpoints to all endpoints.

    Raises ParameterError where ranks cannot reach each other, and for hashed routings of any other demand.
    """
    each = size_bytes / len(ranks)
    keyed = _keyed(fabric, net, ranks, forwarding)
    keys = keyed.src.shape[1]
    taken = np.zeros((keys, net.switches))
    np.add.at(taken, (keyed.key, net.at[keyed.at]), keyed.share)
    sent = np.zeros((keys, net.switches))
    np.add.at(sent, (np.broadcast_to(np.arange(keys), keyed.src.shape), net.at[keyed.src]), 1.0)
    between = _between(net, keyed, ranks, sent, taken) * each
    _refuse_apart(net, between)
    np.fill_diagonal(between, 0.0)
    limit = _endpoint_limit(net, keyed, ranks, each)
    form: Uniform | Sparse | None = _uniform(net, keyed, between)
    if form is None:
        if hashed:
            raise ParameterError(
                "routing", "hashed", f"{len(ranks):,} ranks make too many unlike flows to place one by one",
                "spray, adaptive, or at most 4,096 ranks",
            )  # fmt: skip
        v, u = np.nonzero(between.T)
        form = Sparse(u, v, between[u, v])
    demand = Demand(net, "all-to-all", form, limit)
    return Summed(demand, _scale_up_us(fabric, net, ranks, keyed, each))


def _keyed(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, forwarding: Forwarding) -> _Keyed:
    nics = nics_of(fabric, net)
    targets = nics.of_gpu[nics.host[ranks.host], ranks.gpu]
    have = (targets >= 0).sum(axis=1)
    if (have == 0).any():
        raise ParameterError("ranks", "", "a receiving GPU has no endpoint in this network", "GPUs with a NIC in it")
    rank, k = np.nonzero(targets >= 0)
    at = targets[rank, k]
    lane = np.stack([net.endpoint_plane[at], fabric.endpoints.nic[net.endpoint[at]]])
    _, first, key = np.unique(lane, axis=1, return_index=True, return_inverse=True)
    n, keys = len(ranks), len(first)
    src, own = sources(fabric, net, ranks, nics, np.repeat(np.arange(n), keys), np.tile(at[first], n), forwarding)
    return _Keyed(src.reshape(n, keys), own.reshape(n, keys), at, rank, key.reshape(-1), 1.0 / have[rank])


def _between(net: SwitchNetwork, keyed: _Keyed, ranks: Ranks, sent: FloatArray, taken: FloatArray) -> FloatArray:
    """Shape (switches, switches): copies of the part that one rank sends another, without those inside hosts."""
    if net.switches > MOST_SWITCHES:
        raise ParameterError("ranks", len(ranks), "lie on too many switches", f"at most {MOST_SWITCHES:,} switches")
    busy = np.flatnonzero(sent.any(axis=0) | taken.any(axis=0))
    found = np.zeros((net.switches, net.switches))
    found[np.ix_(busy, busy)] = sent[:, busy].T @ taken[:, busy]
    for slot in _by_host(ranks, keyed).T:
        some = slot >= 0
        to = slot[some]
        host_ranks = ranks.grid[np.flatnonzero(some)]
        src = keyed.src[host_ranks, keyed.key[to][:, None]]
        np.subtract.at(found, (net.at[src], net.at[keyed.at[to]][:, None]), keyed.share[to][:, None])
    found[np.abs(found) < 1e-9 * max(float(found.max(initial=0.0)), 1e-300)] = 0.0
    return found


def _by_host(ranks: Ranks, keyed: _Keyed) -> IntArray:
    """Shape (hosts, most): rows of the receiving endpoints of the hosts of `ranks.grid`, -1 where there are fewer."""
    host = np.empty(len(ranks), np.int64)
    host[ranks.grid] = np.arange(ranks.hosts)[:, None]
    mine = host[keyed.rank]
    order = np.argsort(mine, kind="stable")
    start = np.searchsorted(mine[order], np.arange(ranks.hosts))
    place = np.arange(len(order)) - start[mine[order]]
    found = np.full((ranks.hosts, int(place.max(initial=0)) + 1), -1, np.int64)
    found[mine[order], place] = order
    return found


def _outside(ranks: Ranks, keyed: _Keyed) -> FloatArray:
    """Shape (ranks, keys): how many other hosts' ranks, by share, each rank sends to under each key."""
    keys = keyed.src.shape[1]
    host = np.empty(len(ranks), np.int64)
    host[ranks.grid] = np.arange(ranks.hosts)[:, None]
    inside = np.zeros((ranks.hosts, keys))
    np.add.at(inside, (host[keyed.rank], keyed.key), keyed.share)
    return np.asarray(inside.sum(axis=0)[None, :] - inside[host])


def _endpoint_limit(net: SwitchNetwork, keyed: _Keyed, ranks: Ranks, each: float) -> Fraction | None:
    """The least attach speed over bytes sent or received."""
    outside = _outside(ranks, keyed)
    out = np.bincount(keyed.src.ravel(), outside.ravel(), len(net.endpoint))
    into = np.bincount(keyed.at, keyed.share * (len(ranks) - ranks.per_host), len(net.endpoint))
    busiest = np.maximum(out, into) * each
    busy = busiest > 0
    return Fraction(float((net.attach_gbps[busy] / busiest[busy]).min())) if busy.any() else None


def _uniform(net: SwitchNetwork, keyed: _Keyed, between: FloatArray) -> Uniform | None:
    """The demand as that of all endpoints to all endpoints of their group, where it is."""
    part = components(net)
    group_of = np.unique(np.stack([part, net.plane.astype(np.int64)]), axis=1, return_inverse=True)[1].reshape(-1)
    weight = np.bincount(net.at, net.endpoint_gbps, net.switches).astype(np.float64)
    group = np.where(weight > 0, group_of, -1)
    uses = np.zeros((keyed.src.shape[1], len(net.endpoint)), dtype=np.int64)
    np.add.at(uses, (np.broadcast_to(np.arange(len(uses)), keyed.src.shape), keyed.src), 1)
    mine = group_of[net.at]
    for key, row in enumerate(uses):
        used = np.flatnonzero(row)
        if len(np.unique(mine[used])) != 1 or len(np.unique(row[mine == mine[used[0]]])) != 1:
            return None
        if (mine[keyed.at[keyed.key == key]] != mine[used[0]]).any():
            return None
    if len(keyed.at) != len(net.endpoint) or len(np.unique(net.endpoint_gbps)) != 1:
        return None
    same = (group[:, None] == group[None, :]) & (group >= 0)[:, None] & (group >= 0)[None, :]
    np.fill_diagonal(same, False)
    if (between[~same] != 0).any() or not same.any():
        return None
    scale = between[same] / (weight[:, None] * weight[None, :])[same]
    if float(scale.max() - scale.min()) > 1e-9 * float(scale.max()):
        return None
    return Uniform(weight, group, Fraction(float(scale.max())))


def _refuse_apart(net: SwitchNetwork, between: FloatArray) -> None:
    part = components(net)
    apart = ((part[:, None] != part[None, :]) & (between > 0)).any(axis=1)
    if apart.any():
        name = str(net.name[apart.argmax()])
        raise ParameterError("ranks", name, "no path joins endpoints of this switch to a peer", "connected ranks")


def _scale_up_us(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, keyed: _Keyed, each: float) -> float:
    """In-host parts and forwarded bytes, by GPU."""
    rate = np.array(fabric.scale_up_gbps)
    own_gbps = rate[fabric.devices.group[ranks.host]]
    moved = np.where(keyed.own, 0.0, _outside(ranks, keyed))
    if (moved.sum(axis=1)[own_gbps <= 0] > 0).any():
        raise ParameterError("forwarding", "", "the hosts have no scale-up domain to forward over", "none")
    width = int(fabric.devices.gpus.max(initial=1))
    inside = np.where(own_gbps > 0, ranks.per_host - 1.0, 0.0)
    if len(np.unique(ranks.domain)) != ranks.hosts:
        raise ParameterError("ranks", len(ranks), "scale-up domains span hosts", "at most 4,096 ranks")
    if (own_gbps <= 0).any() and ranks.per_host > 1:
        raise ParameterError("per_host", ranks.per_host, "ranks of one host have no scale-up domain", "1")
    mine = ranks.host.astype(np.int64) * width + ranks.gpu
    to = keyed.src[~keyed.own]
    relay = net.host[to].astype(np.int64) * width + fabric.endpoints.gpu_first[net.endpoint[to]]
    size = int(max(mine.max(initial=0), relay.max(initial=0))) + 1
    out = np.bincount(mine, inside + moved.sum(axis=1), size)
    into = np.bincount(mine, inside, size) + np.bincount(relay, moved[~keyed.own], size)
    busy = np.flatnonzero(np.maximum(out, into))
    if not len(busy):
        return 0.0
    gbps = rate[fabric.devices.group[busy // width]]
    return float((np.maximum(out, into)[busy] / gbps).max()) * each * 8e-3
