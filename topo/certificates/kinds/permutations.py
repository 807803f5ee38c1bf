"""The worst permutation: prices that no permutation beats, and a permutation that shows how bad it gets.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`), `lower` (absent where nothing is proved from below), `shown` (a certificate of the same routing for one
traffic between endpoints) and `claim`. `lower` holds

- `split`: what the shares are of that cross an arc: the equal split, per `port` or `next-hop`; `any` choice of shortest
  paths, which covers every hash and seed; the `tables` of the traffic that is shown;
- `generators` (as in `throughput`) except with tables: one arc of every orbit is looked at;
- `scale`: shares are rounded up to parts of it; 1 with tables and any choice;
- `prices`: for arcs that need a list, [tail, port number, switch, price, ...] in parts of `scale`, see `_covers`.

So the routing, and adaptive routing too where there are no tables, carries every permutation at `network_lower`; with
the endpoint links at `lower`. From above: what `shown` reaches (under `ecmp` with the worst of its seeds), whose
endpoints send and receive within their line rates, up to rounding by 2^-40.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.covers import Prices, worst_loads
from topo.certificates.bounds.crossing import crossings
from topo.certificates.kinds.static import unpacked
from topo.certificates.kinds.throughput import CLAIMS, claims_hold, least_of
from topo.certificates.reading.channels import Channels, bundled, channels_of
from topo.certificates.reading.flow_graph import SwitchGraph, all_to_all_graph, switch_graph
from topo.certificates.reading.question import only, routing_of, traffic_of
from topo.certificates.reading.stated_demand import flow_columns
from topo.certificates.reading.symmetry import verified_orbits
from topo.certificates.reading.whole import added, number_list, part, whole
from topo.certificates.replays.followed import followed
from topo.certificates.verify import Kind, kinds, verify_inner
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.speed import exact

EQUAL = {"spray": "port", "spray:split=next-hop": "next-hop"}
PATHS = {"adaptive": "any", "adaptive:paths=minimal": "minimal"}
SPLITS = {
    "adaptive": ("port", "next-hop", "any"),
    "spray": ("any",),
    "ecmp": ("any",),
    "static": ("tables",),
    "wcmp": ("any",),
}
SHOWN_BY = {"adaptive": "throughput", "spray": "spray", "static": "static", "ecmp": "ecmp", "wcmp": "wcmp"}
MOST_UNITS = 1 << 61
"""Sums up to it leave two bits of a signed 64-bit number free."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds that the certificate proves of all permutations."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    asked(fabric, certificate)
    low: Fraction | None = Fraction(0)
    if "lower" in certificate:
        low = lower_bound(fabric, certificate, graph)
    attached = np.unique(np.stack([graph.attach, graph.rate]), axis=1).T.tolist()
    ends = min((exact(a) / exact(r) for a, r in attached if r), default=None)
    high, network_high = _shown(intact, graph, certificate)
    proved = (least_of(low, ends), high, low, network_high)
    claims_hold(certificate, dict(zip(CLAIMS, proved, strict=True)))
    return {key: value for key, value in zip(CLAIMS, proved, strict=True) if value is not None}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered: of all permutations, whichever the one that is shown was made for."""
    question = only(part(certificate, "question"), "question", ("traffic", "routing"))
    traffic, routing = traffic_of(question.get("traffic")), routing_of(question.get("routing"))
    if traffic.name != "worst-permutation" or routing.text != question["routing"]:
        raise CertificateError("the worst of all permutations is asked for by its name, and routings in short")
    said = f"least throughput of any permutation under {routing.text} routing"
    return {"traffic": traffic.name, "routing": routing.text}, said


def lower_bound(fabric: Fabric, certificate: Mapping[str, Any], read: SwitchGraph | None = None) -> Fraction | None:
    """What the routing carries of every permutation, between switches alone; None where nothing loads them. `read` is
    the switch graph, where it is at hand."""
    graph = read or switch_graph(fabric, str(certificate.get("network")))
    proof, routing = part(certificate, "lower"), str(part(certificate, "question").get("routing"))
    only(proof, "the lower bound", ("split", "generators", "scale", "prices"))
    split = str(proof.get("split"))
    if split not in (*SPLITS.get(routing.partition(":")[0], ()), EQUAL.get(routing)):
        raise CertificateError(f"a split of {split} says nothing of {routing} routing")
    channels = channels_of(fabric, graph)
    scale = number_list([proof.get("scale")], "scale", 1, 1)[0]
    room, unit = whole(graph.rate)
    if sum(room.tolist()) * scale > MOST_UNITS or (scale > 1 and split in ("any", "tables")):
        raise CertificateError(f"shares cannot be counted in parts of {scale}")
    room = room.astype(np.int64)
    held = added(graph.at, room, channels.switches).astype(np.int64)
    senders = np.flatnonzero(held)
    number = np.full(channels.switches, -1, dtype=np.int64)
    number[senders] = np.arange(len(senders))
    arcs: IntArray = np.arange(len(channels))
    if split == "tables":
        tables = unpacked(part(part(certificate, "shown"), "tables"), channels.switches, len(graph.at))
        named, prices = _prices(proof, channels, number, scale)
        blocks = followed(channels, graph, tables, senders)
    else:
        channels, room = bundled(channels), held[senders]
        named, prices = _prices(proof, channels, number, scale)
        arcs = _representatives(graph, channels, proof, named)
        share = channels.links if split == "port" else np.ones(len(channels), dtype=np.int64)
        if int(np.bincount(channels.tail, share, 1).max()) * scale > MOST_UNITS:
            raise CertificateError(f"shares cannot be counted in parts of {scale}")
        blocks = crossings(channels, None if split == "any" else share, arcs, senders, scale)
    load = worst_loads(blocks, number[channels.tail[arcs]], held[senders], room, scale, prices.of(arcs))
    speed = channels.gbps[arcs] * (1 if split == "any" else channels.links[arcs])
    busy = np.flatnonzero(load)
    if not len(busy):
        return None
    slow = speed[busy] / load[busy]
    near = busy[slow <= slow.min() * (1 + 1e-9)]
    rows = set(zip(speed[near].tolist(), load[near].tolist(), strict=True))
    result: Fraction = min(exact(v) * scale / (x * unit) for v, x in rows)
    return result


def _representatives(graph: SwitchGraph, channels: Channels, proof: Mapping[str, Any], named: IntArray) -> IntArray:
    """One bundle of every orbit: the one that is named, else the first.

    Raises CertificateError where two of an orbit are named, or unlike bundles are exchanged.
    """
    flows = all_to_all_graph(graph, Fraction(1))
    result = verified_orbits(flows, proof)
    arc = flows.arcs_of(channels.tail, channels.head)
    for column in (channels.links, channels.gbps):
        by_arc = np.zeros(len(arc))
        by_arc[arc] = column
        if (by_arc != by_arc[result.arc]).any():
            raise CertificateError("a generator takes a bundle to one of other links")
    orbit = result.arc[arc]
    first = np.full(len(arc), -1, dtype=np.int64)
    first[orbit[::-1]] = np.arange(len(arc))[::-1]
    if len(np.unique(orbit[named])) != len(named):
        raise CertificateError("two arcs of an orbit have prices")
    first[orbit[named]] = named
    return np.sort(first[first >= 0])


def _prices(proof: Mapping[str, Any], channels: Channels, number: IntArray, scale: int) -> tuple[IntArray, Prices]:
    """The channels that prices are listed for, and the prices, by channels and by numbers of senders."""
    stated = proof.get("prices")
    if not isinstance(stated, list):
        raise CertificateError("the prices are no list of lists")
    lists = [number_list(one, "prices", 2, 0) for one in stated]
    if not all(lists):
        raise CertificateError("prices without an arc")
    ends = zip(channels.tail.tolist(), channels.number.tolist(), strict=True)
    row = {end: i for i, end in enumerate(ends)} if lists else {}
    named = np.array([row.get((one[0], one[1]), -1) for one in lists], dtype=np.int64)
    if (named < 0).any() or len(np.unique(named)) != len(named):
        raise CertificateError("prices are of an arc that there is not, or twice of one")
    switch, price = ([x for one in lists for x in one[k::2]] for k in (2, 3))
    if max(switch, default=-1) >= len(number) or max(price, default=0) > scale:
        raise CertificateError("a price is of no switch, or more than a share can be")
    arc = np.repeat(named, [len(one) // 2 - 1 for one in lists])
    sender = number[np.array(switch, dtype=np.int64)]
    if (sender < 0).any() or len(np.unique(arc * len(number) + sender)) != len(sender):
        raise CertificateError("prices are one for each switch that holds endpoints")
    return named, Prices(arc, sender, np.array(price, dtype=np.int64), named)


def _shown(
    intact: Fabric, graph: SwitchGraph, certificate: Mapping[str, Any]
) -> tuple[Fraction | None, Fraction | None]:
    """What the traffic that is shown allows: with and without the endpoint links."""
    shown, question = part(certificate, "shown"), part(certificate, "question")
    routing = str(question.get("routing"))
    kind = SHOWN_BY.get(routing.partition(":")[0])
    same = shown.get("network") == certificate.get("network") and part(shown, "question").get("routing") == routing
    if kind is None or shown.get("kind") != kind or not same or shown.get("without") != certificate.get("without"):
        raise CertificateError("what is shown answers another question")
    of, key = {"spray": (EQUAL.get(routing), "split"), "throughput": (PATHS.get(routing), "paths")}.get(kind, ("", ""))
    if part(shown, "question").get(key, "") != of:
        raise CertificateError("what is shown answers another question")
    inner = part(shown, "question")
    if inner.get("traffic") not in (question.get("traffic"), "listed"):
        raise CertificateError("what is shown answers another question")
    demand = part(shown, "demand")
    if demand.get("form") != "flows":
        raise CertificateError("what is shown is no traffic between endpoints")
    src, dst, gbps = flow_columns(demand, len(graph.at))
    n = len(graph.at)
    for ends in (src, dst):
        if (np.bincount(ends, gbps, n) > graph.rate * (1 + 2**-40)).any():
            raise CertificateError("what is shown is more than the line rates allow")
    result = verify_inner(intact, {**shown, "question": {**inner, "traffic": "listed"}})
    if result.question["routing"] != routing:
        raise CertificateError("what is shown is routed by other tables")
    bounds = result.bounds
    if kind == "ecmp":
        return bounds.get("lower"), bounds.get("network_lower")
    return bounds.get("upper"), bounds.get("network_upper")


kinds.add("permutations", Kind(check, asked, ("switch_graph", "question", "lower", "shown", "claim")))
