"""Which planned device each found device is, by structure: ports that lead to ports.

From one switch whose place is known (by name, or tried), the planned cable of a port says who is behind it; all cables
of a device then vote on its place, so that one that is wrong does not carry its mistake on. A switch is tried at every
planned place that its ports fit best; where two places explain as many cables, the mapping is ambiguous. Where every
cable of the plan is found as planned, its automorphisms prove which devices could be elsewhere, or that none can.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.audit._names import PortNames
from topo.audit._unique import unique
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.as_built import AsBuilt
from topo.units import amount, verb

TRIES, ROUNDS = 24, 3
"""Places of one switch that are tried, the likeliest first, and times that neighbours vote on where a device stands."""


@dataclass(frozen=True)
class Proposal:
    """Planned name -> found name; how many of the cables between mapped devices are then as planned, of how many; names
    of found devices that could as well be elsewhere, and of those without a place. `unproved` says why that is not
    proved; it is empty where it is."""

    real: dict[str, str]
    right: int
    cables: int
    ambiguous: tuple[str, ...]
    left: tuple[str, ...]
    unproved: str = ""

    def apart(self, fabric: Fabric) -> dict[str, str]:
        """The mapping, with planned devices without a place called otherwise where a found one has their name."""
        taken = set(self.real.values())
        rest = {n: f"{n}-planned" for n in fabric.devices.name.tolist() if n in taken and n not in self.real}
        return {**self.real, **rest}

    def text(self) -> str:
        """One line for people."""
        some = ", ".join(self.ambiguous[:4]) + (", ..." if len(self.ambiguous) > 4 else "")
        if self.unproved:
            sure = (
                f"{len(self.ambiguous):,} could as well be elsewhere: {some}"
                if some
                else "no other place that was tried"
            )
            sure += f"; not proved: {self.unproved}" if some else f" explains as many; not proved: {self.unproved}"
        else:
            sure = (
                f"{len(self.ambiguous):,} could as well be elsewhere, by symmetry: {some}"
                if some
                else "proved the only one"
            )
        rest = f"; {len(self.left):,} have no place: {', '.join(self.left[:4])}" if self.left else ""
        return (
            f"{amount(len(self.real), 'device')} {verb(len(self.real), 'are')} given planned places by what "
            "is plugged into what, under which "
            f"{self.right:,} of {amount(self.cables, 'cable')} {verb(self.right, 'are')} as planned ({sure}){rest}"
        )


def known_devices(fabric: Fabric, files: Sequence[AsBuilt]) -> int:
    """How many devices of the files the fabric has by name."""
    names = PortNames(fabric)
    return sum(names.device(d) >= 0 for d in {d for f in files for d in f.devices})


def strange(fabric: Fabric, files: Sequence[AsBuilt]) -> bool:
    """Whether most devices of the files are in no plan, though they have names."""
    names = PortNames(fabric)
    devices = {d for f in files for d in f.devices} - {d for f in files for d in f.unnamed}
    chassis = {d: c for f in files for d, c in f.chassis.items()}
    known = sum(names.device(d) >= 0 or names.device(chassis.get(d, d)) >= 0 for d in devices)
    return bool(devices) and known * 2 < len(devices)


class _Graph:
    def __init__(self, fabric: Fabric, files: Sequence[AsBuilt]) -> None:
        self.fabric, self.names = fabric, PortNames(fabric)
        self.partner = np.full(len(fabric.ports), -1, dtype=np.int64)
        self.partner[fabric.links.a], self.partner[fabric.links.b] = fabric.links.b, fabric.links.a
        self.device: IntArray = fabric.ports.device
        self.near: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self.host: set[str] = set()
        seen: set[frozenset[tuple[str, str]]] = set()
        unnamed = {d for f in files for d in f.unnamed}
        for cable in (c for f in files for c in f.cables if not c.doubt):
            a, b = (cable.a_device, cable.a_port), (cable.b_device, cable.b_port)
            if frozenset((a, b)) in seen or a[0] in unnamed or b[0] in unnamed:
                continue
            seen.add(frozenset((a, b)))
            self.near[a[0]].append((a[1], *b))
            self.near[b[0]].append((b[1], *a))
            self.host |= {d for d, role in ((a[0], cable.a_role), (b[0], cable.b_role)) if role == "host"}
        self.cables = len(seen)
        if not self.host:
            from topo.importers.roles import hosts_of, neighbours_of

            listed = [c for f in files for c in f.cables if not c.doubt]
            self.host = hosts_of(listed, neighbours_of(listed))

    def behind(self, row: int, port: str) -> int:
        """The planned port at the other end of a planned device's port, -1 where there is none."""
        result = self.names.port(row, port) if port else -1
        return int(self.partner[result]) if result >= 0 else -1

    def alike(self, row: int, device: str) -> bool:
        """Whether both are hosts or both switches, as far as the files tell."""
        return not self.host or bool(self.fabric.is_host[row]) == (device in self.host)

    def fit(self, device: str, row: int) -> int:
        """How many cables of a device could be those of a planned one, by the port numbers at both ends."""
        met = 0
        for port, far, far_port in self.near[device]:
            other = self.behind(row, port)
            if other < 0:
                continue
            place = int(self.device[other])
            if not self.alike(place, far):
                continue
            met += 1 + 2 * (self.names.port(place, far_port) == other)
        return met


