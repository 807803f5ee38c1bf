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
from pydantic import Field, field_validator

from topo.catalog import Catalog, Switch
from topo.catalog.models import Gbps, PartId, Strict
from topo.errors import InputError, ParameterError, Problem
from topo.fabric import LEAF, SPINE
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, LinkEnds, Switches, Wiring
from topo.generators.layout import PortLayout, Split, breakout_of, most_beside, numbers_at, parted, uniform
from topo.generators.tree_deal import bundles, dealt
from topo.generators.tree_params import TreeParams
from topo.generators.tree_ports import TierPorts, tier_ports
from topo.generators.tree_seats import WholeHosts
from topo.units import ratio

SPLITS = 6
"""Splits of a leaf's ports that are tried, the largest first."""


class LeafKind(Strict):
    """Leaves of one host part. What is left out is the network's."""

    hosts: PartId = Field(description="host part that these leaves join")
    switch: PartId | None = Field(None, description="switch part of these leaves; default: `switch`")
    endpoint_gbps: Gbps | None = Field(None, description="speed of their endpoint links; default: the network's")
    uplink_gbps: Gbps | None = Field(
        None, description="speed of their uplinks; default: the network's, or as their endpoint links"
    )
    oversubscription: float | str | None = Field(None, description="their down:up bandwidth; default: the network's")

    @field_validator("oversubscription")
    @classmethod
    def _is_ratio(cls, value: float | str | None) -> float | str | None:
        return value if value is None else TreeParams._is_ratio(value)


class UnlikeParams(TreeParams):
    """Keys of a tree that may have unlike leaves."""

    leaves: list[LeafKind] = Field(
        [], description="leaves of some host parts, each with its own switch, speeds and ratio; default: one kind"
    )

    def speed_of(self, host: str) -> float | None:
        """The speed of the endpoint links of a host part, None for that of its NIC ports."""
        own = next((k.endpoint_gbps for k in self.leaves if k.hosts == host), None)
        return own or self.endpoint_gbps

    def speed_key(self, host: str) -> str:
        """The key that says so."""
        own = next((i for i, k in enumerate(self.leaves) if k.hosts == host and k.endpoint_gbps), None)
        return "endpoint_gbps" if own is None else f"leaves[{own}].endpoint_gbps"


@dataclass(frozen=True)
class _Group:
    """Leaves of one kind: their ports, how hosts sit on them, and the rows of their kinds of hosts."""

    at: str
    ports: TierPorts
    ratio: float | str
    seats: WholeHosts
    kinds: tuple[int, ...]


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
    if problems:
        raise InputError(problems)
    speeds = sorted({g.ports.high.gbps for g in groups})
    if len(speeds) > 2:
        said = ", ".join(f"{s:g}" for s in speeds)
        raise ParameterError("leaves", said, "the spines take uplinks of two speeds", "one or two uplink_gbps")
    leaf = catalog.switch(params.switch, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else leaf
    tried = [list(islice(g.ports.exact(ratio(g.ratio)), SPLITS)) for g in groups]
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
    named = [k.hosts for k in params.leaves]
    have = sorted({k.part for k in live.values()})
    for i, part in enumerate(named):
        if part in named[:i]:
            problems.append(Problem("this host part has leaves already", f"leaves[{i}].hosts", part, "each part once"))
        elif part not in have:
            message = "no host of this part has an end in this network"
            problems.append(Problem(message, f"leaves[{i}].hosts", part, " or ".join(have)))
    others = [i for i, k in live.items() if k.part not in named]
    wanted = [(f"leaves[{i}].", k, [r for r, x in live.items() if x.part == k.hosts])
              for i, k in enumerate(params.leaves) if k.hosts not in named[:i]]  # fmt: skip
    if others:
        wanted.append(("", LeafKind(hosts=ends.kinds[others[0]].part), others))
    for at, kind, rows in wanted:
        if rows:
            try:
                groups.append(_group(params, ends, catalog, at, kind, rows))
            except InputError as error:
                problems += _at(at, error).problems
    return groups, problems


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
        message = f"two leaves do not share an odd number of ends: hosts of {kind.hosts} have {odd[0]}"
        raise ParameterError("hosts", kind.hosts, message, "homing: single", "or a second NIC in this network")
    up = kind.uplink_gbps or params.uplink_gbps or speeds[0]
    switch = kind.switch or params.switch
    part = catalog.switch(switch, "switch")
    ports = tier_ports(part, speeds[0], up, params.reserve_ports.leaf, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else None
    breakout_of(spine or catalog.switch(params.switch, "switch"), up, "uplink_gbps")
    seats = WholeHosts(tuple((n, w // homes) for n, w in widths), None, params.packing == "balanced", homes)
    wanted = kind.oversubscription if kind.oversubscription is not None else params.oversubscription
    return _Group(at, ports, wanted, seats, tuple(rows))


def unlike_counts(params: UnlikeParams, ends: Attached, catalog: Catalog) -> Counts:
    """Closed-form counts of a tree with unlike leaves."""
    sizes = unlike_sizes(params, ends, catalog)
    up, kept = sum(n for _, n in sizes.speeds), params.reserve_ports
    ports = sum(
        n * (g.ports.count(u) - kept.leaf)
        for g, n, (_, u) in zip(sizes.groups, sizes.leaves, sizes.splits, strict=True)
    )
    spine = sizes.spines * (len(sizes.layout().names) - kept.spine)
    notes = []
    if any(u % sizes.spines for _, u in sizes.splits) and params.spread is None:
        notes = [f"uplinks of some leaves do not divide among {sizes.spines} spines: spread by-one"]
    return Counts(
        {"leaf": sum(sizes.leaves), "spine": sizes.spines},
        {"endpoint": len(ends), "leaf_spine": up},
        3 if sum(sizes.leaves) > 1 else 1,
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
    names = [f"{prefix}leaf-{i:03d}" for i in range(leaves)] + [f"{prefix}spine-{i:03d}" for i in range(spines)]
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
    kept = (params.reserve_ports.leaf,) * len(splits) + (params.reserve_ports.spine,)
    flat = np.zeros(len(ends), dtype=np.int64)
    return Wiring(
        switches, (*(s.layout for s in splits), top), np.concatenate(leaf), np.concatenate(port), flat, ends.nic,
        _links(sizes, kind_of, splits, top), ("leaf_spine",),
        tuple(shape.items()), kept,
    )  # fmt: skip


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
