"""Hedgehog wiring: Kubernetes resources of kind Connection."""

from __future__ import annotations

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import LinkEnd, link_ends, quoted
from topo.fabric import HOST, Fabric


def _switch_port(fabric: Fabric, ports_in_cage: dict[int, int], port: int) -> str:
    """E1/cage, or E1/cage/sub where the cage is broken out."""
    cage, sub = int(fabric.ports.cage[port]), int(fabric.ports.sub[port])
    return f"E1/{cage}/{sub}" if ports_in_cage[port] > 1 else f"E1/{cage}"


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    key = fabric.ports.device.astype(np.int64) * 100_000 + fabric.ports.cage
    _, row, size = np.unique(key, return_inverse=True, return_counts=True)
    in_cage = dict(enumerate(size[row].tolist()))
    documents: list[str] = []
    bundles: dict[tuple[int, int], list[LinkEnd]] = {}
    for e in link_ends(fabric):
        if fabric.devices.tier[e.a] == HOST:
            port = quoted(f"{e.b_name}/{_switch_port(fabric, in_cage, e.b_port)}")
            server = quoted(f"{e.a_name}/{e.a_port_name}")
            name = f"{e.a_name}--{e.a_port_name}--{e.b_name}".lower().replace("_", "-").replace("/", "-")
            spec = f"  unbundled:\n    link:\n      server: {{port: {server}}}\n      switch: {{port: {port}}}\n"
            documents.append(_resource(name, spec))
        else:
            bundles.setdefault((e.a, e.b), []).append(e)
    for links in bundles.values():
        lines = "".join(
            f"    - leaf: {{port: {quoted(f'{e.a_name}/{_switch_port(fabric, in_cage, e.a_port)}')}}}\n"
            f"      spine: {{port: {quoted(f'{e.b_name}/{_switch_port(fabric, in_cage, e.b_port)}')}}}\n"
            for e in links
        )
        name = f"{links[0].a_name}--fabric--{links[0].b_name}".lower()
        documents.append(_resource(name, f"  fabric:\n    links:\n{lines}"))
    return {"hedgehog/wiring.yaml": "---\n".join(documents).encode()}


def _resource(name: str, spec: str) -> str:
    head = f"apiVersion: wiring.githedgehog.com/v1beta1\nkind: Connection\nmetadata:\n  name: {quoted(name)}\nspec:\n"
    return head + spec


exporters.add(
    "hedgehog", Exporter("Hedgehog wiring, YAML", _write, "speeds, lengths, parts, planes; more than two tiers by role")
)
