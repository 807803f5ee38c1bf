"""GPUs as numbered nodes, for simulators that know no hosts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.exporters.plan import Plan
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class GpuNodes:
    """GPUs 0 .. gpus - 1 scale-up domain by domain and host by host, then whatever the format adds, then the main
    network's switches. A row joins node `a` to node `b` once, with the summed speed of all links between them: the
    readers keep one interface for a pair of nodes. A scale-up domain (a host, where there is none) has `per_domain`
    GPUs; only the last of the `domains` may have fewer."""

    gpus: int
    per_host: int
    hosts: int
    per_domain: int
    domains: int
    switch: IntArray
    a: IntArray
    b: IntArray
    gbps: FloatArray


def refuses_gpus(plan: Plan) -> str:
    """Why a plan's main network is no set of GPUs with NICs of their own."""
    fabric = plan.fabric
    gpus = fabric.devices.gpus[fabric.is_host & (fabric.devices.gpus > 0)]
    if len(np.unique(gpus)) != 1:
        return "hosts with different numbers of GPUs"
    ends = fabric.endpoints.rows(fabric.endpoints.network == 0)
    if (ends.gpu_count > 1).any():
        return "NICs that several GPUs share"
    if (ends.gpu_count == 0).any():
        return "endpoints without GPUs in the main network"
    sizes = _hosts_of_domains(fabric)
    if len(np.unique(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
        return "scale-up domains with different numbers of GPUs"
    return ""


def _hosts_of_domains(fabric: Fabric) -> IntArray:
    """Shape (domains,): how many hosts with GPUs each scale-up domain has, in order of their first."""
    hosts = np.flatnonzero(fabric.is_host & (fabric.devices.gpus > 0))
    domain = joined_hosts(fabric, hosts)
    _, first, count = np.unique(domain, return_index=True, return_counts=True)
    return np.asarray(count[np.argsort(first)])


def gpu_nodes(fabric: Fabric, added: int = 0) -> GpuNodes:
    """The main network; `added` nodes stand between the GPUs and the switches."""
    hosts = np.flatnonzero(fabric.is_host & (fabric.devices.gpus > 0))
    per_host = int(fabric.devices.gpus[hosts[0]])
    place = np.full(len(fabric.devices), -1, dtype=np.int64)
    place[hosts] = np.arange(len(hosts)) * per_host
    gpus = len(hosts) * per_host
    switch = np.flatnonzero((fabric.devices.network == 0) & ~fabric.is_host)
    place[switch] = np.arange(len(switch)) + gpus + added
    gpu_of_port = np.full(len(fabric.ports), 0, dtype=np.int64)
    gpu_of_port[fabric.endpoints.port] = fabric.endpoints.gpu_first
    rows = np.flatnonzero((fabric.links.network == 0) & fabric.links.active)
    rows = rows[np.argsort(~fabric.is_endpoint_link[rows], kind="stable")]
    device = fabric.link_a[rows]
    own = place[device] + np.where(fabric.is_host[device], gpu_of_port[fabric.links.a[rows]], 0)
    a, b, gbps = _one_a_pair(own, place[fabric.link_b[rows]], fabric.links.gbps[rows])
    sizes = _hosts_of_domains(fabric)
    width, domains = per_host * int(sizes[0]), len(sizes)
    return GpuNodes(gpus, per_host, len(hosts), width, domains, switch, a, b, gbps)


def _one_a_pair(a: IntArray, b: IntArray, gbps: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Each pair of nodes once, in order of its first link, with the sum of its speeds."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    _, first, row = np.unique(low * (int(high.max(initial=0)) + 1) + high, return_index=True, return_inverse=True)
    speed = np.zeros(len(first))
    np.add.at(speed, row, gbps)
    order = np.argsort(first)
    return a[first[order]], b[first[order]], speed[order]
