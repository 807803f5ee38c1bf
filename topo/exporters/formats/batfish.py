"""Batfish's layer-1 topology."""

from __future__ import annotations

import json

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import link_ends


def _write(plan: Plan) -> dict[str, bytes]:
    edges = [
        json.dumps({"node1": _node(e.a_name, e.a_port_name), "node2": _node(e.b_name, e.b_port_name)})
        for e in link_ends(plan.fabric)
    ]
    return {"batfish/layer1_topology.json": ('{"edges": [\n' + ",\n".join(edges) + "\n]}\n").encode()}


def _node(device: str, port: str) -> dict[str, str]:
    return {"hostname": device, "interfaceName": port}


exporters.add("batfish", Exporter("Batfish layer 1, JSON", _write, "speeds, cables, planes"))
