"""Unlike leaves of three tiers: how many pods, spines and cores there are.

Leaves fill pods kind by kind, those of one uplink speed after each other, in whole scalable units or pairs; those of
the design's first hosts come last, so that growth adds leaves behind those that stand. A pod has leaves of one uplink
speed and is full where its spines have no port for the uplinks of another unit. Every pod has equally many spines,
every spine equally many links up, all of one speed, and cores stand above spines as in every tree of three tiers
(`topo.generators.trees.above`). A leaf's links are dealt to the spines of its pod in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from math import gcd

import numpy as np

from topo.catalog import Catalog
from topo.errors import InputError, ParameterError, either
from topo.fabric.model import IntArray
from topo.generators.layout import breakout_of
from topo.generators.trees.above import cores_above
from topo.generators.trees.counts.ports import RATIO, SPINE_RATIO, TierPorts, tier_ports
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.unlike.sizes import SPLITS, UnlikeSizes
from topo.units import amount


@dataclass(frozen=True)
class PodSizes:
    """Pods of unlike leaves, alike in each plane: `leaf` has the leaves and how many spines a pod has, `spine` the
    ports of a spine above leaves of each speed of `leaf.speeds` with how many face down, `up` links of each face up.
    `filled`: (pod, kind, leaves) in order of pods. Spine indices are in groups of `share` with `cores` cores each."""

    leaf: UnlikeSizes
    spine: tuple[tuple[TierPorts, int], ...]
    up: int
    core: TierPorts
    filled: tuple[tuple[int, int, int], ...] = ()
    cores: int = 0
    share: int = 1
    notes: tuple[str, ...] = ()
    most: int = 0
    """The spines that pods are filled for."""
    width: int | None = None
    """The most leaves of a pod."""

    def present(self) -> PodSizes:
        """With the leaves and pods of the present hosts, under the cores of all that it is built for."""
        leaf = self.leaf.present()
        return self if leaf is self.leaf else replace(self, leaf=leaf, filled=tuple(_filled(replace(self, leaf=leaf))))

    @cached_property
    def pods(self) -> int:
        """Pods of a plane."""
        return self.filled[-1][0] + 1

    @cached_property
    def speed(self) -> tuple[int, ...]:
        """The row of `leaf.speeds` of each kind of leaves."""
        rows = {gbps: i for i, (gbps, _) in enumerate(self.leaf.speeds)}
        return tuple(rows[g.ports.high.gbps] for g in self.leaf.groups)

    @property
    def groups(self) -> int:
        """Groups of cores."""
        return self.leaf.spines // self.share if self.cores else 0

    def pod_speed(self) -> list[int]:
        """The row of `leaf.speeds` of each pod."""
        return [row for _, row in sorted({(pod, self.speed[kind]) for pod, kind, _ in self.filled})]

    def reads(self, params: UnlikeParams) -> tuple[str, ...]:
        """How the ratio of spines is read where it is written rounded."""
        said = self.spine[0][0].read_as(params.spine_oversubscription) if self.cores else ""
        return (f"{SPINE_RATIO}: {said}",) if said else ()

    def load(self) -> list[int]:
        """The uplinks of the leaves of each pod."""
        result = [0] * self.pods
        for pod, kind, leaves in self.filled:
            result[pod] += leaves * self.leaf.splits[kind][1]
        return result

    def leaf_pod(self) -> IntArray:
        """The pod of each leaf of a plane, kind by kind."""
        order = sorted(self.filled, key=lambda part: (part[1], part[0]))
        return np.repeat([pod for pod, _, _ in order], [n for _, _, n in order])

    def fill_order(self) -> IntArray:
        """The leaves of a plane in the order in which they fill pods."""
        kinds = np.repeat([kind for _, kind, _ in self.filled], [n for _, _, n in self.filled])
        result = np.empty(len(kinds), dtype=np.int64)
        result[np.argsort(kinds, kind="stable")] = np.arange(len(kinds))
        return result

    @cached_property
    def cost(self) -> tuple[int, int, int]:
        """Pods, switches, links between switches."""
        spines = self.pods * self.leaf.spines
        links = sum(n for _, n in self.leaf.speeds) + (spines * self.up if self.cores else 0)
        return self.pods, sum(self.leaf.leaves) + spines + self.groups * self.cores, links


class TooManyPodsError(ParameterError):
    """`pods` are needed, more than a core joins."""

    def __init__(self, pods: int, key: str, value: object, message: str, allowed: str, hint: str) -> None:
        super().__init__(key, value, message, allowed, hint)
        self.pods = pods


def pod_sizes(params: UnlikeParams, options: Sequence[UnlikeSizes], catalog: Catalog) -> PodSizes:
    """The sizes with the fewest pods, then switches, then links, of several splits of the leaves' ports; raises
    InputError where none fits."""
    groups, spine = options[0].groups, options[0].spine
    core = catalog.switch(params.core_switch, "core_switch") if params.core_switch else spine
    gbps = params.uplink_gbps or max(g.ports.high.gbps for g in groups)
    for part in (spine, core):
        breakout_of(part, gbps, "uplink_gbps")
    kept = params.reserve_ports
    speeds = [speed for speed, _ in options[0].speeds]
    words = "spine_switch", SPINE_RATIO
    spines = [tier_ports(spine, speed, gbps, kept.spine, words) for speed in speeds]
    top = tier_ports(core, gbps, gbps, kept.core, ("core_switch", RATIO))
    best: PodSizes | None = None
    errors: list[InputError] = []
    for leaf, below in product(options, _spine_splits(params, spines)):
        try:
            _refuse_narrow(params, leaf)
            result = _podded(params, leaf, spines, below, top)
        except InputError as error:
            errors.append(error)
            continue
        if best is None or result.cost < best.cost:
            best = result
    if best is None:
        too_many = [error for error in errors if isinstance(error, TooManyPodsError)]
        raise min(too_many, key=lambda error: error.pods) if too_many and too_many[0] is errors[0] else errors[0]
    return best.present()


def _refuse_narrow(params: UnlikeParams, sizes: UnlikeSizes) -> None:
    """Raises ParameterError for pods of fewer leaves than a scalable unit or a pair has."""
    width = params.leaves_per_pod
    pairs = zip(sizes.groups, sizes.splits, strict=True)
    unit, homes = max((g.seats.group_of(down), g.seats.homes) for g, (down, _) in pairs)
    if width is not None and unit > width:
        message = f"a scalable unit has {amount(unit, 'leaf')}, and a pod holds whole units"
        message = "a pod holds whole pairs of leaves" if unit == homes else message
        raise ParameterError("leaves_per_pod", width, message, f"at least {unit:,}", "or fewer rails")


def _spine_splits(params: UnlikeParams, spines: Sequence[TierPorts]) -> list[tuple[int, tuple[int, ...]]]:
    """(links up, ports down beside them above leaves of each speed) of a spine, the largest first; raises
    ParameterError where none meets the ratio."""
    want = spines[0].ratio_of(params.spine_oversubscription)
    ups = sorted({up for ports in spines for _, up in ports.exact(want)}, reverse=True)
    splits = ((up, tuple(ports.allowed_down(up, want) for ports in spines)) for up in ups)
    result = list(islice((split for split in splits if min(split[1]) > 0), SPLITS))
    if not result:
        raise next((p for p in spines if not p.exact(want)), spines[0]).refusal(want)
    return result


def _podded(
    params: UnlikeParams,
    leaf: UnlikeSizes,
    spines: Sequence[TierPorts],
    below: tuple[int, tuple[int, ...]],
    core: TierPorts,
) -> PodSizes:
    """The sizes of one split of the ports of leaves and spines; raises ParameterError where it does not fit."""
    up, down = below
    least = min(n for _, n in leaf.splits)
    common = gcd(*(n for _, n in leaf.splits))
    even = params.spread != "by-one" and not (params.spines and params.spread is None)
    able = [n for n in range(1, least + 1) if common % n == 0 or not even]
    if params.spines is not None and params.spines not in able:
        message = f"leaves of {either(sorted({n for _, n in leaf.splits}))} uplinks do not reach so many"
        hint = "another ratio, or spread: by-one" if even else "another ratio"
        raise ParameterError("spines", params.spines, message, _near(able), hint)
    sizes = PodSizes(leaf, tuple(zip(spines, down, strict=True)), up, core, most=params.spines or able[-1])
    sizes = replace(sizes, width=params.leaves_per_pod)
    sizes = replace(sizes, filled=tuple(_filled(sizes)))
    pods, load = sizes.pods, sizes.load()
    room = [down[row] for row in sizes.pod_speed()]
    needed = max(-(-n // ports) for n, ports in zip(load, room, strict=True))
    number = params.spines or next(n for n in able if n >= needed)
    if pods > core.total:
        raise _too_many(params, sizes, able, pods)
    if params.leaves_per_pod is not None:
        sizes = _narrowed(params, sizes, number)
        up = sizes.up
    cores, share, notes = cores_above(up, pods, number, core.total, params)
    if any(n % number for _, n in leaf.splits) and params.spread is None:
        said = f"uplinks of some leaves do not divide among {amount(number, 'spine')}: spread by-one"
        notes = [said, *notes]
    return replace(sizes, leaf=replace(leaf, spines=number), cores=cores, share=share, notes=tuple(notes))


def _too_many(params: UnlikeParams, sizes: PodSizes, able: Sequence[int], pods: int) -> TooManyPodsError:
    """The error for more pods than a core joins."""
    most, leaves = sizes.core.total, amount(sum(sizes.leaf.leaves), "leaf")
    message = f"three tiers join at most {amount(most, 'pod')}, {pods} are needed for {leaves}"
    hint = "a switch with more ports, a higher oversubscription" + (
        ", or spread: by-one" if params.spread != "by-one" else ""
    )
    given = params.spines
    fits = [n for n in able if given and n > given and _filled(replace(sizes, most=n))[-1][0] < most]
    if fits:
        return TooManyPodsError(pods, "spines", given, message, _near(fits), hint)
    return TooManyPodsError(pods, "leaves", leaves, message, "fewer hosts", hint)


def _near(able: Sequence[int]) -> str:
    """The numbers that work, a range where they follow each other."""
    if len(able) > 2 and able[-1] - able[0] == len(able) - 1:
        return f"{able[0]} to {able[-1]}"
    return either(able)


def _narrowed(params: UnlikeParams, sizes: PodSizes, spines: int) -> PodSizes:
    """The sizes with spines whose ports are split by what pods of a given number of leaves really join; raises
    ParameterError for more leaves than the ports of a pod's spines join."""
    width, units = params.leaves_per_pod or 0, list[int]()
    wide = 0
    for k, (g, (down, up)) in enumerate(zip(sizes.leaf.groups, sizes.leaf.splits, strict=True)):
        units.append(g.seats.group_of(down))
        wide = max(wide, sizes.most * sizes.spine[sizes.speed[k]][1] // (units[k] * up) * units[k])
    if wide < width:
        message = "a spine has too few ports for a pod of so many leaves"
        hint = "or a higher spine_oversubscription, or fewer uplinks"
        raise ParameterError("leaves_per_pod", width, message, f"at most {wide:,}", hint)
    leaf, rows = sizes.leaf, sizes.pod_speed()
    below = [0] * len(sizes.spine)
    for pod, n in enumerate(sizes.load()):
        below[rows[pod]] = max(below[rows[pod]], -(-n // spines))
    grows = next((k for k, g in enumerate(leaf.groups) if 0 in g.kinds), 0)
    whole = width // units[grows] * units[grows] * leaf.splits[grows][1]
    row = sizes.speed[grows]
    below[row] = max(below[row], min(-(-whole // spines), sizes.spine[row][1]))
    want = sizes.spine[0][0].ratio_of(params.spine_oversubscription)
    up = max(ports.needed_up(n, want) for (ports, _), n in zip(sizes.spine, below, strict=True))
    pairs = zip(sizes.spine, below, strict=True)
    return replace(sizes, up=up, spine=tuple((ports, n) for (ports, _), n in pairs))


def _filled(sizes: PodSizes) -> list[tuple[int, int, int]]:
    """(pod, kind, leaves) of pods of so many spines, in order of pods: the leaves of the first hosts, whose number
    growth changes, are the last. Raises ParameterError for a scalable unit or a pair that no pod holds."""
    spines = sizes.most
    leaf, result = sizes.leaf, list[tuple[int, int, int]]()
    pod, left, held, last = -1, 0, 0, -1
    grows = next((k for k, group in enumerate(leaf.groups) if 0 in group.kinds), 0)
    order = [(sizes.speed[k] == sizes.speed[grows], sizes.speed[k], k == grows, k) for k in range(len(leaf.groups))]
    for *_, kind in sorted(order):
        (down, up), group = leaf.splits[kind], leaf.groups[kind]
        unit, row = group.seats.group_of(down), sizes.speed[kind]
        whole = spines * sizes.spine[row][1]
        if unit * up > whole:
            message = f"a pod of {amount(spines, 'spine')} has {amount(whole, 'port')} down, too few for {unit * up}"
            unit_of = f"{amount(unit, 'leaf')} of {amount(up, 'uplink')}"
            hint = "a pod holds whole units: more spines, one with more ports, or fewer rails or uplinks"
            raise ParameterError(f"{group.at}hosts" if group.at else "leaves", unit_of, message, hint=hint)
        width = whole if sizes.width is None else sizes.width
        left, held, last = (left, held, last) if row == last else (0, 0, row)
        units = leaf.leaves[kind] // unit
        while units:
            if left < unit * up or held + unit > width:
                pod, left, held = pod + 1, whole, 0
            take = min(units, left // (unit * up), (width - held) // unit)
            result.append((pod, kind, take * unit))
            left, held, units = left - take * unit * up, held + take * unit, units - take
    return result
