"""Who sends what to whom, endpoint by endpoint, as routings that keep a flow on one path need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates._flow_graph import (
    SwitchGraph,
    all_to_all_endpoint_limit,
    all_to_all_scale,
    groups,
)
from topo.certificates._stated_demand import flow_columns, flows_endpoint_limit
from topo.certificates._whole import Whole, part, whole
from topo.errors import CertificateError
from topo.fabric.model import IntArray


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


def end_demand(graph: SwitchGraph, intact: SwitchGraph, certificate: Mapping[str, Any]) -> EndDemand:
    """The demand of a certificate; raises CertificateError for a form that is none of endpoints."""
    demand = part(certificate, "demand")
    form = demand.get("form")
    nobody = np.full(len(graph.device), -1, dtype=np.int64)
    if form == "all-to-all":
        scale = all_to_all_scale(intact)
        weight, unit = whole(graph.rate)
        limit = all_to_all_endpoint_limit(graph, scale)
        return EndDemand(weight, groups(graph), None, scale * unit * unit, limit)
    if form == "flows":
        src, dst, gbps = flow_columns(demand, len(graph.at))
        amount, unit = whole(gbps)
        nothing = np.zeros(len(graph.at), dtype=np.int64)
        return EndDemand(nothing, nobody, (src, dst, amount), unit, flows_endpoint_limit(graph, demand))
    raise CertificateError(f"no demand between endpoints has the form {form!r}")
