"""A plan's cables as graphs of devices, one for each network that the plan names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from topo.checks.model import Finding
from topo.importers.as_built import Seen
from topo.importers.roles import hosts_of, levels_of, neighbours_of, networks_of
from topo.units import amount

_NUMBERS = re.compile(r"\d+")
_LAST = re.compile(r"\d+(?=\D*$)")
_LEAF = re.compile(r"(?i)leaf|(?<![a-z])(tor|edge|access)(?![a-z])")
_UPPER = re.compile(r"(?i)spine|(?<![a-z])(agg|aggregation|core|super)(?![a-z])")
FEW_CABLES = 4
"""A name that fewer cables than this bear on average is no network's: a subnet of each cable, a number."""
THIN = 0.25
"""A switch with fewer hosts than this share of what others have is looked at: it may be a spine with a stray host."""


def stem(name: str) -> str:
    """A name without its numbers: `leaf-01` and `leaf-12` are called alike."""
    return _NUMBERS.sub("#", name.lower())


def series(name: str) -> str:
    """A name without its last number: `host2-01` and `host2-12` are of one series."""
    return _LAST.sub("#", name.lower())


def text(cable: Seen) -> str:
    """Both ends of a cable, and the line."""
    line = f" (line {cable.line})" if cable.line else ""
    return f"{cable.a_device}:{cable.a_port} to {cable.b_device}:{cable.b_port}{line}"


@dataclass(frozen=True)
class Graph:
    """The cables of one network. `name` is empty where the plan names none; `elsewhere`: devices that cables of other
    networks join to switches."""

    cables: Sequence[Seen]
    hosts: Set[str]
    name: str = ""
    elsewhere: Set[str] = field(default_factory=frozenset)

    @cached_property
    def neighbours(self) -> dict[str, Counter[str]]:
        return neighbours_of(self.cables)

    @cached_property
    def strays(self) -> frozenset[str]:
        """Switches above the leaves that hosts are plugged into: few, where a fellow of theirs carries none."""
        switches = {d: set(near) - self.hosts for d, near in self.neighbours.items() if d not in self.hosts}
        carried = {d: sum(n for o, n in self.neighbours[d].items() if o in self.hosts) for d in switches}
        bearing = [n for n in carried.values() if n]
        usual = median(bearing) if bearing else 0
        result = set()
        for device, near in switches.items():
            if not 0 < carried[device] < THIN * usual or not near:
                continue
            leaves = {n for n in near if carried[n] >= THIN * usual}
            fellows = {f for leaf in leaves for f in switches[leaf] if f != device and not carried[f]}
            hub = len(leaves) > 1 and all(switches[leaf] == {device} for leaf in leaves)
            alike = any(2 * len(switches[f] & near) >= len(near) for f in fellows)
            if 2 * len(leaves) >= len(near) and (hub or alike):
                result.add(device)
        return frozenset(result)

    @cached_property
    def level(self) -> dict[str, int]:
        """Cables from the nearest host: leaf 1, spine 2, core 3; leaves without hosts 1."""
        if not self.strays:
            return levels_of(self.neighbours, self.hosts, self.bare)
        rest = [c for c in self.cables if not self.stray(c)]
        return levels_of(neighbours_of(rest), self.hosts, self.bare)

    @cached_property
    def bare(self) -> frozenset[str]:
        """What the plan calls leaves, that have no host and are cabled to what it calls spines alone: border leaves."""
        called = self.claimed
        leaves = (d for d, near in self.neighbours.items() if called.get(d) == "leaf" and not self.hosts & near.keys())
        return frozenset(d for d in leaves if all(called.get(n) == "upper" for n in self.neighbours[d]))

    def stray(self, cable: Seen) -> bool:
        """A host's cable to a switch that is above the leaves."""
        a, b = cable.a_device, cable.b_device
        return (a in self.strays and b in self.hosts) or (b in self.strays and a in self.hosts)

    @cached_property
    def network(self) -> dict[str, str]:
        """Switches that cables between switches join have one network: the name of its first switch."""
        return networks_of(self.neighbours, self.hosts)

    def network_of(self, cable: Seen) -> str:
        """The network of a cable's switches; empty where both ends are hosts."""
        return self.network.get(cable.b_device) or self.network.get(cable.a_device, "")

    def host_cables(self) -> list[tuple[str, str, str, Seen]]:
        """Host, its port, switch and cable of every cable between the two."""
        result = []
        for c in self.cables:
            if (c.a_device in self.hosts) != (c.b_device in self.hosts):
                near = c.a_device in self.hosts
                ends = (c.a_device, c.a_port, c.b_device) if near else (c.b_device, c.b_port, c.a_device)
                result.append((*ends, c))
        return result

    @cached_property
    def claimed(self) -> dict[str, str]:
        """Switches that the plan calls `leaf` or `upper` (spine, core), in a column of roles or by their names."""
        told: dict[str, str] = {}
        for c in self.cables:
            for device, tier in ((c.a_device, c.a_tier), (c.b_device, c.b_tier)):
                if tier:
                    told[device] = "leaf" if tier == "leaf" else "upper"
        for device in self.neighbours:
            if device not in told and device not in self.hosts:
                if _UPPER.search(device):
                    told[device] = "upper"
                elif _LEAF.search(device):
                    told[device] = "leaf"
        return told


