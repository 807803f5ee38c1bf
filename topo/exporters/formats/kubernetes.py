"""Kubernetes: the labels of every node, the Topology objects of Kueue over them, and HyperNodes for Volcano.

Labels are those that Topograph writes (`fabric.topograph.run/tier-N` from the leaf, tier 0, upwards, and
`accelerator.topograph.run/domain`). Kueue (from 0.15, which serves `v1beta2`) wants a node to have a label for every
level, the widest level first and `kubernetes.io/hostname` at the last alone (kueue.sigs.k8s.io, Topology-Aware
Scheduling); Volcano wants lower tiers below higher ones, and every node and HyperNode a member of one (volcano.sh,
Network Topology Aware Scheduling).
"""

from __future__ import annotations

from topo.exporters.jobs import JobTree, job_tree
from topo.exporters.names import dns_name, no_dns_names
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import quoted

TIER = "fabric.topograph.run/tier-{}"
DOMAIN = "accelerator.topograph.run/domain"
HOSTNAME = "kubernetes.io/hostname"


def _refuses(plan: Plan) -> str:
    tree = job_tree(plan.fabric)
    names = [*tree.leaves, *tree.children(), *(host for hosts in tree.leaves.values() for host in hosts)]
    why = no_dns_names(names)
    return f"Kubernetes {why}" if why else ""


def _write(plan: Plan) -> dict[str, bytes]:
    tree = job_tree(plan.fabric)
    files = {
        "kubernetes/node-labels.yaml": _labels(tree),
        "kubernetes/kueue-topology.yaml": _kueue(tree),
        "kubernetes/volcano-hypernodes.yaml": _volcano(tree),
    }
    return {path: "---\n".join(documents).encode() for path, documents in files.items()}


def _labels(tree: JobTree) -> list[str]:
    """A Node object with labels alone for each host: `kubectl apply --server-side` adds them to the nodes."""
    domain = {host: name for name, hosts in tree.blocks.items() for host in hosts}
    result = []
    for leaf, hosts in tree.leaves.items():
        path = {TIER.format(i): dns_name(name) for i, name in enumerate((leaf, *tree.above[leaf]))}
        for host in hosts:
            labels = path | ({DOMAIN: domain[host]} if host in domain else {})
            rows = "".join(f"    {key}: {quoted(value)}\n" for key, value in labels.items())
            result.append(f"apiVersion: v1\nkind: Node\nmetadata:\n  name: {quoted(dns_name(host))}\n  labels:\n{rows}")
    return result


def _kueue(tree: JobTree) -> list[str]:
    """A Topology of the network's tiers, and one of scale-up domains where they join hosts: two ways to cut the same
    nodes, of which neither has to be inside the other."""
    height = 1 + max((len(path) for path in tree.above.values()), default=0)
    levels = {"fabric": [TIER.format(i) for i in reversed(range(height))], "scale-up": [DOMAIN] if tree.blocks else []}
    result = []
    for name, labels in levels.items():
        if labels:
            rows = "".join(f"    - nodeLabel: {label}\n" for label in (*labels, HOSTNAME))
            head = f"apiVersion: kueue.x-k8s.io/v1beta2\nkind: Topology\nmetadata:\n  name: {name}\n"
            result.append(f"{head}spec:\n  levels:\n{rows}")
    return result


def _volcano(tree: JobTree) -> list[str]:
    tier = dict.fromkeys(tree.leaves, 1)
    members = {leaf: ("Node", hosts) for leaf, hosts in tree.leaves.items()}
    for name, below in tree.children().items():
        tier[name] = 1 + max(tier[child] for child in below)
        members[name] = ("HyperNode", below)
    result = []
    for name, (kind, held) in members.items():
        rows = "".join(
            f"  - type: {kind}\n    selector:\n      exactMatch:\n        name: {quoted(dns_name(member))}\n"
            for member in held
        )
        head = (
            f"apiVersion: topology.volcano.sh/v1alpha1\nkind: HyperNode\nmetadata:\n  name: {quoted(dns_name(name))}\n"
        )
        result.append(f"{head}spec:\n  tier: {tier[name]}\n  members:\n{rows}")
    return result


exporters.add(
    "kubernetes",
    Exporter(
        "Kubernetes node labels, Kueue topologies, Volcano HyperNodes",
        _write,
        "links and their number, planes, rails, other networks; hosts without GPUs",
        _refuses,
    ),
)
