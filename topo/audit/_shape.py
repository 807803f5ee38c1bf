"""Tiers: whether the switches of a network are a tree, and what does not belong into one. A ring, a mesh, a torus, a
dragonfly is none: said once, and judged by the numbers of cables alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from topo.audit._graph import Graph, stem, text
from topo.checks.model import Finding
from topo.importers.as_built import Seen
from topo.units import amount, verb

MANY = 0.25
"""Of a tree's cables between switches fewer than this share stay within a tier."""
ODD = 0.05
"""At most this share of a mesh's switches, and two at least, are the odd ones out; what more of them have is usual."""


@dataclass(frozen=True)
class Shape:
    """`meshed`: switches of networks that are no trees."""

    findings: list[Finding] = field(default_factory=list)
    meshed: set[str] = field(default_factory=set)


class _Part(NamedTuple):
    """A set of joined switches: its cables between switches, and those of them that stay within a tier."""

    cables: list[Seen]
    same: list[Seen]


def shape(graph: Graph) -> Shape:
    """What is wrong with the tiers of each network."""
    result = Shape()
    parts: dict[str, _Part] = defaultdict(lambda: _Part([], []))
    for cable in graph.cables:
        a, b = graph.level.get(cable.a_device), graph.level.get(cable.b_device)
        message = ""
        if a is None or b is None:
            message = f"no host reaches {cable.a_device}: {text(cable)}"
        elif graph.stray(cable):
            switch = cable.a_device if cable.a_device in graph.strays else cable.b_device
            message = f"a host at {switch}, which is above the leaves: {text(cable)}"
        elif a == b == 0:
            message = f"joins two devices of the same tier: {text(cable)}"
        elif a and b:
            part = parts[graph.network_of(cable)]
            part.cables.append(cable)
            if a == b:
                part.same.append(cable)
        if message:
            result.findings.append(_wrong(message, cable))
    for part in parts.values():
        _judge(graph, part, result)
    result.findings.extend(_without_uplinks(graph, result.meshed))
    return result


def _wrong(message: str, cable: Seen) -> Finding:
    return Finding("not-a-fat-tree", "error", message, (cable.a_device, cable.b_device))


def _judge(graph: Graph, part: _Part, result: Shape) -> None:
    pairs = _peer_links(graph, part.same)
    same = [c for c in part.same if frozenset((c.a_device, c.b_device)) not in pairs]
    if pairs:
        one = " and ".join(sorted(min(pairs, key=sorted)))
        message = (
            f"{amount(len(pairs), 'pair')} of leaves that share their hosts {verb(len(pairs), 'are')} joined "
            f"({one}): taken for peer links"
        )
        result.findings.append(Finding("not-a-fat-tree", "note", message))
    if not _mesh(graph, part, same):
        result.findings.extend(_wrong(f"joins two devices of the same tier: {text(c)}", c) for c in same)
        return
    switches = {d for c in part.cables for d in (c.a_device, c.b_device)}
    result.meshed.update(switches)
    odd, even = _odd_ones(graph, part.cables, switches)
    message = f"{amount(len(switches), 'switch')}{f' of the {graph.name} network' if graph.name else ''} are no tree "
    message += (
        f"({len(same):,} of {amount(len(part.cables), 'cable')} between them stay within a tier, as {text(same[0])}): "
    )
    message += "tiers and uplinks are not judged"
    message += "" if even else ", nor each number of cables, as several are usual"
    result.findings.append(Finding("not-a-fat-tree", "note", message))
    result.findings.extend(odd)


def _mesh(graph: Graph, part: _Part, same: Sequence[Seen]) -> bool:
    """Cables within a tier are many, at most of its switches, and not between leaves of what the plan calls leaves and
    spines."""
    if len(same) <= MANY * len(part.cables):
        return False
    having = {d for c in same for d in (c.a_device, c.b_device)}
    switches = {d for c in part.cables for d in (c.a_device, c.b_device)}
    for level in {graph.level[d] for d in having}:
        tier = {d for d in switches if graph.level[d] == level}
        if 2 * len(tier & having) < len(tier):
            return False
    called = {graph.claimed.get(d, "") for d in switches}
    leaves = any(graph.claimed.get(c.a_device) == graph.claimed.get(c.b_device) == "leaf" for c in same)
    across = any({graph.claimed.get(c.a_device), graph.claimed.get(c.b_device)} == {"leaf", "upper"} for c in same)
    return not ({"leaf", "upper"} <= called and (leaves or across))


