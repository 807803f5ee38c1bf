"""The connected parts of a network, planes mostly, and which of them are equal for a demand: one stands for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.analysis.demand import Demand, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.channels import Channels
from topo.analysis.routing.ends import Ends
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import fractions_as_whole
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.ranks import ranks, stable_order


@dataclass(frozen=True)
class Part:
    """A connected part of a network as one of its own: rows of `switch`, `edge`, `channel` and `end` are those of the
    network that it holds. `alike` are the rows of channels of every part that is equal to it, its own first; row i of
    each carries what row i of the others does."""

    network: SwitchNetwork
    demand: Demand
    channels: Channels
    switch: IntArray
    channel: IntArray
    end: IntArray
    alike: tuple[IntArray, ...]


def unlike_parts(channels: Channels, demand: Demand, ends: Ends, *columns: IntArray) -> list[Part]:
    """The connected parts of the network of a uniform demand, of those that are equal the first, in the order of their
    first switches; parts without a switch that sends are left out.

    Parts are equal where the channels of their switches come in the same order and lead to the same places, with the
    same of `columns` (channels,), and each switch has the same endpoints, with the same rates and weights.
    """
    net, form = demand.network, demand.form
    assert isinstance(form, Uniform)
    label = net.component
    of_switch, of_channel = _rows(label), _rows(label[channels.tail])
    at_end = net.at[ends.order]
    of_end = _rows(label[at_end], len(of_switch))
    local = np.empty(net.switches, dtype=np.int64)
    for rows in of_switch:
        local[rows] = np.arange(len(rows))
    met: dict[bytes, list[int]] = {}
    for number, (switch, end) in enumerate(zip(of_switch, of_end, strict=True)):
        channel = of_channel[number] if number < len(of_channel) else np.zeros(0, dtype=np.int64)
        if not len(channel) or not len(end):
            continue
        key: tuple[npt.NDArray[Any], ...] = (
            channels.degree[switch], local[channels.head[channel]], channels.parallel[channel],
            *(column[channel] for column in columns), ranks(form.group[switch]), form.weight[switch],
            net.endpoints_at[switch], net.endpoint_gbps[ends.order[end]],
        )  # fmt: skip
        met.setdefault(_digest(key), []).append(number)
    return [
        _part(demand, channels, of_switch[n[0]], np.sort(ends.order[of_end[n[0]]]), tuple(of_channel[i] for i in n))
        for n in met.values()
    ]


def _rows(label: IntArray, count: int = 0) -> list[IntArray]:
    """The rows of each label from 0, ascending."""
    parts = max(int(label.max(initial=-1)) + 1, count)
    order = stable_order(label)
    return np.split(order, np.searchsorted(label[order], np.arange(1, parts))) if parts else []


def _digest(columns: Sequence[npt.NDArray[Any]]) -> bytes:
    digest = blake2b()
    for column in columns:
        digest.update(str((len(column), column.dtype)).encode())
        digest.update(column.tobytes())
    return digest.digest()


def _part(demand: Demand, channels: Channels, switch: IntArray, end: IntArray, alike: tuple[IntArray, ...]) -> Part:
    net, form = demand.network, demand.form
    assert isinstance(form, Uniform)
    local = np.full(net.switches, -1, dtype=np.int64)
    local[switch] = np.arange(len(switch))
    edge = np.flatnonzero(local[net.u] >= 0)
    edge_row = np.full(net.edges + 1, -1, dtype=np.int64)
    edge_row[edge] = np.arange(len(edge))
    own = SwitchNetwork(
        device=net.device[switch],
        name=net.name[switch],
        plane=net.plane[switch],
        u=local[net.u[edge]],
        v=local[net.v[edge]],
        gbps=net.gbps[edge],
        links=net.links[edge],
        edge_of_link=edge_row[net.edge_of_link],
        endpoint=net.endpoint[end],
        at=local[net.at[end]],
        host=net.host[end],
        endpoint_gbps=net.endpoint_gbps[end],
        attach_gbps=net.attach_gbps[end],
        endpoint_plane=net.endpoint_plane[end],
        row=net.row,
    )
    channel = alike[0]
    row = np.empty(len(channels), dtype=np.int64)
    row[channel] = np.arange(len(channel))
    arc = channels.arc[channel]
    kept = replace(
        channels,
        switches=len(switch),
        start=np.concatenate([[0], np.cumsum(channels.degree[switch])]).astype(np.int64),
        tail=local[channels.tail[channel]],
        head=local[channels.head[channel]],
        twin=row[channels.twin[channel]],
        arc=edge_row[arc % net.edges] + len(edge) * (arc >= net.edges),
        **{name: getattr(channels, name)[channel] for name in ("link", "way", "port", "number", "gbps")},
    )
    its = replace(demand, network=own, form=Uniform(form.weight[switch], form.group[switch], form.scale))
    return Part(own, its, kept, switch, channel, end, alike)


def joined_loads(channels: Channels, parts: Sequence[Part], loads: Sequence[ChannelLoads]) -> ChannelLoads:
    """The loads of all channels from those of each unlike part."""
    units = fractions_as_whole([one.unit for one in loads])
    multiples, unit = units or (np.array([float(one.unit) for one in loads]), Fraction(1))
    value = np.zeros(len(channels))
    rounded = 0.0 if units else 2 * ROUNDING
    for part, one, multiple in zip(parts, loads, multiples.tolist(), strict=True):
        for rows in part.alike:
            value[rows] = one.value * multiple
    unserved = sum(one.unserved * len(part.alike) for part, one in zip(parts, loads, strict=True))
    error = max((one.error for one in loads), default=0.0) + rounded
    return ChannelLoads(channels, value, unit, error, unserved)


def joined_lengths(parts: Sequence[Part], by_length: Sequence[FloatArray]) -> FloatArray:
    """The demand by path length of all parts from that of each unlike one."""
    result = np.zeros(max((len(one) for one in by_length), default=1))
    for part, one in zip(parts, by_length, strict=True):
        result[: len(one)] += one * len(part.alike)
    return result
