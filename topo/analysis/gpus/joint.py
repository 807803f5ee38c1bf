"""All-to-all over GPUs where a scale-up network carries too: one question over two networks.

Every GPU sends to every other, those of its own domain too, in proportion to their line rates in the first network, and
the most demanding one at its line rate at t = 1. Links of both networks carry, and a GPU passes on what it gets as far
as its own ports allow. GPUs on the same switches of both networks, at the same speeds, form a class: what is carried by
some can be shared out evenly over all of them, so that a class is one node of the flow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np

from topo.analysis.gpus.hosts import Attachments, HostClasses
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.symmetry import switch_proposals
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.joined import components
from topo.fabric.model import IntArray
from topo.fabric.speed import exact

Gpu = tuple[str, int]
"""A host's name and the GPU's number."""


def joint_classes(fabric: Fabric, network: int, over: str, baseline: Fabric | None = None) -> HostClasses:
    """The classes of GPUs over a network and the one called `over`; weights and scale are those of the intact fabric
    `baseline`. Raises ParameterError where there is no such network, where GPUs share a port, and where one network has
    GPUs that the other has not."""
    spec = f"gpu-all-to-all:over={over}"
    others = [name for row, name in enumerate(fabric.networks) if row != network]
    if over not in others:
        raise ParameterError("traffic", spec, "names no other network", ", ".join(others) or "a design with two")
    rows = (network, fabric.network_row(over))
    intact = baseline or fabric
    rate, beside = (_rates(intact, switch_network(intact, row), spec) for row in rows)
    if set(rate) != set(beside):
        message = "one of the two networks has GPUs that the other has not"
        raise ParameterError("traffic", spec, message, "networks that every GPU has ports for")
    nets = [switch_network(fabric, row) for row in rows]
    net, links = _joined(*nets), _links(fabric, nets)
    number: dict[object, int] = {}
    of = {gpu: number.setdefault((links[gpu], own), len(number)) for gpu, own in rate.items() if gpu in links}
    count = Counter(of.values())
    weight = [Fraction(0)] * len(number)
    attached: list[Attachments] = [()] * len(number)
    unsent: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for gpu, i in of.items():
        weight[i] += rate[gpu]
        attached[i] = links[gpu]
        unsent[i, i] += rate[gpu] ** 2
    part = _parts(net, attached)
    inside: dict[int, Fraction] = defaultdict(Fraction)
    for i, w in enumerate(weight):
        inside[int(part[i])] += w
    for a in range(len(number)):
        for b in np.flatnonzero(part != part[a]).tolist():
            unsent[a, b] = weight[a] * weight[b]
    most = max(inside, key=lambda p: (inside[p], -p), default=-1)
    gone = [f"{host}:gpu{g}" for host, g in rate if (host, g) not in of or part[of[host, g]] != most]
    everyone = sum(rate.values(), Fraction(0)) - min(rate.values(), default=Fraction(0))
    return HostClasses(
        net,
        tuple(count[i] for i in range(len(number))),
        tuple(weight),
        tuple(attached),
        dict(unsent),
        1 / everyone if everyone else Fraction(0),
        None,
        tuple(gone),
        (0,) * len(number),
        relays=True,
    )


def joint_proposals(fabric: Fabric, network: int, over: str) -> list[IntArray]:
    """What the families of both networks propose, as permutations of the switches of both."""
    rows = (network, fabric.network_row(over))
    first, second = (switch_network(fabric, row) for row in rows)
    n, m = first.switches, second.switches
    own = [np.concatenate([p, np.arange(n, n + m)]) for p in switch_proposals(fabric, first, rows[0])]
    return own + [np.concatenate([np.arange(n), p + n]) for p in switch_proposals(fabric, second, rows[1])]


def _rates(fabric: Fabric, net: SwitchNetwork, spec: str) -> dict[Gpu, Fraction]:
    """The line rate of each GPU in a network, in the order of endpoints."""
    ends, result = fabric.endpoints, dict[Gpu, Fraction]()
    count = ends.gpu_count[net.endpoint]
    if (count > 1).any():
        raise ParameterError("traffic", spec, "GPUs share ports of these networks", "ports of one GPU each")
    names = fabric.devices.name[net.host].tolist()
    first = ends.gpu_first[net.endpoint].tolist()
    for name, gpu, gbps, serves in zip(names, first, net.endpoint_gbps.tolist(), count.tolist(), strict=True):
        if serves:
            result[name, gpu] = result.get((name, gpu), Fraction(0)) + exact(gbps)
    return result


def _links(fabric: Fabric, nets: list[SwitchNetwork]) -> dict[Gpu, Attachments]:
    """The links of each GPU, summed by switch; those of the second network count on from those of the first."""
    ends, result, start = fabric.endpoints, defaultdict[Gpu, dict[int, float]](dict), 0
    for net in nets:
        names, first = fabric.devices.name[net.host].tolist(), ends.gpu_first[net.endpoint].tolist()
        serves = ends.gpu_count[net.endpoint].tolist()
        columns = zip(names, first, net.at.tolist(), net.attach_gbps.tolist(), serves, strict=True)
        for name, gpu, at, gbps, used in columns:
            if used:
                own = result[name, gpu]
                own[at + start] = own.get(at + start, 0.0) + gbps
        start += net.switches
    return {gpu: tuple(sorted(own.items())) for gpu, own in result.items()}


def _joined(a: SwitchNetwork, b: SwitchNetwork) -> SwitchNetwork:
    """Two networks as one; the switches and edges of the second follow those of the first."""
    n = a.switches
    edge = np.where(b.edge_of_link >= 0, b.edge_of_link + a.edges, a.edge_of_link)
    return SwitchNetwork(
        np.concatenate([a.device, b.device]),
        np.concatenate([a.name, b.name]),
        np.concatenate([a.plane, b.plane]),
        np.concatenate([a.u, b.u + n]),
        np.concatenate([a.v, b.v + n]),
        np.concatenate([a.gbps, b.gbps]),
        np.concatenate([a.links, b.links]),
        edge,
        np.concatenate([a.endpoint, b.endpoint]),
        np.concatenate([a.at, b.at + n]),
        np.concatenate([a.host, b.host]),
        np.concatenate([a.endpoint_gbps, b.endpoint_gbps]),
        np.concatenate([a.attach_gbps, b.attach_gbps]),
        np.concatenate([a.endpoint_plane, b.endpoint_plane]),
    )


def _parts(net: SwitchNetwork, attached: list[Attachments]) -> IntArray:
    """Shape (classes,): equal where GPUs reach each other, over others too."""
    n, m = net.switches, len(attached)
    ties = [(n + i, switch) for i, links in enumerate(attached) for switch, _ in links]
    own, at = np.array(ties, dtype=np.int64).reshape(-1, 2).T
    u, v = np.concatenate([net.u, own]), np.concatenate([net.v, at])
    return components(n + m, u, v)[n:]