def _peer_links(graph: Graph, same: Sequence[Seen]) -> set[frozenset[str]]:
    """Pairs of leaves that are joined as pairs of one host's two ports are: each with one other alone, by as many
    cables as the other pairs, and most of such leaves are."""
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    for c in same:
        beside[c.a_device][c.b_device] += 1
        beside[c.b_device][c.a_device] += 1
    hosts = {d: set(graph.neighbours[d]) & graph.hosts for d in graph.neighbours if graph.level.get(d) == 1}
    result: dict[frozenset[str], int] = {}
    for device, near in beside.items():
        (other, cables), *more = near.most_common()
        shared = len(hosts.get(device, set()) & hosts.get(other, set()))
        least = min(len(hosts.get(device, ())), len(hosts.get(other, ())))
        if not more and len(beside[other]) == 1 and 2 * shared >= max(least, 1):
            result[frozenset((device, other))] = cables
    usual = Counter(result.values()).most_common(1)[0][0] if result else 0
    pairs = {pair for pair, cables in result.items() if cables == usual}
    homes: Counter[frozenset[str]] = Counter()
    for host in graph.hosts:
        homes[frozenset(d for d in graph.neighbours.get(host, ()) if graph.level.get(d) == 1)] += 1
    doubles = {at for at, _ in homes.items() if len(at) == 2}
    return pairs if 2 * len(pairs) >= len(doubles | pairs) else set()


def _odd_ones(graph: Graph, cables: Sequence[Seen], switches: set[str]) -> tuple[list[Finding], bool]:
    """The few switches with other numbers of cables to switches than the rest of their tier; and whether one number is
    usual there."""
    degree = Counter(d for c in cables for d in (c.a_device, c.b_device))
    tiers: dict[int, list[str]] = defaultdict(list)
    for device in sorted(switches):
        tiers[graph.level[device]].append(device)
    result, even = [], True
    for tier in tiers.values():
        numbers = Counter(degree[d] for d in tier)
        usual = [n for n, alike in numbers.most_common() if alike > max(2, ODD * len(tier))] or [0]
        odd = [d for d in tier if degree[d] not in usual]
        left_over = len(odd) == 1 and degree[odd[0]] == usual[0] - 1 and usual[0] * len(tier) % 2 == 1
        even = even and len(usual) == 1 and len(odd) <= max(2, ODD * len(tier))
        if len(odd) <= max(2, ODD * len(tier)) and not left_over:
            for device in odd:
                have = " or ".join(f"{n:,}" for n in sorted(usual))
                own = amount(degree[device], "cable")
                message = f"{device} has {own} to other switches where most of its kind have {have}"
                result.append(Finding("uneven-spread", "error", message, (device,)))
    return result, even


def _without_uplinks(graph: Graph, meshed: set[str]) -> list[Finding]:
    """Leaves without a cable upwards where others have some, unless they are of a tier of their own: all that are
    called alike are so, or they take ports of hosts that no leaf with uplinks takes."""
    leaves = [d for d, level in graph.level.items() if level == 1 and d not in meshed and d not in graph.elsewhere]
    bare = {d for d in leaves if not any(graph.level.get(n, -1) == 2 for n in graph.neighbours[d])}
    if len(bare) == len(leaves) or not bare or not graph.hosts:
        return []
    taken: dict[str, set[str]] = defaultdict(set)
    for _, port, switch, _ in graph.host_cables():
        taken[switch].add(port.lower())
    above = set().union(*(taken[d] for d in leaves if d not in bare))
    alike: dict[str, list[str]] = defaultdict(list)
    for device in leaves:
        alike[stem(device)].append(device)
    result, flat = [], Counter[str]()
    for device in graph.neighbours:
        if device not in bare:
            continue
        peers = alike[stem(device)]
        if (len(peers) > 1 and set(peers) <= bare) or ("" not in taken[device] and not taken[device] & above):
            flat[stem(device)] += 1
        else:
            message = f"{device} has hosts and no uplink"
            result.append(Finding("not-a-fat-tree", "error", message, (device,), "is it a spine?"))
    for name, number in flat.items():
        message = f"{number} switches called {name} have hosts and no uplinks: taken for a network of one tier"
        result.append(Finding("not-a-fat-tree", "note", message))
    return result
