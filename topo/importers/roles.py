"""Which devices of somebody else's cables are hosts, and how many cables from a host the others are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set

from topo.importers.as_built import Seen


def neighbours_of(cables: Iterable[Seen]) -> dict[str, Counter[str]]:
    """Device -> its neighbours with numbers of cables."""
    result: dict[str, Counter[str]] = defaultdict(Counter)
    for c in cables:
        result[c.a_device][c.b_device] += 1
        result[c.b_device][c.a_device] += 1
    return result


_HOST_NAMES = re.compile(r"(?i)(^|[-_.])(host|node|gpu|dgx|hgx|server|srv|compute|cn|worker|h)[-_.]?\d")
_SWITCH_NAMES = re.compile(r"(?i)(^|[-_.\d])(leaf|spine|core|agg|tor|edge|sw|switch|l|s)[-_.]?(r|g)?\d")

_CLEARLY = re.compile(r"(?i)(^|[-_.\d])(leaf|spine|core|tor|switch)[-_.]?(r|g)?\d")


def by_name(devices: Iterable[str]) -> set[str]:
    """The devices that are called like hosts, where all others are called like switches; else none."""
    listed = list(devices)
    hosts = {d for d in listed if _HOST_NAMES.search(d) and not _SWITCH_NAMES.search(d)}
    return hosts if all(d in hosts or _SWITCH_NAMES.search(d) for d in listed) else set()


def hosts_of(cables: Iterable[Seen], neighbours: Mapping[str, Counter[str]]) -> set[str]:
    """Devices that the file calls hosts; where it calls none so, those with fewer cables than all their neighbours, or,
    where that says nothing, those that are called like hosts among others that are called like switches. Few cables
    make no host of what is called a leaf or a spine beside devices that are not."""
    told: set[str] = set()
    switches: set[str] = set()
    for c in cables:
        for device, role in ((c.a_device, c.a_role), (c.b_device, c.b_role)):
            if role == "host":
                told.add(device)
            elif role == "switch":
                switches.add(device)
    if told or switches >= set(neighbours):
        return told
    degree = {d: n.total() for d, n in neighbours.items()}
    low = {d for d, n in neighbours.items() if d not in switches and all(degree[d] < degree[o] for o in n)}
    usual = Counter(degree[d] for d in sorted(low)).most_common(1)
    if not low:
        return by_name(sorted(neighbours))
    result = {d for d in low if degree[d] <= 1.5 * usual[0][0] + 1}
    called = {d for d in result if _CLEARLY.search(d) and not _HOST_NAMES.search(d)}
    return result - called or result


def levels_of(
    neighbours: Mapping[str, Counter[str]], hosts: Set[str], leaves: Set[str] = frozenset()
) -> dict[str, int]:
    """Cables from the nearest host: leaf 1, spine 2, core 3. `leaves` are leaves that no host is cabled to. Devices
    that no host reaches are left out."""
    result = dict.fromkeys(hosts, 0)
    edge, step = sorted(hosts), 0
    while edge:
        step += 1
        reached = {n for d in edge for n in neighbours[d] if n not in result} - leaves
        edge = sorted(reached | leaves if step == 1 else reached)
        result.update(dict.fromkeys(edge, step))
    return result


def networks_of(neighbours: Mapping[str, Counter[str]], hosts: Set[str]) -> dict[str, str]:
    """Switches that cables between switches join have one network: the name of its first switch."""
    result: dict[str, str] = {}
    for start in sorted(d for d in neighbours if d not in hosts):
        todo = [] if start in result else [start]
        while todo:
            device = todo.pop()
            if device not in result:
                result[device] = start
                todo += [n for n in neighbours[device] if n not in hosts and n not in result]
    return result