def propose(fabric: Fabric, files: Sequence[AsBuilt]) -> Proposal:
    """A planned place for each found device, as far as there is one."""
    graph = _Graph(fabric, files)
    result: dict[str, int] = {d: row for d in graph.near if (row := graph.names.device(d)) >= 0}
    known = list(result)
    unsure: set[str] = set()
    _grow(graph, result, list(result))
    switches = sorted((d for d in graph.near if d not in graph.host), key=lambda d: (-len(graph.near[d]), d))
    rows = np.flatnonzero(~fabric.is_host).tolist()
    for anchor in switches:
        if anchor in result:
            continue
        taken = set(result.values())
        scored = sorted(((graph.fit(anchor, r), -r) for r in rows if r not in taken), reverse=True)
        if not scored or not scored[0][0]:
            continue
        best: tuple[int, dict[str, int]] | None = None
        equal: list[dict[str, int]] = []
        for score, minus_row in scored[:TRIES]:
            if score < scored[0][0]:
                break
            trial = {**result, anchor: -minus_row}
            _grow(graph, trial, [anchor])
            right = _right(graph, trial)
            if best is None or right > best[0]:
                best, equal = (right, trial), []
            elif right == best[0] and trial != best[1]:
                equal.append(trial)
        assert best is not None
        unsure |= {d for other in equal for d, row in best[1].items() if other.get(d) != row and d not in result}
        result = best[1]
    names = fabric.devices.name
    real = {str(names[row]): device for device, row in result.items()}
    left = tuple(sorted(d for d in graph.near if d not in result))
    proof = unique(graph, result, known)
    if not proof.why:
        at = {row: device for device, row in result.items()}
        unsure = {at[row] for orbit in proof.orbits for row in orbit if row in at}
    return Proposal(real, _right(graph, result), graph.cables, tuple(sorted(unsure)), left, proof.why)


def _grow(graph: _Graph, result: dict[str, int], start: list[str]) -> None:
    """Places for all that can be reached from devices with a place; then votes, in which wrong cables lose."""
    todo, taken = list(start), set(result.values())
    while todo:
        device = todo.pop()
        for port, far, _ in graph.near[device]:
            if far in result:
                continue
            other = graph.behind(result[device], port)
            place = int(graph.device[other]) if other >= 0 else -1
            if place < 0 or place in taken or not graph.alike(place, far):
                continue
            result[far] = place
            taken.add(place)
            todo.append(far)
    for _ in range(ROUNDS):
        votes = {d: c for d in result if (c := _votes(graph, result, d))}
        changed = {d: c.most_common(1)[0][0] for d, c in votes.items() if c.most_common(1)[0][1] > c[result[d]]}
        if not changed:
            return
        holder: dict[int, str] = {}
        for device in sorted(result, key=lambda d: -votes.get(d, Counter())[changed.get(d, result[d])]):
            holder.setdefault(changed.get(device, result[device]), device)
        result.clear()
        result.update({device: row for row, device in holder.items()})


def _votes(graph: _Graph, result: dict[str, int], device: str) -> Counter[int]:
    votes: Counter[int] = Counter()
    for _, far, far_port in graph.near[device]:
        if far in result:
            other = graph.behind(result[far], far_port)
            if other >= 0 and graph.alike(int(graph.device[other]), device):
                votes[int(graph.device[other])] += 1
    return votes


def _right(graph: _Graph, result: dict[str, int]) -> int:
    """Cables that are as planned under a mapping, each counted once."""
    met = 0
    for device, row in result.items():
        for port, far, far_port in graph.near[device]:
            if far not in result or (far, far_port) < (device, port):
                continue
            other = graph.behind(row, port)
            back = graph.behind(result[far], far_port)
            met += (other >= 0 and int(graph.device[other]) == result[far]) or (
                back >= 0 and int(graph.device[back]) == row
            )
    return met
