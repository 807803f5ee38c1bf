"""ASTRA-sim with the ns-3 back end: the physical topology, and the logical dimensions beside it."""

from __future__ import annotations

import json

from topo.exporters.gpus import gpu_nodes, refuses_gpus
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written


def _write(plan: Plan) -> dict[str, bytes]:
    nodes = gpu_nodes(plan.fabric)
    total = nodes.gpus + len(nodes.switch)
    lines = [f"{total} {len(nodes.switch)} {len(nodes.a)}", " ".join(str(n) for n in range(nodes.gpus, total))]
    lines += [
        f"{a} {b} {written(g)}Gbps 0.0005ms 0"
        for a, b, g in zip(nodes.a.tolist(), nodes.b.tolist(), nodes.gbps.tolist(), strict=True)
    ]
    dims = {"logical-dims": [str(nodes.per_domain), str(nodes.domains)]}
    return {
        "astra-sim/physical_topology.txt": ("\n".join(lines) + "\n").encode(),
        "astra-sim/logical_topology.json": (json.dumps(dims) + "\n").encode(),
    }


exporters.add(
    "astra-sim",
    Exporter(
        "ASTRA-sim, ns-3",
        _write,
        "the scale-up network, names, ports, cables, planes; parallel links but as one of their summed speed",
        refuses_gpus,
    ),
)
