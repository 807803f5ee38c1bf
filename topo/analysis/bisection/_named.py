"""The capacity of a named cut, with the flow that proves it from below and the cut from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topo.analysis.bisection.sides import flow_between
from topo.certificates.reading.cut import CutGraph, cut_graph, runs
from topo.errors import ParameterError, nearest
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, StrArray


@dataclass(frozen=True)
class NamedCut:
    """`gbps` in one direction between two sets of hosts; `devices_a` are the devices on the first set's side."""

    gbps: float
    certificate: dict[str, Any] = field(repr=False)
    devices_a: StrArray = field(repr=False)


def cut_capacity(fabric: Fabric, hosts_a: Sequence[str], hosts_b: Sequence[str], network: int | str = 0) -> NamedCut:
    """The most that one set of hosts can send to another in one network, switches on either side, other
    hosts left out.

    Raises ParameterError for a name that is no host of the network, or for sets that are empty or overlap.
    """
    row = fabric.network_row(network) if isinstance(network, str) else network
    graph = cut_graph(fabric, row)
    a, b = _mask(fabric, graph, "hosts_a", hosts_a), _mask(fabric, graph, "hosts_b", hosts_b)
    if (a & b).any():
        both = str(fabric.devices.name[graph.device[: graph.hosts]][a & b][0])
        raise ParameterError("hosts_b", both, "a host cannot lie on both sides of a cut", "each host once")
    split, flow = flow_between(graph, a, b)
    certificate = {
        "kind": "cut",
        "network": fabric.networks[row],
        "unit_gbps": str(graph.unit),
        "capacity": split.cut,
        "hosts_a": runs(graph.device[: graph.hosts][a]),
        "hosts_b": runs(graph.device[: graph.hosts][b]),
        "side_a": runs(graph.device[split.on_a]),
        "flow": flow.tolist(),
    }
    return NamedCut(float(split.cut * graph.unit), certificate, fabric.devices.name[graph.device[split.on_a]])


def _mask(fabric: Fabric, graph: CutGraph, key: str, names: Sequence[str]) -> BoolArray:
    mask = np.zeros(graph.hosts, dtype=np.bool_)
    node = {int(d): i for i, d in enumerate(graph.device[: graph.hosts].tolist())}
    if not len(names):
        raise ParameterError(key, "", "a cut needs at least one host on each side", "names of hosts")
    for name in names:
        row = fabric.device_row.get(str(name), -1)
        if row not in node:
            known = fabric.devices.name[graph.device[: graph.hosts]].tolist()
            raise ParameterError(key, name, "no host of this network has this name", hint=nearest(str(name), known))
        mask[node[row]] = True
    return mask
