"""Channels: the directed links of one network, sorted by the switch and the port they leave from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray, StrArray


@dataclass(frozen=True)
class Channels:
    """Every active switch-to-switch link of a network as two channels (columns of shape (channels,)).

    The channels that leave switch s are rows `start[s] .. start[s + 1] - 1`, in order of their port numbers. `tail` and
    `head` are rows of the SwitchNetwork, `link` a row of the fabric's links, `way` 0 from end a to end b and 1 back,
    `port` the fabric's port row at the tail and `number` its port number on that switch; `twin` is the channel of the
    same link in the other direction; `arc` the SwitchNetwork's arc that the channel is part of.
    """

    switches: int
    start: IntArray
    tail: IntArray
    head: IntArray
    link: IntArray
    way: IntArray
    port: IntArray
    number: IntArray
    gbps: FloatArray
    twin: IntArray
    arc: IntArray

    def __len__(self) -> int:
        return len(self.tail)

    @cached_property
    def parallel(self) -> IntArray:
        """Shape (channels,): how many channels join the same two switches in the same direction."""
        counts = np.bincount(self.arc, minlength=1)
        return np.asarray(counts[self.arc])

    @cached_property
    def degree(self) -> IntArray:
        """Shape (switches,): how many channels leave each switch."""
        return np.diff(self.start)


def channels_of(fabric: Fabric, net: SwitchNetwork) -> Channels:
    """The channels of a network."""
    link = np.flatnonzero(net.edge_of_link >= 0)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[net.device] = np.arange(net.switches)
    ends = np.concatenate([fabric.links.a[link], fabric.links.b[link]]).astype(np.int64)
    other = np.concatenate([fabric.links.b[link], fabric.links.a[link]])
    tail, head = local[fabric.ports.device[ends]], local[fabric.ports.device[other]]
    number = fabric.ports.number[ends]
    order = np.lexsort((number, tail))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    links = len(link)
    edge = np.tile(net.edge_of_link[link], 2)
    arc = np.where(tail == net.u[edge], edge, edge + net.edges) if links else edge
    twin = np.concatenate([place[links:], place[:links]])
    return Channels(
        switches=net.switches,
        start=np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=net.switches))]).astype(np.int64),
        tail=tail[order],
        head=head[order],
        link=np.tile(link, 2)[order],
        way=np.repeat([0, 1], links)[order],
        port=ends[order],
        number=number[order].astype(np.int64),
        gbps=np.tile(fabric.links.gbps[link], 2)[order].astype(np.float64),
        twin=twin[order],
        arc=arc[order],
    )


def channel_names(fabric: Fabric, channels: Channels, rows: IntArray) -> list[tuple[str, str, str, str]]:
    """(device, port, device, port) of each given channel, in the direction of travel."""

    def named(port: IntArray) -> tuple[StrArray, StrArray]:
        return fabric.devices.name[fabric.ports.device[port]], fabric.port_name(port)

    near, far = named(channels.port[rows]), named(channels.port[channels.twin[rows]])
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in zip(*near, *far, strict=True)]
