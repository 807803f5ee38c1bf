"""infragraph's YAML: device types, instances, and an edge for each link."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.exporters.view import link_ends, quoted
from topo.fabric import HOST, TIER_NAMES


def _write(plan: Plan) -> dict[str, bytes]:
    """Instances are the tiers of each network (`compute-leaf`), counted in device order; a device type is a number of
    ports around one chip. Ports count from 0."""
    fabric = plan.fabric
    d, ports = fabric.devices, np.diff(fabric.port_start)
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in range(len(d)):
        host = d.tier[row] == HOST
        head = "host" if host else f"{fabric.networks[int(d.network[row])]}-{TIER_NAMES[int(d.tier[row])]}"
        groups[head, int(ports[row])].append(row)
    place: dict[int, tuple[str, int]] = {}
    instances, kinds = [], {}
    names = [head for head, _ in groups]
    for (head, width), rows in groups.items():
        name = head if names.count(head) == 1 else f"{head}-{width}"
        component = "nic" if head == "host" else "port"
        kinds[f"{component}s-{width}"] = (component, width)
        instances.append(f"- {{name: {quoted(name)}, device: {quoted(f'{component}s-{width}')}, count: {len(rows)}}}")
        place |= {row: (name, i) for i, row in enumerate(rows)}
    speeds = sorted({float(g) for g in fabric.links.gbps[fabric.links.active].tolist()})
    number = fabric.ports.number.tolist()

    def end(device: int, port: int) -> str:
        name, i = place[device]
        component = "nic" if d.tier[device] == HOST else "port"
        return f"{{instance: '{name}[{i}]', component: '{component}[{number[port] - 1}]'}}"

    lines = [f"name: {quoted(plan.design.name)}", f"description: {quoted(plan.title)}", "devices:"]
    for kind, (component, width) in sorted(kinds.items()):
        lines += [f"- name: {quoted(kind)}", "  components:", "  - {name: asic, count: 1, choice: cpu}"]
        lines += [
            f"  - {{name: {component}, count: {width}, choice: {component}}}",
            "  links: [{name: ic}]",
            "  edges:",
        ]
        lines += [f"  - {{ep1: {{component: asic}}, ep2: {{component: {component}}}, scheme: many2many, link: ic}}"]
    lines += ["instances:", *instances, "links:"]
    lines += [
        f"- {{name: l{written(g)}, physical: {{bandwidth: {{choice: gigabits_per_second, gigabits_per_second: {g}}}}}}}"
        for g in speeds
    ]
    lines += ["edges:"]
    lines += [
        f"- {{ep1: {end(e.a, e.a_port)}, ep2: {end(e.b, e.b_port)}, scheme: one2one, link: l{written(e.gbps)}}}"
        for e in link_ends(fabric)
    ]
    return {"infragraph/fabric.yaml": ("\n".join(lines) + "\n").encode()}


exporters.add("infragraph", Exporter("infragraph YAML", _write, "device and port names, planes, rails, cables"))
