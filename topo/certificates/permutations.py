"""The worst permutation: prices that no permutation beats, and a permutation that shows how bad it gets.

Keys: `fabric`, `network`, `switch_graph` (digest), `question` (`traffic`, `routing`, and `split`: the equal split, per
port or next-hop, that the prices are about), `generators` (as in `throughput`), `prices` (absent where nothing is
proved from below), `shown` (a certificate of the same routing for one traffic between endpoints) and `claim`.

From below: whatever the line rates allow is a matrix whose rows and columns sum to at most the switches' line rates. If
of what s sends t at most the share f(s, t) crosses an arc, prices with a(s) + b(t) >= f(s, t) bound its load by the sum
of a and b times these line rates (Towles and Dally, SPAA 2002). `prices` lists for one arc of every orbit `arc` (tail,
head) and `a` (switch, price, ...), prices in parts of `scale`; the checker computes all shares and takes the least b
that goes with a. So the equal split carries every permutation at `network_lower`, and adaptive routing too; with the
endpoint links at `lower`. From above: what `shown` reaches (under `ecmp` with the worst of its seeds), whose endpoints
send and receive within their line rates, up to rounding by 2^-40.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates._channels import bundled, channels_of
from topo.certificates._crossing import Crossing, crossings
from topo.certificates._flow_graph import FlowGraph, SwitchGraph, all_to_all_graph, switch_graph
from topo.certificates._kinds import kinds, verify_certificate
from topo.certificates._stated_demand import flow_columns
from topo.certificates._symmetry import verified_orbits
from topo.certificates._whole import fraction, number_list, part, parts, whole
from topo.certificates.throughput import CLAIMS, claim_holds, least_of
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray

ROUTED = {"spray": "port", "spray:split=next-hop": "next-hop"}
SHOWN_BY = {"adaptive": "throughput", "spray": "spray", "static": "static", "ecmp": "ecmp"}


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds that the certificate proves of all permutations."""
    if fabric is not intact:
        raise CertificateError("the worst permutation is proved of an intact fabric")
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    low: Fraction | None = Fraction(0)
    if "prices" in certificate:
        low = lower_bound(fabric, graph, certificate)
    attached = np.unique(np.stack([graph.attach, graph.rate]), axis=1).T.tolist()
    ends = min((Fraction(a) / Fraction(r) for a, r in attached if r), default=None)
    high, network_high = _shown(fabric, graph, certificate)
    proved = (least_of(low, ends), high, low, network_high)
    claim = part(certificate, "claim")
    for key, value in zip(CLAIMS, proved, strict=True):
        claim_holds(key, fraction(claim[key], key) if key in claim else None, value)
    return {key: value for key, value in zip(CLAIMS, proved, strict=True) if value is not None}


def lower_bound(fabric: Fabric, graph: SwitchGraph, certificate: Mapping[str, Any]) -> Fraction | None:
    """What the equal split carries of every permutation, between switches alone; None where nothing loads them."""
    question = part(certificate, "question")
    split, routing = question.get("split"), str(question.get("routing"))
    if split not in ROUTED.values() or (ROUTED.get(routing) != split and routing != "adaptive"):
        raise CertificateError(f"prices of a split per {split} say nothing of {routing} routing")
    channels = bundled(channels_of(fabric, graph))
    flows = all_to_all_graph(graph, Fraction(1))
    orbit = _orbits(flows, channels.tail, channels.head, channels.links, channels.gbps, certificate)
    senders = np.flatnonzero(flows.sends)
    share = channels.links if split == "port" else np.ones(len(channels), dtype=np.int64)
    stated: dict[int, tuple[IntArray, int]] = {}
    for one in parts(certificate, "prices"):
        stated |= _price(flows, channels.tail, channels.head, one)
    open_ = set(orbit.tolist()) - set(orbit[list(stated)].tolist())
    if open_:
        raise CertificateError(f"{len(open_)} orbits of arcs have no prices")
    bound = dict.fromkeys(stated, Fraction(0))
    weight = np.array(flows.sends[senders].tolist(), dtype=object)
    for arc, (price, scale) in stated.items():
        bound[arc] += Fraction(int((weight * price[senders].astype(object)).sum()), scale)
    arcs = np.array(sorted(stated), dtype=np.int64)
    for arc, crossing in crossings(channels, share, arcs, senders):
        price, scale = stated[arc]
        bound[arc] += _other_prices(crossing, price[senders], scale, flows)
    speed = {arc: Fraction(float(channels.gbps[arc])) * int(channels.links[arc]) for arc in bound}
    rate = whole(np.bincount(graph.at, graph.rate, flows.nodes).astype(np.float64))[1]
    return min((speed[arc] / (load * rate) for arc, load in bound.items() if load), default=None)


