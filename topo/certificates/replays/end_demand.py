"""Who sends what to whom, endpoint by endpoint, as routings that keep a flow on one path need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import (
    SwitchGraph,
    all_to_all_endpoint_limit,
    all_to_all_scale,
    groups,
    switch_graph,
)
from topo.certificates.reading.gpu_graph import unit_of
from topo.certificates.reading.question import Named, demand_of
from topo.certificates.reading.stated_demand import flows_endpoint_limit, stated_flows
from topo.certificates.reading.whole import Whole, part, whole, whole_array
from topo.certificates.replays.gpu_divided import divided_gpus
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.speed import exact, speeds


@dataclass(frozen=True)
class EndDemand:
    """Endpoints by position in the network's order. With `flows` None every endpoint i sends j weight[i] * weight[j]
    units where the groups of their switches are equal; else endpoint src[k] sends dst[k] amount[k] units. A unit is
    `unit` Gb/s at t = 1, `limit` the largest t that the endpoint links allow (None: they never bind)."""

    weight: Whole
    group: IntArray
    flows: tuple[IntArray, IntArray, Whole] | None
    unit: Fraction
    limit: Fraction | None

    @property
    def total(self) -> int:
        """An upper bound on the units that all send together."""
        if self.flows is not None:
            return int(sum(self.flows[2].tolist()))
        return int(sum(self.weight.tolist())) ** 2


def end_demand(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, certificate: Mapping[str, Any], traffic: Named
) -> EndDemand:
    """The demand of a certificate; raises CertificateError for a form that is none of endpoints."""
    form = demand_of(certificate, traffic)["form"]
    intact_graph = graph if fabric is intact else switch_graph(intact, graph.name)
    nobody = np.full(len(graph.device), -1, dtype=np.int64)
    if form == "all-to-all":
        scale = all_to_all_scale(intact_graph)
        weight, unit = whole(graph.rate)
        limit = all_to_all_endpoint_limit(graph, scale)
        return EndDemand(weight, groups(graph), None, scale * unit * unit, limit)
    if form == "flows":
        demand = part(certificate, "demand")
        src, dst, gbps = flows = stated_flows(fabric, graph, intact, intact_graph, demand, traffic)
        amount, unit = whole(gbps)
        nothing = np.zeros(len(graph.at), dtype=np.int64)
        return EndDemand(nothing, nobody, (src, dst, amount), unit, flows_endpoint_limit(graph, flows))
    if form == "gpu-all-to-all":
        if traffic["over"]:
            raise CertificateError("nothing is divided over two networks by a fixed rule")
        divided = divided_gpus(fabric, graph, intact, intact_graph, traffic["within"] == "domain")
        if divided.weight is None or divided.extra:
            raise CertificateError("this demand between GPUs is known between switches only")
        shares, unit = _shares(graph, divided.weight)
        group = np.array(divided.part, dtype=np.int64)
        return EndDemand(shares, group, None, divided.scale * unit * unit, divided.limit)
    raise CertificateError(f"no demand between endpoints has the form {form!r}")


def _shares(graph: SwitchGraph, weight: tuple[Fraction, ...]) -> tuple[Whole, Fraction]:
    """The weight of each switch, divided among its endpoints by their line rates: whole numbers and their unit."""
    rates = speeds(np.bincount(graph.at, graph.rate, len(graph.device))).tolist()
    keys = list(zip(graph.at.tolist(), graph.rate.tolist(), strict=True))
    known = {(at, rate): weight[at] * exact(rate) / exact(rates[at]) for at, rate in set(keys)}
    unit = unit_of([value for value in known.values() if value])
    return whole_array([int(known[key] / unit) for key in keys]), unit
