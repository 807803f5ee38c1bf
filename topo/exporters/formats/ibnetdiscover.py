"""The fabric as `ibnetdiscover` prints it, which ibsim, OpenSM's simulator, loads."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topo.exporters.infiniband import Nodes, nodes_of
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes, numbers, texts
from topo.fabric import Fabric

PATH, SPEEDS = "infiniband/fabric.ibnetdiscover", "infiniband/speeds.csv"


def to_ibnetdiscover(fabric: Fabric) -> bytes:
    """Every active link from both ends. Links are written 4xQDR, the fastest that ibsim 0.10 knows."""
    nodes = nodes_of(fabric)
    peers = _lines(fabric, nodes)
    out = ["#", f"# Topology of {fabric.name} as planned; real speeds are in {SPEEDS}", "#"]
    for node, (guid, name) in enumerate(zip(nodes.guid, nodes.description, strict=True)):
        quoted = _node_name(node, nodes)
        if node < nodes.switches:
            out += ["", "vendid=0x2c9", "devid=0xd2f2", f"sysimgguid=0x{guid:x}", f"switchguid=0x{guid:x}({guid:x})"]
            out.append(f'Switch\t{nodes.ports[node]} {quoted}\t\t# "{name}" base port 0 lid 0 lmc 0')
        else:
            out += ["", "vendid=0x2c9", "devid=0x1021", f"sysimgguid=0x{guid:x}", f"caguid=0x{guid:x}"]
            out.append(f'Ca\t{nodes.ports[node]} {quoted}\t\t# "{name}"')
        out += [line for _, line in sorted(peers[node])]
    return ("\n".join(out) + "\n").encode()


def _node_name(node: int, nodes: Nodes) -> str:
    return f'"{"S" if node < nodes.switches else "H"}-{nodes.guid[node]:016x}"'


def _lines(fabric: Fabric, nodes: Nodes) -> dict[int, list[tuple[int, str]]]:
    """The port lines of each node with their port numbers."""
    active = np.flatnonzero(fabric.links.active)
    ends = [
        (nodes.node_of_port[p].tolist(), nodes.number_of_port[p].tolist())
        for p in (fabric.links.a[active], fabric.links.b[active])
    ]
    quoted = [_node_name(i, nodes) for i in range(len(nodes.guid))]
    result: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for near, far in (ends, ends[::-1]):
        for node, port, peer, peer_port in zip(*near, *far, strict=True):
            own = "" if node < nodes.switches else f"({nodes.guid[node] + port:x})"
            other = "" if peer < nodes.switches else f"({nodes.guid[peer] + peer_port:x})"
            text = f'"{nodes.description[peer]}" lid 0 4xQDR'
            if node >= nodes.switches:
                text = f"lid 0 lmc 0 {text}"
            result[node].append((port, f"[{port}]{own} \t{quoted[peer]}[{peer_port}]{other} \t\t# {text}"))
    return result


def speeds(fabric: Fabric) -> bytes:
    """Node description, port number and real speed of end a of every active link."""
    nodes, active = nodes_of(fabric), np.flatnonzero(fabric.links.active)
    port = fabric.links.a[active]
    return csv_bytes(
        [
            texts("node", [nodes.description[n] for n in nodes.node_of_port[port].tolist()]),
            numbers("port", nodes.number_of_port[port]),
            numbers("gbps", fabric.links.gbps[active]),
        ]
    )


def _write(plan: Plan) -> dict[str, bytes]:
    return {PATH: to_ibnetdiscover(plan.fabric), SPEEDS: speeds(plan.fabric)}


exporters.add(
    "ibnetdiscover",
    Exporter("ibnetdiscover output, for ibsim and OpenSM", _write, "speeds above QDR, port names, planes, cables"),
)
