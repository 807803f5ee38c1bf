"""Traffics whose flows follow from their names: derived again, endpoint by endpoint.

The rules are those of the documentation. Endpoints count in the network's order: by host, NIC and NIC port. Flows are
laid out over the intact network; those of endpoints that are cut off now, and those between endpoints that no path
joins, are dropped. Each is in proportion to its share and to the product of the two line rates, and the most demanding
endpoint of the intact network sends at its line rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from topo.certificates.reading.channels import FAR, hops_between
from topo.certificates.reading.flow_graph import SwitchGraph
from topo.certificates.reading.hash_words import words
from topo.certificates.reading.question import Named
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.model import BoolArray, FloatArray, IntArray

MOST_FLOWS = 20_000_000
"""Half a gigabyte of sources, targets and rates."""
MATCHED_AT_MOST = 600
"""Switches up to which a longest matching is proved to be one."""
PERMUTATION = 11
"""The kind of hash word that a random permutation is sorted by."""
Flows = tuple[IntArray, IntArray, FloatArray]
"""Source, destination (positions in the network's order) and Gb/s at t = 1."""


def derived_flows(fabric: Fabric, graph: SwitchGraph, intact: Fabric, whole: SwitchGraph, traffic: Named) -> Flows:
    """The flows of a traffic that its name alone tells; raises CertificateError where the network has none such."""
    src, dst, share = _pairs(intact, whole, traffic)
    gbps = share * whole.rate[src] * whole.rate[dst]
    sent = np.bincount(src, weights=gbps, minlength=len(whole.rate))
    busiest = float((sent / whole.rate).max(initial=0.0)) if len(whole.rate) else 0.0
    gbps = gbps / busiest if busiest else gbps
    now = _now(fabric, graph, intact, whole)
    src, dst = now[src], now[dst]
    alive = (src >= 0) & (dst >= 0)
    src, dst, gbps = src[alive], dst[alive], gbps[alive]
    part = least_joined(len(graph.device), graph.tail, graph.head)[graph.at]
    joined = part[src] == part[dst]
    return src[joined], dst[joined], gbps[joined]


def _pairs(intact: Fabric, whole: SwitchGraph, traffic: Named) -> Flows:
    """Who sends to whom in the intact network, and each flow's share."""
    planes = [np.flatnonzero(whole.endpoint_plane == plane) for plane in np.unique(whole.endpoint_plane)]
    if traffic.name == "hot-spot":
        count = int(traffic["count"])
        if len(whole.at) * count > MOST_FLOWS:
            raise CertificateError(f"{traffic.text} has more than {MOST_FLOWS:,} flows")
        if any(count > len(ends) for ends in planes):
            raise CertificateError(f"no plane has the endpoints of {traffic.text}")
        src, dst = _joined((np.repeat(ends, count), np.tile(_spaced(ends, count), len(ends))) for ends in planes)
        src, dst = src[src != dst], dst[src != dst]
        return src, dst, 1 / np.bincount(src, minlength=len(whole.at))[src]
    if traffic.name == "storage":
        return _stored(intact, whole, planes, traffic)
    turn: Callable[[IntArray], IntArray]
    if traffic.name == "permutation":
        key = words(len(whole.at), int(traffic["seed"]), PERMUTATION)
        shift = 1

        def turn(ends: IntArray) -> IntArray:
            return ends[np.argsort(key[ends], kind="stable")]

    else:
        place = np.empty(len(whole.at), dtype=np.int64)
        place[leaf_order(intact, whole)] = np.arange(len(place))
        shift = int(traffic["k"])

        def turn(ends: IntArray) -> IntArray:
            return ends if traffic["order"] == "host" else ends[np.argsort(place[ends])]

    rings = [turn(ends) for ends in planes if len(ends) > 1]
    if any(shift % len(ring) == 0 for ring in rings):
        raise CertificateError(f"in {traffic.text} every endpoint would send to itself")
    src, dst = _joined((ring, np.roll(ring, -(shift % len(ring)))) for ring in rings)
    return src, dst, np.ones(len(src))


def _stored(intact: Fabric, whole: SwitchGraph, planes: Sequence[IntArray], traffic: Named) -> Flows:
    """Between the servers (hosts without GPUs of the part with the most endpoints, of equals the first by name) and all
    other endpoints of their plane."""
    ends: dict[str, list[int]] = {}
    for position, host in enumerate(intact.endpoints.host[whole.endpoint].tolist()):
        if intact.devices.gpus[host] == 0 and intact.devices.part[host] >= 0:
            ends.setdefault(intact.parts[intact.devices.part[host]], []).append(position)
    most = max(map(len, ends.values()), default=0)
    serves = np.zeros(len(whole.at), dtype=np.bool_)
    for part in sorted(name for name, own in ends.items() if len(own) == most)[:1]:
        serves[ends[part]] = True
    if sum(int(serves[plane].sum()) * int((~serves[plane]).sum()) for plane in planes) > MOST_FLOWS:
        raise CertificateError(f"{traffic.text} has more than {MOST_FLOWS:,} flows")
    pairs = [(np.repeat(p[serves[p]], (~serves[p]).sum()), np.tile(p[~serves[p]], serves[p].sum())) for p in planes]
    src, dst = _joined(pairs)
    src, dst = (src, dst) if traffic["direction"] == "read" else (dst, src)
    return src, dst, np.ones(len(src))


def _spaced(ends: IntArray, count: int) -> IntArray:
    return ends[np.arange(count) * len(ends) // count]


def _joined(pairs: Iterable[tuple[IntArray, IntArray]]) -> tuple[IntArray, IntArray]:
    some = list(pairs)
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *(a for a, _ in some)]), np.concatenate([none, *(b for _, b in some)])


