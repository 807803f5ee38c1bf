"""The checker's own count of who no longer reaches the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.speed import speeds


@dataclass(frozen=True)
class CutOff:
    """How many endpoints, hosts and GPUs of a network are cut off; `tied` where some plane has several largest sets."""

    endpoints: int
    hosts: int
    gpus: int
    tied: bool


def cut_off(fabric: Fabric, network: int, links: BoolArray, devices: BoolArray) -> CutOff:
    """Who is cut off where only the links and devices of two masks are left.

    An endpoint is cut off without a link, or outside the largest set (by line rate; of equal sets the first) of
    endpoints of its plane that reach each other; a host when all its endpoints are; a GPU when its own endpoints are
    and no host of its scale-up domain, where it has one, is connected, or when its host is not left.
    """
    alive, tied = _alive(fabric, network, links, devices)
    ends = np.flatnonzero(fabric.endpoints.network == network)
    host = fabric.endpoints.host[ends]
    attached = np.unique(host)
    live = np.zeros(len(fabric.devices), dtype=np.bool_)
    live[host[alive[ends]]] = True
    gpus = _gpus(fabric, ends, alive, live, devices)
    return CutOff(int((~alive[ends]).sum()), int((~live[attached]).sum()), gpus, tied)


def _alive(fabric: Fabric, network: int, links: BoolArray, devices: BoolArray) -> tuple[BoolArray, bool]:
    """Shape (endpoints,): the network's endpoints that still reach the rest of their plane; and whether several sets of
    a plane could be that rest."""
    tied = False
    whole = links & fabric.links.active & devices[fabric.link_a] & devices[fabric.link_b]
    switches = fabric.switches_in(network)
    inner = np.flatnonzero(whole & ~fabric.is_endpoint_link & switches[fabric.link_a] & switches[fabric.link_b])
    part = least_joined(len(fabric.devices), fabric.link_a[inner], fabric.link_b[inner])
    ends, link = fabric.endpoints, fabric.endpoint_link
    alive: BoolArray = (ends.network == network) & (link >= 0) & devices[ends.host]
    alive &= whole[np.maximum(link, 0)] if len(whole) else False
    for plane in np.unique(ends.plane[alive]).tolist():
        rows = np.flatnonzero(alive & (ends.plane == plane))
        at = part[fabric.endpoint_switch[rows]]
        rate = speeds(np.bincount(at, weights=ends.gbps[rows]))
        alive[rows] = at == int(rate.argmax())
        tied |= int((rate == rate.max()).sum()) > 1
    return alive, tied


def _gpus(fabric: Fabric, ends: IntArray, alive: BoolArray, live: BoolArray, left: BoolArray) -> int:
    devices, table = fabric.devices, fabric.endpoints
    domain = devices.domain
    reached = np.zeros(int(domain.max(initial=-1)) + 2, dtype=np.bool_)
    reached[domain[live]] = True
    reached[-1] = False
    joined = np.array([*fabric.scale_up_gbps, 0.0])[devices.group] > 0
    saved = joined & reached[domain] & left
    own = ends[~saved[table.host[ends]]]
    width = int((table.gpu_first + table.gpu_count).max(initial=0)) + 1
    served, connected = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for k in range(int(table.gpu_count[own].max(initial=0))):
        rows = own[table.gpu_count[own] > k]
        gpu = table.host[rows].astype(np.int64) * width + table.gpu_first[rows] + k
        served.append(gpu)
        connected.append(gpu[alive[rows]])
    return len(np.setdiff1d(np.concatenate(served), np.concatenate(connected)))
