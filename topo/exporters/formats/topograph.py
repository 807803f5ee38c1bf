"""NVIDIA Topograph's model of a cluster, which its `test` provider and simulations read.

The rules are those of pkg/models/model.go (NVIDIA/topograph, 2026-08): a switch has one parent, a node one switch and
one block, and every switch that a block names is declared.
"""

from __future__ import annotations

from topo.exporters.jobs import job_tree
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import quoted

DOMAIN = "accelerator.topology.test/domain"


def _write(plan: Plan) -> dict[str, bytes]:
    tree = job_tree(plan.fabric)
    lines = ["switches:"]
    for name, below in tree.children().items():
        lines += [f"  {quoted(name)}:", "    switches:", *(f"    - {quoted(child)}" for child in below)]
    lines += [f"  {quoted(leaf)}: {{switches: []}}" for leaf in tree.leaves]
    domain = {host: name for name, hosts in tree.blocks.items() for host in hosts}
    lines.append("blocks:")
    for leaf, hosts in tree.leaves.items():
        members: dict[str, list[str]] = {}
        for host in hosts:
            members.setdefault(domain.get(host, ""), []).append(host)
        for name, nodes in members.items():
            lines += [f"- switch: {quoted(leaf)}", "  nodes:", *(f"  - {quoted(node)}" for node in nodes)]
            lines += ["  annotations:", f"    {DOMAIN}: {quoted(name)}"] if name else []
    return {"topograph/model.yaml": ("\n".join(lines) + "\n").encode()}


exporters.add(
    "topograph",
    Exporter(
        "Topograph model, YAML",
        _write,
        "links and their number, planes, rails, other networks; hosts without GPUs",
    ),
)
