"""The checker's own classes of hosts: by what they hang on, and by whom a scale-up domain joins them with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.certificates.reading.flow_graph import SwitchGraph
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.ranks import ordered, ranks_together


def kinds_of_hosts(fabric: Fabric, graph: SwitchGraph) -> tuple[IntArray, IntArray]:
    """(kind of each device by the ties of each host alone, -1 without any; a number for each endpoint's tie, equal for
    ties that are alike but for their switch)."""
    ends, devices = fabric.endpoints, fabric.devices
    host = ends.host[graph.endpoint].astype(np.int64)
    count = ends.gpu_count[graph.endpoint]
    kind = ranks_together(graph.rate, graph.attach, _served(fabric, graph), count)
    tie = ranks_together(graph.at, kind)
    order = ordered(host, tie)
    start = np.flatnonzero(np.diff(host[order], prepend=-1))
    stop = np.append(start[1:], len(order))[: len(start)]
    result: dict[tuple[int, int, bytes], int] = {}
    of = np.full(len(devices), -1, dtype=np.int64)
    sorted_tie = tie[order]
    own = host[order[start]]
    rows = zip(devices.group[own].tolist(), devices.gpus[own].tolist(), start.tolist(), stop.tolist(), strict=True)
    of[own] = [result.setdefault((group, gpus, sorted_tie[i:j].tobytes()), len(result)) for group, gpus, i, j in rows]
    return of, kind


def _served(fabric: Fabric, graph: SwitchGraph) -> IntArray:
    """Shape (endpoints of the graph,): what tells the GPUs of a host apart. -1 where a scale-up domain joins them or an
    endpoint serves none; -2 where no GPU of the host has two endpoints, so that any two may be exchanged with their
    endpoints; else the first GPU served."""
    ends, devices = fabric.endpoints, fabric.devices
    host, count = ends.host[graph.endpoint].astype(np.int64), ends.gpu_count[graph.endpoint].astype(np.int64)
    first = ends.gpu_first[graph.endpoint].astype(np.int64)
    joined = np.array([*fabric.scale_up_gbps, 0.0])[devices.group[host]] > 0
    if (joined | (count == 0)).all():
        return np.full(len(host), -1, dtype=np.int64)
    width = int((first + count).max(initial=0)) + 1
    gpu = np.concatenate(
        [(host * width + first + k)[count > k] for k in range(int(count.max(initial=0)))] or [host[:0]]
    )
    served, times = np.unique(gpu, return_counts=True)
    together = np.isin(host, served[times > 1] // width)
    return np.where(joined | (count == 0), -1, np.where(together, first, -2))


@dataclass(frozen=True)
class SharedDomains:
    """Classes by their first host `first` (device rows), how many of their hosts a domain has (`share`), and what else
    is in it without an endpoint here (`silent`, a number; only where all others in it are of the class). `domains` has
    an entry for each kind of domain of unlike hosts: how many there are and, as a number, what is silent in them; class
    `member[i]` is in those of kind `domain[i]`. `of_host` (fabric devices,) is a class or -1."""

    of_host: IntArray
    first: IntArray
    share: IntArray
    silent: IntArray
    member: IntArray
    domain: IntArray
    domains: IntArray


def shared_domains(fabric: Fabric, kind: IntArray) -> SharedDomains:
    """Hosts of one kind told apart by the kinds that a scale-up domain joins them with."""
    devices = fabric.devices
    hosts = np.flatnonzero(fabric.is_host)
    # A host that hangs on nothing here is of a kind of its own, below 0.
    part = ranks_together(devices.group[hosts], devices.gpus[hosts])
    own = np.where(kind[hosts] >= 0, kind[hosts], -1 - part)
    domain = np.where(devices.domain[hosts] >= 0, devices.domain[hosts], int(devices.domain.max(initial=0)) + 1 + hosts)
    order = np.lexsort((own, domain))
    start = np.flatnonzero(np.diff(domain[order], prepend=-1))
    stop = np.append(start[1:], len(order))[: len(start)]
    contents: dict[bytes, int] = {}
    members: list[IntArray] = []
    inside_of = own[order].astype(np.int64)
    number = np.zeros(len(start), dtype=np.int64)
    for row, (i, j) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
        inside = inside_of[i:j]
        number[row] = contents.setdefault(inside.tobytes(), len(contents))
        if len(contents) > len(members):
            members.append(inside)
    of = np.zeros(len(hosts), dtype=np.int64)
    of[order] = np.repeat(number, stop - start)
    times = np.bincount(number, minlength=len(members))
    silences: dict[bytes, int] = {}
    silent = [silences.setdefault(inside[inside < 0].tobytes(), len(silences)) for inside in members]
    classes: dict[tuple[int, int], int] = {}
    of_host = np.full(len(devices), -1, dtype=np.int64)
    first: list[int] = []
    attached = np.flatnonzero(own >= 0)
    for i, k, d in zip(attached.tolist(), own[attached].tolist(), of[attached].tolist(), strict=True):
        if (k, d) not in classes:
            classes[k, d] = len(classes)
            first.append(int(hosts[i]))
        of_host[hosts[i]] = classes[k, d]
    unlike = {d: len(np.unique(members[d][members[d] >= 0])) > 1 for _, d in classes}
    joint: dict[int, int] = {}
    joins = [(c, joint.setdefault(d, len(joint))) for (_, d), c in classes.items() if unlike[d]]
    member, domains = np.array(joins, dtype=np.int64).reshape(-1, 2).T
    return SharedDomains(
        of_host,
        np.array(first, dtype=np.int64),
        np.array([int((members[d] == k).sum()) for k, d in classes], dtype=np.int64),
        np.array([-1 if unlike[d] else silent[d] for _, d in classes], dtype=np.int64),
        member,
        domains,
        np.array([[times[d], silent[d]] for d in joint], dtype=np.int64).reshape(-1, 2),
    )
