"""All-to-alls of many ranks, summed by switches without writing out their messages.

Which endpoint a message leaves by depends on its sender and on the plane and NIC number of the receiving endpoint alone
(see `lowering`). With one key for each such pair, the traffic from switch u to switch v is the sum over keys of what
senders put on u and receivers take from v, less what stays inside each scale-up domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.collectives.lowering import Forwarding, nics_of
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.demand import Demand, Sparse, Uniform, components
from topo.analysis.network import SwitchNetwork
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.units import amount

MOST_SWITCHES = 8192
"""Switches whose pairs are held at once: half a gigabyte."""


@dataclass(frozen=True)
class Summed:
    """The demand in bytes (for Gb/s), and the time of the busiest GPU's port into its scale-up domain."""

    demand: Demand
    scale_up_us: float


@dataclass(frozen=True)
class _Keyed:
    """The ranks `of` by key: `src[i, c]` the endpoint by which rank i sends to key c, `own[i, c]` whether it is its
    own, and for every receiving endpoint `at` its rank, its key and the share of the rank's bytes that it takes.
    `block` has equal numbers for the ranks of one scale-up domain (shape (ranks,))."""

    of: IntArray
    src: IntArray
    own: BoolArray
    at: IntArray
    rank: IntArray
    key: IntArray
    share: FloatArray
    block: IntArray


@dataclass(frozen=True)
class _Sums:
    """Bytes from switch to switch, by endpoint, and by GPU (device row x most GPUs of a host + GPU) into and out of its
    scale-up domain."""

    between: FloatArray
    out: FloatArray
    into: FloatArray
    gpu_out: FloatArray
    gpu_in: FloatArray

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def summed_all_to_all(
    fabric: Fabric, net: SwitchNetwork, ranks: Ranks, size_bytes: float, forwarding: Forwarding, hashed: bool
) -> Summed:
    """Every rank sends `size_bytes` / ranks to every other. `hashed`: the routing tells endpoints apart, which needs a
    demand of all endpoints to all endpoints.

    Raises ParameterError where ranks cannot reach each other, and for hashed routings of any other demand.
    """
    everybody = np.arange(len(ranks))
    keyed = _keyed(fabric, net, ranks, everybody, forwarding)
    sums = _sums(fabric, net, ranks, keyed, size_bytes / len(ranks))
    return _summed(fabric, net, len(ranks), sums, keyed, hashed)


def summed_hierarchical(
    fabric: Fabric, net: SwitchNetwork, ranks: Ranks, size_bytes: float, forwarding: Forwarding, hashed: bool
) -> Summed:
    """What the hierarchical all-to-all moves: inside the domains first, then between the ranks of the same number in
    them. Raises ParameterError as `summed_all_to_all` does, and for ranks unevenly on domains."""
    domains, width = ranks.blocks.shape
    each = size_bytes / len(ranks)
    total: _Sums | None = None
    for peers in ranks.blocks.T:
        keyed = _keyed(fabric, net, ranks, peers, forwarding)
        own = _sums(fabric, net, ranks, keyed, each * width)
        total = own if total is None else total + own
    assert total is not None
    inner = np.bincount(_gpu_key(fabric, ranks), minlength=len(total.gpu_out)) * each * domains * (width - 1)
    total = _Sums(total.between, total.out, total.into, total.gpu_out + inner, total.gpu_in + inner)
    return _summed(fabric, net, len(ranks), total, None, hashed)


def _summed(fabric: Fabric, net: SwitchNetwork, ranks: int, sums: _Sums, keyed: _Keyed | None, hashed: bool) -> Summed:
    between = np.array(sums.between)
    _refuse_apart(net, between)
    np.fill_diagonal(between, 0.0)
    busiest = np.maximum(sums.out, sums.into)
    busy = busiest > 0
    limit = Fraction(float((net.attach_gbps[busy] / busiest[busy]).min())) if busy.any() else None
    form: Uniform | Sparse | None = _uniform(net, keyed, between) if keyed is not None else None
    if form is None:
        if hashed:
            raise ParameterError(
                "routing", "hashed", f"{amount(ranks, 'rank')} make too many unlike flows to place one by one",
                "spray, adaptive, or at most 4,096 ranks",
            )  # fmt: skip
        v, u = np.nonzero(between.T)
        form = Sparse(u, v, between[u, v])
    demand = Demand(net, "all-to-all", form, limit)
    return Summed(demand, _scale_up_us(fabric, sums))


