"""The tree that a scheduler of jobs sees: hosts with GPUs under leaves, leaves under pods and whatever joins those.

Leaves with the same hosts (of several planes or rails) are one; all switches above a group of leaves that reach each
other are one, and pods are one each where there is a third tier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.fabric import CORE, Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.joined import components
from topo.fabric.model import BoolArray


@dataclass(frozen=True)
class JobTree:
    """`leaves`: hosts by leaf; `above`: the path from each leaf upwards, as long for every leaf; `blocks`: hosts of the
    scale-up domains that join several."""

    leaves: dict[str, list[str]]
    above: dict[str, tuple[str, ...]]
    blocks: dict[str, list[str]]

    def children(self) -> dict[str, list[str]]:
        """Everything above the leaves with what is right below it, from the bottom up."""
        result: dict[str, list[str]] = {}
        height = max((len(path) for path in self.above.values()), default=0)
        for level in range(height):
            for leaf, path in self.above.items():
                below = path[level - 1] if level else leaf
                held = result.setdefault(path[level], [])
                if below not in held:
                    held.append(below)
        return result


def job_tree(fabric: Fabric) -> JobTree:
    """The tree of the main network."""
    name = [str(n) for n in fabric.devices.name]
    groups, component = _groups(fabric), _components(fabric)
    number = {part: i for i, part in enumerate(dict.fromkeys(component[leaf] for leaf in groups))}
    three = bool((fabric.devices.tier == CORE).any())
    above: dict[str, tuple[str, ...]] = {}
    for leaf in groups:
        top = f"top{number[component[leaf]]}"
        above[name[leaf]] = (f"{top}-pod{int(fabric.devices.pod[leaf]):02d}", top) if three else (top,)
    leaves = {name[leaf]: [name[h] for h in sorted(hosts)] for leaf, hosts in groups.items()}
    return JobTree(leaves, above, _blocks(fabric))


def _runs_jobs(fabric: Fabric) -> BoolArray:
    """Shape (endpoints,): those of the main network whose host has GPUs; management and storage hosts run no jobs."""
    return np.asarray((fabric.endpoints.network == 0) & (fabric.devices.gpus[fabric.endpoints.host] > 0))


def _groups(fabric: Fabric) -> dict[int, set[int]]:
    """Leaf -> hosts with GPUs, of the main network; leaves with the same hosts, or with hosts in common, under the
    first one."""
    ends, at = fabric.endpoints, fabric.endpoint_switch
    own = _runs_jobs(fabric)
    hosts: dict[int, set[int]] = defaultdict(set)
    for leaf, host in zip(at[own].tolist(), ends.host[own].tolist(), strict=True):
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


def _components(fabric: Fabric) -> list[int]:
    """Which switches of the main network reach each other: a number for each device."""
    mask = (fabric.links.network == 0) & ~fabric.is_endpoint_link
    a, b, n = fabric.link_a[mask], fabric.link_b[mask], len(fabric.devices)
    result: list[int] = components(n, a, b).tolist()
    return result


def _blocks(fabric: Fabric) -> dict[str, list[str]]:
    """Scale-up domains as blocks, where one joins several hosts; hosts in none are in no block."""
    hosts = np.unique(fabric.endpoints.host[_runs_jobs(fabric)])
    members: dict[int, list[str]] = defaultdict(list)
    for domain, name in zip(joined_hosts(fabric, hosts).tolist(), fabric.devices.name[hosts].tolist(), strict=True):
        members[domain].append(name)
    blocks = [names for names in members.values() if len(names) > 1]
    return {f"domain{i:04d}": names for i, names in enumerate(blocks)}


def hostlist(names: Sequence[str]) -> str:
    """Names in Slurm's form, runs of numbers of the same width joined: host-[00000-00031,00040]."""
    result: list[str] = []
    runs: list[tuple[str, int, int, int]] = []
    for name in names:
        head = name.rstrip("0123456789")
        digits = name[len(head) :]
        if not digits:
            result.append(name)
            continue
        number, width = int(digits), len(digits)
        if runs and runs[-1][0] == head and runs[-1][1] == width and runs[-1][3] == number - 1:
            runs[-1] = (head, width, runs[-1][2], number)
        else:
            runs.append((head, width, number, number))
    by_head: dict[str, list[str]] = defaultdict(list)
    for head, width, low, high in runs:
        by_head[head].append(f"{low:0{width}d}" + (f"-{high:0{width}d}" if high > low else ""))
    return ",".join(result + [f"{head}[{','.join(spans)}]" for head, spans in by_head.items()])
