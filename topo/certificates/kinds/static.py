"""The throughput of traffic that follows forwarding tables: the tables as data, followed again.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`), `demand` (`all-to-all`, `gpu-all-to-all` or `flows`), `tables` and `claim`: the bounds as fractions; absent
ones are unbounded. `tables` has `bytes` (1 or 2 to an entry, the lower first) and `ports`, base64 of what zlib
compressed: for every switch in turn, towards every endpoint sorted by its switch and then by place, the number of the
port that the switch forwards by; 0 where there is none. Tables that are not those of the routing's rule are proved to
be what they are, and not what they are called.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.loads import proved_throughput
from topo.certificates.kinds.throughput import CLAIMS, claims_hold, least_of, traffic_words
from topo.certificates.reading.channels import Channels, channel_by_port, channels_of
from topo.certificates.reading.flow_graph import SwitchGraph, switch_graph
from topo.certificates.reading.question import Named, asked_of, only
from topo.certificates.reading.whole import Whole, part
from topo.certificates.replays.end_demand import EndDemand, end_demand
from topo.certificates.replays.table_rules import tables_follow
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray

BLOCK = 1 << 21
"""Table entries that are followed at once."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The throughput by the certificate's tables, which lies within the bounds that it claims."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    question = asked_of(certificate, "static")
    demand = end_demand(fabric, graph, intact, certificate, question.traffic)
    channels = channels_of(fabric, graph)
    order = np.argsort(graph.at, kind="stable")
    tables = unpacked(part(certificate, "tables"), len(graph.device), len(order))
    follow = _all_to_all if demand.flows is None else _flows
    result = proved_throughput(channels, follow(channels, graph, demand, order, tables), demand.unit)
    both = least_of(result, demand.limit)
    proved = dict(zip(CLAIMS, (both, both, result, result), strict=True))
    claims_hold(certificate, proved)
    return {key: value for key, value in proved.items() if value is not None}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    result = asked_of(certificate, "static")
    question, words = traffic_words(result.traffic)
    routing, by = tables_words(fabric, switch_graph(fabric, str(certificate["network"])), certificate, result.routing)
    return {**question, **routing}, f"throughput of {words} under {by}"


def tables_words(
    fabric: Fabric, graph: SwitchGraph, certificate: Mapping[str, Any], routing: Named
) -> tuple[dict[str, Any], str]:
    """A static routing as a proved question has it, and in words: tables that are not the rule's are only listed."""
    tables = unpacked(part(certificate, "tables"), len(graph.device), len(graph.at))
    if tables_follow(fabric, graph, channels_of(fabric, graph), tables, routing):
        return {"routing": routing.text}, f"{routing.text} routing"
    return {"routing": "listed", "routing_called": routing.text}, f"the listed tables (called {routing.text})"


def packed(ports: IntArray) -> dict[str, Any]:
    """Tables (switches, endpoints sorted by switch and place) as a certificate holds them."""
    width = 1 if int(ports.max(initial=0)) < 2**8 else 2
    raw = np.ascontiguousarray(ports, dtype=f"<u{width}").data
    text = base64.b64encode(zlib.compress(raw, 6)).decode()
    return {"bytes": width, "ports": text}


def unpacked(stated: Mapping[str, Any], switches: int, ends: int) -> IntArray:
    """Shape (switches, endpoints sorted by switch and place): the ports of `packed` tables; raises CertificateError."""
    only(stated, "the tables", ("bytes", "ports"))
    width, text = stated.get("bytes"), stated.get("ports")
    if type(width) is not int or width not in (1, 2) or not isinstance(text, str):
        raise CertificateError("the tables are no ports of 1 or 2 bytes each")
    size = switches * ends * width
    raw = unzipped(text, size, f"tables of {switches} times {ends} entries")
    result: IntArray = np.frombuffer(raw, dtype=f"<u{width}").reshape(switches, ends)
    return result


