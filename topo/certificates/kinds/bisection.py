"""The bisection of a network: an explicit split that gives the upper bound, and a lower bound per component.

Keys of the certificate: `kind`, `network`, `unit_gbps` (a fraction as text), `lower` and `upper` (whole multiples of
the unit), `hosts` and `switches` on side A (runs of device rows: start, length, ...), and `bounds`, at most one per
component of the switches, each with `method` and `component` (numbered from 0 by least switch row). Instead of these,
`flow` may hold a certificate of the all-to-all's throughput, or `permutation` one of the worst permutation's, which
bound all components together.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.flow import flow_bound, permutation_bound, units_proved
from topo.certificates.bounds.spectral import spectral_bound
from topo.certificates.bounds.sweep import sweep_bound
from topo.certificates.bounds.tree import tree_bound
from topo.certificates.reading.cut import CutGraph, cut_graph, mask_of, network_row, whole_number
from topo.certificates.reading.whole import part
from topo.certificates.verify import kinds
from topo.errors import CertificateError
from topo.fabric import Fabric

METHODS = {"tree": tree_bound, "spectral": spectral_bound, "sweep": sweep_bound}


def check(fabric: Fabric, certificate: dict[str, Any], intact: Fabric | None = None) -> tuple[Fraction, Fraction]:
    """The proved interval (lower, upper) in Gb/s; `intact` is the fabric before what is missing was taken away. Raises
    CertificateError where the certificate proves another interval."""
    graph = cut_graph(fabric, network_row(fabric, certificate))
    unit = certificate.get("unit_gbps")
    if unit != str(graph.unit):
        raise CertificateError(f"the unit is {graph.unit} Gb/s, not {unit}")
    upper = _split(graph, certificate, len(fabric.devices))
    lower = _lower(graph, certificate.get("bounds"))
    if "flow" in certificate:
        flow = flow_bound(fabric, intact or fabric, str(certificate["network"]), part(certificate, "flow"))
        lower = max(lower, units_proved(flow, graph.unit))
    if "permutation" in certificate:
        worst = part(certificate, "permutation")
        carried = permutation_bound(fabric, intact or fabric, str(certificate["network"]), worst)
        lower = max(lower, units_proved(carried, graph.unit))
    for key, proved in (("lower", lower), ("upper", upper)):
        if whole_number(certificate, key) != proved:
            raise CertificateError(f"the certificate claims {key} = {certificate[key]} units and proves {proved}")
    if lower > upper:
        raise CertificateError(f"the lower bound {lower} is above the upper bound {upper}")
    return lower * graph.unit, upper * graph.unit


def component_bound(graph: CutGraph, bound: dict[str, Any]) -> int:
    """The units that one lower bound proves for its component; raises CertificateError for a malformed one."""
    method = bound.get("method")
    if not isinstance(method, str) or method not in METHODS:
        raise CertificateError(f"no lower bound is called {method!r}; known are {', '.join(METHODS)}")
    component = whole_number(bound, "component")
    if component > graph.component.max(initial=-1):
        raise CertificateError(f"the network has no component {component}")
    return METHODS[method](graph.part(component), bound)


def _split(graph: CutGraph, certificate: dict[str, Any], devices: int) -> int:
    hosts, switches = graph.device[: graph.hosts], graph.device[graph.hosts :]
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    for key, rows in (("hosts", hosts), ("switches", switches)):
        mask = mask_of(certificate.get(key), devices)
        if mask.sum() != mask[rows].sum():
            raise CertificateError(f"{key} on side A names a device that is none of the network's {key}")
        on_a[graph.hosts * (key == "switches") :][: len(rows)] = mask[rows]
    size = int(on_a[: graph.hosts].sum())
    if not graph.hosts // 2 <= size <= graph.hosts - graph.hosts // 2:
        raise CertificateError(f"the split has {size} of {graph.hosts} hosts on side A")
    return graph.cut(on_a)


def _lower(graph: CutGraph, bounds: object) -> int:
    if not isinstance(bounds, list) or not all(isinstance(b, dict) for b in bounds):
        raise CertificateError("the lower bounds are missing")
    seen = [whole_number(b, "component") for b in bounds]
    if len(set(seen)) != len(seen):
        raise CertificateError("two lower bounds are about one component")
    return sum(component_bound(graph, b) for b in bounds)


def _bounds(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    lower, upper = check(fabric, dict(certificate), intact)
    return {"lower": lower, "upper": upper}


kinds.add("bisection", _bounds)
