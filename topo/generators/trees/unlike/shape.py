"""Unlike leaves under one spine tier: each host part on leaves of its own switch, speeds and ratio.

Every plane is wired alike, and every leaf reaches every spine of its plane. Leaves hold whole hosts or whole rails as
their family has it; hosts without GPUs are whole on leaves of their own. Links of one speed are dealt to the spines in
turn, each speed from where the last one ended, so that the links of any two spines differ by at most one; each speed
has cages of its own on a spine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import gcd

import numpy as np

from topo.catalog import Catalog, Switch
from topo.errors import InputError, ParameterError, Problem, either
from topo.fabric.model import IntArray
from topo.generators.family import Attached
from topo.generators.layout import breakout_of
from topo.generators.trees.counts.ports import LEAF_KEYS, TierPorts, tier_ports
from topo.generators.trees.counts.seats import Rails, WholeHosts
from topo.generators.trees.form import TreeForm, homes_of, rails_in, seats_of
from topo.generators.trees.homing import ALONE
from topo.generators.trees.leaf_kinds import LeafKind, UnlikeParams, contradictions
from topo.generators.trees.params import RailKeys
from topo.generators.trees.unlike.pods import PodSizes, pod_sizes
from topo.generators.trees.unlike.sizes import SPLITS, Alone, Group, UnlikeSizes
from topo.generators.trees.unlike.splits import OF_NETWORK, Wanted, tried_splits
from topo.generators.trees.wire import Home
from topo.units import amount, ratio, verb


class NoSpinesError(ParameterError):
    """Uplinks that no number of spines has ports for, or of more speeds than a spine takes."""


def unlike_sizes(params: UnlikeParams, ends: Attached, catalog: Catalog, form: TreeForm) -> UnlikeSizes | PodSizes:
    """The sizes, of two tiers or three; raises InputError with every contradiction, or for what does not fit."""
    planes, of_one = form.planes(params, ends)
    three = params.cores is not None or params.leaves_per_pod is not None
    tiers = getattr(params, "tiers", None) or form.tiers or (3 if three else None)
    final, problems = ends, list[Problem]()
    try:
        final = ends.grown(params.build_for_gpus) if params.build_for_gpus else ends
    except InputError as small:
        problems += small.problems
    groups, more = _groups(params, (ends, final), catalog, _Form(form.rails, planes, of_one))
    problems += more
    problems += _refused(params, tiers)
    if problems:
        raise InputError(problems)
    tried = [g.splits() for g in groups]
    for g, splits in zip(groups, tried, strict=True):
        if not splits:
            refused = g.ports.refusal(ratio(g.ratio))
            raise _at(g.at, refused) if isinstance(refused, InputError) else refused
    leaf = catalog.switch(params.switch, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else leaf
    kept = params.reserve_ports.spine
    options = [UnlikeSizes(tuple(groups), some, 0, spine, kept, planes) for some in product(*tried)]
    try:
        return pod_sizes(params, options, catalog) if tiers == 3 else _two_tiers(params, options)
    except NoSpinesError as error:
        if tiers is not None:
            raise
        try:
            return pod_sizes(params, options, catalog)
        except InputError as other:
            raise (other if params.spines is not None else error) from None


def _refused(params: UnlikeParams, tiers: int | None) -> list[Problem]:
    """Keys that unlike leaves contradict."""
    words = {"cores": "a network of two tiers has no core tier", "leaves_per_pod": "two tiers are one pod"}
    problems = [
        Problem(message, key, str(getattr(params, key)), "leave it out", "or take three tiers")
        for key, message in words.items()
        if tiers == 2 and getattr(params, key) is not None
    ]
    if params.peer_links and params.homing != "dual":
        message = "only the leaves of homing: dual are pairs"
        problems.append(Problem(message, "peer_links", str(params.peer_links), "leave it out", "or homing: dual"))
    if params.lone:
        problems.append(Problem("unlike leaves need spines", "lone", "true", "leave it out", "or without leaves"))
    if tiers == 3 and getattr(params, "pods", "") == "rail":
        message = "kinds of leaves have unlike rails, or none: their pods hold whole scalable units"
        hint = "or a network for each kind of host, without leaves"
        problems.append(Problem(message, "pods", "rail", "scalable-unit", hint))
    return problems


def _two_tiers(params: UnlikeParams, options: Sequence[UnlikeSizes]) -> UnlikeSizes:
    """The cheapest of the splits under one tier of spines; raises InputError where none fits, NoSpinesError where
    that is so of every number of spines."""
    speeds = sorted({g.ports.high.gbps for g in options[0].groups})
    if len(speeds) > 2:
        said = ", ".join(f"{s:g}" for s in speeds)
        raise NoSpinesError("leaves", said, "the spines take uplinks of two speeds", "one or two uplink_gbps")
    best: UnlikeSizes | None = None
    errors: list[InputError] = []
    for one in options:
        try:
            result = _above(params, one)
        except InputError as error:
            errors.append(error)
            continue
        if best is None or result.cost < best.cost:
            best = result
    if best is None:
        raise next((e for e in errors if not isinstance(e, NoSpinesError)), errors[0])
    return best.present()


def _above(params: UnlikeParams, sizes: UnlikeSizes) -> UnlikeSizes:
    """With the given number of spines, or the fewest that the spread allows."""
    most, common = min(up for _, up in sizes.splits), gcd(*(up for _, up in sizes.splits))
    even = params.spread != "by-one" and not (params.spines and params.spread is None)
    fits = [n for n in range(1, most + 1) if sizes.fits(n) and (common % n == 0 or not even)]
    if params.spines in fits or (params.spines is None and fits):
        return replace(sizes, spines=params.spines or fits[0])
    links, leaves = sum(n for _, n in sizes.speeds), sum(sizes.leaves)
    message = (
        f"{amount(leaves, 'leaf')} with {amount(links, 'uplink')}, {most:,} or more each, do not meet so many spines"
    )
    if params.spines is not None:
        hint = "or another ratio, or spread: by-one"
        if not fits:
            raise NoSpinesError("spines", params.spines, message, "none", hint)
        raise ParameterError("spines", params.spines, message, ", ".join(map(str, fits)), hint)
    loose = [n for n in range(1, most + 1) if sizes.fits(n)]
    message = (
        f"{amount(leaves, 'leaf')} with {amount(links, 'uplink')} {verb(links, 'have')} no number of spines "
        "that all of them reach"
    )
    raise (ParameterError if loose else NoSpinesError)(
        "leaves", ", ".join(f"{down}:{up}" for down, up in sizes.splits), message,
        f"spread: by-one, with {amount(loose[0], 'spine')}" if loose else "fewer hosts",
        "" if loose else "a spine with more ports, or a higher oversubscription",
    )  # fmt: skip


@dataclass(frozen=True)
class _Form:
    """Whether leaves hold whole rails, how many planes there are, and the plane of each endpoint by kind of host."""

    rails: bool
    planes: int
    of_one: list[IntArray]


def _groups(
    params: UnlikeParams, sizes: tuple[Attached, Attached], catalog: Catalog, form: _Form
) -> tuple[list[Group], list[Problem]]:
    """Leaves by kind in the order of the key, then those of parts that it does not name; and every contradiction.
    `sizes`: the present hosts, and those that it is built for."""
    ends, _ = sizes
    problems: list[Problem] = []
    groups: list[Group] = []
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
    served = [i for i in others if live[i].gpus] if form.rails else others
    for rest in (served, [i for i in others if i not in served]):
        if rest:
            wanted.append(("", LeafKind(hosts=ends.kinds[rest[0]].part), rest))
    if problems:
        return groups, problems
    speed = next((params.speed_of(k.part) or k.one.gbps[0] for k in live.values()), 0.0)
    for at, kind, rows in wanted:
        try:
            if rows:
                groups.append(_group(params, sizes, catalog, (at, kind, rows), form))
            else:
                groups.append(_alone(params, catalog, at, kind, float(speed)))
        except InputError as error:
            problems += _at(at, error, kind).problems
    told = {(p.key, p.message): p for p in problems}
    return groups, [*told.values()]


def _alone(params: UnlikeParams, catalog: Catalog, at: str, kind: LeafKind, gbps: float) -> Group:
    """Leaves without hosts; `gbps` is the speed of uplinks that no key tells."""
    assert kind.outside is not None
    assert kind.count is not None
    part, down = catalog.switch(kind.switch or params.switch, "switch"), kind.outside.ports
    up_gbps = kind.uplink_gbps or params.uplink_gbps or gbps
    breakout_of(part, kind.outside.gbps, "outside.gbps")
    ports = tier_ports(part, kind.outside.gbps, up_gbps, params.reserve_ports.leaf, LEAF_KEYS)
    wanted = kind.oversubscription if kind.oversubscription is not None else params.oversubscription
    given = kind.uplinks or params.uplinks
    up = given or ports.needed_up(down, ports.ratio_of(wanted))
    most = ports.most_down(up)
    if down > most:
        message = f"{part.id} has too few ports of {kind.outside.gbps:,g} Gb/s beside {amount(up, 'uplink')}"
        raise ParameterError("outside.ports", down, message, f"at most {most:,}" if most > 0 else "fewer uplinks")
    least = ports.needed_up(down, ports.ratio_of(wanted))
    if given and kind.oversubscription is not None and given < least:
        message = f"{amount(down, 'port')} out and {given:,} up exceed the ratio {kind.oversubscription}"
        raise ParameterError("uplinks", given, message, f"at least {least:,}")
    most = up if given else min(2 * up + SPLITS, ports.most_up(down))
    tried = tuple((down, n) for n in range(up, most + 1) if ports.most_down(n) >= down)
    return Group(at, ports, wanted, Alone(kind.count), (), (), kind.role, tried)


def _at(at: str, error: InputError, kind: LeafKind | None = None) -> InputError:
    """The error of one kind of leaves, at its own keys or, where it does not state them, at its network's."""
    whole = [key for key in OF_NETWORK if getattr(kind, key, None) is None]
    keys = [p.key if p.key in whole else f"{at}{p.key}" for p in error.problems]
    pairs = zip(keys, error.problems, strict=True)
    return InputError([Problem(p.message, key, p.value, p.allowed, p.hint) for key, p in pairs])


