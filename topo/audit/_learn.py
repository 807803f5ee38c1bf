"""Reads port names that no plan has by all of them together: numbers of adapters with gaps, ports as vendors call them.

A name that the plan does not know says nothing by itself. All hosts of one kind number their adapters alike, and all
ports of a switch are named in one way: what each name means is learnt from where most of them are plugged in, so that
the one that is elsewhere still stands out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from topo.audit._names import NO_PORT, PortNames
from topo.audit._port_words import SCHEMES, Scheme, card_schemes, read_by
from topo.fabric.model import IntArray
from topo.importers.as_built import Remark, Seen
from topo.units import amount

_DIGITS = re.compile(r"(\d+)")


@dataclass
class _Use:
    """A port name of a device: the row of the planned port that its cable's far end asks for, and the far device; -1
    where unknown."""

    device: int
    name: str
    wanted: int
    far: int = -1


def learn(names: PortNames, cables: Iterable[Seen]) -> list[Remark]:
    """Fills in `names.learnt`; says what was learnt."""
    planned = _Planned.of(names)
    listed = list(cables)
    remarks = _switches(names, planned, _uses(names, listed, planned))
    return remarks + _hosts(names, _uses(names, listed, planned))


@dataclass
class _Planned:
    """By port row: the port at the other end of its link and that one's device (-1: none); the only port of a device
    that leads to another, by both."""

    partner: IntArray
    neighbour: IntArray
    only: dict[tuple[int, int], int]

    @classmethod
    def of(cls, names: PortNames) -> _Planned:
        fabric = names.fabric
        partner = np.full(len(fabric.ports), -1, dtype=np.int64)
        partner[fabric.links.a], partner[fabric.links.b] = fabric.links.b, fabric.links.a
        neighbour = np.where(partner >= 0, fabric.ports.device[partner], -1)
        only: dict[tuple[int, int], int] = {}
        for port in np.flatnonzero(partner >= 0).tolist():
            pair = (int(fabric.ports.device[port]), int(neighbour[port]))
            only[pair] = port if pair not in only else -1
        return cls(partner, neighbour, only)


def _uses(names: PortNames, cables: Sequence[Seen], planned: _Planned) -> list[_Use]:
    device_of = names.fabric.ports.device
    result = []
    for cable in cables:
        a, b, port_a, port_b = names.ends(cable)
        for device, name, far, other in ((a, cable.a_port, b, port_b), (b, cable.b_port, a, port_a)):
            if device < 0 or not name:
                continue
            wanted = int(planned.partner[other]) if other >= 0 else planned.only.get((device, far), -1)
            if wanted >= 0 and device_of[wanted] != device:
                wanted = -1
            result.append(_Use(device, name, wanted, far))
    return result


def _switches(names: PortNames, planned: _Planned, uses: Sequence[_Use]) -> list[Remark]:
    fabric = names.fabric
    by_device: dict[int, list[_Use]] = defaultdict(list)
    for use in uses:
        if not fabric.is_host[use.device]:
            by_device[use.device].append(use)
    told: Counter[str] = Counter()
    devices = []
    strange: dict[int, list[str]] = {}
    for device, own in by_device.items():
        names.learnt.update(_by_number(names, planned, device, own))
        words = list(dict.fromkeys(u.name for u in own))
        if sum(names.port(device, w) >= 0 for w in words) * 2 < len(words) or _misread(names, planned, own):
            strange[device] = words
    for group in _alike(names, list(strange)):
        start, stop = (int(fabric.port_start[group[0] + i]) for i in (0, 1))
        words = [word for d in group for word in strange[d]]
        schemes = (*SCHEMES, *card_schemes(words, int(fabric.ports.cage[start:stop].max(initial=0))))
        readings = [_readings(names, planned, d, strange[d], by_device[d], schemes) for d in group]
        suits = [_suits(of_scheme) for of_scheme in zip(*readings, strict=True)]
        for device, mine_read in zip(group, readings, strict=True):
            best = max((i for i, r in enumerate(mine_read) if r.fits), key=suits.__getitem__, default=-1)
            result = mine_read[best].rows if best >= 0 else {}
            if result:
                names.learnt.update({(device, word): row for word, row in result.items()})
                first = next(iter(result))
                told[f"{first} is {fabric.port_names[fabric.ports.name[result[first]]]}"] += 1
                devices.append(str(fabric.devices.name[device]))
    if not devices:
        return []
    example = told.most_common(1)[0][0]
    text = (
        f"ports of {amount(len(devices), 'switch')} have other names than in the plan and are read by cage and "
        f"part: {example}"
    )
    return [Remark("other-port-names", text, tuple(devices[:5]))]


def _by_number(names: PortNames, planned: _Planned, device: int, uses: Sequence[_Use]) -> dict[tuple[int, str], int]:
    """The ports of a device by their numbers, where a file tells nothing else, some of them are names of other ports (a
    whole cage `28` beside cages in parts, `1/1`), and more of them lead to the planned neighbour as numbers."""
    start, stop = (int(names.fabric.port_start[device + i]) for i in (0, 1))
    if not all(u.name.isascii() and u.name.isdigit() and 0 < int(u.name[:6]) <= stop - start for u in uses):
        return {}
    rows = {u.name: start + int(u.name[:6]) - 1 for u in uses}
    called = {name: names.port(device, name) for name in rows}

    def met(meant: dict[str, int]) -> tuple[int, int]:
        there = [(meant[u.name], u) for u in uses if u.far >= 0 and meant[u.name] >= 0]
        return sum(int(planned.neighbour[row]) == u.far for row, u in there), sum(u.wanted == row for row, u in there)

    return {(device, name): row for name, row in rows.items()} if rows != called and met(rows) > met(called) else {}


def _misread(names: PortNames, planned: _Planned, uses: Sequence[_Use]) -> bool:
    """Whether the plan has ports of these names, but most of them lead elsewhere: names of another scheme."""
    rows = [(names.port(u.device, u.name), u.far) for u in uses if u.far >= 0]
    known = [(row, far) for row, far in rows if row >= 0]
    met = sum(int(planned.neighbour[row]) == far for row, far in known)
    return len(rows) >= 4 and met * 2 < len(rows)


def _alike(names: PortNames, devices: Sequence[int]) -> list[list[int]]:
    """Devices of one part, which name their ports alike."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    part, start = names.fabric.devices.part, names.fabric.port_start
    for device in devices:
        groups[int(part[device]), int(start[device + 1] - start[device])].append(device)
    return list(groups.values())


