"""SimAI's topology file: GPUs, one NVSwitch a scale-up domain, switches; a line a link."""

from __future__ import annotations

import numpy as np

from topo.exporters.gpus import gpu_nodes, refuses_gpus
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.fabric.domains import joined_hosts

LINK_US = "0.0005ms"
SCALE_UP_US = "0.000025ms"


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    host = int((fabric.devices.gpus > 0).argmax())
    group = int(fabric.devices.group[host])
    scale_up = fabric.scale_up_gbps[group] if group >= 0 else 0.0
    hosts = np.flatnonzero(fabric.is_host & (fabric.devices.gpus > 0))
    inner = len(np.unique(joined_hosts(fabric, hosts))) if scale_up else 0
    nodes = gpu_nodes(fabric, inner)
    total = nodes.gpus + inner + len(nodes.switch)
    links = len(nodes.a) + (nodes.gpus if scale_up else 0)
    row = int(fabric.devices.part[host])
    part = fabric.parts[row] if row >= 0 else ""
    gpu = "".join(c for c in part.split("-")[0].upper() if c.isalnum()) if part else "GPU"
    lines = [f"{total} {nodes.per_domain} {inner} {len(nodes.switch)} {links} {gpu}"]
    lines.append(" ".join(str(n) for n in range(nodes.gpus, total)))
    if scale_up:
        speed = f"{written(scale_up)}Gbps"
        lines += [f"{g} {nodes.gpus + g // nodes.per_domain} {speed} {SCALE_UP_US} 0" for g in range(nodes.gpus)]
    lines += [
        f"{a} {b} {written(g)}Gbps {LINK_US} 0"
        for a, b, g in zip(nodes.a.tolist(), nodes.b.tolist(), nodes.gbps.tolist(), strict=True)
    ]
    return {"simai/topology.txt": ("\n".join(lines) + "\n").encode()}


exporters.add(
    "simai",
    Exporter(
        "SimAI topology",
        _write,
        "names, ports, cables, planes; parallel links but as one of their summed speed",
        refuses_gpus,
    ),
)
