"""A network wired around the cables of a smaller one: names, ports and links of it stay wherever the family allows.

The family says which switches there are, how many links each two have, and how many hosts each leaf takes. What it
leaves open is chosen so that the fewest old links move: which of several equal dealings, which host of a kind takes
which seat, and every port. A link is kept where the new network has one between the same devices, and then both its
ends keep their ports. Since names stay, the links kept between two devices are at most those of either network, and no
choice keeps more than their sum: that is the bound (`topo.generators.growing.deal` for dealings by one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.generators.family import LinkEnds, Wiring
from topo.generators.growing.deal import redealt
from topo.generators.growing.ports import looks_of, port_numbers
from topo.generators.growing.seats import reseated
from topo.generators.hosts import Attached


@dataclass(frozen=True)
class Kept:
    """Old links of one kind, how many of them stay in their ports, and the most that can."""

    old: int
    kept: int
    most: int

    @property
    def moved(self) -> int:
        """Old links that do not stay."""
        return self.old - self.kept

    @property
    def least_moved(self) -> int:
        """The proved least number of old links that do not stay."""
        return self.old - self.most


@dataclass(frozen=True)
class _Old:
    """Switch-to-switch links of the old network whose switches and ports are there still: switch rows and port numbers
    of the new one, and the kind's code there. `counts`: all old links by kind."""

    a: IntArray
    a_port: IntArray
    b: IntArray
    b_port: IntArray
    kind: IntArray
    counts: Mapping[str, int]


def regrown(
    wiring: Wiring, ends: Attached, hosts: Sequence[str], old: Fabric, network: int, trees: bool
) -> tuple[Wiring, dict[str, Kept]]:
    """The wiring around the links of network row `network` of an old fabric, and what it keeps by kind of link.

    `hosts`: names of the new hosts. `trees`: links are dealt to the switches above, all spreads by one alike.
    """
    row_of = {name: row for row, name in enumerate(wiring.switches.name.tolist())}
    wiring, seats = reseated(wiring, ends, hosts, old, network, row_of)
    speed = _speeds(wiring)
    before = _of_speed(_standing(wiring, old, network, row_of), wiring, speed)
    times, result = _times(wiring, before, trees)
    kinds = {kind: Kept(old_links, *result.get(kind, (0, 0))) for kind, old_links in before.counts.items()}
    a, b, kind = (np.repeat(column, times[3]) for column in times[:3])
    stays, rows = _matched(a, b, kind, before)
    a_port, b_port = np.zeros_like(a), np.zeros_like(b)
    a_port[stays], b_port[stays] = before.a_port[rows], before.b_port[rows]
    gone = np.ones(len(before.a), dtype=np.bool_)
    gone[rows] = False
    held = {*_pairs(a[stays], a_port[stays]), *_pairs(b[stays], b_port[stays])}
    seated = _pairs(wiring.at_switch, wiring.at_port)
    free = _Free(wiring, held | set(seated), _pairs(before.a[gone], before.a_port[gone]))
    at_port = np.array(wiring.at_port)
    for i in [i for i, port in enumerate(seated) if port in held]:
        switch, port = seated[i]
        at_port[i] = free.take(switch, float(wiring.layouts[int(wiring.switches.layout[switch])].gbps[port - 1]))
    for i in np.flatnonzero(a_port == 0).tolist():
        a_port[i] = free.take(int(a[i]), speed[int(a[i]), int(b[i]), int(kind[i])][0])
    for i in np.flatnonzero(b_port == 0).tolist():
        b_port[i] = free.take(int(b[i]), speed[int(a[i]), int(b[i]), int(kind[i])][1])
    order = np.lexsort((a_port, b, a, kind, wiring.switches.plane[a]))
    gbps = np.array([speed[key][2] for key in zip(a.tolist(), b.tolist(), kind.tolist(), strict=True)])[order]
    a, a_port, b, b_port, kind = (c[order].astype(np.int32) for c in (a, a_port, b, b_port, kind))
    found_wiring = replace(wiring, links=LinkEnds(a, a_port, b, b_port, kind, gbps), at_port=at_port)
    return found_wiring, {"endpoint": Kept(*seats), **kinds}


