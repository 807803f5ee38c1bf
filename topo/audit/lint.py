"""Checks somebody else's cabling plan without a design: what can be wrong in a table of cables alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from topo.audit._fit import misfits
from topo.audit._port_words import part_of
from topo.audit._spread import spread
from topo.catalog import Catalog
from topo.checks.model import Finding
from topo.importers.as_built import AsBuilt, Seen
from topo.importers.roles import hosts_of, levels_of, neighbours_of, networks_of

_WITH_A_WORD = re.compile(r"[a-z][\w/ -]*\d$")
LISTED = 200
"""At most so many findings of one code."""


def lint_plan(plan: AsBuilt, catalog: Catalog | None = None) -> list[Finding]:
    """Ports and cages used twice; speeds that differ among the cables of one tier pair; cables that skip or stay within
    a tier; uplinks spread unevenly; NICs off their rail; with a catalog, parts that do not fit each other. Tiers are
    counted from the hosts; without host roles in the file the devices with fewer cables than all their neighbours are
    taken for hosts. What the reader found worth saying comes last, as notes."""
    graph = _Graph(tuple(c for c in plan.cables if not c.doubt))
    checks = (_ports_twice(graph), _cages_twice(graph), _tiers(graph), spread(graph), _rails(graph), _speeds(graph))
    fits = misfits(plan.cables, graph.hosts, catalog, _text) if catalog else []
    by_code = [[f for f in fits if f.code == code] for code in dict.fromkeys(f.code for f in fits)]
    notes = [Finding(r.code, _SEVERITY.get(r.code, "note"), r.message, r.where) for r in plan.remarks]
    return [finding for found in (*checks, *by_code, notes) for finding in found[:LISTED]]


_SEVERITY = {"name-twice": "warning", "unnamed": "warning", "open-panel": "warning"}


@dataclass(frozen=True)
class _Graph:
    cables: Sequence[Seen]

    @cached_property
    def neighbours(self) -> dict[str, Counter[str]]:
        return neighbours_of(self.cables)

    @cached_property
    def hosts(self) -> set[str]:
        return hosts_of(self.cables, self.neighbours)

    @cached_property
    def level(self) -> dict[str, int]:
        """Cables from the nearest host: leaf 1, spine 2, core 3."""
        return levels_of(self.neighbours, self.hosts)

    @cached_property
    def network(self) -> dict[str, str]:
        """Switches that cables between switches join have one network: the name of its first switch."""
        return networks_of(self.neighbours, self.hosts)

    def network_of(self, cable: Seen) -> str:
        """The network of a cable's switches; empty where both ends are hosts."""
        return self.network.get(cable.b_device) or self.network.get(cable.a_device, "")


def _text(cable: Seen) -> str:
    line = f" (line {cable.line})" if cable.line else ""
    return f"{cable.a_device}:{cable.a_port} to {cable.b_device}:{cable.b_port}{line}"


def _ports_twice(graph: _Graph) -> list[Finding]:
    at: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for cable in graph.cables:
        at[cable.a_device, cable.a_id or cable.a_port].append(cable)
        at[cable.b_device, cable.b_id or cable.b_port].append(cable)
    found = []
    for (device, port), used in at.items():
        if port and len(used) > 1:
            name = used[0].a_port if used[0].a_device == device else used[0].b_port
            text = f"{device}:{name} has {len(used)} cables: {'; '.join(_text(c) for c in used[:3])}"
            found.append(Finding("port-used-twice", "error", text, (f"{device}:{name}",)))
    return found


def _cages_twice(graph: _Graph) -> list[Finding]:
    """A cage as a whole and a part of it (`swp1` and `swp1s0`, `Ethernet1/5` and `Ethernet1/5/1`), or one part under
    two names."""
    at: dict[str, dict[tuple[tuple[int, ...], int], dict[str, Seen]]] = defaultdict(lambda: defaultdict(dict))
    named: dict[str, dict[str, tuple[str, Seen]]] = defaultdict(dict)
    for cable in graph.cables:
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            named[device].setdefault(port.lower(), (port, cable))
            place = part_of(port) if port else None
            if place is not None:
                at[device][place].setdefault(port, cable)
    found = []
    for device, places in at.items():
        whole = {cage: ports for (cage, part), ports in places.items() if part == 0}
        for (cage, part), ports in places.items():
            if part and cage in whole:
                both = [*whole[cage].items(), *ports.items()]
                names = " and ".join(f"{device}:{port}" for port, _ in both)
                text = f"{names} are the same cage: {'; '.join(_text(c) for _, c in both)}"
                found.append(Finding("port-used-twice", "error", text, tuple(f"{device}:{p}" for p, _ in both)))
    for device, by_name in named.items():
        for low, (port, cable) in by_name.items():
            stem = low.rpartition("/")[0]
            if stem in by_name and _WITH_A_WORD.match(stem):
                other, there = by_name[stem]
                text = f"{device}:{other} and {device}:{port} are the same cage: {_text(there)}; {_text(cable)}"
                found.append(Finding("port-used-twice", "error", text, (f"{device}:{other}", f"{device}:{port}")))
    return found


