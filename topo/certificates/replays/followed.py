"""What crosses which channel by forwarding tables: every path of a switch to an endpoint, followed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from topo.certificates.bounds.crossing import Crossing
from topo.certificates.reading.channels import Channels, channel_by_port
from topo.certificates.reading.flow_graph import SwitchGraph
from topo.errors import CertificateError
from topo.fabric.joined import least_joined
from topo.fabric.model import IntArray

BLOCK = 1 << 20
"""Paths that are followed at once."""


def followed(channels: Channels, graph: SwitchGraph, tables: IntArray, senders: IntArray) -> Iterator[Crossing]:
    """Who crosses the channels by `tables` (switches, endpoints by switch and place): receivers are endpoints in the
    network's order, senders numbers of `senders`, and all cross that are joined by links."""
    order = np.argsort(graph.at, kind="stable")
    label = least_joined(channels.switches, channels.tail, channels.head)
    known, n = channel_by_port(channels), channels.switches
    step = max(BLOCK // max(len(senders), 1), 1)
    for first in range(0, len(order), step):
        ends = order[first : first + step]
        to, wide = graph.at[ends], len(ends)
        ports = np.minimum(tables[:, first : first + step], known.shape[1] - 1)
        channel = known[np.arange(n)[:, None], ports].reshape(-1)
        joined = (label[senders][:, None] == label[to][None, :]) & (senders[:, None] != to[None, :])
        sender, column = np.nonzero(joined)
        at = senders[sender]
        parts: list[tuple[IntArray, IntArray]] = []
        for _ in range(n):
            if not len(at):
                break
            state = at * wide + column
            parts.append((state, sender))
            taken = channel[state]
            if taken.min() < 0:
                lost = int(at[taken.argmin()])
                raise CertificateError(f"switch {lost} has no link to a switch on a port of its table")
            at = channels.head[taken]
            on = at != to[column]
            at, column, sender = at[on], column[on], sender[on]
        if len(at):
            raise CertificateError(f"the tables send traffic in a circle through switch {int(at[0])}")
        if not parts:
            continue
        state, sender = (np.concatenate(part) for part in zip(*parts, strict=True))
        yield Crossing(channel, np.tile(ends, n), state, sender, np.ones(len(state), dtype=np.int64))