class _Reading(NamedTuple):
    """What a scheme makes of a device's names: the port row of each; how many lead to the planned neighbour, how many
    to the planned port; whether it reads nearly all names, and leads to the planned neighbours more often than not."""

    rows: dict[str, int]
    meets: int
    exact: int
    fits: bool


def _readings(
    names: PortNames,
    planned: _Planned,
    device: int,
    words: Sequence[str],
    uses: Sequence[_Use],
    schemes: Sequence[Scheme],
) -> list[_Reading]:
    """A reading by each scheme."""
    fabric = names.fabric
    start, stop = int(fabric.port_start[device]), int(fabric.port_start[device + 1])
    cage, part = fabric.ports.cage[start:stop].tolist(), fabric.ports.sub[start:stop].tolist()
    place = {(c, s): start + i for i, (c, s) in enumerate(zip(cage, part, strict=True))}
    far = sum(u.far >= 0 for u in uses)
    result = []
    for scheme in schemes:
        rows = {word: place[p] for word, p in read_by(scheme, words).items() if p in place}
        meets = sum(int(planned.neighbour[rows[u.name]]) == u.far for u in uses if u.far >= 0 and u.name in rows)
        exact = sum(u.wanted == rows[u.name] for u in uses if u.name in rows)
        result.append(_Reading(rows, meets, exact, len(rows) >= 0.9 * len(words) and meets * 2 >= far))
    return result