def _keyed(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, of: IntArray, forwarding: Forwarding) -> _Keyed:
    """For the ranks `of`, which send to each other."""
    nics = nics_of(fabric, net)
    host, gpu = ranks.host[of], ranks.gpu[of]
    targets = nics.of_gpu[nics.host[host], gpu]
    have = (targets >= 0).sum(axis=1)
    if (have == 0).any():
        raise ParameterError("ranks", "", "a receiving GPU has no endpoint in this network", "GPUs with a NIC in it")
    rank, k = np.nonzero(targets >= 0)
    at = targets[rank, k]
    lane = np.stack([net.endpoint_plane[at], fabric.endpoints.nic[net.endpoint[at]]])
    _, first, key = np.unique(lane, axis=1, return_index=True, return_inverse=True)
    n, keys = len(of), len(first)
    src, own = nics.sources(fabric, net, ranks, np.repeat(of, keys), np.tile(at[first], n), forwarding)
    fast = np.array(fabric.scale_up_gbps)[fabric.devices.group[host]] > 0
    block = np.where(fast, ranks.domain[of], int(ranks.domain.max(initial=0)) + 1 + np.arange(n))
    block = np.unique(block, return_inverse=True)[1].reshape(-1)
    return _Keyed(of, src.reshape(n, keys), own.reshape(n, keys), at, rank, key.reshape(-1), 1.0 / have[rank], block)


def _sums(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, keyed: _Keyed, each: float) -> _Sums:
    keys = keyed.src.shape[1]
    taken, sent = np.zeros((keys, net.switches)), np.zeros((keys, net.switches))
    np.add.at(taken, (keyed.key, net.at[keyed.at]), keyed.share)
    np.add.at(sent, (np.broadcast_to(np.arange(keys), keyed.src.shape), net.at[keyed.src]), 1.0)
    between = _between(net, keyed, sent, taken) * each
    outside = _outside(keyed)
    out = np.bincount(keyed.src.ravel(), outside.ravel(), len(net.endpoint)) * each
    size = np.bincount(keyed.block)[keyed.block]
    into = np.bincount(keyed.at, keyed.share * (len(keyed.of) - size)[keyed.rank], len(net.endpoint)) * each
    inside = (size - 1).astype(np.float64) * each
    gpu_out, gpu_in = _by_gpu(fabric, net, ranks, keyed, outside * each, inside)
    return _Sums(between, out.astype(np.float64), into.astype(np.float64), gpu_out, gpu_in)


def _between(net: SwitchNetwork, keyed: _Keyed, sent: FloatArray, taken: FloatArray) -> FloatArray:
    """Shape (switches, switches): copies of the part that one rank sends another, without those inside domains."""
    if net.switches > MOST_SWITCHES:
        raise ParameterError("ranks", len(keyed.src), "lie on too many switches", f"at most {MOST_SWITCHES:,} switches")
    busy = np.flatnonzero(sent.any(axis=0) | taken.any(axis=0))
    result = np.zeros((net.switches, net.switches))
    result[np.ix_(busy, busy)] = sent[:, busy].T @ taken[:, busy]
    sender, to = _mates(keyed)
    src = keyed.src[sender, keyed.key[to]]
    pair = net.at[src].astype(np.int64) * net.switches + net.at[keyed.at[to]]
    result -= np.bincount(pair, keyed.share[to], net.switches**2).reshape(result.shape)
    result[np.abs(result) < 1e-9 * max(float(result.max(initial=0.0)), 1e-300)] = 0.0
    return result


