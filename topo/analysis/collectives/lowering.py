"""Messages between ranks as flows between endpoints and transfers inside scale-up domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from topo.analysis.collectives.operation import Messages
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.network import SwitchNetwork
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import BoolArray, FloatArray, IntArray

Forwarding = Literal["rail", "plane", "none"]
"""`none`: a GPU sends by its own NICs. `plane`: what those cannot deliver it hands to a GPU of its host (of its
scale-up domain, where the host has none) that has a NIC in the receiver's plane. `rail`: it hands everything to the GPU
whose NIC is on the receiver's rail (as NCCL's PXN)."""


@dataclass(frozen=True)
class Load:
    """What messages load. Flows of `size` bytes between endpoints, positions `src` and `dst` in the network (shape
    (flows,) each), and the bytes that GPUs (numbered across the fabric) send and receive inside their scale-up domains,
    with the bandwidth of each there (shape (busy GPUs,) each)."""

    src: IntArray
    dst: IntArray
    size: FloatArray
    scale_up_gpu: IntArray
    scale_up_out: FloatArray
    scale_up_in: FloatArray
    scale_up_gbps: FloatArray


@dataclass(frozen=True)
class Nics:
    """Where GPUs meet the network. Keys count hosts from 0 (`host` maps device rows to them) and are -1 where there is
    none: `of_gpu[host, gpu, k]`, `in_plane[host, gpu, plane]` (a GPU's own), `on_rail[host, plane, rail]` and
    `any_in_plane[host, plane]` (of another host of the scale-up domain, where the host has none) are positions of
    endpoints."""

    host: IntArray
    of_gpu: IntArray
    in_plane: IntArray
    on_rail: IntArray
    any_in_plane: IntArray

    def sources(
        self, fabric: Fabric, net: SwitchNetwork, ranks: Ranks, i: IntArray, dst: IntArray, forwarding: Forwarding
    ) -> tuple[IntArray, BoolArray]:
        """The endpoint that each flow leaves by, and whether it is the sender's own."""
        plane, rail = net.endpoint_plane[dst], fabric.endpoints.nic[net.endpoint[dst]]
        host, gpu = self.host[ranks.host[i]], ranks.gpu[i]
        own = self.in_plane[host, gpu, plane]
        if forwarding == "none":
            if (own < 0).any():
                raise ParameterError(
                    "forwarding", forwarding, "a GPU has no NIC in the plane of a GPU it sends to", "plane, rail"
                )
            return own, np.ones(len(own), np.bool_)
        fallback = self.any_in_plane[host, plane]
        if forwarding == "plane":
            src = np.where(own >= 0, own, fallback)
        else:
            aligned = self.on_rail[host, plane, rail]
            src = np.where(aligned >= 0, aligned, np.where(own >= 0, own, fallback))
        if (src < 0).any():
            raise ParameterError(
                "ranks", "", "a host has no endpoint in a plane it must send in", "hosts in all planes"
            )
        selected = (self.of_gpu[host, gpu] == src[:, None]).any(axis=1)
        return src, selected


def nics_of(fabric: Fabric, net: SwitchNetwork) -> Nics:
    """Where the GPUs of all hosts of a network meet it."""
    ends = fabric.endpoints.rows(net.endpoint)
    hosts = np.unique(ends.host)
    number = np.full(len(fabric.devices), -1, np.int64)
    number[hosts] = np.arange(len(hosts))
    gpus = int((ends.gpu_first + ends.gpu_count).max(initial=1))
    planes, rails = int(ends.plane.max(initial=0)) + 1, int(ends.nic.max(initial=0)) + 1
    position = np.repeat(np.arange(len(ends)), ends.gpu_count)
    within = np.arange(len(position)) - np.repeat(np.cumsum(ends.gpu_count) - ends.gpu_count, ends.gpu_count)
    host, gpu = number[ends.host[position]], ends.gpu_first[position] + within
    order = np.lexsort((position, gpu, host))
    host, gpu, position = host[order], gpu[order], position[order]
    key = host * gpus + gpu
    nth = np.arange(len(key)) - np.searchsorted(key, key)
    of_gpu = np.full((len(hosts), gpus, int(nth.max(initial=0)) + 1), -1, np.int64)
    of_gpu[host, gpu, nth] = position
    in_plane = np.full((len(hosts), gpus, planes), -1, np.int64)
    in_plane[host[::-1], gpu[::-1], ends.plane[position][::-1]] = position[::-1]
    back = np.arange(len(ends))[::-1]
    at = number[ends.host[back]]
    on_rail = np.full((len(hosts), planes, rails), -1, np.int64)
    on_rail[at, ends.plane[back], ends.nic[back]] = back
    any_in_plane = np.full((len(hosts), planes), -1, np.int64)
    any_in_plane[at, ends.plane[back]] = back
    domain = np.unique(joined_hosts(fabric, hosts), return_inverse=True)[1].reshape(-1)
    shared = np.full((int(domain.max(initial=-1)) + 1, planes), -1, np.int64)
    shared[domain[at], ends.plane[back]] = back
    any_in_plane = np.where(any_in_plane >= 0, any_in_plane, shared[domain])
    return Nics(number, of_gpu, in_plane, on_rail, any_in_plane)


def lowered(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, sent: Messages, forwarding: Forwarding = "plane") -> Load:
    """What messages load: those within a scale-up domain stay there; the rest end evenly on the receiver's endpoints.

    Raises ParameterError where a message has no endpoint to leave by, or would be forwarded without a scale-up domain.
    """
    group = fabric.devices.group[ranks.host]
    per_gpu = np.array(fabric.scale_up_gbps)[group]
    scale_up = (ranks.domain[sent.src] == ranks.domain[sent.dst]) & (per_gpu[sent.src] > 0)
    nics = nics_of(fabric, net)
    i, j, size = sent.src[~scale_up], sent.dst[~scale_up], sent.size[~scale_up]
    targets = nics.of_gpu[nics.host[ranks.host[j]], ranks.gpu[j]]
    have = (targets >= 0).sum(axis=1)
    row, k = np.nonzero(targets >= 0)
    if (have == 0).any():
        raise ParameterError("ranks", "", "a receiving GPU has no endpoint in this network", "GPUs with a NIC in it")
    i, dst, size = i[row], targets[row, k], size[row] / have[row]
    src, own = nics.sources(fabric, net, ranks, i, dst, forwarding)
    relay = _relay(fabric, net, ranks, src)
    width = int(fabric.devices.gpus.max(initial=1))
    moved = ~own
    if (moved & (per_gpu[i] <= 0)).any():
        raise ParameterError("forwarding", forwarding, "the hosts have no scale-up domain to forward over", "none")
    gpu_key = ranks.host * width + ranks.gpu
    out_key = np.concatenate([gpu_key[sent.src[scale_up]], gpu_key[i[moved]]])
    in_key = np.concatenate([gpu_key[sent.dst[scale_up]], relay[moved]])
    amount = np.concatenate([sent.size[scale_up], size[moved]])
    busy, where = np.unique(np.concatenate([out_key, in_key]), return_inverse=True)
    n = len(out_key)
    out = np.bincount(where[:n], amount, len(busy)).astype(np.float64)
    into = np.bincount(where[n:], amount, len(busy)).astype(np.float64)
    rate = np.array(fabric.scale_up_gbps)[fabric.devices.group[busy // width]]
    return Load(src, dst, size, busy, out, into, rate)


def _relay(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, src: IntArray) -> IntArray:
    """The key of the first GPU of each source endpoint."""
    width = int(fabric.devices.gpus.max(initial=1))
    return np.asarray(net.host[src].astype(np.int64) * width + fabric.endpoints.gpu_first[net.endpoint[src]])
