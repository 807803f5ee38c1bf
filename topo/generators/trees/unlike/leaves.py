"""The leaves of trees with unlike leaves, whatever stands above them: names, ports, and where hosts sit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topo.fabric.model import IntArray
from topo.fabric.shape_keys import DUAL, HOSTS_ON, OUTSIDE_MBPS, OUTSIDE_PORTS
from topo.generators.family import Attached, LinkEnds
from topo.generators.layout import Split, numbers_at
from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.form import rail_of_planes
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.unlike.sizes import Alone, UnlikeSizes
from topo.generators.trees.wire import places_of, unit_ends


def leaf_shape(sizes: UnlikeSizes, params: UnlikeParams) -> dict[str, int]:
    """What the sizes of a wiring say of its leaves: how many there are of each kind, which hosts are on them, and
    which ports lead out."""
    shape = {f"leaves-{i}": n for i, n in enumerate(sizes.leaves)}
    shape |= {f"{HOSTS_ON}{row}": i for i, g in enumerate(sizes.groups) for row in g.kinds}
    shape |= {DUAL: 1} if params.homing == "dual" else {}
    for i, g in enumerate(sizes.groups):
        if g.fixed:
            shape |= {f"{OUTSIDE_PORTS}{i}": g.outside, f"{OUTSIDE_MBPS}{i}": round(g.ports.low.gbps * 1000)}
    return shape


def ports_out(sizes: UnlikeSizes, splits: Sequence[Split]) -> list[tuple[int, ...]]:
    """By kind of leaves: the numbers of the ports that lead out."""
    return [tuple(s.down_at[: g.outside].tolist()) for g, s in zip(sizes.groups, splits, strict=True)]


def leaf_ports(sizes: UnlikeSizes, reserved: int) -> int:
    """Ports of the leaves of a plane that are not reserved, do not lead out and are not for the other of a pair."""
    groups = zip(sizes.groups, sizes.leaves, sizes.splits, strict=True)
    return sum(n * (g.ports.count(up) - reserved - g.outside - g.ports.peers) for g, n, (_, up) in groups)


def up_ports(splits: Sequence[Split]) -> IntArray:
    """The numbers of the ports that face up, in their own order, by kind of leaves (shape (kinds, most up)); 0 behind
    the last."""
    up_at = np.zeros((len(splits), max(split.up for split in splits)), dtype=np.int64)
    for row, split in enumerate(splits):
        up_at[row, : split.up] = split.up_at[: split.up]
    return up_at


def with_peers(links: LinkEnds, sizes: UnlikeSizes, splits: Sequence[Split], per_plane: int, kind: int) -> LinkEnds:
    """The links, and behind them those between the two leaves of every pair, of this kind, on the last ports of
    endpoint speed."""
    first, ends, ports, rates = 0, list[IntArray](), list[IntArray](), list[float]()
    for g, leaves, split in zip(sizes.groups, sizes.leaves, splits, strict=True):
        if g.ports.peers:
            at = numbers_at(split.layout, g.ports.low.gbps)[-g.ports.peers :]
            one = (np.arange(sizes.planes)[:, None] * per_plane + np.arange(first, first + leaves, 2)).ravel()
            ends.append(np.repeat(one, g.ports.peers))
            ports.append(np.tile(at, len(one)))
            rates += [float(g.ports.low.gbps)] * len(ends[-1])
        first += leaves
    a, port = np.concatenate(ends), np.concatenate(ports)
    old = (links.a_switch, links.a_port, links.b_switch, links.b_port, links.kind)
    more = (a, port, a + 1, port, np.full(len(a), kind))
    lower, at_lower, upper, at_upper, of = (
        np.concatenate(pair).astype(np.int32) for pair in zip(old, more, strict=True)
    )
    return LinkEnds(lower, at_lower, upper, at_upper, of, np.concatenate([links.gbps, np.array(rates)]))


def seated_on(
    sizes: UnlikeSizes, ends: Attached, splits: list[Split], rails: bool, per_plane: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Switch row, port number, plane and rail of each endpoint (shape (endpoints,) each), where a plane has `per_plane`
    switches, its leaves first."""
    none = np.zeros(0, dtype=np.int64)
    columns = [[none] * 4 for _ in ends.kinds]
    first = 0
    for g, leaves, split in zip(sizes.groups, sizes.leaves, splits, strict=True):
        at, before = g.seats.seats(split.down)
        done = 0
        for row, home in zip(g.kinds, g.homes, strict=True):
            n = ends.kinds[row].count
            selected = slice(done, done + n)
            within, place = places_of(g.seats, home, split.down) if not isinstance(g.seats, Alone) else (none, none)
            leaf = at[selected][:, None] + within + first + home.plane * per_plane
            port = split.down_at[(before[selected][:, None] + place).ravel()]
            own = home.nic if isinstance(g.seats, Rails) or not rails else np.full(len(home.nic), -1)
            columns[row] = [leaf.ravel(), port, np.tile(home.plane, n), np.tile(own, n)]
            done = selected.stop
        first += leaves
    at, port, plane, own = (np.concatenate(c) for c in zip(*columns, strict=True))
    return at, port, plane, own


def leaves_named(sizes: UnlikeSizes, heads: Sequence[str]) -> tuple[list[list[str]], IntArray]:
    """Names of the leaves of each plane, each kind of a role counted for itself, so that the growth of one renames none
    of another; and the rail of each (shape (planes, leaves)), -1 where it holds several or none."""
    names: list[list[str]] = [[] for _ in heads]
    rail = np.full((len(heads), sum(sizes.leaves)), -1, dtype=np.int64)
    kinds: dict[str, int] = {}
    start = 0
    for g, n, (down, _) in zip(sizes.groups, sizes.leaves, sizes.splits, strict=True):
        role, seats, nth = "" if g.role == "leaf" else f"{g.role}-", g.seats, kinds.get(g.role, 0)
        kinds[g.role] = nth + 1
        kind = f"-{nth}-" if nth else ""
        nics = rail_of_planes(list(g.homes), len(heads)) if g.homes else np.zeros((len(heads), 0), dtype=np.int64)
        if isinstance(seats, Rails):
            group, homes = seats.group_of(down), seats.homes
            each = seats.rails * homes // group
            for p, head in enumerate(heads):
                ends = unit_ends(nics[p].tolist(), each, group, homes)
                names[p] += [f"{head}{role}su{kind}{i // group:03d}-leaf-{ends[i % group]}" for i in range(n)]
            if each == 1:
                rail[:, start : start + n] = nics[:, np.arange(n) % group // homes]
        else:
            for p, head in enumerate(heads):
                names[p] += [f"{head}{role}leaf{kind or '-'}{i:03d}" for i in range(n)]
            if len(heads) > 1 and nics.shape[1] == 1:
                rail[:, start : start + n] = nics
        start += n
    return names, rail
