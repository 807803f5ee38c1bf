"""Holes among the ports that a switch's uplinks are on: where a cable may be missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from topo.importers.as_built import Seen

_NUMBER = re.compile(r"\d+")


def holed(cables: Sequence[Seen], above: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The switches whose ports to those above them (switch -> switches above) do not follow each other."""
    ports: dict[str, list[str]] = defaultdict(list)
    for cable in cables:
        for device, port, other in (
            (cable.a_device, cable.a_port, cable.b_device),
            (cable.b_device, cable.b_port, cable.a_device),
        ):
            if other in above.get(device, ()):
                ports[device].append(port)
    return frozenset(device for device, own in ports.items() if not _follow(own))


def _follow(ports: Sequence[str]) -> bool:
    """Whether ports are cage after cage, in all of them the same parts but for the last, which may have fewer; true
    where the names have no numbers, or unlike ones."""
    numbers = sorted(tuple(map(int, _NUMBER.findall(port))) for port in ports)
    if len({len(n) for n in numbers}) != 1 or not numbers[0]:
        return True
    if len(numbers[0]) == 1:
        return _even([n for (n,) in numbers])
    parts: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for *cage, part in numbers:
        parts[tuple(cage)].append(part)
    *full, last = parts.values()
    first = (full or [last])[0]
    alike = all(part == first for part in full) and last == first[: len(last)]
    cages: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place in parts:
        cages[place[:-1]].append(place[-1])
    return alike and _even(first) and all(map(_even, cages.values()))


def _even(numbers: Sequence[int]) -> bool:
    """Whether rising numbers have equal steps."""
    return len({b - a for a, b in pairwise(numbers)}) <= 1
