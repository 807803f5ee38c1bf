"""Slurm's topology.conf: a tree of switch groups, as its topology/tree plugin wants it.

Leaves with the same hosts (of several planes or rails) are one entry; all switches above a group of leaves that reach
each other are one entry, and pods are one each where there is a third tier. Where a scale-up domain joins several
hosts, `topology-block.conf` has it as a block, for the topology/block plugin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.fabric import CORE, Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import BoolArray


def _groups(fabric: Fabric) -> dict[int, set[int]]:
    """Leaf -> hosts with GPUs, of the main network; leaves with the same hosts, or with hosts in common, under the
    first one."""
    ends, at = fabric.endpoints, fabric.endpoint_switch
    mine = _runs_jobs(fabric)
    hosts: dict[int, set[int]] = defaultdict(set)
    for leaf, host in zip(at[mine].tolist(), ends.host[mine].tolist(), strict=True):
        if leaf >= 0:
            hosts[leaf].add(host)
    owner: dict[int, int] = {}
    groups: dict[int, set[int]] = {}
    for leaf in sorted(hosts):
        first = {owner[h] for h in hosts[leaf] if h in owner}
        into = min(first, default=leaf)
        groups.setdefault(into, set()).update(hosts[leaf])
        for other in first - {into}:
            groups[into] |= groups.pop(other)
        for host in groups[into]:
            owner[host] = into
    return groups


def _runs_jobs(fabric: Fabric) -> BoolArray:
    """Shape (endpoints,): those of the main network whose host has GPUs; management and storage hosts run no jobs."""
    return np.asarray((fabric.endpoints.network == 0) & (fabric.devices.gpus[fabric.endpoints.host] > 0))


def _components(fabric: Fabric) -> list[int]:
    """Which switches of the main network reach each other: a number for each device."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    mine = (fabric.links.network == 0) & ~fabric.is_endpoint_link
    a, b, n = fabric.link_a[mine], fabric.link_b[mine], len(fabric.devices)
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return [int(x) for x in connected_components(graph, directed=False)[1].tolist()]


def _write(plan: Plan) -> dict[str, bytes]:
    fabric = plan.fabric
    name = fabric.devices.name.tolist()
    groups, component = _groups(fabric), _components(fabric)
    lines = [
        f"SwitchName={name[leaf]} Nodes={hostlist([name[h] for h in sorted(hosts)])}" for leaf, hosts in groups.items()
    ]
    three = bool((fabric.devices.tier == CORE).any())
    above: dict[tuple[int, int], list[int]] = defaultdict(list)
    for leaf in groups:
        above[component[leaf], int(fabric.devices.pod[leaf]) if three else -1].append(leaf)
    tops: dict[int, list[str]] = defaultdict(list)
    for (part, pod), leaves in above.items():
        if three:
            switch = f"top{part_number(part, component, groups)}-pod{pod:02d}"
            lines.append(f"SwitchName={switch} Switches={','.join(name[x] for x in leaves)}")
            tops[part].append(switch)
        else:
            tops[part] += [name[x] for x in leaves]
    for part, switches in tops.items():
        if len(switches) > 1:
            lines.append(f"SwitchName=top{part_number(part, component, groups)} Switches={','.join(switches)}")
    return {"slurm/topology.conf": ("\n".join(lines) + "\n").encode(), **_blocks(fabric)}


def _blocks(fabric: Fabric) -> dict[str, bytes]:
    """Scale-up domains as blocks, where one joins several hosts; hosts in none are in no block. The base block size is
    that of the smallest block, as the plugin wants it."""
    hosts = np.unique(fabric.endpoints.host[_runs_jobs(fabric)])
    members: dict[int, list[str]] = defaultdict(list)
    for domain, name in zip(joined_hosts(fabric, hosts).tolist(), fabric.devices.name[hosts].tolist(), strict=True):
        members[domain].append(name)
    blocks = [names for names in members.values() if len(names) > 1]
    if not blocks:
        return {}
    lines = [f"BlockName=domain{i:04d} Nodes={hostlist(names)}" for i, names in enumerate(blocks)]
    lines.append(f"BlockSizes={min(len(names) for names in blocks)}")
    return {"slurm/topology-block.conf": ("\n".join(lines) + "\n").encode()}


def part_number(part: int, component: Sequence[int], groups: dict[int, set[int]]) -> int:
    """Components counted in the order of their first leaf."""
    seen = list(dict.fromkeys(component[leaf] for leaf in groups))
    return seen.index(part)


def hostlist(names: Sequence[str]) -> str:
    """Names in Slurm's form, runs of numbers of the same width joined: host-[00000-00031,00040]."""
    found: list[str] = []
    runs: list[tuple[str, int, int, int]] = []
    for name in names:
        head = name.rstrip("0123456789")
        digits = name[len(head) :]
        if not digits:
            found.append(name)
            continue
        number, width = int(digits), len(digits)
        if runs and runs[-1][0] == head and runs[-1][1] == width and runs[-1][3] == number - 1:
            runs[-1] = (head, width, runs[-1][2], number)
        else:
            runs.append((head, width, number, number))
    by_head: dict[str, list[str]] = defaultdict(list)
    for head, width, low, high in runs:
        by_head[head].append(f"{low:0{width}d}" + (f"-{high:0{width}d}" if high > low else ""))
    return ",".join(found + [f"{head}[{','.join(spans)}]" for head, spans in by_head.items()])


exporters.add(
    "slurm",
    Exporter(
        "Slurm topology.conf", _write, "links and their number, planes, rails, other networks; hosts without GPUs"
    ),
)
