"""Forwarding tables: one next hop per switch and destination endpoint, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import Demand, Flows, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.channels import Channels, channels_of
from topo.analysis.routing.ends import Ends, ends_of, flows_of, switch_port
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import EXACT_BELOW
from topo.analysis.routing.paths import Paths, path_loads
from topo.analysis.routing.targets import per_port
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

BLOCK_ENTRIES = 1 << 23
"""Entries of a table that are worked on at a time: 64 MB of whole numbers."""
MOST_PATHS = 20_000_000
"""Flows that are followed, each with its path in memory."""


@dataclass(frozen=True)
class ForwardingTables:
    """Which port every switch of a network uses towards every endpoint.

    `channel_rows(ends)` gives, for positions in the network's `endpoint`, the rows (len(ends), switches) of channels,
    -1 at the endpoint's own switch and where there is no entry. Tables are made or read block by block: those of 65,536
    endpoints on 5,120 switches have 335 million entries.
    """

    fabric: Fabric
    network: SwitchNetwork
    channels: Channels
    ends: Ends
    rule: str
    channel_rows: Callable[[IntArray], IntArray]

    def port_numbers(self, ends: IntArray) -> IntArray:
        """Shape (len(ends), switches): port numbers from 1 on each switch, the endpoint's own port at its switch, 0
        where there is no entry."""
        rows = self.channel_rows(ends)
        numbers = np.where(rows >= 0, self.channels.number[rows] if len(self.channels) else 0, 0)
        local = self.fabric.ports.number[switch_port(self.fabric, self.network)[ends]]
        numbers[np.arange(len(ends)), self.network.at[ends]] = local
        return numbers.astype(np.int32)

    def blocks(self) -> Iterator[IntArray]:
        """Positions of all endpoints, switch by switch in port order, in blocks that fit in memory."""
        step = max(BLOCK_ENTRIES // max(self.network.switches, 1), 1)
        for first in range(0, len(self.ends.order), step):
            yield self.ends.order[first : first + step]


def given_tables(fabric: Fabric, net: SwitchNetwork, ports: IntArray, rule: str = "given") -> ForwardingTables:
    """Tables from port numbers, shape (switches, endpoints) by rows of the network, 0 where there is no entry.

    Raises ParameterError for a port number that no active switch-to-switch link uses.
    """
    channels = channels_of(fabric, net)
    if ports.shape != (net.switches, len(net.at)):
        raise ParameterError("tables", ports.shape, "have the wrong shape", f"{(net.switches, len(net.at))}")
    most = int(max(channels.number.max(initial=0), ports.max(initial=0)))
    lookup = np.full((net.switches, most + 1), -1, dtype=np.int64)
    lookup[channels.tail, channels.number] = np.arange(len(channels))
    own = net.at[None, :] == np.arange(net.switches)[:, None]
    wrong = (ports < 0) | (~own & (ports > 0) & (lookup[np.arange(net.switches)[:, None], np.maximum(ports, 0)] < 0))
    if wrong.any():
        switch, end = (int(x[0]) for x in np.nonzero(wrong))
        raise ParameterError(
            "tables", int(ports[switch, end]), f"{net.name[switch]} has no link to a switch on this port"
        )

    def rows(ends: IntArray) -> IntArray:
        result = lookup[np.arange(net.switches)[None, :], ports[:, ends].T]
        result[net.at[ends][:, None] == np.arange(net.switches)[None, :]] = -1
        return result

    return ForwardingTables(fabric, net, channels, ends_of(fabric, net), rule, rows)


def table_loads(tables: ForwardingTables, demand: Demand) -> tuple[ChannelLoads, FloatArray]:
    """Loads of a demand that follows the tables, and the demand in Gb/s by path length.

    Raises ParameterError where the tables have no entry for a flow, or send it in a circle.
    """
    from topo.analysis.routing.table_kernel import follow_tables

    form, net = demand.form, tables.network
    if not isinstance(form, Uniform):
        return path_loads(table_paths(tables, flows_of(demand, MOST_PATHS)))
    ends = ends_of(tables.fabric, net, form)
    weight = np.bincount(net.at[ends.order], weights=ends.weight, minlength=net.switches).astype(np.float64)
    rate = np.zeros(len(net.at))
    rate[ends.order] = ends.weight
    load, by_length = np.zeros(len(tables.channels)), np.zeros(net.switches + 2)
    for block in tables.blocks():
        at = net.at[block].astype(np.int64)
        rows = np.ascontiguousarray(tables.channel_rows(block))
        failed, i, v = follow_tables(tables.channels.head, at, rate[block], form.group, weight, rows, load, by_length)
        if failed:
            raise _broken(tables, failed, int(block[i]), v)
    unit = ends.unit * ends.unit * form.scale
    exact = float(weight.sum()) ** 2 < EXACT_BELOW and bool((weight == np.rint(weight)).all())
    error = 0.0 if exact else 1.01 * (len(net.at) * (net.switches + 2)) * ROUNDING
    return ChannelLoads(tables.channels, load, unit, error), by_length * float(unit)


def table_paths(tables: ForwardingTables, flows: Flows) -> Paths:
    """The path of every flow; raises ParameterError as `table_loads`."""
    from topo.analysis.paths.hops import hops
    from topo.analysis.routing.table_kernel import walk_tables

    net = tables.network
    order = np.argsort(net.at[flows.dst], kind="stable")
    ordered = Flows(flows.src[order], flows.dst[order], flows.gbps[order])
    out, to = (net.at[ends].astype(np.int64) for ends in (ordered.src, ordered.dst))
    width = max(hops(net).max - 1, 1)
    path = np.full((len(order), width), -1, dtype=np.int32)
    step = max(BLOCK_ENTRIES // max(net.switches, 1), 1)
    first = 0
    while first < len(order):
        part = slice(first, first + step)
        used, row = np.unique(ordered.dst[part], return_inverse=True)
        rows = np.ascontiguousarray(tables.channel_rows(used))
        failed, i, v = walk_tables(tables.channels.head, row, out[part], to[part], rows, path[part])
        if failed == 3:
            width *= 2
            path = np.concatenate([path, np.full((len(order), width - path.shape[1]), -1, dtype=np.int32)], axis=1)
            path[part] = -1
            continue
        if failed:
            raise _broken(tables, failed, int(ordered.dst[first + i]), v)
        first += step
    return Paths(per_port(tables.channels), ordered, path, np.arange(len(order)), 1)


def _broken(tables: ForwardingTables, failed: int, end: int, switch: int) -> ParameterError:
    fabric, net = tables.fabric, tables.network
    port = fabric.endpoints.port[net.endpoint[end : end + 1]]
    where = f"{fabric.devices.name[net.host[end]]}:{fabric.port_name(port)[0]}"
    what = "has no entry for" if failed == 1 else "is in a circle of next hops towards"
    return ParameterError("tables", tables.rule, f"{net.name[switch]} {what} {where}")
