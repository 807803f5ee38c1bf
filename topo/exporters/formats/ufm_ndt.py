"""The topology that UFM's NDT plugin is to expect: a table of the switches' links and one of the hosts'.

The rules are those of the plugin (NVIDIA UFM Enterprise user manual, NDT plugin; its parser and its own converter from
`ibdiagnet2.net_dump`, 2026): named columns, a port as `Port N`, links of type `Data`. It takes a switch-to-switch link
in the one direction that it stands in, so each is written in both; of a host's link it makes both itself.
"""

from __future__ import annotations

import numpy as np

from topo.exporters.infiniband import nodes_of, speaks_infiniband
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes, rows_to_columns
from topo.fabric.model import BoolArray

COLUMNS = ("StartDevice", "StartPort", "EndDevice", "EndPort", "LinkType")


def _mine(plan: Plan) -> BoolArray:
    """Shape (links,): active links of networks that speak InfiniBand."""
    links = plan.fabric.links
    networks = [row for row in range(len(plan.fabric.networks)) if speaks_infiniband(plan, row)]
    return np.asarray(links.active & np.isin(links.network, networks))


def _refuses(plan: Plan) -> str:
    return "" if _mine(plan).any() else "UFM looks at InfiniBand; no link of this plan is in a network that speaks it"


def _ends(plan: Plan) -> list[tuple[str, str]]:
    """Shape (ports,): the node's description and its port. An adapter is called as `ibstat` calls it where the host
    part says so: such a device has one port, whatever the adapter has."""
    nodes, called = nodes_of(plan.fabric), plan.fabric.names_in("ibstat")
    names, device = plan.fabric.devices.name.tolist(), plan.fabric.ports.device.tolist()
    return [
        (f"{names[device[port]]} {called[port]}", "Port 1")
        if port in called
        else (nodes.description[node] if node >= 0 else "", f"Port {number}")
        for port, (node, number) in enumerate(
            zip(nodes.node_of_port.tolist(), nodes.number_of_port.tolist(), strict=True)
        )
    ]


def _write(plan: Plan) -> dict[str, bytes]:
    fabric, ends = plan.fabric, _ends(plan)
    rows = np.flatnonzero(_mine(plan))
    hosts: list[tuple[str, ...]] = []
    switches: list[tuple[str, ...]] = []
    for a, b, is_host in zip(
        fabric.links.a[rows].tolist(),
        fabric.links.b[rows].tolist(),
        fabric.is_host[fabric.link_a[rows]].tolist(),
        strict=True,
    ):
        if is_host:
            hosts.append((*ends[b], *ends[a], "Data"))
        else:
            switches += [(*ends[a], *ends[b], "Data"), (*ends[b], *ends[a], "Data")]
    tables = {"switch-to-switch": switches, "switch-to-host": hosts}
    return {f"ufm/{name}.csv": csv_bytes(rows_to_columns(COLUMNS, table)) for name, table in tables.items() if table}


exporters.add(
    "ufm-ndt",
    Exporter(
        "UFM NDT, expected topology, CSV",
        _write,
        "speeds, cables, planes, networks that speak no InfiniBand",
        _refuses,
    ),
)