def leaf_order(fabric: Fabric, graph: SwitchGraph) -> IntArray:
    """Positions of all endpoints by their switch and the number of the port that they hang on there."""
    link = fabric.endpoint_link[graph.endpoint]
    a, b = fabric.links.a[link], fabric.links.b[link]
    port = np.where(a == fabric.endpoints.port[graph.endpoint], b, a)
    return np.lexsort((fabric.ports.number[port], graph.at)).astype(np.int64)


def _now(fabric: Fabric, graph: SwitchGraph, intact: Fabric, whole: SwitchGraph) -> IntArray:
    """Shape (endpoints of the intact network,): the position of each now, -1 for those that are gone."""
    if fabric is intact:
        return np.arange(len(whole.at))
    at = {key: i for i, key in enumerate(_names(fabric, graph))}
    return np.array([at.get(key, -1) for key in _names(intact, whole)], dtype=np.int64)


def _names(fabric: Fabric, graph: SwitchGraph) -> list[tuple[str, int]]:
    """The host and the port number of every endpoint."""
    hosts = fabric.devices.name[fabric.endpoints.host[graph.endpoint]].tolist()
    ports = fabric.ports.number[fabric.endpoints.port[graph.endpoint]].tolist()
    return list(zip(hosts, ports, strict=True))


def refuse_shorter(graph: SwitchGraph, whole: SwitchGraph, flows: Flows) -> None:
    """Raises CertificateError unless the flows are a permutation of each plane's endpoints at their line rates; up to
    MATCHED_AT_MOST switches, where every endpoint sends, also where another permutation has longer paths."""
    src, dst, gbps = flows
    if max(np.bincount(src).max(initial=0), np.bincount(dst).max(initial=0)) > 1 or (src == dst).any():
        raise CertificateError("the demand is no permutation of endpoints")
    if (graph.endpoint_plane[src] != graph.endpoint_plane[dst]).any():
        raise CertificateError("the demand leaves a plane")
    if graph is not whole or not len(src):
        return
    product = graph.rate[src] * graph.rate[dst]
    if (np.abs(gbps * graph.rate[dst].max() - product) > 2**-40 * product).any():
        raise CertificateError("the demand is not at the line rates")
    start = np.searchsorted(graph.tail, np.arange(len(graph.device) + 1))
    for plane in np.unique(graph.endpoint_plane).tolist():
        mask = graph.endpoint_plane == plane
        switches = np.unique(graph.at[mask])
        if len(switches) <= MATCHED_AT_MOST and len(np.unique(src)) == len(graph.at):
            row = np.full(len(graph.device), -1, dtype=np.int64)
            row[switches] = np.arange(len(switches))
            far = hops_between(start, graph.head, switches)[:, switches].astype(np.int64)
            far[far == FAR] = -1
            _refuse_exchange(far, row, graph.at, mask, flows)


def _refuse_exchange(far: IntArray, row: IntArray, at: IntArray, own: BoolArray, flows: Flows) -> None:
    """Raises CertificateError where exchanging receivers in a circle makes the paths of a plane longer: Bellman and
    Ford's test for a circle that gains."""
    src, dst = flows[0], flows[1]
    here = own[src]
    sender, receiver = row[at[src[here]]], row[at[dst[here]]]
    pairs = np.unique(np.stack([sender, receiver]), axis=1)
    n = len(far)
    loss = np.full((n, n), 2**40, dtype=np.int64)
    for s, t in pairs.T.tolist():
        np.minimum(loss[t], far[s, t] - far[s], out=loss[t])
    best = np.zeros(n, dtype=np.int64)
    for _ in range(n + 1):
        nearer = np.minimum(best, (best[:, None] + loss).min(axis=0, initial=2**60))
        if np.array_equal(nearer, best):
            return
        best = nearer
    raise CertificateError("a permutation of longer paths exists: this is not the longest matching")
