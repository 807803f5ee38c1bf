"""Unlike leaves under one spine tier: each host part on leaves of its own switch, speeds and ratio.

Every leaf reaches every spine. Links of one speed are dealt to the spines in turn, each speed from where the last one
ended, so that the links of any two spines differ by at most one; each speed has cages of its own on a spine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from math import gcd

import numpy as np

from topo.catalog import Catalog, Switch
from topo.errors import InputError, ParameterError, Problem
from topo.fabric import LEAF, SPINE
from topo.fabric.model import OUTSIDE_MBPS, OUTSIDE_PORTS, IntArray
from topo.generators.family import Attached, Counts, LinkEnds, Switches, Wiring
from topo.generators.layout import PortLayout, Split, breakout_of, most_beside, numbers_at, parted, uniform
from topo.generators.tree_deal import bundles, dealt
from topo.generators.tree_leaf_kinds import LeafKind, UnlikeParams, contradictions
from topo.generators.tree_ports import TierPorts, tier_ports
from topo.generators.tree_seats import WholeHosts
from topo.units import ratio

SPLITS = 6
"""Splits of a leaf's ports that are tried, the largest first."""


@dataclass(frozen=True)
class _Alone:
    """Leaves without hosts, `count` of them."""

    count: int
    homes: int = 1

    def leaves(self, room: int) -> int:
        """All of them, whatever room they have."""
        return self.count

    def seats(self, room: int) -> tuple[IntArray, IntArray]:
        """No host has a seat."""
        none = np.zeros(0, dtype=np.int64)
        return none, none


@dataclass(frozen=True)
class _Group:
    """Leaves of one kind: their ports, how hosts sit on them, and the rows of their kinds of hosts. `fixed`: the
    (down, up) that leaves without hosts may have, all of whose ports down lead out."""

    at: str
    ports: TierPorts
    ratio: float | str
    seats: WholeHosts | _Alone
    kinds: tuple[int, ...]
    role: str = "leaf"
    fixed: tuple[tuple[int, int], ...] = ()

    @property
    def outside(self) -> int:
        """Ports of a leaf that lead out."""
        return self.fixed[0][0] if self.fixed else 0

    def splits(self) -> list[tuple[int, int]]:
        """The (down, up) that are tried, the largest first."""
        return list(self.fixed) if self.fixed else list(islice(self.ports.exact(ratio(self.ratio)), SPLITS))


