"""The checker's own reading of GPUs that two networks join, and that pass on what they get."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import numpy as np

from topo.certificates.reading.flow_graph import SwitchGraph, switch_graph
from topo.certificates.reading.gpu_classes import GpuClasses, Links
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.speed import exact

Gpu = tuple[str, int]


def joint_gpus(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph, over: str
) -> tuple[SwitchGraph, GpuClasses]:
    """Both networks as one graph, and its classes: GPUs of one line rate with the same links in both. Raises
    CertificateError where `over` is no other network, GPUs share ports, or a GPU has ports in one network alone."""
    if over == graph.name:
        raise CertificateError("a network carries nothing beside itself")
    both = [graph, switch_graph(fabric, over)]
    rate, beside = (_rates(intact, one) for one in (intact_graph, switch_graph(intact, over)))
    if rate.keys() != beside.keys():
        raise CertificateError(f"{graph.name} and {over} do not join the same GPUs")
    speed: dict[Gpu, dict[int, float]] = defaultdict(dict)
    start = 0
    for one in both:
        for gpu, at, gbps in zip(_gpus(fabric, one), one.at.tolist(), one.attach.tolist(), strict=True):
            if gpu is not None:
                speed[gpu][at + start] = speed[gpu].get(at + start, 0.0) + gbps
        start += len(one.device)
    members: dict[tuple[Links, Fraction], int] = {}
    for gpu, own in rate.items():
        if gpu in speed:
            key = tuple(sorted(speed[gpu].items())), own
            members[key] = members.get(key, 0) + 1
    links, size = tuple(key[0] for key in members), tuple(members.values())
    own_rate = [key[1] for key in members]
    weight = tuple(r * n for r, n in zip(own_rate, size, strict=True))
    joined = _joined(graph, both[1])
    part = _parts(joined, links)
    unsent = {(a, a): r * r * n for a, (r, n) in enumerate(zip(own_rate, size, strict=True))}
    for a, p in enumerate(part):
        unsent |= {(a, b): weight[a] * weight[b] for b, q in enumerate(part) if p != q}
    others = sum(rate.values(), Fraction(0)) - min(rate.values(), default=Fraction(0))
    scale = 1 / others if others else Fraction(0)
    return joined, GpuClasses(links, size, weight, unsent, scale, (), None, (0,) * len(links))


def _gpus(fabric: Fabric, graph: SwitchGraph) -> list[Gpu | None]:
    """The GPU of each endpoint of a network, None for an endpoint without one."""
    ends = fabric.endpoints
    names = fabric.devices.name[ends.host[graph.endpoint]].tolist()
    first, count = ends.gpu_first[graph.endpoint].tolist(), ends.gpu_count[graph.endpoint].tolist()
    if max(count, default=0) > 1:
        raise CertificateError(f"GPUs share ports of {graph.name}")
    return [(name, gpu) if n else None for name, gpu, n in zip(names, first, count, strict=True)]


def _rates(fabric: Fabric, graph: SwitchGraph) -> dict[Gpu, Fraction]:
    result: dict[Gpu, Fraction] = {}
    for gpu, gbps in zip(_gpus(fabric, graph), graph.rate.tolist(), strict=True):
        if gpu is not None:
            result[gpu] = result.get(gpu, Fraction(0)) + exact(gbps)
    return result


def _joined(a: SwitchGraph, b: SwitchGraph) -> SwitchGraph:
    """The switches of `b` behind those of `a`."""
    n = len(a.device)
    return SwitchGraph(
        a.name,
        a.names + b.names,
        np.concatenate([a.device, b.device]),
        np.concatenate([a.plane, b.plane]),
        np.concatenate([a.tail, b.tail + n]),
        np.concatenate([a.head, b.head + n]),
        np.concatenate([a.gbps, b.gbps]),
        np.concatenate([a.at, b.at + n]),
        np.concatenate([a.rate, b.rate]),
        np.concatenate([a.attach, b.attach]),
        np.concatenate([a.endpoint, b.endpoint]),
        np.concatenate([a.endpoint_plane, b.endpoint_plane]),
    )


def _parts(graph: SwitchGraph, links: tuple[Links, ...]) -> list[int]:
    """Which classes reach each other, over other GPUs too."""
    n = len(graph.device)
    ties = [(n + i, switch) for i, selected in enumerate(links) for switch, _ in selected]
    own, at = np.array(ties, dtype=np.int64).reshape(-1, 2).T
    tail, head = np.concatenate([graph.tail, own]), np.concatenate([graph.head, at])
    result: list[int] = least_joined(n + len(links), tail, head)[n:].tolist()
    return result