def _group(
    params: UnlikeParams,
    sizes: tuple[Attached, Attached],
    catalog: Catalog,
    wanted: tuple[str, LeafKind, list[int]],
    form: _Form,
) -> Group:
    """The leaves of one kind: where its keys stand, those keys, and the rows of the hosts that it is for."""
    (at, kind, rows), (ends, grown) = wanted, sizes
    speeds = sorted({s for r in rows for s in ends.kinds[r].one.gbps.tolist()})
    if len(speeds) != 1:
        said = ", ".join(f"{s:g}" for s in speeds)
        raise ParameterError("endpoint_gbps", said, "leaves of one kind take one speed", hint="one kind for each speed")
    up = kind.uplink_gbps or params.uplink_gbps or speeds[0]
    part = catalog.switch(kind.switch or params.switch, "switch")
    ports = _leaf_ports(params, part, speeds[0], up)
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else None
    breakout_of(spine or catalog.switch(params.switch, "switch"), up, "uplink_gbps")
    own, later = (Attached(tuple(one.kinds[r] for r in rows)) for one in (ends, grown))
    homes = homes_of(own, [form.of_one[r] for r in rows])
    now, keys = _seats(params, own, homes, form, at), Wanted.of(params, kind)
    grows = 0 in rows and grown is not ends
    seats, tried = tried_splits(keys, ports, _seats(params, later, homes, form, at) if grows else now)
    return Group(
        at, ports, keys.ratio, seats, tuple(rows), tuple(homes), kind.role, tried=tried,
        now=replace(now, cap=seats.cap) if grows else None,
    )  # fmt: skip


