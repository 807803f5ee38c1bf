"""Forwarding tables as somebody else made them: what they load, and what they do not deliver.

`topo.analysis.routing` makes tables that lead everywhere; tables of a live fabric may end at a switch without an entry
or run in circles. Here such pairs are counted and set aside, and the others load the links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from topo.analysis.demand import Uniform, all_to_all
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import ChannelLoads, ForwardingTables, channels_of
from topo.analysis.routing.ends import ends_of
from topo.analysis.routing.loads import ROUNDING
from topo.analysis.routing.matrix import EXACT_BELOW
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Undelivered:
    """Ordered pairs of endpoints whose packets do not arrive: they end at `switch`, or run in the `circle` of which it
    is the first (rows of the network). `example` is the position of one destination in the network's `endpoint`."""

    switch: int
    pairs: int
    example: int
    circle: tuple[int, ...] = ()


@dataclass(frozen=True)
class GivenLoads:
    """`loads`: all-to-all at t = 1, of the pairs that are delivered. `length_gbps`: by links crossed. `pairs`: ordered
    pairs of endpoints on different switches, of those `served` are delivered; the others are in `undelivered`, by the
    switch where it happens, most pairs first."""

    loads: ChannelLoads
    length_gbps: FloatArray
    pairs: int
    served: int
    undelivered: tuple[Undelivered, ...]


def channel_of_port(fabric: Fabric, net: SwitchNetwork) -> IntArray:
    """Shape (switches, 256): the channel that leaves each switch by each port number, -1 where there is none."""
    channels = channels_of(fabric, net)
    result = np.full((net.switches, 256), -1, dtype=np.int32)
    small = channels.number < 256
    result[channels.tail[small], channels.number[small]] = np.flatnonzero(small)
    return result


def tables_of_ports(
    fabric: Fabric, net: SwitchNetwork, ports: IntArray, known: BoolArray, rule: str
) -> ForwardingTables:
    """Tables from port numbers, shape (endpoints, switches) of bytes, 0 for no entry. Ports without a link to a switch
    count as no entry; endpoints that are not `known` (shape (endpoints,)) are no destinations."""
    lookup, channels, ends = channel_of_port(fabric, net), channels_of(fabric, net), ends_of(fabric, net)
    switches = np.arange(net.switches)
    ends = replace(ends, order=ends.order[known[ends.order]])

    def rows(positions: IntArray) -> IntArray:
        result = lookup[switches[None, :], ports[positions]]
        result[np.arange(len(positions)), net.at[positions]] = -1
        return result

    return ForwardingTables(fabric, net, channels, ends, rule, rows)


def given_loads(tables: ForwardingTables, network: str | int = 0) -> GivenLoads:
    """All-to-all over tables that may be incomplete."""
    from topo.analysis.routing.given_kernel import follow_given

    fabric, net = tables.fabric, tables.network
    demand = all_to_all(fabric, network)
    form = demand.form
    assert isinstance(form, Uniform)
    ends = ends_of(fabric, net, form)
    weight = np.bincount(net.at[ends.order], weights=ends.weight, minlength=net.switches).astype(np.float64)
    rate = np.zeros(len(net.at))
    rate[ends.order] = ends.weight
    senders = net.endpoints_at.astype(np.int64)
    load, by_length = np.zeros(len(tables.channels)), np.zeros(net.switches + 2)
    counts = [np.zeros(net.switches, dtype=np.int64) for _ in range(2)]
    examples = [np.full(net.switches, -1, dtype=np.int64) for _ in range(2)]
    head, done, pairs = tables.channels.head, 0, 0
    in_group = np.bincount(form.group[form.group >= 0], weights=senders[form.group >= 0], minlength=1)
    for block in tables.blocks():
        at = net.at[block].astype(np.int64)
        rows = np.ascontiguousarray(tables.channel_rows(block))
        follow_given(
            head, at, rate[block], form.group, weight, senders, rows, load, by_length,
            counts[0], examples[0], counts[1], examples[1], done,
        )  # fmt: skip
        pairs += int((in_group[form.group[at]] - senders[at]).sum())
        done += len(block)
    exact = float(weight.sum()) ** 2 < EXACT_BELOW and bool((weight == np.rint(weight)).all())
    error = 0.0 if exact else 1.01 * (len(net.at) * (net.switches + 2)) * ROUNDING
    unit = ends.unit * ends.unit * form.scale
    lost = _undelivered(tables, counts, examples)
    loads = ChannelLoads(tables.channels, load, unit, error)
    return GivenLoads(loads, by_length * float(unit), pairs, pairs - sum(u.pairs for u in lost), lost)


def _undelivered(
    tables: ForwardingTables, counts: Sequence[IntArray], examples: Sequence[IntArray]
) -> tuple[Undelivered, ...]:
    result = []
    for circles, (count, example) in enumerate(zip(counts, examples, strict=True)):
        for switch in np.flatnonzero(count).tolist():
            end = int(tables.ends.order[example[switch]])
            circle = _circle(tables, switch, end) if circles else ()
            result.append(Undelivered(switch, int(count[switch]), end, circle))
    return tuple(sorted(result, key=lambda u: (-u.pairs, u.switch)))


def _circle(tables: ForwardingTables, switch: int, end: int) -> tuple[int, ...]:
    row = tables.channel_rows(np.array([end]))[0]
    result, at = [switch], int(tables.channels.head[row[switch]])
    while at != switch:
        result.append(at)
        at = int(tables.channels.head[row[at]])
    return tuple(result)