@dataclass(frozen=True)
class UnlikeSizes:
    """Leaves by group with their (down, up), and the spines above all of them; `reserved` ports of a spine are kept."""

    groups: tuple[_Group, ...]
    splits: tuple[tuple[int, int], ...]
    spines: int
    spine: Switch
    reserved: int = 0

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """Leaves by group."""
        return tuple(g.seats.leaves(down) for g, (down, _) in zip(self.groups, self.splits, strict=True))

    @cached_property
    def speeds(self) -> tuple[tuple[float, int], ...]:
        """Each speed of uplinks, rising, with how many links it has."""
        total: dict[float, int] = {}
        for g, n, (_, up) in zip(self.groups, self.leaves, self.splits, strict=True):
            total[g.ports.high.gbps] = total.get(g.ports.high.gbps, 0) + n * up
        return tuple(sorted(total.items()))

    def fits(self, spines: int) -> bool:
        """So many spines have the ports for all links."""
        each = [-(-n // spines) for _, n in self.speeds]
        low, high = self.speeds[0][0], self.speeds[-1][0]
        if low == high:
            return self.spine.ports_at(low) - self.reserved >= each[0]
        return most_beside(self.spine, low, high, each[1]) - self.reserved >= each[0]

    @property
    def cost(self) -> tuple[int, int]:
        """Switches, links between switches."""
        return sum(self.leaves) + self.spines, sum(n for _, n in self.speeds)

    def layout(self) -> PortLayout:
        """The ports of a spine."""
        low, (high, links) = self.speeds[0][0], self.speeds[-1]
        return uniform(self.spine, low) if low == high else parted(self.spine, low, -(-links // self.spines), high)


def unlike_sizes(params: UnlikeParams, ends: Attached, catalog: Catalog) -> UnlikeSizes:
    """The sizes; raises InputError with every contradiction, or for what does not fit."""
    groups, problems = _groups(params, ends, catalog)
    problems += [
        Problem("with unlike leaves each kind's ratio says how many", key, str(getattr(params, key)), "leave it out")
        for key in ("uplinks", "hosts_per_leaf", "peer_links", "cores", "leaves_per_pod", "build_for_gpus")
        if getattr(params, key) is not None
    ]
    if params.lone:
        problems.append(Problem("unlike leaves need spines", "lone", "true", "leave it out", "or without leaves"))
    if problems:
        raise InputError(problems)
    speeds = sorted({g.ports.high.gbps for g in groups})
    if len(speeds) > 2:
        said = ", ".join(f"{s:g}" for s in speeds)
        raise ParameterError("leaves", said, "the spines take uplinks of two speeds", "one or two uplink_gbps")
    leaf = catalog.switch(params.switch, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else leaf
    tried = [g.splits() for g in groups]
    for g, splits in zip(groups, tried, strict=True):
        if not splits:
            error = g.ports.refusal(ratio(g.ratio))
            raise _at(g.at, error) if isinstance(error, InputError) else error
    best: UnlikeSizes | None = None
    first: InputError | None = None
    for some in product(*tried):
        try:
            found = _above(params, UnlikeSizes(tuple(groups), some, 0, spine, params.reserve_ports.spine))
        except InputError as error:
            first = first or error
            continue
        if best is None or found.cost < best.cost:
            best = found
    if best is None:
        assert first is not None
        raise first
    return best


def _above(params: UnlikeParams, sizes: UnlikeSizes) -> UnlikeSizes:
    """With the given number of spines, or the fewest that the spread allows."""
    most, common = min(up for _, up in sizes.splits), gcd(*(up for _, up in sizes.splits))
    even = params.spread != "by-one" and not (params.spines and params.spread is None)
    fits = [n for n in range(1, most + 1) if sizes.fits(n) and (common % n == 0 or not even)]
    if params.spines in fits or (params.spines is None and fits):
        return UnlikeSizes(sizes.groups, sizes.splits, params.spines or fits[0], sizes.spine, sizes.reserved)
    links, leaves = sum(n for _, n in sizes.speeds), sum(sizes.leaves)
    message = f"{leaves} leaves with {links:,} uplinks, {most} or more each, do not meet so many spines"
    if params.spines is not None:
        allowed = ", ".join(map(str, fits)) or "none"
        raise ParameterError("spines", params.spines, message, allowed, "or another ratio, or spread: by-one")
    loose = [n for n in range(1, most + 1) if sizes.fits(n)]
    message = f"{leaves} leaves with {links:,} uplinks have no number of spines that all of them reach"
    raise ParameterError(
        "leaves", ", ".join(f"{down}:{up}" for down, up in sizes.splits), message,
        f"spread: by-one, with {loose[0]} spines" if loose else "fewer hosts",
        "" if loose else "a spine with more ports, or a higher oversubscription",
    )  # fmt: skip


def _groups(params: UnlikeParams, ends: Attached, catalog: Catalog) -> tuple[list[_Group], list[Problem]]:
    """Leaves by kind in the order of the key, then those of parts that it does not name; and every contradiction."""
    problems: list[Problem] = []
    groups: list[_Group] = []
    live = {i: k for i, k in enumerate(ends.kinds) if k.count and len(k.one)}
    named: list[str] = []
    have = sorted({k.part for k in live.values()})
    wanted = []
    for i, kind in enumerate(params.leaves):
        problems += [Problem(m, f"leaves[{i}].{key}", v, a) for key, v, m, a in contradictions(kind)]
        rows = []
        for part in kind.parts:
            if part in named:
                message = "this host part has leaves already"
                problems.append(Problem(message, f"leaves[{i}].hosts", part, "each part once"))
            elif part not in have:
                message = "no host of this part has an end in this network"
                problems.append(Problem(message, f"leaves[{i}].hosts", part, " or ".join(have)))
            else:
                rows += [r for r, x in live.items() if x.part == part]
            named.append(part)
        wanted.append((f"leaves[{i}].", kind, sorted(rows)))
    others = [i for i, k in live.items() if k.part not in named]
    if others:
        wanted.append(("", LeafKind(hosts=ends.kinds[others[0]].part), others))
    if problems:
        return groups, problems
    speed = next((params.speed_of(k.part) or k.one.gbps[0] for k in live.values()), 0.0)
    for at, kind, rows in wanted:
        try:
            if rows:
                groups.append(_group(params, ends, catalog, at, kind, rows))
            else:
                groups.append(_alone(params, catalog, at, kind, float(speed)))
        except InputError as error:
            problems += _at(at, error).problems
    return groups, problems


def _alone(params: UnlikeParams, catalog: Catalog, at: str, kind: LeafKind, gbps: float) -> _Group:
    """Leaves without hosts; `gbps` is the speed of uplinks that no key tells."""
    assert kind.outside is not None
    assert kind.count is not None
    part, down = catalog.switch(kind.switch or params.switch, "switch"), kind.outside.ports
    up_gbps = kind.uplink_gbps or params.uplink_gbps or gbps
    breakout_of(part, kind.outside.gbps, "outside.gbps")
    ports = tier_ports(part, kind.outside.gbps, up_gbps, params.reserve_ports.leaf, "switch")
    wanted = kind.oversubscription if kind.oversubscription is not None else params.oversubscription
    up = kind.uplinks or ports.needed_up(down, ratio(wanted))
    most = ports.most_down(up)
    if down > most:
        message = f"{part.id} has too few ports of {kind.outside.gbps:g} Gb/s beside {up} uplinks"
        raise ParameterError("outside.ports", down, message, f"at most {most}" if most > 0 else "fewer uplinks")
    least = ports.needed_up(down, ratio(wanted))
    if kind.uplinks and kind.oversubscription is not None and kind.uplinks < least:
        message = f"{down} ports out and {kind.uplinks} up exceed the ratio {kind.oversubscription}"
        raise ParameterError("uplinks", kind.uplinks, message, f"at least {least}")
    most = up if kind.uplinks else min(2 * up + SPLITS, ports.most_up(down))
    tried = tuple((down, n) for n in range(up, most + 1) if ports.most_down(n) >= down)
    return _Group(at, ports, wanted, _Alone(kind.count), (), kind.role, tried)


def _at(at: str, error: InputError) -> InputError:
    """The error of one kind of leaves, at its own keys."""
    return InputError([Problem(p.message, f"{at}{p.key}", p.value, p.allowed, p.hint) for p in error.problems])


def _group(params: UnlikeParams, ends: Attached, catalog: Catalog, at: str, kind: LeafKind, rows: list[int]) -> _Group:
    speeds = sorted({s for r in rows for s in ends.kinds[r].one.gbps.tolist()})
    if len(speeds) != 1:
        said = ", ".join(f"{s:g}" for s in speeds)
        raise ParameterError("endpoint_gbps", said, "leaves of one kind take one speed", hint="one kind for each speed")
    homes = 2 if params.homing == "dual" else 1
    widths = [(ends.kinds[r].count, len(ends.kinds[r].one)) for r in rows]
    odd = [w for _, w in widths if w % homes]
    if odd:
        parts = ", ".join(kind.parts)
        message = f"two leaves do not share an odd number of ends: hosts of {parts} have {odd[0]}"
        raise ParameterError("hosts", parts, message, "homing: single", "or a second NIC in this network")
    up = kind.uplink_gbps or params.uplink_gbps or speeds[0]
    switch = kind.switch or params.switch
    part = catalog.switch(switch, "switch")
    ports = tier_ports(part, speeds[0], up, params.reserve_ports.leaf, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else None
    breakout_of(spine or catalog.switch(params.switch, "switch"), up, "uplink_gbps")
    least = (params.min_leaves or 1) if not at else 1
    seats = WholeHosts(tuple((n, w // homes) for n, w in widths), None, params.packing == "balanced", homes, least)
    wanted = kind.oversubscription if kind.oversubscription is not None else params.oversubscription
    return _Group(at, ports, wanted, seats, tuple(rows), kind.role)


def unlike_counts(params: UnlikeParams, ends: Attached, catalog: Catalog) -> Counts:
    """Closed-form counts of a tree with unlike leaves."""
    sizes = unlike_sizes(params, ends, catalog)
    up, kept = sum(n for _, n in sizes.speeds), params.reserve_ports
    ports = sum(
        n * (g.ports.count(u) - kept.leaf - g.outside)
        for g, n, (_, u) in zip(sizes.groups, sizes.leaves, sizes.splits, strict=True)
    )
    spine = sizes.spines * (len(sizes.layout().names) - kept.spine)
    notes = []
    if any(u % sizes.spines for _, u in sizes.splits) and params.spread is None:
        notes = [f"uplinks of some leaves do not divide among {sizes.spines} spines: spread by-one"]
    return Counts(
        {"leaf": sum(sizes.leaves), "spine": sizes.spines},
        {"endpoint": len(ends), "leaf_spine": up},
        3 if sum(n for g, n in zip(sizes.groups, sizes.leaves, strict=True) if g.kinds) > 1 else 1,
        "leaves of each kind = ceil(hosts / hosts of a leaf); spines: the fewest whose cages take all uplinks",
        "Al-Fares et al., SIGCOMM 2008, made general in unlike leaves",
        {"leaf": ports - len(ends) - up, "spine": spine - up},
        tuple(notes),
    )


def unlike_wire(params: UnlikeParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    """The wiring of a tree with unlike leaves: leaves kind by kind, then the spines."""
    sizes = unlike_sizes(params, ends, catalog)
    leaves, spines = sum(sizes.leaves), sizes.spines
    start = np.cumsum([0, *sizes.leaves])
    leaf: list[IntArray] = [np.zeros(0, dtype=np.int64)] * len(ends.kinds)
    port = list(leaf)
    splits = [g.ports.split(*s) for g, s in zip(sizes.groups, sizes.splits, strict=True)]
    for g, first, split in zip(sizes.groups, start[:-1].tolist(), splits, strict=True):
        at, before = g.seats.seats(split.down)
        done, homes = 0, g.seats.homes
        for row in g.kinds:
            mine, slot = slice(done, done + ends.kinds[row].count), np.arange(len(ends.kinds[row].one))
            leaf[row] = (first + at[mine][:, None] + slot % homes).ravel()
            port[row] = split.down_at[(before[mine][:, None] + slot // homes).ravel()]
            done = mine.stop
    top = sizes.layout()
    kind_of = np.repeat(np.arange(len(splits)), sizes.leaves)
    names = _leaf_names(sizes, prefix) + [f"{prefix}spine-{i:03d}" for i in range(spines)]
    minus = np.full(leaves + spines, -1, dtype=np.int32)
    zero = np.zeros(leaves + spines, dtype=np.int32)
    switches = Switches(
        np.array(names, dtype=np.str_),
        np.repeat([LEAF, SPINE], [leaves, spines]).astype(np.int32),
        zero,
        minus,
        zero,
        np.concatenate([np.arange(leaves), np.arange(spines)]).astype(np.int32),
        np.concatenate([kind_of, np.full(spines, len(splits))]).astype(np.int32),
    )
    shape = {"planes": 1, "leaves": leaves, "pods": 1, "spines": spines, "cores": 0}
    shape |= {f"leaves-{i}": n for i, n in enumerate(sizes.leaves)}
    for i, g in enumerate(sizes.groups):
        if g.fixed:
            shape |= {f"{OUTSIDE_PORTS}{i}": g.outside, f"{OUTSIDE_MBPS}{i}": round(g.ports.low.gbps * 1000)}
    outside = [tuple(s.down_at[: g.outside].tolist()) for g, s in zip(sizes.groups, splits, strict=True)]
    kept = (params.reserve_ports.leaf,) * len(splits) + (params.reserve_ports.spine,)
    flat = np.zeros(len(ends), dtype=np.int64)
    return Wiring(
        switches, (*(s.layout for s in splits), top), np.concatenate(leaf), np.concatenate(port), flat, ends.nic,
        _links(sizes, kind_of, splits, top), ("leaf_spine",),
        tuple(shape.items()), kept, outside=(*outside, ()),
    )  # fmt: skip


def _leaf_names(sizes: UnlikeSizes, prefix: str) -> list[str]:
    """Names of the leaves, counted by role."""
    names: list[str] = []
    done: dict[str, int] = {}
    for g, n in zip(sizes.groups, sizes.leaves, strict=True):
        first = done.get(g.role, 0)
        head = prefix if g.role == "leaf" else f"{prefix}{g.role}-"
        names += [f"{head}leaf-{i:03d}" for i in range(first, first + n)]
        done[g.role] = first + n
    return names


def _links(sizes: UnlikeSizes, kind_of: IntArray, splits: list[Split], top: PortLayout) -> LinkEnds:
    speed = np.array([g.ports.high.gbps for g in sizes.groups])
    up = np.array([split.up for split in splits])
    up_at = np.zeros((len(splits), int(up.max())), dtype=np.int64)
    for row, split in enumerate(splits):
        up_at[row, : split.up] = split.up_at[: split.up]
    columns, done = [], 0
    for gbps, n in sizes.speeds:
        rows = np.flatnonzero(speed[kind_of] == gbps)
        times = bundles(np.zeros(len(rows), dtype=np.int64), up[kind_of[rows]], sizes.spines)
        one = dealt(np.zeros(len(rows), dtype=np.int64), np.roll(times, done % sizes.spines, axis=1))
        lower = rows[one.lower]
        high = numbers_at(top, gbps)[one.upper_before]
        columns.append([lower, up_at[kind_of[lower], one.lower_before], len(kind_of) + one.upper, high])
        done += n
    a, a_port, b, b_port = (np.concatenate(c).astype(np.int32) for c in zip(*columns, strict=True))
    return LinkEnds(a, a_port, b, b_port, np.zeros(len(a), dtype=np.int32), speed[kind_of[a]].astype(np.float64))
