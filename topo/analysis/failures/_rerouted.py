"""What the loss of any one link between switches leaves, by one argument for all links.

Let a flow carry adaptive all-to-all at throughput T, and let a link of c Gb/s between switches u and v fail. Scaled by
a < 1 the flow leaves a share 1 - a of every link free, so that (1 - a) L Gb/s more fit from u to v, where L is the
maximum flow between them in the intact network (and as much from v to u, the same way back). What the failed link
carried beyond its share is c - (1 - a) x (the rest of the bundle and itself), so a = 1 - c / L suffices. L depends on
links alone, so one maximum flow stands for all links that a verified symmetry of the switches carries into each other;
where there are too many unlike links, the least cut of the network bounds them all. The other end: what leaves a switch
has one link less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.demand import Demand, Uniform, all_to_all
from topo.analysis.network import SwitchNetwork
from topo.analysis.symmetry import network_symmetry
from topo.analysis.throughput import Throughput
from topo.analysis.throughput.proof import generators_proof
from topo.certificates.reading.whole import Whole, whole
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact
from topo.interval import least

MOST_WORK = 200_000_000
"""Switches times edges of a component for which the least cut is sought (a minute); beyond, nothing is said."""
MOST_DETOURS = 100
"""Unlike links for which maximum flows are sought one by one."""


@dataclass(frozen=True)
class AnyLink:
    """The least adaptive all-to-all throughput after the loss of any one link between switches is in [lower, upper].
    `certificate` is JSON data, None where the least cut stands for too many unlike links."""

    lower: float
    upper: float
    certificate: dict[str, Any] | None = field(default=None, repr=False)


def after_any_link(fabric: Fabric, network: str | int, intact: Throughput) -> AnyLink | None:
    """What the loss of any one link leaves, where `intact` is the adaptive all-to-all of the whole network. None where
    no two switches are joined, where a link has no way around it, or where there are too many unlike links and a
    component is too large for its least cut."""
    row = fabric.network_row(network) if isinstance(network, str) else network
    demand = all_to_all(fabric, network)
    claim = {key: Fraction(value) for key, value in (intact.certificate or {}).get("claim", {}).items()}
    if not demand.network.edges or "network_lower" not in claim:
        return None
    share, proof = _kept(fabric, demand.network, row)
    if share is None or share <= 0:
        return None
    lower = least(claim["network_lower"] * share, claim.get("lower"))
    upper = least(_least_way_out(fabric, demand), claim.get("upper"))
    assert lower is not None
    assert upper is not None
    if proof is None:
        return AnyLink(float(lower), float(upper))
    return AnyLink(float(lower), float(upper), _certificate(fabric, row, intact, proof, lower, upper))


def _certificate(
    fabric: Fabric, row: int, intact: Throughput, proof: Mapping[str, Any], lower: Fraction, upper: Fraction
) -> dict[str, Any]:
    from topo.certificates import switch_graph_digest

    name = fabric.networks[row]
    return {
        "kind": "rerouted",
        "fabric": fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(fabric, name),
        "question": {"what": "link", "traffic": intact.traffic, "routing": intact.routing},
        "intact": intact.certificate,
        **proof,
        "claim": {"lower": str(lower), "upper": str(upper)},
    }


def _kept(fabric: Fabric, net: SwitchNetwork, row: int) -> tuple[Fraction | None, dict[str, Any] | None]:
    """The least of 1 - c / L over all links, and the `generators` and `detours` that prove it."""
    symmetry = network_symmetry(fabric, net, row, np.zeros(net.switches, dtype=np.int64), search=False)
    orbit = np.unique(symmetry.arc_orbit.reshape(2, -1).min(axis=0), return_inverse=True)[1].reshape(-1)
    first = np.unique(orbit, return_index=True)[1]
    fastest = fastest_links(fabric, net)
    if len(first) > MOST_DETOURS:
        return _by_least_cut(net, fastest), None
    most = np.zeros(len(first))
    np.maximum.at(most, orbit, fastest)
    capacity, unit = whole(net.gbps)
    share, detours = Fraction(1), []
    for edge, gbps in zip(first.tolist(), most.tolist(), strict=True):
        room, flow = _detour(net, capacity, edge)
        share = min(share, 1 - exact(gbps) / (room * unit))
        detours.append({"from": int(net.u[edge]), "to": int(net.v[edge]), "flow": flow})
    return share, {"generators": generators_proof(symmetry), "detours": detours}


def _detour(net: SwitchNetwork, capacity: Whole, edge: int) -> tuple[int, list[int]]:
    """The maximum flow between the ends of an edge and its arcs as [tail, head, amount, ...], one direction each."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    n = net.switches
    graph = csr_array((np.tile(capacity, 2).astype(np.int32), (net.tail, net.head)), shape=(n, n))
    result = maximum_flow(graph, int(net.u[edge]), int(net.v[edge]))
    flow = result.flow.tocoo()
    used = flow.data > 0
    rows: list[int] = np.stack([flow.coords[0][used], flow.coords[1][used], flow.data[used]], axis=1).ravel().tolist()
    return int(result.flow_value), rows


def fastest_links(fabric: Fabric, net: SwitchNetwork) -> FloatArray:
    """Shape (edges,): Gb/s of the fastest of each edge's parallel links."""
    links = np.flatnonzero(net.edge_of_link >= 0)
    fastest = np.zeros(net.edges)
    np.maximum.at(fastest, net.edge_of_link[links], fabric.links.gbps[links])
    return fastest


def _by_least_cut(net: SwitchNetwork, fastest: FloatArray) -> Fraction | None:
    """1 - c / L over all components: c the fastest link, L the least cut."""
    part = net.component
    share = Fraction(1)
    for component in range(int(part.max(initial=-1)) + 1):
        rows = np.flatnonzero(part[net.u] == component)
        size = int((part == component).sum())
        if not len(rows):
            continue
        if size * len(rows) > MOST_WORK:
            return None
        cut = least_cut_gbps(net.u[rows], net.v[rows], net.gbps[rows])
        share = min(share, 1 - exact(float(fastest[rows].max())) / exact(cut))
    return share


def least_cut_gbps(u: IntArray, v: IntArray, gbps: FloatArray) -> float:
    """The least capacity that parts a connected graph in two; edges (n,) by their ends and capacities."""
    import igraph

    graph_of: Any = igraph.Graph
    nodes, ends = np.unique(np.stack([u, v], axis=1), return_inverse=True)
    graph = graph_of(n=len(nodes), edges=ends.reshape(-1, 2).tolist())
    return float(graph.mincut_value(capacity=gbps.tolist()))


def _least_way_out(fabric: Fabric, demand: Demand) -> Fraction | None:
    """What a switch can send after the loss of its fastest link, over what it has to send: the least over switches."""
    net, form = demand.network, demand.form
    assert isinstance(form, Uniform)
    total = np.bincount(form.group[form.group >= 0], form.weight[form.group >= 0], form.group.max(initial=0) + 1)
    sends = form.weight * (np.where(form.group >= 0, total[form.group], 0.0) - form.weight)
    fastest = np.zeros(net.switches)
    np.maximum.at(fastest, net.tail, np.tile(fastest_links(fabric, net), 2))
    left = np.bincount(net.tail, net.capacity, net.switches) - fastest
    pairs = np.unique(np.stack([left, sends])[:, sends > 0], axis=1).T.tolist()
    return min((Fraction(out) / (form.scale * Fraction(sent)) for out, sent in pairs), default=None)
