"""Speeds: cables between the same two tiers run at one, or at one for each kind of device that they join."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from topo.audit._graph import Graph, stem, text
from topo.checks.model import Finding
from topo.importers.as_built import Seen
from topo.units import amount

AGREED = 0.75
"""A group has a speed of its own where so large a share of its cables runs at it."""
FEW = 0.25
"""Cables at other speeds than most are mistakes where they are no more than this share of their tier, or two."""


@dataclass
class _Group:
    speeds: Counter[float] = field(default_factory=Counter)
    devices: set[str] = field(default_factory=set)

    def own(self) -> float:
        """The speed that its cables run at, 0.0 where they do not agree or are too few to tell."""
        speed, alike = self.speeds.most_common(1)[0]
        whole = self.speeds.total()
        sure = alike == whole if len(self.devices) == 1 else alike >= AGREED * whole
        return speed if sure and (len(self.devices) > 1 or whole >= 4) else 0.0


def speeds(graph: Graph) -> list[Finding]:
    """Cables at another speed than those between like devices of the same two tiers; where a kind of its own has
    another speed than most of its tier, a note."""
    told = [c for c in graph.cables if c.gbps]
    groups: dict[Hashable, _Group] = defaultdict(_Group)
    keys = []
    for cable in told:
        low, port, high, tiers = _ends(graph, cable)
        selected = list(_keys(tiers, stem(low), stem(port), stem(high)))
        keys.append(selected)
        for key in selected:
            groups[key].speeds[cable.gbps] += 1
            groups[key].devices.add(low)
    own = {key: group.own() for key, group in groups.items()}
    result, apart = [], Counter[str]()
    wrong: dict[Hashable, list[tuple[Seen, float]]] = defaultdict(list)
    for cable, selected in zip(told, keys, strict=True):
        most = groups[selected[-1]].speeds.most_common(1)[0][0]
        usual = next((own[key] for key in selected[:-1] if own[key]), most)
        if cable.gbps != usual:
            wrong[selected[-1]].append((cable, usual))
        elif usual != most:
            low, _, high, _ = _ends(graph, cable)
            kind = f"from {stem(low)} to {stem(high)} run at {usual:,g} Gb/s where most of their tier have {most:,g}"
            apart[kind] += 1
    for tier, mistakes in wrong.items():
        if len(mistakes) > max(2, FEW * groups[tier].speeds.total()):
            shown = ", ".join(f"{n:,} at {s:g}" for s, n in groups[tier].speeds.most_common(4))
            message = f"cables of one tier run at unlike speeds ({shown} Gb/s) that no kind of device tells apart: they"
            message += f" are not judged; such as {text(mistakes[0][0])}"
            result.append(Finding("wrong-speed", "note", message))
            continue
        for cable, usual in mistakes:
            message = f"{cable.gbps:,g} Gb/s where its tier has {usual:,g}: {text(cable)}"
            result.append(Finding("wrong-speed", "error", message, (cable.a_device, cable.b_device)))
    for kind, number in apart.items():
        message = f"{amount(number, 'cable')} {kind}: taken for a kind of their own"
        result.append(Finding("wrong-speed", "note", message))
    return result


def _ends(graph: Graph, cable: Seen) -> tuple[str, str, str, Hashable]:
    """The device nearer to the hosts, its port, the other device, and what the tier pair of the network is."""
    a, b = graph.level.get(cable.a_device, -1), graph.level.get(cable.b_device, -1)
    tiers = graph.network_of(cable), min(a, b), max(a, b)
    if a <= b:
        return cable.a_device, cable.a_port, cable.b_device, tiers
    return cable.b_device, cable.b_port, cable.a_device, tiers


def _keys(tiers: Hashable, low: str, port: str, high: str) -> Iterator[Hashable]:
    """Groups that a cable is of, the narrowest first; the last is its tier."""
    yield tiers, low, port, high
    yield tiers, "", port, high
    yield tiers, low, "", high
    yield tiers, "", "", high
    yield tiers
