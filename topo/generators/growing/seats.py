"""Hosts of a grown network in the seats that they have: the family's seats, dealt so that the fewest hosts move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.generators.family import Wiring
from topo.generators.growing.ports import looks_of, port_numbers
from topo.generators.hosts import Attached

Seat = tuple[int, ...]
MOST_ASSIGNED = 2048
"""Hosts of a kind up to which the best of all assignments is found."""


def reseated(
    wiring: Wiring, ends: Attached, hosts: Sequence[str], old: Fabric, network: int, row_of: Mapping[str, int]
) -> tuple[Wiring, tuple[int, int, int]]:
    """The wiring with old hosts on the switches and ports that they have, where the family has a seat there for a host
    of their kind; and the old endpoint links, how many stay, and the most that can."""
    e = old.endpoints
    rows = np.flatnonzero((e.network == network) & (old.endpoint_link >= 0))
    link = old.endpoint_link[rows]
    far = np.where(old.link_a[link] == e.host[rows], old.links.b[link], old.links.a[link])
    host_row = {name: row for row, name in enumerate(hosts)}
    new_row = np.array([host_row.get(name, -1) for name in old.devices.name.tolist()] or [-1], dtype=np.int64)
    key = {k: i for i, k in enumerate(zip(ends.host.tolist(), ends.nic.tolist(), ends.nic_port.tolist(), strict=True))}
    at = zip(new_row[e.host[rows]].tolist(), e.nic[rows].tolist(), e.nic_port[rows].tolist(), strict=True)
    end = np.array([key.get(k, -1) for k in at], dtype=np.int64)
    names = old.devices.name[old.ports.device[far]].tolist()
    switch = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)
    numbers = port_numbers(wiring)
    port = np.array(
        [numbers[int(wiring.switches.layout[s])].get(look, 0) if s >= 0 else 0
         for s, look in zip(switch.tolist(), looks_of(old, far), strict=True)], dtype=np.int64,
    )  # fmt: skip
    there = (end >= 0) & (switch >= 0) & (port > 0)
    end, switch, port = end[there], switch[there], port[there]
    if (wiring.at_switch[end] == switch).all() and (wiring.at_port[end] == port).all():
        return wiring, (len(rows), len(end), len(end))
    return _dealt(wiring, ends, (end, switch, port), len(rows))


def _dealt(
    wiring: Wiring, ends: Attached, old: tuple[IntArray, IntArray, IntArray], all_old: int
) -> tuple[Wiring, tuple[int, int, int]]:
    end, switch, port = old
    kinds = np.repeat(np.arange(len(ends.kinds)), [k.count for k in ends.kinds])
    start = np.searchsorted(ends.host, np.arange(len(kinds) + 1))
    stood = np.full(len(ends), -1)
    stood[end] = switch
    at_switch, plane, rail = (np.array(c) for c in (wiring.at_switch, wiring.plane, wiring.rail))
    at_port = np.array(wiring.at_port)
    most = 0
    for kind in range(len(ends.kinds)):
        rows = [int(h) for h in np.flatnonzero(kinds == kind) if start[h + 1] > start[h]]
        seats = {h: _seat(wiring.at_switch, start, h) for h in rows}
        wants = {h: _seat(stood, start, h) for h in rows}
        chosen, best = _chosen(rows, seats, wants)
        most += best
        for host, seat in chosen.items():
            to, source = slice(start[host], start[host + 1]), slice(start[seat], start[seat + 1])
            at_switch[to], at_port[to] = wiring.at_switch[source], wiring.at_port[source]
            plane[to], rail[to] = wiring.plane[source], wiring.rail[source]
    result = replace(wiring, at_switch=at_switch, at_port=at_port, plane=plane, rail=rail)
    kept = _in_their_ports(result, end, switch, port)
    return result, (all_old, kept, most)


def _seat(column: IntArray, start: IntArray, host: int) -> Seat:
    return tuple(column[start[host] : start[host + 1]].tolist())


def _most(seats: Sequence[Seat], wants: Sequence[Seat]) -> int:
    """No more endpoint links at one place of a host stay on a switch than hosts of the kind have one there now and
    then."""
    most = 0
    for now, then in zip(zip(*seats, strict=True), zip(*wants, strict=True), strict=True):
        counts, olds = Counter(now), Counter(then)
        most += sum(min(counts[s], n) for s, n in olds.items() if s >= 0)
    return most


def _chosen(rows: Sequence[int], seats: Mapping[int, Seat], wants: Mapping[int, Seat]) -> tuple[dict[int, int], int]:
    """The host whose seat each host takes, and the most endpoint links that any choice keeps on their switches: one on
    its own switches while there are any, the others in order; where hosts that are spread over several switches keep
    more otherwise, the best of all assignments."""
    free: dict[Seat, list[int]] = {}
    for host in reversed(rows):
        free.setdefault(seats[host], []).append(host)
    result = {host: free[wants[host]].pop() for host in rows if free.get(wants[host])}
    rest = sorted(h for left in free.values() for h in left)
    result |= dict(zip((h for h in rows if h not in result), rest, strict=True))
    most = _most(list(seats.values()), list(wants.values())) if rows else 0
    kept = sum(_same(seats[seat], wants[host]) for host, seat in result.items())
    if kept == most or len(rows) > MOST_ASSIGNED:
        return result, most
    from scipy.optimize import linear_sum_assignment

    place, want = (np.array([of[host] for host in rows]) for of in (seats, wants))
    worth = sum((want[:, None, i] == place[None, :, i]).astype(np.int64) for i in range(place.shape[1]))
    host_at, seat_at = linear_sum_assignment(worth, maximize=True)
    best = int(np.asarray(worth)[host_at, seat_at].sum())
    return {rows[h]: rows[s] for h, s in zip(host_at.tolist(), seat_at.tolist(), strict=True)}, best


def _same(now: Seat, then: Seat) -> int:
    return sum(a == b for a, b in zip(now, then, strict=True))


def _in_their_ports(wiring: Wiring, end: IntArray, switch: IntArray, port: IntArray) -> int:
    """Puts endpoints that stay on their switch into their old ports (changes the wiring's column); how many stay."""
    stays = wiring.at_switch[end] == switch
    e, s, p = end[stays], switch[stays], port[stays]
    layout = wiring.switches.layout[s]
    speed = [wiring.layouts[int(one)].gbps for one in layout]
    fits = np.array([g[a - 1] == g[b - 1] for g, a, b in zip(speed, p, wiring.at_port[e], strict=True)], dtype=np.bool_)
    e, s, p = e[fits], s[fits], p[fits]
    held = set(zip(s.tolist(), p.tolist(), strict=True))
    moving = np.ones(len(wiring.at_switch), dtype=np.bool_)
    moving[e] = False
    planned: dict[int, set[int]] = {}
    for switch_row, number in zip(wiring.at_switch.tolist(), wiring.at_port.tolist(), strict=True):
        planned.setdefault(switch_row, set()).add(number)
    free = {s: sorted(n for n in ports if (s, n) not in held) for s, ports in planned.items()}
    wiring.at_port[e] = p
    for i in np.flatnonzero(moving & (wiring.at_switch >= 0)).tolist():
        s_row, number = int(wiring.at_switch[i]), int(wiring.at_port[i])
        gbps, left = wiring.layouts[int(wiring.switches.layout[s_row])].gbps, free[s_row]
        alike = (n for n in left if gbps[n - 1] == gbps[number - 1])
        wiring.at_port[i] = number if number in left else next(alike)
        left.remove(int(wiring.at_port[i]))
    return len(e)