def unzipped(text: str, size: int, what: str) -> bytes:
    """The bytes, `size` of them, that zlib compressed and base64 wrote; raises CertificateError, never unpacks more."""
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(base64.b64decode(text, validate=True), size + 1)
    except (ValueError, zlib.error) as error:
        raise CertificateError(f"no {what}: they cannot be unpacked: {error}") from None
    if len(raw) != size or not unpacking.eof or unpacking.unused_data:
        raise CertificateError(f"no {what}: there are more or fewer entries")
    return raw


def _taken(by_port: IntArray, at: IntArray, ports: IntArray) -> IntArray:
    """The channels that traffic takes; raises CertificateError where a port leads to no switch."""
    channel: IntArray = by_port[at, np.minimum(ports, by_port.shape[1] - 1)]
    if len(channel) and channel.min() < 0:
        raise CertificateError(f"switch {int(at[np.argmin(channel)])} has no link to a switch on a port of its table")
    return channel


def _all_to_all(channels: Channels, graph: SwitchGraph, demand: EndDemand, order: IntArray, tables: IntArray) -> Whole:
    """Shape (channels,): units carried, what the endpoints of a switch send an endpoint together."""
    n = channels.switches
    kind = np.float64 if demand.total < 2**53 else object
    weight = demand.weight.astype(kind)
    sent = _summed(graph.at, weight, n)
    senders = np.flatnonzero(sent)
    by_port = channel_by_port(channels)
    load: Whole = np.zeros(len(channels), dtype=kind)
    step = max(BLOCK // max(len(senders), 1), 1)
    for first in range(0, len(order), step):
        ends = order[first : first + step]
        ports, to = tables[:, first : first + step], graph.at[ends]
        talks = (demand.group[senders][:, None] == demand.group[to][None, :]) & (senders[:, None] != to[None, :])
        talks &= weight[ends][None, :] > 0
        row, column = np.nonzero(talks)
        at = senders[row]
        amount: Whole = (sent[at] * weight[ends][column]).astype(kind)
        for _ in range(n):
            if not len(at):
                break
            channel = _taken(by_port, at, ports[at, column])
            load += _summed(channel, amount, len(channels))
            state = _summed(channels.head[channel] * len(ends) + column, amount, n * len(ends))
            state[to * len(ends) + np.arange(len(ends))] = 0
            on = np.flatnonzero(state)
            at, column, amount = on // len(ends), on % len(ends), state[on].astype(kind)
        if len(at):
            raise CertificateError(f"the tables send traffic in a circle through switch {int(at[0])}")
    result: Whole = load.astype(np.int64 if kind is np.float64 else object)
    return result


def _summed(group: IntArray, values: Whole, n: int) -> Whole:
    """Sums by group, shape (n,): in floats where these are exact, else in Python integers."""
    if values.dtype != object:
        return np.bincount(group, weights=values, minlength=n)
    result: Whole = np.zeros(n, dtype=object)
    np.add.at(result, group, values)
    return result


def _flows(channels: Channels, graph: SwitchGraph, demand: EndDemand, order: IntArray, tables: IntArray) -> Whole:
    """Shape (channels,): units carried, flow by flow."""
    assert demand.flows is not None
    src, dst, amount = demand.flows
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    by_port = channel_by_port(channels)
    load: Whole = np.zeros(len(channels), dtype=np.int64 if demand.total < 2**62 else object)
    at, to, column, units = graph.at[src], graph.at[dst], place[dst], amount.astype(load.dtype)
    for _ in range(channels.switches + 1):
        on = at != to
        at, to, column, units = at[on], to[on], column[on], units[on]
        if not len(at):
            return load
        channel = _taken(by_port, at, tables[at, column])
        np.add.at(load, channel, units)
        at = channels.head[channel]
    raise CertificateError(f"the tables send traffic in a circle through switch {int(at[0])}")


kinds.add("static", Kind(check, asked, ("switch_graph", "question", "demand", "tables", "claim")))