def graphs_of(cables: Sequence[Seen]) -> tuple[list[Graph], list[Finding]]:
    """A graph for each network that the cables name, or one of all, and what is said of that. A cable without a name
    is of the network that the others of its switches are of."""
    hosts = hosts_of(cables, neighbours_of(cables))
    named = Counter(c.network for c in cables if c.network)
    if not named:
        return [Graph(cables, hosts)], []
    if named.total() < FEW_CABLES * len(named):
        message = (
            f"the column of networks has {amount(len(named), 'name')} for {amount(named.total(), 'cable')}: it "
            "is not used"
        )
        return [Graph(cables, hosts)], [Finding("column-unused", "note", message)]
    of = _networks(cables, hosts)
    joined: dict[str, set[str]] = defaultdict(set)
    for c, network in zip(cables, of, strict=True):
        if c.a_device not in hosts and c.b_device not in hosts:
            joined[network] |= {c.a_device, c.b_device}
    graphs = []
    for network in sorted(set(of)):
        own = [c for c, n in zip(cables, of, strict=True) if n == network]
        elsewhere = set().union(*(result for other, result in joined.items() if other != network))
        graphs.append(Graph(own, hosts, network, elsewhere))
    return graphs, _strangers(graphs)


def _networks(cables: Sequence[Seen], hosts: Set[str]) -> list[str]:
    """The network of each cable: one without a name is of that of most named cables between switches of the same
    networks as its own are of."""
    at: dict[str, Counter[str]] = defaultdict(Counter)
    for c in cables:
        for device in {c.a_device, c.b_device} - hosts:
            if c.network:
                at[device][c.network] += 1
    usual = {device: names.most_common(1)[0][0] for device, names in at.items()}

    def between(c: Seen) -> frozenset[str]:
        return frozenset(usual[device] for device in (c.a_device, c.b_device) if device in usual)

    joins: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for c in cables:
        if c.network:
            joins[between(c)][c.network] += 1
    result = []
    for c in cables:
        near = (joins.get(between(c)) or at[c.a_device] + at[c.b_device]) if not c.network else Counter()
        result.append(c.network or (near.most_common(1)[0][0] if near else ""))
    return result


def _strangers(graphs: Sequence[Graph]) -> list[Finding]:
    """Host cables of one network at a switch that is, but for them, another network's."""
    at: dict[str, Counter[str]] = defaultdict(Counter)
    switched: dict[str, set[str]] = {g.name: set() for g in graphs}
    ends: Mapping[str, list[tuple[str, str, str, Seen]]] = {g.name: g.host_cables() for g in graphs}
    for graph in graphs:
        for _, _, switch, _ in ends[graph.name]:
            at[switch][graph.name] += 1
        switched[graph.name] = {d for c in graph.cables for d in (c.a_device, c.b_device)
                                if c.a_device not in graph.hosts and c.b_device not in graph.hosts}  # fmt: skip
    result = []
    for graph in graphs:
        homes = Counter(switch for _, _, switch, _ in ends[graph.name])
        for _, _, switch, cable in ends[graph.name]:
            own, whole = at[switch][graph.name], at[switch].total()
            usual, most = at[switch].most_common(1)[0]
            if usual == graph.name or own > max(1, whole // 10) or most < FEW_CABLES or switch in switched[graph.name]:
                continue
            if max(homes.values()) >= FEW_CABLES * own:
                message = (
                    f"a cable of the {graph.name} network at {switch}, a switch of the {usual} network: {text(cable)}"
                )
                result.append(Finding("wrong-network", "error", message, (switch,)))
    return result
