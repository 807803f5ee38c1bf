"""The weights of wcmp routing as a table: what a switch holds for each next hop towards each leaf."""

from __future__ import annotations

import csv
import io

import numpy as np

from topo.analysis.network import switch_network
from topo.analysis.routing import channels_of, routings
from topo.analysis.routing.weighted import WeightedSplit
from topo.analysis.spec import params_of, split_spec
from topo.errors import ParameterError
from topo.escape import spreadsheet
from topo.report.answers.routings import RoutingPage

HEAD = ("destination", "switch", "next_hop", "links", "capacity_left_gbps", "entries")
MOST_ROWS = 2_000_000
"""Rows of a table that a spreadsheet or a script still reads."""


def weights_csv(value: RoutingPage) -> str:
    """Every next hop of every switch towards every switch with endpoints, by switch and next hop: the parallel links to
    it, the capacity left by it, and its table entries. Raises ParameterError for other routings and for more rows than
    `MOST_ROWS`."""
    name, given = split_spec(value.throughput.routing, "--routing")
    if name != "wcmp":
        raise ParameterError("--weights", name, "only wcmp weighs next hops", "--routing wcmp")
    entries = params_of(routings.get(name).params, name, given, "--routing").entries
    net = switch_network(value.fabric, value.network)
    split = WeightedSplit(net, channels_of(value.fabric, net), entries)
    names = [spreadsheet(device) for device in net.name.tolist()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    rows = 0
    for destination in np.flatnonzero(net.endpoints_at).tolist():
        hops = split.towards(destination)
        rows += len(hops.arc)
        if rows > MOST_ROWS:
            raise ParameterError(
                "--weights", value.design, f"the network has more than {MOST_ROWS:,} weights",
                "a smaller design, or one pod of it",
            )  # fmt: skip
        order = np.lexsort((net.head[hops.arc], net.tail[hops.arc]))
        columns = (hops.arc[order].tolist(), hops.capacity[order].tolist(), hops.entries[order].tolist())
        for arc, left, held in zip(*columns, strict=True):
            ends = names[destination], names[net.tail[arc]], names[net.head[arc]]
            writer.writerow((*ends, int(split.links[arc]), f"{float(left * split.unit):.12g}", held))
    return text.getvalue()