def _leaf_ports(params: UnlikeParams, part: Switch, down: float, up: float) -> TierPorts:
    """The ports of leaves with hosts, without those that are reserved or for the other leaf of a pair; raises
    ParameterError where those are too many."""
    peers = params.peer_links or 0 if params.homing == "dual" else 0
    most = part.cages * breakout_of(part, down, "switch").ports - params.reserve_ports.leaf - 2
    if peers > most:
        raise ParameterError("peer_links", peers, f"leave too few ports of {part.id}", f"at most {max(most, 0):,}")
    return tier_ports(part, down, up, params.reserve_ports.leaf + peers, LEAF_KEYS, peers)


def _seats(params: UnlikeParams, own: Attached, homes: list[Home], form: _Form, at: str) -> WholeHosts | Rails:
    """How hosts fill the leaves of their kind; raises ParameterError for hosts that two leaves, or rails, do not
    share."""
    parts, dual = ", ".join(sorted({k.part for k in own.kinds})), params.homing == "dual"
    odd = [n for h in homes for n in np.bincount(h.plane, minlength=form.planes).tolist() if dual and n % 2]
    if odd:
        of = " in each plane" if form.planes > 1 else ""
        message = f"two leaves do not share an odd number of ends: hosts of {parts} have {odd[0]}{of}"
        raise ParameterError("hosts", parts, message, "homing: single", "or a second NIC in this network")
    rails_per_leaf = params.rails_per_leaf if isinstance(params, RailKeys) else None
    by_rails = form.rails or (rails_per_leaf is not None and rails_per_leaf != rails_in(own, homes)[0])
    by_rails = by_rails and any(k.gpus for k in own.kinds)
    if by_rails and not all(h.served.all() for h in homes):
        message = "ends of GPUs, which fill leaves rail by rail, share no kind of leaves with other ends"
        raise ParameterError(
            "hosts", parts, message, "hosts with GPUs, or hosts without", "one kind of leaves for each"
        )
    keys = {"hosts_per_leaf": None, "min_leaves": None if at else params.min_leaves}
    result = seats_of(params.model_copy(update=keys), own, homes, by_rails, dual)
    if isinstance(result, Rails) and result.apart == 1:
        raise ParameterError("hosts", parts, ALONE, "homing: single", "one kind of leaves for each")
    if isinstance(result, Rails) and result.per_leaf and result.per_leaf not in result.shares:
        allowed = either(result.shares)
        message = f"leaves of so many rails do not share the {amount(result.rails, 'rail')} of {parts} equally"
        raise ParameterError("rails_per_leaf", result.per_leaf, message, allowed)
    return result
