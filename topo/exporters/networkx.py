"""A Fabric as a networkx MultiGraph, for everybody's own analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from topo.fabric import HOST, TIER_NAMES, Fabric

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(fabric: Fabric, hosts: bool = True, network: str | None = None) -> nx.MultiGraph[str]:
    """Devices as nodes under their names, links as edges under their ids; of one `network`, or of all.

    Nodes have `tier`; switches also `network`, `plane`, `rail`, `pod`, `index` and `part` where they apply; hosts
    `gpus` and `domain`. Edges have `gbps`, `kind`, `plane`, `rail`, `bundle`, `active`, and their ends by name as `a`,
    `a_port`, `b`, `b_port`. Without `hosts` every switch has `endpoints` and `endpoint_gbps` instead (read back, that
    gives one host per endpoint). Raises KeyError for a network the fabric does not have, ValueError where endpoints of
    several speeds share a switch and hosts are left out.
    """
    import networkx as nx

    row = None if network is None else fabric.network_row(network)
    graph: nx.MultiGraph[str] = nx.MultiGraph(name=fabric.name)
    devices, links = fabric.devices, fabric.links
    wanted = np.ones(len(links), np.bool_) if row is None else links.network == row
    if not hosts:
        wanted &= ~fabric.is_endpoint_link
    used = np.zeros(len(devices), np.bool_)
    used[fabric.link_a[wanted]] = used[fabric.link_b[wanted]] = True
    is_host = devices.tier == HOST
    used |= ~is_host & ((devices.network == row) if row is not None else True)
    used |= is_host & (hosts and row is None)
    names = devices.name.tolist()
    for d in np.flatnonzero(used).tolist():
        graph.add_node(names[d], **(_host(fabric, d) if is_host[d] else _switch(fabric, d)))
    if not hosts:
        _count_endpoints(graph, fabric, row)
    a, b = fabric.link_a, fabric.link_b
    a_port, b_port = fabric.port_name(links.a), fabric.port_name(links.b)
    for i in np.flatnonzero(wanted).tolist():
        left, right = names[a[i]], names[b[i]]
        data = {"gbps": float(links.gbps[i]), "kind": fabric.link_kinds[links.kind[i]], "bundle": int(links.bundle[i])}
        data |= {key: int(getattr(links, key)[i]) for key in ("plane", "rail") if getattr(links, key)[i] >= 0}
        data |= {"active": bool(links.active[i])}
        data |= {"a": left, "a_port": str(a_port[i]), "b": right, "b_port": str(b_port[i])}
        graph.add_edge(left, right, key=int(links.id[i]), **data)
    return graph


def _host(fabric: Fabric, d: int) -> dict[str, object]:
    devices = fabric.devices
    return {"tier": "host", "gpus": int(devices.gpus[d]), "domain": int(devices.domain[d])} | _part(fabric, d)


def _switch(fabric: Fabric, d: int) -> dict[str, object]:
    devices = fabric.devices
    data: dict[str, object] = {"tier": TIER_NAMES[devices.tier[d]], "network": fabric.networks[devices.network[d]]}
    columns = {"plane": devices.plane, "rail": devices.rail, "pod": devices.pod, "index": devices.index}
    return data | {key: int(column[d]) for key, column in columns.items() if column[d] >= 0} | _part(fabric, d)


def _part(fabric: Fabric, d: int) -> dict[str, object]:
    row = int(fabric.devices.part[d])
    return {"part": fabric.parts[row]} if row >= 0 else {}


def _count_endpoints(graph: nx.MultiGraph[Any], fabric: Fabric, row: int | None) -> None:
    ends = fabric.endpoints
    mask = (fabric.endpoint_switch >= 0) & ((ends.network == row) if row is not None else True)
    at, gbps = fabric.endpoint_switch[mask], ends.gbps[mask]
    count = np.bincount(at, minlength=len(fabric.devices))
    low, high = np.full(len(fabric.devices), np.inf), np.zeros(len(fabric.devices))
    np.minimum.at(low, at, gbps)
    np.maximum.at(high, at, gbps)
    for name in graph:
        d = fabric.device_row[name]
        graph.nodes[name]["endpoints"] = int(count[d])
        if not count[d]:
            continue
        if low[d] != high[d]:
            raise ValueError(f"{name} has endpoints of {low[d]:,g} and {high[d]:,g} Gb/s; keep the hosts")
        graph.nodes[name]["endpoint_gbps"] = float(high[d])
