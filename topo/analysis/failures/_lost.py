"""Who is cut off in a degraded fabric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import components
from topo.analysis.network import SwitchNetwork, switch_network
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.speed import speeds


@dataclass(frozen=True)
class Lost:
    """What of the intact fabric no longer reaches the rest, by name.

    An endpoint is cut off without a link, or outside the largest set of endpoints of its plane that still reach each
    other (the first such set, where two are equal). A host is cut off when all its endpoints in this network are. A GPU
    is cut off when its own endpoints are and its scale-up domain, if it has one, reaches no other endpoint; a GPU whose
    host is gone is gone with it. `tied`: some plane has several largest sets, so that an alike failure may cut off
    others, and not as many.
    """

    endpoints: int
    gpus: int
    hosts: tuple[str, ...]
    gpu_names: tuple[str, ...]
    tied: bool = False


def lost(intact: Fabric, less: Fabric, network: str | int = 0) -> Lost:
    """Who of `intact` is cut off in `less`, a fabric derived from it by `without`."""
    row = intact.network_row(network) if isinstance(network, str) else network
    before, alive, tied = _alive(intact, less, row)
    ends = intact.endpoints
    host = ends.host[before]
    attached = np.unique(host)
    live = np.bincount(host[alive], minlength=len(intact.devices)) > 0
    dead_hosts = attached[~live[attached]]
    gone = ~np.isin(intact.devices.name, less.devices.name)
    gpus = _gpus_cut_off(intact, before, alive, live, gone)
    return Lost(
        endpoints=int((~alive).sum()),
        gpus=len(gpus),
        hosts=tuple(intact.devices.name[dead_hosts].tolist()),
        gpu_names=tuple(gpus),
        tied=tied,
    )


def _alive(intact: Fabric, less: Fabric, network: int) -> tuple[IntArray, BoolArray, bool]:
    """The intact fabric's endpoints of the network, which of them still reach the rest of their plane, and whether
    several sets of a plane could be that rest."""
    before = np.flatnonzero(intact.endpoints.network == network)
    net = switch_network(less, network)
    inside, tied = _inside(net)
    kept = net.endpoint[inside]
    ports = less.ports.number[less.endpoints.port[kept]]
    width = int(intact.ports.number.max(initial=0)) + 1
    order = np.argsort(intact.devices.name)
    row = order[np.searchsorted(intact.devices.name[order], less.devices.name)]
    device = row[less.endpoints.host[kept]]
    key = intact.endpoints.host[before].astype(np.int64) * width + intact.ports.number[intact.endpoints.port[before]]
    return before, np.isin(key, device * width + ports), tied


def _inside(net: SwitchNetwork) -> tuple[BoolArray, bool]:
    """Which endpoints belong to the largest connected set of their plane, the first of equal ones; and whether there
    are equal ones."""
    if not len(net.endpoint):
        return np.zeros(0, dtype=np.bool_), False
    tied = False
    part = components(net)[net.at]
    inside = np.zeros(len(net.endpoint), dtype=np.bool_)
    for plane in np.unique(net.endpoint_plane):
        rows = np.flatnonzero(net.endpoint_plane == plane)
        rate = speeds(np.bincount(part[rows], weights=net.endpoint_gbps[rows]))
        inside[rows] = part[rows] == int(rate.argmax())
        tied |= int((rate == rate.max()).sum()) > 1
    return inside, tied


def _gpus_cut_off(
    fabric: Fabric, ends: IntArray, alive: BoolArray, host_alive: BoolArray, gone: BoolArray
) -> list[str]:
    """Names "host:gpuN" of the GPUs that neither their own endpoints nor their scale-up domain connect, or whose host
    is `gone` (shape (devices,))."""
    devices = fabric.devices
    attached = np.unique(fabric.endpoints.host[ends])
    scaled_up = np.array([*fabric.scale_up_gbps, 0.0])[devices.group[attached]] > 0
    domain = devices.domain[attached]
    reached = np.bincount(domain[host_alive[attached]], minlength=int(domain.max(initial=0)) + 1) > 0
    suspects = attached[~(scaled_up & reached[domain]) | gone[attached]]
    suspect = np.zeros(len(devices), dtype=np.bool_)
    suspect[suspects] = True
    table = fabric.endpoints
    served: dict[int, set[int]] = {int(h): set() for h in suspects.tolist()}
    connected: dict[int, set[int]] = {int(h): set() for h in suspects.tolist()}
    asked = suspect[table.host[ends]]
    for row, lives in zip(ends[asked].tolist(), alive[asked].tolist(), strict=True):
        host = int(table.host[row])
        own = range(int(table.gpu_first[row]), int(table.gpu_first[row] + table.gpu_count[row]))
        served[host].update(own)
        if lives:
            connected[host].update(own)
    return [f"{devices.name[h]}:gpu{g}" for h in suspects.tolist() for g in sorted(served[h] - connected[h])]