def _suits(readings: Sequence[_Reading]) -> tuple[int, int, int]:
    """How well a scheme suits the devices of a kind: a few names of one device, some of them plugged in wrongly, do not
    say which scheme they are of."""
    return sum(r.fits for r in readings), sum(r.meets for r in readings), sum(r.exact for r in readings)


def _hosts(names: PortNames, uses: Sequence[_Use]) -> list[Remark]:
    fabric = names.fabric
    by_group: dict[int, list[_Use]] = defaultdict(list)
    for use in uses:
        if fabric.is_host[use.device]:
            by_group[int(fabric.devices.group[use.device])].append(use)
    remarks = []
    for own in by_group.values():
        device = own[0].device
        listed = _as_listed(names, own)
        if listed:
            own = [u for u in own if names.port(u.device, u.name) < 0]
        if listed is not False and all(names.port(u.device, u.name) >= 0 for u in own) and not _numbers(names, own):
            continue
        words = sorted({u.name for u in own}, key=_natural)
        offsets = _numbering(names, own, words)
        if not offsets:
            continue
        for use in own:
            start, stop = int(fabric.port_start[use.device]), int(fabric.port_start[use.device + 1])
            offset = offsets.get(use.name, -1)
            names.learnt[use.device, use.name] = start + offset if 0 <= offset < stop - start else NO_PORT
        start = int(fabric.port_start[device])
        planned = [str(fabric.port_names[fabric.ports.name[start + offsets[w]]]) for w in words if w in offsets]
        called = [w for w in words if w in offsets]
        if planned == called:
            continue
        text = f"the adapters are called {_listed(called)} here, in the plan {_listed(planned)}"
        remarks.append(Remark("adapter-names", text, (str(fabric.devices.name[device]),)))
    return remarks


def _numbers(names: PortNames, uses: Sequence[_Use]) -> bool:
    """Whether ports are told by numbers alone that are not the plan's: an interface's index, in what a switch reports
    of the hosts at its ports."""
    told = [(names.port(u.device, u.name), u.wanted) for u in uses if u.wanted >= 0 and u.name.isdigit()]
    own = set(names.fabric.port_names.tolist())
    return not any(u.name in own for u in uses) and sum(row == wanted for row, wanted in told) * 2 < len(told)


def _as_listed(names: PortNames, uses: Sequence[_Use]) -> bool | None:
    """Whether adapters that the host part names under `port_names` are where that says, most of them; None where the
    file has no such name."""
    fabric = names.fabric
    own = set(fabric.port_names.tolist())
    told = [(names.port(u.device, u.name), u.wanted) for u in uses if u.wanted >= 0 and u.name not in own]
    known = [row == wanted for row, wanted in told if row >= 0]
    if not any(fabric.system_names) or not known:
        return None
    return sum(known) * 2 >= len(known)


def _listed(words: Sequence[str]) -> str:
    if all(w.endswith("/1") for w in words):
        words = [w.removesuffix("/1") for w in words]
    return ", ".join(words[:16]) + (", ..." if len(words) > 16 else "")


def _numbering(names: PortNames, uses: Sequence[_Use], words: Sequence[str]) -> dict[str, int]:
    """Offset of the planned port of each name: in the order of the names, where most are plugged in so; else where most
    of each name are."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    start = names.fabric.port_start
    for use in uses:
        if use.wanted >= 0:
            votes[use.name][use.wanted - int(start[use.device])] += 1
    voted = [w for w in words if votes[w]]
    planned = sorted({o for count in votes.values() for o in count})
    total = sum(count.total() for count in votes.values())
    if len(voted) == len(planned):
        in_order = dict(zip(voted, planned, strict=True))
        if sum(votes[w][o] for w, o in in_order.items()) * 2 >= total:
            return in_order
    result: dict[str, int] = {}
    taken: set[int] = set()
    for word in sorted(voted, key=lambda w: -votes[w].most_common(1)[0][1]):
        offset, number = votes[word].most_common(1)[0]
        if number * 2 > votes[word].total() and offset not in taken:
            result[word] = offset
            taken.add(offset)
    return result


def _natural(word: str) -> list[tuple[int, str]]:
    return [(int(part[-12:]), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(word) if part]