def _pairs(switch: IntArray, port: IntArray) -> list[tuple[int, int]]:
    return list(zip(switch.tolist(), port.tolist(), strict=True))


def _standing(wiring: Wiring, old: Fabric, network: int, row_of: Mapping[str, int]) -> _Old:
    """The old links, in the new network's rows."""
    links, names = old.links, old.devices.name.tolist()
    selected = np.flatnonzero((links.network == network) & ~old.is_endpoint_link)
    kinds = [old.link_kinds[k] for k in links.kind[selected].tolist()]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    row = np.array([row_of.get(name, -1) for name in names] or [-1], dtype=np.int64)
    known = {kind: code for code, kind in enumerate(wiring.link_kinds)}
    kind = np.array([known.get(k, -1) for k in kinds], dtype=np.int64)
    a, b = row[old.link_a[selected]], row[old.link_b[selected]]
    ports = port_numbers(wiring)
    looks = [looks_of(old, p) for p in (links.a[selected], links.b[selected])]
    a_port, b_port = (
        np.array([ports[int(wiring.switches.layout[r])].get(look, 0) if r >= 0 else 0
                  for r, look in zip(rows.tolist(), seen, strict=True)], dtype=np.int64)
        for rows, seen in zip((a, b), looks, strict=True)
    )  # fmt: skip
    there = (kind >= 0) & (a_port > 0) & (b_port > 0)
    return _Old(a[there], a_port[there], b[there], b_port[there], kind[there], counts)


def _times(
    wiring: Wiring, before: _Old, trees: bool
) -> tuple[tuple[IntArray, IntArray, IntArray, IntArray], dict[str, tuple[int, int]]]:
    """(lower, upper, kind, number) of each bundle of the new links, and what they keep of the old ones by kind: how
    many, and the most that the family allows."""
    links, n = wiring.links, len(wiring.switches)
    parts, result = [], {}
    for code, kind in enumerate(wiring.link_kinds):
        own, theirs = links.kind == code, before.kind == code
        key, first, times = np.unique(
            links.a_switch[own].astype(np.int64) * n + links.b_switch[own], return_index=True, return_counts=True
        )
        gbps = links.gbps[own][first]
        old_key, old_times = np.unique(before.a[theirs] * n + before.b[theirs], return_counts=True)
        lower, upper = np.divmod(key, n)
        stands = np.zeros(len(key), dtype=np.int64)
        _, at, old_at = np.intersect1d(key, old_key, return_indices=True)
        stands[at] = old_times[old_at]
        kept = most = 0
        for rows in _groups(lower, upper) if trees else ([np.arange(len(key))] if len(key) else []):
            now, old = times[rows], stands[rows]
            whole = len(np.unique(lower[rows])) * len(np.unique(upper[rows])) == len(rows)
            if trees and whole and now.max() == now.min() + 1 and np.ptp(gbps[rows]) == 0:
                shape = (len(np.unique(lower[rows])), len(np.unique(upper[rows])))
                one = redealt(old.reshape(shape), now.reshape(shape))
                times[rows] = one.times.ravel()
                kept, most = kept + one.kept, most + one.most
            else:
                same = int(np.minimum(now, old).sum())
                kept, most = kept + same, most + same
        parts.append((lower, upper, np.full(len(key), code), times))
        result[kind] = kept, most
    columns = (
        tuple(np.concatenate(c) for c in zip(*parts, strict=True)) if parts else (np.zeros(0, dtype=np.int64),) * 4
    )
    return (columns[0], columns[1], columns[2], columns[3]), result


def _groups(lower: IntArray, upper: IntArray) -> list[IntArray]:
    """Bundles whose lower switches meet the same upper ones: in a tree all switches of a group meet each other."""
    if not len(lower):
        return []
    start = np.flatnonzero(np.concatenate([[True], lower[1:] != lower[:-1]]))
    first = np.repeat(upper[start], np.diff(np.append(start, len(lower))))
    order = np.argsort(first, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(first[order])) + 1)


