"""The capacity of a named cut: a flow that reaches it and a set of devices that no flow can leave faster.

Hosts that the cut does not name are left out: they neither forward nor lie on a side. Keys: `kind`, `network`,
`unit_gbps`, `capacity` (units), `hosts_a`, `hosts_b`, `side_a` (runs of device rows) and `flow` (units per edge of the
cut graph, from its lower to its higher node, edges sorted by both).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.cut import cut_graph, mask_of, network_row, whole_list, whole_number
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric


def check(fabric: Fabric, certificate: dict[str, Any]) -> Fraction:
    """The proved capacity in Gb/s; raises CertificateError where flow and cut do not both prove it."""
    graph = cut_graph(fabric, network_row(fabric, certificate))
    if certificate.get("unit_gbps") != str(graph.unit):
        raise CertificateError(f"the unit is {graph.unit} Gb/s, not {certificate.get('unit_gbps')}")
    masks = [mask_of(certificate.get(key), len(fabric.devices)) for key in ("hosts_a", "hosts_b", "side_a")]
    a, b, side = (mask[graph.device] for mask in masks)
    if any(mask.sum() != inside.sum() for mask, inside in zip(masks, (a, b, side), strict=True)):
        raise CertificateError("a cut names a device that is not of the network")
    hosts = np.arange(graph.nodes) < graph.hosts
    if not a.any() or not b.any() or (a & b).any() or ((a | b) & ~hosts).any():
        raise CertificateError("a cut is named by two disjoint sets of hosts")
    if (a & ~side).any() or (b & side).any():
        raise CertificateError("a named host lies on the wrong side of the cut")
    used = (a | b | ~hosts)[graph.u]
    flow = np.array(whole_list(certificate.get("flow"), -(2**62) + 1, len(graph.u)), dtype=np.int64)
    if (np.abs(flow) > np.where(used, graph.capacity, 0)).any():
        raise CertificateError("the flow exceeds a capacity")
    out = np.zeros(graph.nodes, dtype=np.int64)
    np.add.at(out, graph.u, flow)
    np.add.at(out, graph.v, -flow)
    if out[~(a | b)].any() or (out[a] < 0).any() or (out[b] > 0).any():
        raise CertificateError("the flow is not conserved")
    capacity = whole_number(certificate, "capacity")
    crossing = int(graph.capacity[used & (side[graph.u] != side[graph.v])].sum())
    if int(out[a].sum()) != capacity or crossing != capacity:
        raise CertificateError(f"flow {out[a].sum()} and cut {crossing} do not prove a capacity of {capacity}")
    return capacity * graph.unit


def _bounds(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    capacity = check(fabric, dict(certificate))
    return {"lower": capacity, "upper": capacity}


def _asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    sides = [fabric.devices.name[mask_of(certificate.get(key), len(fabric.devices))] for key in ("hosts_a", "hosts_b")]
    names = [tuple(str(name) for name in side.tolist()) for side in sides]
    said = f"Gb/s between {len(names[0])} and {len(names[1])} named hosts, the others left out"
    return {"what": "cut", "hosts_a": names[0], "hosts_b": names[1]}, said


kinds.add("cut", Kind(_bounds, _asked, ("unit_gbps", "capacity", "hosts_a", "hosts_b", "side_a", "flow")))
