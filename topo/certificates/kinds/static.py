"""The throughput of traffic that follows forwarding tables: the tables as data, followed again.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`), `demand` (`all-to-all`, `gpu-all-to-all` or `flows`), `tables` and `claim`: the bounds as fractions; absent
ones are unbounded. `tables` has `bytes` (1 or 2 to an entry, the lower first) and `ports`, base64 of what zlib
compressed: for every switch in turn, towards every endpoint sorted by its switch and then by place, the number of the
port that the switch forwards by; 0 where there is none. By which rule the tables were made is not checked: the
certificate is about these tables.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.loads import proved_throughput
from topo.certificates.kinds.throughput import CLAIMS, claim_holds, least_of
from topo.certificates.reading.channels import Channels, channels_of
from topo.certificates.reading.flow_graph import SwitchGraph, switch_graph
from topo.certificates.reading.whole import Whole, fraction, part
from topo.certificates.replays.end_demand import EndDemand, end_demand
from topo.certificates.verify import kinds
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
    demand = end_demand(fabric, graph, intact, switch_graph(intact, network), certificate)
    channels = channels_of(fabric, graph)
    order = np.argsort(graph.at, kind="stable")
    tables = unpacked(part(certificate, "tables"), len(graph.device), len(order))
    follow = _all_to_all if demand.flows is None else _flows
    found = proved_throughput(channels, follow(channels, graph, demand, order, tables), demand.unit)
    both = least_of(found, demand.limit)
    proved = dict(zip(CLAIMS, (both, both, found, found), strict=True))
    claim = part(certificate, "claim")
    for key in CLAIMS:
        claim_holds(key, fraction(claim[key], key) if key in claim else None, proved[key])
    return {key: value for key, value in proved.items() if value is not None}


def packed(ports: IntArray) -> dict[str, Any]:
    """Tables (switches, endpoints sorted by switch and place) as a certificate holds them."""
    width = 1 if int(ports.max(initial=0)) < 2**8 else 2
    raw = np.ascontiguousarray(ports, dtype=f"<u{width}").data
    text = base64.b64encode(zlib.compress(raw, 6)).decode()
    return {"bytes": width, "ports": text}


def unpacked(stated: Mapping[str, Any], switches: int, ends: int) -> IntArray:
    """Shape (switches, endpoints sorted by switch and place): the ports of `packed` tables; raises CertificateError."""
    width, text = stated.get("bytes"), stated.get("ports")
    if width not in (1, 2) or not isinstance(text, str):
        raise CertificateError("the tables are no ports of 1 or 2 bytes each")
    size = switches * ends * width
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, zlib.error) as error:
        raise CertificateError(f"the tables cannot be unpacked: {error}") from None
    if len(raw) != size or not unpacking.eof:
        raise CertificateError(f"the tables do not have {switches} times {ends} entries")
    found: IntArray = np.frombuffer(raw, dtype=f"<u{width}").reshape(switches, ends)
    return found


def channel_by_port(channels: Channels) -> IntArray:
    """Shape (switches, ports + 2): the channel behind each port number, -1 where it is none."""
    most = int(channels.number.max(initial=0))
    found = np.full((channels.switches, most + 2), -1, dtype=np.int64)
    found[channels.tail, channels.number] = np.arange(len(channels))
    return found


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
    found: Whole = load.astype(np.int64 if kind is np.float64 else object)
    return found


def _summed(group: IntArray, values: Whole, n: int) -> Whole:
    """Sums by group, shape (n,): in floats where these are exact, else in Python integers."""
    if values.dtype != object:
        return np.bincount(group, weights=values, minlength=n)
    found: Whole = np.zeros(n, dtype=object)
    np.add.at(found, group, values)
    return found


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


kinds.add("static", check)
