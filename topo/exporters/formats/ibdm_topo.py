"""ibutils' `.topo` file with the `.ibnl` system files it refers to (their folder goes into IBDM_IBNL_PATH)."""

from __future__ import annotations

from collections import defaultdict

from topo.exporters.infiniband import nodes_of
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import link_ends
from topo.fabric import HOST


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    nodes = nodes_of(fabric)
    widths: dict[int, list[int]] = defaultdict(list)
    for node in range(nodes.switches, len(nodes.guid)):
        widths[int(nodes.device[node])].append(nodes.ports[node])
    switch_ports = {int(nodes.device[n]): nodes.ports[n] for n in range(nodes.switches)}
    adapter = [int(d.rpartition("HCA-")[2]) if "HCA-" in d else 0 for d in nodes.description]

    def system(device: int) -> str:
        if fabric.devices.tier[device] == HOST:
            return "HOST" + "x".join(str(p) for p in widths[device])
        return f"SW{switch_ports[device]}"

    def port(row: int) -> str:
        node, number = int(nodes.node_of_port[row]), int(nodes.number_of_port[row])
        return f"P{number}" if node < nodes.switches else f"C{adapter[node]}/P{number}"

    lines: dict[int, list[str]] = defaultdict(list)
    for e in link_ends(fabric):
        near, near_port, far, far_port = (e.a, e.a_port, e.b, e.b_port)
        if fabric.devices.tier[e.a] == HOST:
            near, near_port, far, far_port = far, far_port, near, near_port
        lines[near].append(f"   {port(near_port)} -4x-10G-> {system(far)} {fabric.devices.name[far]} {port(far_port)}")
    blocks = ["\n".join([f"{system(d)} {fabric.devices.name[d]}", *lines[d]]) for d in sorted(lines)]
    files = {"ibdm/fabric.topo": ("\n\n".join(blocks) + "\n").encode()}
    for ports in sorted(set(switch_ports.values())):
        body = [
            f"TOPSYSTEM SW{ports}",
            "",
            f"NODE SW {ports} MT54000 U1",
            *(f"    {p} -> P{p}" for p in range(1, ports + 1)),
        ]
        files[f"ibdm/ibnl/SW{ports}.ibnl"] = ("\n".join(body) + "\n").encode()
    for shape in sorted({tuple(w) for w in widths.values()}):
        name = "HOST" + "x".join(str(p) for p in shape)
        body = [f"TOPSYSTEM {name}"]
        for n, ports in enumerate(shape, 1):
            body += ["", f"NODE CA {ports} MT4129 U{n}", *(f"    {p} -> C{n}/P{p}" for p in range(1, ports + 1))]
        files[f"ibdm/ibnl/{name}.ibnl"] = ("\n".join(body) + "\n").encode()
    return files


exporters.add("ibdm-topo", Exporter("ibutils topology files", _write, "speeds above QDR, planes, cables, port names"))
