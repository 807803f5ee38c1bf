"""Evenness of uplinks, against what the switches of the same role have: a leaf's peers say what a leaf has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from topo.audit._graph import Graph, series, stem
from topo.audit._port_runs import holed
from topo.checks.model import Finding
from topo.units import amount, verb

Ups = Mapping[str, Mapping[str, int]]
"""Switch -> the switches above it, with numbers of cables."""


def spread(graph: Graph, meshed: Set[str] = frozenset()) -> list[Finding]:
    """Switches whose uplinks differ from those of their peers: in number, in how many switches above they reach, or in
    how evenly they do.

    Numbers that differ by one are even where the cables do not divide by the switches above. Peers are the switches of
    the same network and tier; most of them say what is usual. Those whose names differ by their numbers alone
    (`storage-leaf1`, `storage-leaf2`), or that join hosts called alike, are a kind. A kind that all have another number
    of uplinks is of another role: a note. Of a single switch nobody else says so, unless other planes have the like: it
    may be one with a cable too few, and is a kind of its own only where its uplinks are as even as can be, reach as
    many switches as those of most and leave no hole among its ports.
    `meshed`: switches of networks that are no trees, which are not looked at.
    """
    ups: dict[str, dict[str, int]] = {}
    for device, near in graph.neighbours.items():
        level = graph.level.get(device, -1)
        up = {n: count for n, count in near.items() if graph.level.get(n, -1) == level + 1}
        if level >= 1 and up and device not in meshed:
            ups[device] = up
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    alike: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for device, up in ups.items():
        groups[graph.network[device], graph.level[device]].append(device)
        alike[stem(device), graph.level[device]][graph.network[device]].add(sum(up.values()))
    holes = cache(lambda: holed(graph.cables, {device: up.keys() for device, up in ups.items()}))
    return [finding for group in groups.values() for finding in _of_tier(graph, ups, group, (alike, holes))]


Alike = Mapping[tuple[str, int], Mapping[str, Set[int]]]
"""(What switches are called, their tier) -> by network, their numbers of uplinks."""


def _of_tier(
    graph: Graph, ups: Ups, group: Sequence[str], known: tuple[Alike, Callable[[], frozenset[str]]]
) -> list[Finding]:
    """The findings of the switches of one network and tier; `known`: of all networks, and which switches have holes
    among the ports of their uplinks."""
    whole, by_one = _Usual.of(ups, group), _all_by_one(ups, group)
    alike, holed_ones = known
    uneven = {device for device in group if _gap(ups[device]) == 1}
    result = []
    for name, peers in _kinds(graph, ups, group):
        own, gap = _Usual.of(ups, peers), _gap(ups[peers[0]])
        kind = len(peers) < len(group) and own.agreed == len(peers)
        odd = kind and (gap > 0 or (len(peers) == 1 and own.total != whole.total))
        if odd:
            at = graph.network[peers[0]]
            others = [n for network, n in alike[name, graph.level[peers[0]]].items() if network != at]
            told = set().union(*others)
            holes = holed_ones().intersection(group)
            holes = holes if 2 * len(holes) < len(group) else frozenset()
            sound = len(told) != 1 or len(others) == 1
            sound = (
                sound
                and not holes & {*peers}
                and all(_sound(ups[d], whole.reach, bool(uneven - {*peers})) for d in peers)
            )
            kind = told == {own.total} or sound
        apart = kind and own.total != whole.total
        if apart:
            have = f"{verb(len(peers), 'have')} {amount(own.total, 'uplink')}{' each' if len(peers) > 1 else ''}"
            text = f"{amount(len(peers), 'switch')} called {name} {have} where most of their tier have "
            text += f"{whole.total:,}: taken for {'switches' if len(peers) > 1 else 'a switch'} of another role"
            result.append(Finding("uneven-spread", "note", text, tuple(peers[:5])))
        usual = whole._replace(total=own.total) if apart else whole
        for device in peers:
            result += _judged(device, ups[device], usual, by_one or (odd and kind))
    return result


def _kinds(graph: Graph, ups: Ups, group: Sequence[str]) -> list[tuple[str, list[str]]]:
    """What switches of a tier are called, and those that are; each in parts by what the devices below them are called
    (if need be with all their numbers but the last), where those of each part have the same number of uplinks, and not
    all do."""
    named: dict[str, list[str]] = defaultdict(list)
    for device in group:
        named[stem(device)].append(device)
    return [(name, part) for name, peers in named.items() for part in _parts(graph, ups, peers)]


def _parts(graph: Graph, ups: Ups, peers: Sequence[str]) -> list[list[str]]:
    for called in (stem, series):
        parts: dict[frozenset[str], list[str]] = defaultdict(list)
        for device in peers:
            level = graph.level[device]
            below = frozenset(called(n) for n in graph.neighbours[device] if graph.level.get(n, -1) < level)
            parts[below].append(device)
        totals = [{sum(ups[device].values()) for device in part} for part in parts.values()]
        if len(set().union(*totals)) > 1 and max(map(len, totals)) == 1:
            return [*parts.values()]
    return [list(peers)]


def _sound(up: Mapping[str, int], reach: int, others: bool) -> bool:
    """Whether nothing tells that a cable is missing at a switch that none is like: it reaches as many switches as most,
    and its numbers of cables are equal, or differ by one as those of `others` do, or where one cable more would not
    make them equal."""
    total, gap = sum(up.values()), _gap(up)
    return len(up) == reach and (not gap or (gap == 1 and (others or (total + 1) % len(up) > 0)))


class _Usual(NamedTuple):
    """What peers have: the usual number of uplinks and how many have it, the usual number of switches above and how
    many reach so many, and how many peers there are."""

    total: int
    agreed: int
    reach: int
    reached: int
    peers: int

    @classmethod
    def of(cls, ups: Ups, group: Sequence[str]) -> _Usual:
        totals = Counter(sum(ups[d].values()) for d in group)
        reaches = Counter(len(ups[d]) for d in group)
        return cls(*totals.most_common(1)[0], *reaches.most_common(1)[0], len(group))


def _gap(up: Mapping[str, int]) -> int:
    return max(up.values()) - min(up.values())


def _all_by_one(ups: Ups, group: Sequence[str]) -> bool:
    """Whether numbers that differ by one are the rule here: most cannot do better."""
    uneven = sum(sum(ups[d].values()) % len(ups[d]) != 0 for d in group)
    return uneven * 2 > len(group)


def _judged(device: str, up: Mapping[str, int], usual: _Usual, by_one: bool) -> list[Finding]:
    worst = sorted(up, key=lambda n: (up[n], n))
    total = sum(up.values())
    if _gap(up) > (1 if by_one else 0):
        message = f"{device} has {min(up.values()):,} to {amount(max(up.values()), 'cable')} to the switches above it"
    elif total != usual.total:
        message = f"{device} has {amount(total, 'uplink')} where most of its tier have {usual.total:,}"
    elif len(up) < min(usual.reach, total) and usual.reached * 2 > usual.peers:
        reached = amount(len(up), "switch")
        message = (
            f"{device} has all its {amount(total, 'uplink')} on {reached} ({', '.join(worst[:4])}) where most "
            "of its tier"
        )
        message += f" reach {usual.reach:,}"
    elif len(up) > usual.reach and usual.reached * 2 > usual.peers:
        message = f"{device} reaches {amount(len(up), 'switch')} above it where most of its tier reach {usual.reach:,}"
    else:
        return []
    return [Finding("uneven-spread", "error", message, (device, worst[0], worst[-1]))]
