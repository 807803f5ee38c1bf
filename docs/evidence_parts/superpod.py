"""Component counts of the NVIDIA DGX SuperPOD reference architectures."""

from __future__ import annotations

from typing import Any

from evidence_parts.model import ASSUMED, CATALOG, REPRODUCED, Figure, fabric_of
from topo.fabric import HOST
from topo.report.counts import network_counts


def figures(reference: dict[str, Any]) -> list[Figure]:
    """One row a figure."""
    part = CATALOG.switch("nvidia-qm9700")
    found = [
        Figure(("switch.ports",), "switch ports", reference["switch"]["ports"], part.ports, REPRODUCED),
        Figure(
            ("switch.speed_gbps",), "switch speed, Gb/s", reference["switch"]["speed_gbps"], part.breakouts[0].gbps,
            REPRODUCED, digits=0,
        ),
    ]  # fmt: skip
    for kind, host in (("b200_compute_fabric", "dgx-b200"), ("h100_compute_fabric", "dgx-h100")):
        for i, row in enumerate(reference[kind]):
            found += _row(kind, i, row, host)
    return found


def _row(kind: str, i: int, row: dict[str, int], host: str) -> list[Figure]:
    management = row.get("node_leaf_with_management", row["gpus"]) - row["gpus"]
    more = f"other_hosts: [{{host: management-node, count: {management}}}]\n" if management else ""
    fabric = fabric_of(row["gpus"], "family: mrft", host, more)
    counts = network_counts(fabric, 0)
    leaves = counts.switches["leaf"]
    ours = {
        "su": leaves // 8,
        "nodes": int(((fabric.devices.tier == HOST) & (fabric.devices.gpus > 0)).sum()),
        "gpus": counts.gpus,
        "leaf": leaves,
        "spine": counts.switches.get("spine", 0),
        "core": counts.switches.get("core", 0),
        "node_leaf": counts.links["endpoint"],
        "node_leaf_with_management": counts.links["endpoint"],
        "leaf_spine": counts.links.get("leaf_spine", 0),
        "spine_core": counts.links.get("spine_core", 0),
    }
    name = f"{kind[:4].upper()}, {row['su']} SU"
    status = ASSUMED if management else REPRODUCED
    remark = f"{management} management endpoints on the leaf ports of a node that is left out." if management else ""
    return [
        Figure((f"{kind}.{i}.{key}",), f"{name}: {key.replace('_', ' ')}", value, ours[key], status, remark)
        for key, value in row.items()
    ]
