"""A containerlab topology: every device a Linux container, interfaces eth1, eth2, ... by port number."""

from __future__ import annotations

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import link_ends, quoted


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    number = fabric.ports.number.tolist()
    nodes = [f"    {quoted(n)}: {{kind: linux}}" for n in fabric.devices.name.tolist()]
    ends = (
        (quoted(f"{e.a_name}:eth{number[e.a_port]}"), quoted(f"{e.b_name}:eth{number[e.b_port]}"))
        for e in link_ends(fabric)
    )
    links = [f"    - endpoints: [{a}, {b}]" for a, b in ends]
    head = [f"name: {quoted(plan.design.name)}", "topology:", "  nodes:"]
    text = "\n".join([*head, *nodes, "  links:", *links]) + "\n"
    return {"containerlab/topology.clab.yaml": text.encode()}


exporters.add(
    "containerlab", Exporter("containerlab topology, YAML", _write, "speeds, vendor port names, cables, planes")
)
