"""All shortest paths between two endpoints, and what each link carries when they share the traffic evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.network import SwitchNetwork, switch_network
from topo.errors import ParameterError
from topo.fabric import HOST, Fabric
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class PathSet:
    """The shortest paths between two endpoints (rows of the fabric's endpoints).

    `layers[h]` holds device rows of the switches h hops on; `steps[h]` says, for each pair of neighbours between layer
    h and h + 1, (from, to, links, share): how many parallel links there are and which share of the traffic they carry
    together when every switch splits evenly over its links to next hops. `paths` counts paths, parallel links apart.
    """

    source: int
    target: int
    layers: tuple[IntArray, ...]
    steps: tuple[tuple[tuple[int, int, int, float], ...], ...]
    paths: int


def paths_between(fabric: Fabric, network: int, source: int, target: int) -> PathSet:
    """The shortest paths; raises ParameterError where there is none."""
    net = switch_network(fabric, network)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[net.device] = np.arange(net.switches)
    start, end = (local[fabric.endpoint_switch[e]] for e in (source, target))
    distance = _distances(net, int(end))
    if distance[start] < 0:
        raise ParameterError(
            "pair", "", "no path joins these two hosts in one plane", "hosts with an endpoint in one plane"
        )
    order = np.argsort(net.tail, kind="stable")
    first = np.searchsorted(net.tail[order], np.arange(net.switches + 1))
    layers, steps = [np.array([start])], []
    share: dict[int, float] = {int(start): 1.0}
    paths: dict[int, int] = {int(start): 1}
    while distance[layers[-1][0]] > 0:
        result: list[tuple[int, int, int, float]] = []
        onward: dict[int, float] = {}
        counts: dict[int, int] = {}
        for u in layers[-1].tolist():
            arcs = order[first[u] : first[u + 1]]
            arcs = arcs[distance[net.head[arcs]] == distance[u] - 1]
            links = net.links[arcs % net.edges]
            for v, n in zip(net.head[arcs].tolist(), links.tolist(), strict=True):
                part = share[u] * n / int(links.sum())
                result.append((int(net.device[u]), int(net.device[v]), int(n), part))
                onward[v] = onward.get(v, 0.0) + part
                counts[v] = counts.get(v, 0) + paths[u]
        steps.append(tuple(result))
        layers.append(np.array(sorted(onward)))
        share, paths = onward, counts
    return PathSet(source, target, tuple(net.device[x] for x in layers), tuple(steps), sum(paths.values()))


def _distances(net: SwitchNetwork, end: int) -> IntArray:
    """Shape (switches,): hops to `end`, -1 where it cannot be reached."""
    distance = np.full(net.switches, -1, dtype=np.int64)
    distance[end] = 0
    at = 0
    while True:
        reached = net.tail[(distance[net.head] == at) & (distance[net.tail] < 0)]
        if not len(reached):
            return distance
        at += 1
        distance[reached] = at


def endpoint_of_gpu(fabric: Fabric, network: int, host: int, gpu: int) -> int:
    """The endpoint row that a GPU of a host uses; raises ParameterError for a GPU the host does not have."""
    e = fabric.endpoints
    rows = np.flatnonzero((e.host == host) & (e.network == network) & (fabric.endpoint_switch >= 0))
    served = rows[(e.gpu_first[rows] <= gpu) & (gpu < e.gpu_first[rows] + e.gpu_count[rows])]
    if not len(served):
        gpus = int(fabric.devices.gpus[host])
        allowed = f"0–{gpus - 1}" if gpus else "no GPU"
        raise ParameterError("pair", gpu, f"{fabric.devices.name[host]} has no such GPU in the network", allowed)
    return int(served[0])


def same_plane(fabric: Fabric, network: int, host: int, plane: int) -> int:
    """The first endpoint of a host in a plane; raises ParameterError where it has none."""
    e = fabric.endpoints
    mask = (e.host == host) & (e.network == network) & (e.plane == plane) & (fabric.endpoint_switch >= 0)
    if not mask.any():
        reached = np.unique(e.plane[(e.host == host) & (e.network == network) & (fabric.endpoint_switch >= 0)])
        allowed = ", ".join(map(str, reached.tolist()))
        raise ParameterError("pair", plane, f"{fabric.devices.name[host]} does not reach this plane", allowed)
    return int(np.flatnonzero(mask)[0])


def default_hosts(fabric: Fabric, network: int) -> tuple[int, int]:
    """The first and the last host of a network: as far apart as any in a tree."""
    e = fabric.endpoints
    mask = (e.network == network) & (fabric.endpoint_switch >= 0)
    hosts = np.unique(e.host[mask])
    gpu_hosts = hosts[(fabric.devices.gpus[hosts] > 0) & (fabric.devices.tier[hosts] == HOST)]
    hosts = gpu_hosts if len(gpu_hosts) > 1 else hosts
    if len(hosts) < 2:
        raise ParameterError("view", "path", f"{fabric.name} has no two hosts to join", hint="--view overview draws it")
    return int(hosts[0]), int(hosts[-1])


def line_rate(fabric: Fabric, paths: PathSet) -> float:
    """What the two endpoints can send each other at most, in Gb/s."""
    rates: FloatArray = fabric.endpoints.gbps[[paths.source, paths.target]]
    return float(rates.min())
