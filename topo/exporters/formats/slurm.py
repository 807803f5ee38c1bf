"""Slurm's topology: `topology.conf` for its topology/tree plugin, `topology-block.conf` for topology/block where a
scale-up domain joins several hosts, and `topology.yaml` (Slurm 25.05 and later) with all of them under names.

Slurm reads `topology.yaml` first and ignores `topology.conf` where it is there.
"""

from __future__ import annotations

from topo.exporters.jobs import JobTree, hostlist, job_tree
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import quoted


def _write(plan: Plan) -> dict[str, bytes]:
    tree = job_tree(plan.fabric)
    lines = [f"SwitchName={leaf} Nodes={hostlist(hosts)}" for leaf, hosts in tree.leaves.items()]
    lines += [f"SwitchName={name} Switches={','.join(below)}" for name, below in _switches(tree).items()]
    files = {"slurm/topology.conf": lines, "slurm/topology.yaml": _yaml(tree)}
    if tree.blocks:
        blocks = [f"BlockName={name} Nodes={hostlist(hosts)}" for name, hosts in tree.blocks.items()]
        files["slurm/topology-block.conf"] = [*blocks, f"BlockSizes={_block_size(tree)}"]
    return {path: ("\n".join(rows) + "\n").encode() for path, rows in files.items()}


def _switches(tree: JobTree) -> dict[str, list[str]]:
    """What is above the leaves; a top that joins nothing is left out."""
    tops = {path[-1] for path in tree.above.values()}
    return {name: below for name, below in tree.children().items() if len(below) > 1 or name not in tops}


def _block_size(tree: JobTree) -> int:
    """The planning base block size: that of the smallest block."""
    return min(len(hosts) for hosts in tree.blocks.values())


def _yaml(tree: JobTree) -> list[str]:
    """Named topologies: `tree` (the default), `block` where there are blocks, `flat` for partitions of other hosts."""
    lines = ["- topology: tree", "  cluster_default: true", "  tree:", "    switches:"]
    for name, below in _switches(tree).items():
        lines += [f"      - switch: {quoted(name)}", f"        children: {quoted(','.join(below))}"]
    for leaf, hosts in tree.leaves.items():
        lines += [f"      - switch: {quoted(leaf)}", f"        nodes: {quoted(hostlist(hosts))}"]
    if tree.blocks:
        lines += ["- topology: block", "  cluster_default: false", "  block:", "    block_sizes:"]
        lines += [f"      - {_block_size(tree)}", "    blocks:"]
        for name, hosts in tree.blocks.items():
            lines += [f"      - block: {quoted(name)}", f"        nodes: {quoted(hostlist(hosts))}"]
    return [*lines, "- topology: flat", "  cluster_default: false", "  flat: true"]


exporters.add(
    "slurm",
    Exporter(
        "Slurm topology.conf, topology.yaml and blocks",
        _write,
        "links and their number, planes, rails, other networks; hosts without GPUs",
    ),
)