def _matched(a: IntArray, b: IntArray, kind: IntArray, before: _Old) -> tuple[IntArray, IntArray]:
    """New rows that keep an old link, and the old rows: the first between the same two of the same kind."""
    n = int(max(b.max(initial=0), before.b.max(initial=0))) + 1
    kinds = int(max(kind.max(initial=0), before.kind.max(initial=0))) + 1
    new_key, old_key = ((x.astype(np.int64) * n + y) * kinds + k for x, y, k in (
        (a, b, kind), (before.a, before.b, before.kind)
    ))  # fmt: skip
    order = np.lexsort((before.a_port, old_key))
    nth_new, nth_old = _nth(new_key), np.empty(len(old_key), dtype=np.int64)
    nth_old[order] = np.arange(len(order)) - np.searchsorted(old_key[order], old_key[order])
    wide = int(max(nth_new.max(initial=0), nth_old.max(initial=0))) + 1
    _, stays, rows = np.intersect1d(new_key * wide + nth_new, old_key * wide + nth_old, return_indices=True)
    return stays, rows


def _nth(key: IntArray) -> IntArray:
    order = np.argsort(key, kind="stable")
    result = np.empty(len(key), dtype=np.int64)
    result[order] = np.arange(len(key)) - np.searchsorted(key[order], key[order])
    return result


Speed = tuple[float, float, float]


def _speeds(wiring: Wiring) -> dict[tuple[int, int, int], Speed]:
    """The speeds of the ports at both ends of each bundle and of its links, by lower switch, upper switch and kind."""
    links, of = wiring.links, wiring.switches.layout.tolist()
    columns = (links.a_switch, links.b_switch, links.kind, links.a_port, links.b_port, links.gbps)
    speeds = [one.gbps.tolist() for one in wiring.layouts]
    return {
        (a, b, kind): (speeds[of[a]][p - 1], speeds[of[b]][q - 1], gbps)
        for a, b, kind, p, q, gbps in zip(*(c.tolist() for c in columns), strict=True)
    }


def _of_speed(old: _Old, wiring: Wiring, speed: Mapping[tuple[int, int, int], Speed]) -> _Old:
    """The old links whose ports have the speeds of the new links between the same switches."""
    layout, speeds = wiring.switches.layout.tolist(), [one.gbps.tolist() for one in wiring.layouts]
    ends = zip(*(c.tolist() for c in (old.a, old.b, old.kind, old.a_port, old.b_port)), strict=True)
    fits = np.array(
        [
            speed.get((a, b, k), (0.0,))[:2] == (speeds[layout[a]][p - 1], speeds[layout[b]][q - 1])
            for a, b, k, p, q in ends
        ],
        dtype=np.bool_,
    )
    columns = (c[fits] for c in (old.a, old.a_port, old.b, old.b_port, old.kind))
    a, a_port, b, b_port, kind = columns
    return _Old(a, a_port, b, b_port, kind, old.counts)


class _Free:
    """The free ports of switches: first those that an old link leaves, then those that the family would take, then any
    of the speed."""

    def __init__(self, wiring: Wiring, used: set[tuple[int, int]], left: Sequence[tuple[int, int]]) -> None:
        self.wiring, self.used = wiring, used
        links = wiring.links
        planned = [*_pairs(links.a_switch, links.a_port), *_pairs(links.b_switch, links.b_port)]
        self.queue: dict[int, list[int]] = {}
        for switch, port in [*sorted(left), *sorted(planned)]:
            self.queue.setdefault(switch, []).append(port)
        self.more: set[int] = set()

    def take(self, switch: int, gbps: float) -> int:
        """A free port of this speed, from now on in use."""
        speeds = self.wiring.layouts[int(self.wiring.switches.layout[switch])].gbps
        queue = self.queue.setdefault(switch, [])
        for _ in range(2):
            for at, port in enumerate(queue):
                if (switch, port) not in self.used and speeds[port - 1] == gbps:
                    self.used.add((switch, port))
                    del queue[: at if at and self._all_used(switch, queue[:at]) else 0]
                    return port
            queue += range(1, len(speeds) + 1)
        raise AssertionError("the family has a port for every link")

    def _all_used(self, switch: int, ports: Sequence[int]) -> bool:
        return all((switch, port) in self.used for port in ports)