def orbit_shares(fabric: Fabric, graph: SwitchGraph, certificate: Mapping[str, Any]) -> Iterator[OrbitShares]:
    """For one arc of each orbit of a certificate's generators: what crosses it. For who looks for prices."""
    split = part(certificate, "question").get("split")
    channels = bundled(channels_of(fabric, graph))
    flows = all_to_all_graph(graph, Fraction(1))
    orbit = _orbits(flows, channels.tail, channels.head, channels.links, channels.gbps, certificate)
    senders = np.flatnonzero(flows.sends)
    share = channels.links if split == "port" else np.ones(len(channels), dtype=np.int64)
    arcs = np.unique(orbit, return_index=True)[1]
    found: dict[int, list[Crossing]] = {}
    for arc, crossing in crossings(channels, share, arcs, senders):
        found.setdefault(arc, []).append(crossing)
    for arc, blocks in found.items():
        scale = max(block.scale for block in blocks)
        rows = np.concatenate([-(-block.share * scale // block.scale) for block in blocks])
        yield OrbitShares((int(channels.tail[arc]), int(channels.head[arc])), senders, rows, scale)


@dataclass(frozen=True)
class OrbitShares:
    """At most share[i, j] / scale of what senders[j] sends senders[i] crosses the arc (tail, head)."""

    arc: tuple[int, int]
    senders: IntArray
    share: IntArray
    scale: int


def _orbits(
    flows: FlowGraph,
    tail: IntArray,
    head: IntArray,
    links: IntArray,
    gbps: np.ndarray[Any, np.dtype[np.float64]],
    certificate: Mapping[str, Any],
) -> IntArray:
    """Shape (channels,): the orbit of each bundle; raises CertificateError where unlike bundles are exchanged."""
    found = verified_orbits(flows, certificate)
    arc = flows.arcs_of(tail, head)
    for column in (links, gbps):
        by_arc = np.zeros(len(arc))
        by_arc[arc] = column
        if (by_arc != by_arc[found.arc]).any():
            raise CertificateError("a generator takes a bundle to one of other links")
    return found.arc[arc]


def _price(flows: FlowGraph, tail: IntArray, head: IntArray, one: Mapping[str, Any]) -> dict[int, tuple[IntArray, int]]:
    ends = number_list(one.get("arc"), "arc", 2, 0)
    if len(ends) != 2:
        raise CertificateError("an arc is its tail and its head")
    row = np.flatnonzero((tail == ends[0]) & (head == ends[1]))
    if not len(row):
        raise CertificateError("prices are about an arc that there is not")
    scale = number_list([one.get("scale")], "scale", 1, 1)[0]
    pairs = number_list(one.get("a"), "a", 2, 0)
    price = np.zeros(flows.nodes, dtype=np.int64)
    if pairs:
        if max(pairs[::2]) >= flows.nodes or len(set(pairs[::2])) != len(pairs) // 2 or max(pairs[1::2]) >= 2**61:
            raise CertificateError("the prices are not one for each switch")
        price[pairs[::2]] = pairs[1::2]
    return {int(row[0]): (price, scale)}


def _other_prices(crossing: Crossing, price: IntArray, scale: int, flows: FlowGraph) -> Fraction:
    """The sum of the receivers' line rates times the least prices that go with the senders'."""
    if crossing.scale == scale:
        least = np.maximum((crossing.share - price[None, :]).max(axis=1, initial=0), 0)
        amounts = least.astype(object)
        return Fraction(int((amounts * flows.receives[crossing.to].astype(object)).sum()), scale)
    total = Fraction(0)
    given = [Fraction(p, scale) for p in price.tolist()]
    for row, to in zip(crossing.share, crossing.to.tolist(), strict=True):
        used = np.flatnonzero(row)
        short = (Fraction(int(row[s]), crossing.scale) - given[s] for s in used.tolist())
        total += max(max(short, default=Fraction(0)), Fraction(0)) * int(flows.receives[to])
    return total


def _shown(
    fabric: Fabric, graph: SwitchGraph, certificate: Mapping[str, Any]
) -> tuple[Fraction | None, Fraction | None]:
    """What the traffic that is shown allows: with and without the endpoint links."""
    shown, question = part(certificate, "shown"), part(certificate, "question")
    routing = str(question.get("routing"))
    kind = SHOWN_BY.get(routing.partition(":")[0])
    same = shown.get("network") == certificate.get("network") and part(shown, "question").get("routing") == routing
    if kind is None or shown.get("kind") != kind or not same or "without" in shown:
        raise CertificateError("what is shown answers another question")
    if kind == "spray" and part(shown, "question").get("split") != ROUTED.get(routing):
        raise CertificateError("what is shown answers another question")
    if kind == "throughput" and part(shown, "question").get("paths") != "any":
        raise CertificateError("what is shown answers another question")
    demand = part(shown, "demand")
    if demand.get("form") != "flows":
        raise CertificateError("what is shown is no traffic between endpoints")
    src, dst, gbps = flow_columns(demand, len(graph.at))
    n = len(graph.at)
    for ends in (src, dst):
        if (np.bincount(ends, gbps, n) > graph.rate * (1 + 2**-40)).any():
            raise CertificateError("what is shown is more than the line rates allow")
    bounds = verify_certificate(fabric, shown).bounds
    if kind == "ecmp":
        return bounds.get("lower"), bounds.get("network_lower")
    return bounds.get("upper"), bounds.get("network_upper")


kinds.add("permutations", check)
