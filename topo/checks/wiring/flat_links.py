"""Links of families without tiers that are not where the family's rule has them.

Each family says which pairs of switches a kind of link joins, and how many links at most join two switches or two
groups; a link too many here is one too few elsewhere, and that place is dark or has too many as well. Rules are written
from the papers that the generators cite, not from the generators.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from topo.checks.labels import link_label, listed
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.wiring._find import capped, worst_first
from topo.fabric import SWITCH, Fabric, Origin
from topo.fabric.model import BoolArray, IntArray

CODE = "flat-links"


@dataclass(frozen=True)
class _Ends:
    """The switch-to-switch links of a network, both ends: device rows and the columns that rules read (shape
    (links,) each)."""

    row: IntArray
    kind: tuple[str, ...]
    code: IntArray
    u: IntArray
    v: IntArray
    pod_u: IntArray
    pod_v: IntArray
    index_u: IntArray
    index_v: IntArray

    def of_kind(self, name: str) -> BoolArray:
        """Which links are of a kind."""
        return np.asarray(self.code == (self.kind.index(name) if name in self.kind else -1))


@dataclass(frozen=True)
class _Most:
    """At most `most` links have the same key (shape (links,), -1 where the rule does not apply)."""

    key: IntArray
    most: IntArray
    between: str


def _pair(u: IntArray, v: IntArray, where: BoolArray) -> IntArray:
    low, high = np.minimum(u, v).astype(np.int64), np.maximum(u, v).astype(np.int64)
    return np.where(where, low * (int(high.max(initial=0)) + 1) + high, -1)


def _once(ends: _Ends, where: BoolArray) -> _Most:
    return _Most(_pair(ends.u, ends.v, where), np.ones(len(ends.u), dtype=np.int64), "two switches")


Rule = Callable[[_Ends, Origin], tuple[BoolArray, list[_Most]]]


def _dragonfly(ends: _Ends, origin: Origin) -> tuple[BoolArray, list[_Most]]:
    """Local links join switches of one group, each pair once; global links join groups, equally many each pair."""
    local, across = ends.of_kind("local"), ends.of_kind("global")
    same = ends.pod_u == ends.pod_v
    most = np.full(len(ends.u), origin["pairwise"] + (origin["extra"] > 0))
    return (local & same) | (across & ~same), [
        _once(ends, local),
        _Most(_pair(ends.pod_u, ends.pod_v, across), most, "two groups"),
    ]


def _slim_fly(ends: _Ends, origin: Origin) -> tuple[BoolArray, list[_Most]]:
    """(k, group, place): subgroup links stay in a group, cross links join the two kinds; a switch has one cross link
    to each group of the other kind."""
    q = origin["q"]
    sub, cross = ends.of_kind("subgroup"), ends.of_kind("cross")
    kind_u, kind_v = ends.index_u // q, ends.index_v // q
    allowed = (sub & (kind_u == kind_v) & (ends.pod_u == ends.pod_v)) | (cross & (kind_u != kind_v))
    one = np.ones(len(ends.u), dtype=np.int64)
    from_u, from_v = np.where(cross, ends.u * q + ends.pod_v, -1), np.where(cross, ends.v * q + ends.pod_u, -1)
    to_group = [_Most(key.astype(np.int64), one, "a switch and a group") for key in (from_u, from_v)]
    return allowed, [_once(ends, sub), *to_group]


def _hyperx(ends: _Ends, origin: Origin) -> tuple[BoolArray, list[_Most]]:
    """A link of dimension d joins switches that differ in coordinate d alone, at most as often as d is wide."""
    sizes = tuple(origin[f"size_{d}"] for d in range(origin["dimensions"]))
    per_pod = math.prod(sizes) // sizes[0]
    at_u = np.array(np.unravel_index(ends.pod_u * per_pod + ends.index_u, sizes))
    at_v = np.array(np.unravel_index(ends.pod_v * per_pod + ends.index_v, sizes))
    differ = at_u != at_v
    allowed, most = np.zeros(len(ends.u), dtype=np.bool_), np.zeros(len(ends.u), dtype=np.int64)
    for d in range(len(sizes)):
        mine = ends.of_kind(f"dimension_{d + 1}")
        allowed |= mine & differ[d] & (differ.sum(axis=0) == 1)
        most[mine] = origin[f"width_{d}"]
    return allowed, [_Most(_pair(ends.u, ends.v, allowed), most, "two switches")]


def _jellyfish(ends: _Ends, origin: Origin) -> tuple[BoolArray, list[_Most]]:
    """No two links join the same switches."""
    every = np.ones(len(ends.u), dtype=np.bool_)
    return every, [_once(ends, every)]


RULES: dict[str, Rule] = {
    "dragonfly": _dragonfly, "slim-fly": _slim_fly, "hyperx": _hyperx, "jellyfish": _jellyfish
}  # fmt: skip


def _ends(fabric: Fabric, network: int) -> _Ends:
    tier, devices = fabric.devices.tier, fabric.devices
    mine = (fabric.links.network == network) & (tier[fabric.link_a] == SWITCH) & (tier[fabric.link_b] == SWITCH)
    row = np.flatnonzero(mine & (devices.network[fabric.link_a] == devices.network[fabric.link_b]))
    u, v = fabric.link_a[row], fabric.link_b[row]
    return _Ends(
        row, fabric.link_kinds, fabric.links.kind[row], u, v, devices.pod[u], devices.pod[v], devices.index[u],
        devices.index[v],
    )  # fmt: skip


def _too_many(fabric: Fabric, ends: _Ends, rule: _Most) -> list[Finding]:
    order = np.argsort(rule.key, kind="stable")
    key, first = np.unique(rule.key[order], return_index=True)
    times = np.diff(np.append(first, len(order)))
    surplus = np.where(key >= 0, times - rule.most[order[first]], 0)
    rows = np.flatnonzero(surplus > 0)

    def describe(group: int) -> Finding:
        links = ends.row[order[first[group] : first[group] + times[group]]]
        labels = [link_label(fabric, int(row)) for row in links]
        many = f"{times[group]} links join {rule.between}, the family has {rule.most[order[first[group]]]}"
        where = tuple(end for pair in labels[:8] for end in pair)
        return Finding(CODE, "error", f"{many}: {listed([f'{a} to {b}' for a, b in labels])}", where)

    return capped(CODE, worst_first(rows, surplus[rows]), describe, f"times too many links join {rule.between}")


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    found: list[Finding] = []
    for network, origin in enumerate(fabric.origins):
        if origin.family not in RULES:
            continue
        ends = _ends(fabric, network)
        allowed, limits = RULES[origin.family](ends, origin)

        def describe(row: int) -> Finding:
            a, b = link_label(fabric, row)
            kind = fabric.link_kinds[fabric.links.kind[row]]
            return Finding(CODE, "error", f"the {kind} link from {a} to {b} joins switches that none should", (a, b))

        found += capped(CODE, ends.row[~allowed], describe, "links join switches that none of their kind should")
        for rule in limits:
            found += _too_many(fabric, ends, rule)
    return found


wiring_checks.add(CODE, WiringCheck("links of a family without tiers are where its rule has them", _run))
