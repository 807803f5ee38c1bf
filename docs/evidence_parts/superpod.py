"""Component counts of the NVIDIA DGX SuperPOD reference architectures: as designs, and B300 as what a search finds."""

from __future__ import annotations

from typing import Any

from evidence_parts.model import ASSUMED, CATALOG, REPRODUCED, Figure, fabric_of
from topo.fabric import HOST
from topo.report.counts import network_counts
from topo.searching.candidates.count import Counted
from topo.searching.candidates.request import parse_request
from topo.searching.running.run import Run


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
    for i, row in enumerate(reference["b300_xdr"]):
        found += _searched(f"b300_xdr.{i}", f"B300 on XDR, {row['su']} SU", row, XDR)
    for i, row in enumerate(reference["b300_ethernet"]):
        found += _searched(f"b300_ethernet.{i}", f"B300 on Ethernet, {row['su']} SU", row, ETHERNET)
    return found


XDR = (
    "host: dgx-b300\nchoose: {families: [mrft], switches: [nvidia-q3400], oversubscription: [1, 2], spread: [even]}",
    72, 1, "The fewest switches of a search; with `spread: by-one` spines are the GPUs / 144.",
)  # fmt: skip
ETHERNET = (
    "host: hgx-b300-ethernet\nchoose: {families: [mpft, ft2], switches: [nvidia-sn5600], planes: [2]}",
    64, 2, "The fewest switches of a search: two planes, two links of 400 Gb/s a cable.",
)  # fmt: skip


def _searched(key: str, name: str, row: dict[str, int], space: tuple[str, int, int, str]) -> list[Figure]:
    """The counts of the network of the fewest switches in a space; `space`: request, nodes of a scalable unit, links of
    a cable, remark."""
    asked, nodes, links, remark = space
    text = f"name: e\ngpus: {8 * row['nodes']}\nobjectives: [switches]\n{asked}\n"
    search = Run(parse_request(text, "evidence", CATALOG)).search()
    assert search.complete
    assert search.winner is not None
    counted = search.winner.row.counted
    assert isinstance(counted, Counted)
    counts = counted.counts
    ours = {
        "su": row["nodes"] // nodes,
        "nodes": row["nodes"],
        "gpus": 8 * row["nodes"],
        "leaf": counts.switches["leaf"],
        "spine": counts.switches["spine"],
        "node_leaf": counts.links["endpoint"] // links,
        "leaf_spine": counts.links["leaf_spine"] // links,
    }
    return [
        Figure((f"{key}.{k}",), f"{name}: {k.replace('_', ' ')}", value, ours[k], ASSUMED, remark)
        for k, value in row.items()
    ]


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
