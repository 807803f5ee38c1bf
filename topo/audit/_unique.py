"""Whether proposed names are the only ones: automorphisms of the plan as a coloured graph.

Where the files show all of the plan and every cable is as planned under a mapping, it is an isomorphism, and any other
differs from it by an automorphism of the plan that keeps what the files tell. Devices are coloured by role, and each
that the files call by its planned name by itself; a link has a vertex for each end whose port the files name, coloured
by that name. Without an automorphism that moves a device the mapping is the only one; otherwise the devices of an orbit
could each be any other of it. Automorphism groups are BLISS's (Junttila and Kaski, 2007), through igraph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from topo.audit._names import PortNames
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.units import amount

MOST_VERTICES = 200_000
"""Vertices of a graph that is examined."""


class Found(Protocol):
    """What the files show: `near`, device -> its cables as own port, far device, far port."""

    @property
    def fabric(self) -> Fabric: ...

    @property
    def names(self) -> PortNames: ...

    @property
    def near(self) -> Mapping[str, list[tuple[str, str, str]]]: ...

    @property
    def partner(self) -> IntArray: ...


class Proof(NamedTuple):
    """`orbits`: rows of devices that could be each other, a tuple an orbit; `why` nothing is proved, else empty."""

    orbits: tuple[tuple[int, ...], ...] = ()
    why: str = ""


End = tuple[int, int, str]
"""A device's row, the row of its port (-1 where the files name none that the plan has), the port's name."""


def unique(graph: Found, result: Mapping[str, int], known: Iterable[str]) -> Proof:
    """Proves which devices of a mapping (device -> planned row) could be elsewhere; `known` are called as planned."""
    fabric = graph.fabric
    if len(result) < len(graph.near):
        return Proof(why="some devices have no place")
    cables = list(_cables(graph, result))
    planned = Counter(_pair(int(a), int(b)) for a, b in zip(fabric.link_a, fabric.link_b, strict=True))
    if planned.total() != len(cables):
        return Proof(why=f"the files show {amount(len(cables), 'cable')}, the plan has {planned.total():,}")
    if Counter(_pair(a[0], b[0]) for a, b in cables) != planned or not all(_as_planned(graph, *c) for c in cables):
        return Proof(why="not every cable is as planned")
    return _orbits(fabric, cables, [result[d] for d in known])


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a <= b else (b, a)


def _cables(graph: Found, result: Mapping[str, int]) -> Iterable[tuple[End, End]]:
    """Each cable of the files once, as planned devices and ports."""
    for device in graph.near:
        for port, far, far_port in graph.near[device]:
            if (device, port) <= (far, far_port):
                yield _end(graph, result[device], port), _end(graph, result[far], far_port)


def _end(graph: Found, row: int, port: str) -> End:
    place = graph.names.port(row, port) if port else -1
    return row, max(place, -1), port.lower() if place >= 0 else ""


def _as_planned(graph: Found, a: End, b: End) -> bool:
    """Whether a port that the files name leads to the other end, as far as that is named."""
    for (_, port, _), (row, other, _) in ((a, b), (b, a)):
        if port >= 0:
            there = int(graph.partner[port])
            if there < 0 or int(graph.fabric.ports.device[there]) != row or (other >= 0 and other != there):
                return False
    return True


def _orbits(fabric: Fabric, cables: list[tuple[End, End]], known: Iterable[int]) -> Proof:
    import igraph

    size = len(fabric.devices)
    kinds: dict[object, int] = {}
    colours = [kinds.setdefault(("host", h), len(kinds)) for h in fabric.is_host.tolist()]
    for row in known:
        colours[row] = kinds.setdefault(("known", row), len(kinds))
    groups: Counter[tuple[int, str, int, str]] = Counter()
    for a, b in cables:
        low, high = (a, b) if a[0] <= b[0] else (b, a)
        groups[low[0], low[2], high[0], high[2]] += 1
    edges: list[tuple[int, int]] = []
    for (a_row, a_name, b_row, b_name), times in groups.items():
        if times == 1 and not a_name and not b_name:
            edges.append((a_row, b_row))
            continue
        x = len(colours)
        colours += [kinds.setdefault((name, times), len(kinds)) for name in (a_name, b_name)]
        edges += [(a_row, x), (x, x + 1), (x + 1, b_row)]
    if len(colours) > MOST_VERTICES:
        return Proof(
            why=f"a graph of {amount(len(colours), 'vertex', 'vertices')} is not examined (at most {MOST_VERTICES:,})"
        )
    drawn = igraph.Graph(n=len(colours), edges=edges)  # type: ignore[no-untyped-call]
    root = list(range(size))

    def top(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for moved in drawn.automorphism_group(color=colours):
        for row, image in enumerate(moved[:size]):
            root[top(row)] = top(int(image))
    orbits: dict[int, list[int]] = defaultdict(list)
    for row in range(size):
        orbits[top(row)].append(row)
    return Proof(tuple(tuple(rows) for rows in orbits.values() if len(rows) > 1))