def _tiers(graph: _Graph) -> list[Finding]:
    found = []
    for cable in graph.cables:
        a, b = graph.level.get(cable.a_device), graph.level.get(cable.b_device)
        if a is None or b is None:
            message = f"no host reaches {cable.a_device}: {_text(cable)}"
        elif a == b:
            message = f"joins two devices of the same tier: {_text(cable)}"
        else:
            continue
        found.append(Finding("not-a-fat-tree", "error", message, (cable.a_device, cable.b_device)))
    for device, near in graph.neighbours.items():
        above = {graph.level.get(n, -1) for n in near}
        if (
            graph.level.get(device) == 1
            and 0 in above
            and graph.hosts
            and max(graph.level.values()) > 1
            and 2 not in above
        ):
            found.append(
                Finding("not-a-fat-tree", "error", f"{device} has hosts and no uplink", (device,), "is it a spine?")
            )
    return found


def _rails(graph: _Graph) -> list[Finding]:
    """In each network whose hosts put every NIC on a leaf of its own and nearly every leaf holds one NIC name only, the
    others are named."""
    found = []
    ends: dict[str, dict[str, list[tuple[str, Seen]]]] = defaultdict(lambda: defaultdict(list))
    leaves: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for cable in graph.cables:
        if (cable.a_device in graph.hosts) == (cable.b_device in graph.hosts):
            continue
        host, port, leaf = cable.a_device, cable.a_port, cable.b_device
        if leaf in graph.hosts:
            host, port, leaf = cable.b_device, cable.b_port, cable.a_device
        network = graph.network[leaf]
        ends[network][leaf].append((port, cable))
        leaves[network][host].append(leaf)
    for network, by_leaf in ends.items():
        several = [at for at in leaves[network].values() if len(at) > 1]
        apart = sum(len(set(at)) == len(at) for at in several)
        usual = {leaf: Counter(port for port, _ in mine).most_common(1)[0] for leaf, mine in by_leaf.items()}
        pure = sum(n >= 0.9 * len(by_leaf[leaf]) for leaf, (_, n) in usual.items())
        if not several or apart < 0.75 * len(several) or pure < 0.75 * len(by_leaf):
            continue
        for leaf, mine in by_leaf.items():
            nic = usual[leaf][0]
            for port, cable in mine:
                if port != nic:
                    text = f"{leaf} is a leaf of {nic}, but has {port}: {_text(cable)}"
                    where = (leaf, cable.a_device if cable.b_device == leaf else cable.b_device)
                    found.append(Finding("rail-broken", "error", text, where))
    return found


def _speeds(graph: _Graph) -> list[Finding]:
    """Cables between the same two tiers of one network run at one speed."""
    by_pair: dict[tuple[str, int, int], Counter[float]] = defaultdict(Counter)
    pairs = []
    for cable in graph.cables:
        low, high = sorted((graph.level.get(cable.a_device, -1), graph.level.get(cable.b_device, -1)))
        pairs.append((graph.network_of(cable), low, high))
        if cable.gbps:
            by_pair[pairs[-1]][cable.gbps] += 1
    found = []
    for pair, cable in zip(pairs, graph.cables, strict=True):
        usual = by_pair[pair].most_common(1)[0][0] if by_pair[pair] else 0.0
        if cable.gbps and cable.gbps != usual:
            message = f"{cable.gbps:g} Gb/s where its tier has {usual:g}: {_text(cable)}"
            found.append(Finding("wrong-speed", "error", message, (cable.a_device, cable.b_device)))
    return found
