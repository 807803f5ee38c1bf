"""Evenness of uplinks, against what the switches of the same role have: a leaf's peers say what a leaf has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple, Protocol

from topo.audit._graph import stem
from topo.checks.model import Finding
from topo.units import amount, verb


class Tiered(Protocol):
    """A plan's devices: their neighbours with numbers of cables, their tier and their network."""

    @property
    def neighbours(self) -> Mapping[str, Counter[str]]: ...

    @property
    def level(self) -> Mapping[str, int]: ...

    @property
    def network(self) -> Mapping[str, str]: ...


def spread(graph: Tiered, meshed: Set[str] = frozenset()) -> list[Finding]:
    """Switches whose uplinks differ from those of their peers: in number, in how many switches above they reach, or in
    how evenly they do.

    Numbers that differ by one are even where the cables do not divide by the switches above. Peers are the switches of
    the same network and tier; most of them say what is usual. Two or more whose names differ by their numbers alone
    (`storage-leaf1`, `storage-leaf2`) and that all have another number of uplinks are of another role: a note. Where
    those disagree, the names of the hosts below tell roles apart, if need be of a single switch whose uplinks are even
    and reach as many switches as those of most: else it may be a switch with a cable too few.
    `meshed`: switches of networks that are no trees, which are not looked at.
    """
    ups: dict[str, dict[str, int]] = {}
    for device, near in graph.neighbours.items():
        level = graph.level.get(device, -1)
        up = {n: count for n, count in near.items() if graph.level.get(n, -1) == level + 1}
        if level >= 1 and up and device not in meshed:
            ups[device] = up
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for device in ups:
        groups[graph.network[device], graph.level[device]].append(device)
    result = []
    for group in groups.values():
        whole = _Usual.of(ups, group)
        by_one = _all_by_one(ups, group)
        named: dict[str, list[str]] = defaultdict(list)
        for device in group:
            named[stem(device)].append(device)
        for name, peers in [(name, part) for name, of in named.items() for part in _finer(graph, ups, of)]:
            own, finer = _Usual.of(ups, peers), len(peers) < len(named[name])
            alike = len(peers) > 1 or (finer and _as_whole(ups[peers[0]], whole))
            apart = alike and own.agreed == len(peers) and own.total != whole.total
            usual = whole._replace(total=own.total) if apart else whole
            if apart:
                have = f"{verb(len(peers), 'have')} {amount(own.total, 'uplink')}{' each' if len(peers) > 1 else ''}"
                text = f"{amount(len(peers), 'switch')} called {name} {have} where most of their tier have "
                text += f"{whole.total:,}: taken for {'switches' if len(peers) > 1 else 'a switch'} of another role"
                result.append(Finding("uneven-spread", "note", text, tuple(peers[:5])))
            for device in peers:
                result += _judged(device, ups[device], usual, by_one or (finer and _all_by_one(ups, peers)))
    return result


def _finer(graph: Tiered, ups: Mapping[str, Mapping[str, int]], peers: list[str]) -> list[list[str]]:
    """The peers by what the devices below them are called, where those of each part have the same number of uplinks,
    and not all peers do; else all of them."""
    parts: dict[frozenset[str], list[str]] = defaultdict(list)
    for device in peers:
        level = graph.level[device]
        parts[frozenset(stem(n) for n in graph.neighbours[device] if graph.level.get(n, -1) < level)].append(device)
    totals = [{sum(ups[device].values()) for device in part} for part in parts.values()]
    apart = len(set().union(*totals)) > 1 and max(map(len, totals)) == 1
    return [*parts.values()] if apart else [peers]


def _as_whole(up: Mapping[str, int], whole: _Usual) -> bool:
    """Whether a switch has equally many uplinks to each of as many switches as most of its tier reach."""
    return min(up.values()) == max(up.values()) and len(up) == whole.reach


class _Usual(NamedTuple):
    """What peers have: the usual number of uplinks and how many have it, the usual number of switches above and how
    many reach so many, and how many peers there are."""

    total: int
    agreed: int
    reach: int
    reached: int
    peers: int

    @classmethod
    def of(cls, ups: Mapping[str, Mapping[str, int]], group: Sequence[str]) -> _Usual:
        totals = Counter(sum(ups[d].values()) for d in group)
        reaches = Counter(len(ups[d]) for d in group)
        return cls(*totals.most_common(1)[0], *reaches.most_common(1)[0], len(group))


def _all_by_one(ups: Mapping[str, Mapping[str, int]], group: list[str]) -> bool:
    """Whether numbers that differ by one are the rule here: most cannot do better."""
    uneven = sum(sum(ups[d].values()) % len(ups[d]) != 0 for d in group)
    return uneven * 2 > len(group)


def _judged(device: str, up: Mapping[str, int], usual: _Usual, by_one: bool) -> list[Finding]:
    worst = sorted(up, key=lambda n: (up[n], n))
    total, gap = sum(up.values()), max(up.values()) - min(up.values())
    if gap > (1 if by_one else 0):
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
