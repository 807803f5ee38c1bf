"""Forwarding tables of our static routing in the form that `opensm -R file -U` loads and `dump_lfts` prints."""

from __future__ import annotations

import numpy as np

from topo.exporters.infiniband import nodes_of
from topo.exporters.plan import Exporter, Plan, exporters
from topo.fabric import Fabric

MOST_LIDS = 49_151
"""Unicast addresses of one InfiniBand subnet."""


def forwarding_tables(fabric: Fabric, network: int = 0, rule: str = "auto") -> bytes:
    """The tables of one network, all planes in one file. LIDs count the switches, then the adapters' ports; OpenSM goes
    by the port GUIDs."""
    from topo.analysis.routing.rules.static import static_tables

    tables = static_tables(fabric, network, rule)
    net, nodes = tables.network, nodes_of(fabric)
    node_of_device = {int(nodes.device[n]): n for n in range(nodes.switches)}
    port = fabric.endpoints.port[net.endpoint]
    node, number = nodes.node_of_port[port], nodes.number_of_port[port]
    lid = net.switches + 1 + np.arange(len(port))
    names = [
        f": (Channel Adapter portguid 0x{nodes.guid[n] + p:016x}: '{nodes.description[n]}')"
        for n, p in zip(node.tolist(), number.tolist(), strict=True)
    ]
    out: list[list[str]] = [[] for _ in range(net.switches)]
    for block in tables.blocks():
        ports = tables.port_numbers(block)
        for switch in range(net.switches):
            column = ports[:, switch]
            reached = np.flatnonzero(column)
            ends = block[reached]
            out[switch] += [
                f"0x{x:04x} {p:03d} {names[e]}"
                for x, p, e in zip(lid[ends].tolist(), column[reached].tolist(), ends.tolist(), strict=True)
            ]
    lines: list[str] = []
    top = net.switches + len(port)
    for switch in range(net.switches):
        n = node_of_device[int(net.device[switch])]
        guid, name = nodes.guid[n], nodes.description[n]
        lines += [
            f"Unicast lids [0x0-0x{top:x}] of switch Lid {switch + 1} guid 0x{guid:016x} ('{name}'):",
            "  Lid  Out   Destination",
            "       Port     Info ",
            f"0x{switch + 1:04x} 000 : (Switch portguid 0x{guid:016x}: '{name}')",
            *sorted(out[switch]),
            f"{len(out[switch]) + 1} valid lids dumped ",
        ]
    return ("\n".join(lines) + "\n").encode()


def _refuses(plan: Plan) -> str:
    planes = np.bincount(plan.fabric.endpoints.plane[plan.fabric.endpoints.network == 0])
    return f"one plane has more endpoints than the {MOST_LIDS:,} addresses" if planes.max(initial=0) > MOST_LIDS else ""


exporters.add(
    "opensm-lfts",
    Exporter(
        "forwarding tables for OpenSM",
        lambda plan: {"infiniband/opensm-lfts.dump": forwarding_tables(plan.fabric)},
        "speeds, cables; other networks",
        _refuses,
        on_request=True,
    ),
)
