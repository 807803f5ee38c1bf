"""The bisection of a network: an explicit split that gives the upper bound, and a lower bound per component.

Keys of the certificate: `kind`, `network`, `unit_gbps` (a fraction as text), `lower` and `upper` (whole multiples of
the unit), `hosts` and `switches` on side A (runs of device rows: start, length, ...), and `bounds`, at most one per
component of the switches, each with `method` and `component` (numbered from 0 by least switch row). Instead of these,
`flow` may hold a certificate of the all-to-all's throughput, or `permutation` one of the worst permutation's, which
bound all components together, or `splits` the `order` of the switches (device rows) to go through every split.

`share`, absent for fewer than two hosts, has `lower` and `upper` (fractions as text), within which the least capacity
over the line rate of the weaker half lies, and where the best split shows another than the least, `hosts` and
`switches` on side A of one that does; `permutation` may hold a proof of the lower end alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.flow import flow_bound, permutation_bound, units_proved
from topo.certificates.bounds.grid import grid_bound
from topo.certificates.bounds.share import HostRates, host_rates, local_share, permutation_share
from topo.certificates.bounds.spectral import spectral_bound
from topo.certificates.bounds.splits import best_splits, least_capacities, plan_splits
from topo.certificates.bounds.sweep import sweep_bound
from topo.certificates.bounds.tree import tree_bound
from topo.certificates.kinds.throughput import carried
from topo.certificates.kinds.worst_permutation import permuted
from topo.certificates.reading.cut import CutGraph, cut_graph, mask_of, network_row, whole_list, whole_number
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import fraction, part, told
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray

METHODS = {"tree": tree_bound, "spectral": spectral_bound, "sweep": sweep_bound, "grid": grid_bound}


KEYS_OF = {
    "tree": ("scale", "leaves", "pod", "leg", "up", "hubs", "images"),
    "spectral": ("scale", "weight", "d", "triangles"),
    "sweep": ("order",),
    "grid": ("first",),
}


@dataclass(frozen=True)
class Proved:
    """Gb/s between halves, and `share` of the weaker half's line rate where the certificate tells it: what the
    certificate says of it in so many words, or the check fails."""

    lower: Fraction
    upper: Fraction
    share: tuple[Fraction, Fraction] | None


def check(fabric: Fabric, certificate: dict[str, Any], intact: Fabric | None = None) -> tuple[Fraction, Fraction]:
    """The proved interval (lower, upper) in Gb/s; `intact` is the fabric before what is missing was taken away. Raises
    CertificateError where the certificate proves another interval."""
    result = proved(fabric, certificate, intact)
    return result.lower, result.upper


def proved(fabric: Fabric, certificate: dict[str, Any], intact: Fabric | None = None) -> Proved:
    """All that the certificate proves; raises CertificateError where it claims something else."""
    network = network_row(fabric, certificate)
    name, before = str(certificate["network"]), intact or fabric
    graph = cut_graph(fabric, network)
    unit = certificate.get("unit_gbps")
    if unit != str(graph.unit):
        raise CertificateError(f"the unit is {graph.unit} Gb/s, not {unit}")
    on_a = _side(graph, certificate, len(fabric.devices))
    upper, lower = graph.cut(on_a), _lower(graph, certificate.get("bounds"))
    rates = host_rates(fabric, network, graph)
    shares = [Fraction(0)]
    if "flow" in certificate:
        flow = carried(fabric, before, name, part(certificate, "flow"))
        lower = max(lower, units_proved(flow_bound(fabric, before, name, flow), graph.unit))
    if "permutation" in certificate:
        worst = permuted(fabric, before, name, part(certificate, "permutation"))
        lower = max(lower, units_proved(permutation_bound(fabric, name, worst), graph.unit))
    if "splits" in certificate:
        least, share = _of_all_splits(graph, rates, part(certificate, "splits"))
        lower, shares = max(lower, least), [share]
    for key, value in (("lower", lower), ("upper", upper)):
        if whole_number(certificate, key) != value:
            raise CertificateError(f"the certificate claims {key} = {certificate[key]} units and proves {value}")
    if lower > upper:
        raise CertificateError(f"the lower bound {lower} is above the upper bound {upper}")
    if "share" not in certificate:
        return Proved(lower * graph.unit, upper * graph.unit, None)
    if graph.hosts < 2:
        raise CertificateError("fewer than two hosts have no halves")
    stated = only(part(certificate, "share"), "the share", ("lower", "upper", "hosts", "switches", "permutation"))
    for proof in (certificate, stated):
        if "permutation" in proof:
            t = permuted(fabric, before, name, part(proof, "permutation"))
            shares.append(permutation_share(fabric, name, t))
    own = _side(graph, stated, len(fabric.devices)) if "hosts" in stated else on_a
    shares.append(local_share(fabric, name))
    low = max(*shares, lower * graph.unit / rates.most())
    high = graph.cut(own) * graph.unit / rates.weaker(own)
    for key, end in (("lower", low), ("upper", high)):
        if fraction(stated.get(key), key) != end:
            raise CertificateError(
                f"the certificate claims a share of {key} {str(stated.get(key))[:80]}, it is {told(end)}"
            )
    if low > high:
        raise CertificateError("the least share is above the greatest")
    return Proved(lower * graph.unit, upper * graph.unit, (low, high))


def _of_all_splits(graph: CutGraph, rates: HostRates, proof: Mapping[str, Any]) -> tuple[int, Fraction]:
    """The least capacity in units, and the least share."""
    rows = whole_list(only(proof, "the splits", ("order",)).get("order"))
    node_of = {int(graph.device[node]): node for node in range(graph.hosts, graph.nodes)}
    if sorted(rows) != sorted(node_of) or graph.hosts < 2:
        raise CertificateError("the order must name every switch once")
    plan = plan_splits(graph, rates.kind, [node_of[row] for row in rows])
    least = least_capacities(graph, plan)
    column, (share, _) = best_splits(graph, plan, [rate / graph.unit for rate in rates.of_kind], least)
    return int(least[column]), share


def component_bound(graph: CutGraph, bound: dict[str, Any]) -> int:
    """The units that one lower bound proves for its component; raises CertificateError for a malformed one."""
    method = bound.get("method")
    if not isinstance(method, str) or method not in METHODS:
        raise CertificateError(f"no lower bound is called {method!r}; known are {', '.join(METHODS)}")
    only(bound, f"a bound by {method}", ("method", "component", *KEYS_OF[method]))
    component = whole_number(bound, "component")
    if component > graph.component.max(initial=-1):
        raise CertificateError(f"the network has no component {component}")
    return METHODS[method](graph.part(component), bound)


def _side(graph: CutGraph, certificate: Mapping[str, Any], devices: int) -> BoolArray:
    """Shape (nodes,): side A of the split that is listed, with half of the hosts."""
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
    return on_a


def _lower(graph: CutGraph, bounds: object) -> int:
    if not isinstance(bounds, list) or not all(isinstance(b, dict) for b in bounds):
        raise CertificateError("the lower bounds are missing")
    seen = [whole_number(b, "component") for b in bounds]
    if len(set(seen)) != len(seen):
        raise CertificateError("two lower bounds are about one component")
    return sum(component_bound(graph, b) for b in bounds)


def _bounds(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    result = proved(fabric, dict(certificate), intact)
    return {"lower": result.lower, "upper": result.upper}


def _asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    return {"what": "bisection"}, "Gb/s between two halves of the hosts, the least of all splits"


KEYS = ("unit_gbps", "lower", "upper", "hosts", "switches", "bounds", "flow", "permutation", "splits", "share")
kinds.add("bisection", Kind(_bounds, _asked, KEYS))
