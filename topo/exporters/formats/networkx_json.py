"""The fabric as node-link JSON: `networkx.node_link_graph(data, edges="edges")` gives the graph of `to_networkx`."""

from __future__ import annotations

import json
from typing import Any

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.fabric import HOST, TIER_NAMES, Fabric


def to_node_link(fabric: Fabric) -> bytes:
    """Written row by row: building the graph first takes five times as long and ten times the memory."""
    head = json.dumps({"name": fabric.name}, ensure_ascii=False)
    nodes, edges = ",\n".join(_nodes(fabric)), ",\n".join(_edges(fabric))
    start = f'{{"directed": false, "multigraph": true, "graph": {head},\n'
    return f'{start}"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]}}\n'.encode()


def _nodes(fabric: Fabric) -> list[str]:
    d = fabric.devices
    rows = zip(
        *(c.tolist() for c in (d.name, d.tier, d.network, d.plane, d.rail, d.pod, d.index, d.part, d.gpus, d.domain)),
        strict=True,
    )
    result = []
    for name, tier, network, plane, rail, pod, index, part, gpus, domain in rows:
        node: dict[str, Any] = {"id": name, "tier": TIER_NAMES[tier]}
        if tier == HOST:
            node |= {"gpus": gpus, "domain": domain}
        else:
            node["network"] = fabric.networks[network]
            places = (("plane", plane), ("rail", rail), ("pod", pod), ("index", index))
            node |= {key: value for key, value in places if value >= 0}
        if part >= 0:
            node["part"] = fabric.parts[part]
        result.append(json.dumps(node, ensure_ascii=False))
    return result


def _edges(fabric: Fabric) -> list[str]:
    links = fabric.links
    name = [json.dumps(n) for n in fabric.devices.name.tolist()]
    port = [json.dumps(n, ensure_ascii=False) for n in fabric.port_names.tolist()]
    kind = [json.dumps(k) for k in fabric.link_kinds]
    plane = ["", *(f', "plane": {p}' for p in range(int(links.plane.max(initial=-1)) + 1))]
    rail = ["", *(f', "rail": {r}' for r in range(int(links.rail.max(initial=-1)) + 1))]
    rows = zip(
        links.id.tolist(),
        fabric.link_a.tolist(),
        fabric.ports.name[links.a].tolist(),
        fabric.link_b.tolist(),
        fabric.ports.name[links.b].tolist(),
        (links.gbps).tolist(),
        links.kind.tolist(),
        links.bundle.tolist(),
        (links.plane + 1).tolist(),
        (links.rail + 1).tolist(),
        links.active.tolist(),
        strict=True,
    )
    active = ("false", "true")
    return [
        f'{{"source": {name[a]}, "target": {name[b]}, "key": {i}, "gbps": {written(g)}, "kind": {kind[k]}, '
        f'"bundle": {u}{plane[p]}{rail[r]}, "active": {active[x]}, "a": {name[a]}, "a_port": {port[ap]}, '
        f'"b": {name[b]}, "b_port": {port[bp]}}}'
        for i, a, ap, b, bp, g, k, u, p, r, x in rows
    ]


def _write(plan: Plan) -> dict[str, bytes]:
    return {"networkx.json": to_node_link(plan.fabric)}


exporters.add("networkx-json", Exporter("node-link JSON for networkx", _write, "ports without a link, cables, lengths"))