def _mates(keyed: _Keyed) -> tuple[IntArray, IntArray]:
    """Every rank with every receiving endpoint (row of `keyed.at`) of its own block, shape (pairs,) each."""
    own = keyed.block[keyed.rank]
    order = np.argsort(own, kind="stable")
    count = np.bincount(own, minlength=int(keyed.block.max(initial=0)) + 1)
    begin = np.cumsum(count) - count
    times = count[keyed.block]
    sender = np.repeat(np.arange(len(keyed.block)), times)
    within = np.arange(len(sender)) - np.repeat(np.cumsum(times) - times, times)
    return sender, order[np.repeat(begin[keyed.block], times) + within]


def _outside(keyed: _Keyed) -> FloatArray:
    """Shape (ranks, keys): how many ranks of other blocks, by share, each rank sends to under each key."""
    inside = np.zeros((int(keyed.block.max(initial=0)) + 1, keyed.src.shape[1]))
    np.add.at(inside, (keyed.block[keyed.rank], keyed.key), keyed.share)
    return np.asarray(inside.sum(axis=0)[None, :] - inside[keyed.block])


def _uniform(net: SwitchNetwork, keyed: _Keyed, between: FloatArray) -> Uniform | None:
    """The demand as that of all endpoints to all endpoints of their group, where it is."""
    part = components(net)
    group_of = np.unique(np.stack([part, net.plane.astype(np.int64)]), axis=1, return_inverse=True)[1].reshape(-1)
    weight = np.bincount(net.at, net.endpoint_gbps, net.switches).astype(np.float64)
    group = np.where(weight > 0, group_of, -1)
    uses = np.zeros((keyed.src.shape[1], len(net.endpoint)), dtype=np.int64)
    np.add.at(uses, (np.broadcast_to(np.arange(len(uses)), keyed.src.shape), keyed.src), 1)
    own = group_of[net.at]
    for key, row in enumerate(uses):
        used = np.flatnonzero(row)
        if len(np.unique(own[used])) != 1 or len(np.unique(row[own == own[used[0]]])) != 1:
            return None
        if (own[keyed.at[keyed.key == key]] != own[used[0]]).any():
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


def _gpu_key(fabric: Fabric, ranks: Ranks) -> IntArray:
    return np.asarray(ranks.host.astype(np.int64) * int(fabric.devices.gpus.max(initial=1)) + ranks.gpu)


def _by_gpu(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    keyed: _Keyed,
    outside: FloatArray,
    inside: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Bytes that each GPU sends into its scale-up domain and gets from it: parts for ranks there, and forwarding."""
    width = int(fabric.devices.gpus.max(initial=1))
    gbps = np.array(fabric.scale_up_gbps)[fabric.devices.group[ranks.host[keyed.of]]]
    moved = np.where(keyed.own, 0.0, outside)
    if (moved.sum(axis=1)[gbps <= 0] > 0).any():
        raise ParameterError("forwarding", "", "the hosts have no scale-up domain to forward over", "none")
    own = _gpu_key(fabric, ranks)[keyed.of]
    to = keyed.src[~keyed.own]
    relay = net.host[to].astype(np.int64) * width + fabric.endpoints.gpu_first[net.endpoint[to]]
    size = len(fabric.devices) * width
    out = np.bincount(own, inside + moved.sum(axis=1), size)
    into = np.bincount(own, inside, size) + np.bincount(relay, moved[~keyed.own], size)
    return out.astype(np.float64), into.astype(np.float64)


def _scale_up_us(fabric: Fabric, sums: _Sums) -> float:
    most = np.maximum(sums.gpu_out, sums.gpu_in)
    busy = np.flatnonzero(most)
    if not len(busy):
        return 0.0
    width = int(fabric.devices.gpus.max(initial=1))
    gbps = np.array(fabric.scale_up_gbps)[fabric.devices.group[busy // width]]
    return float((most[busy] / gbps).max()) * 8e-3
