"""Fat-trees of two and three tiers: what a tree family says of itself, and how one is sized, counted and wired.

A tree network is `planes` equal trees without a common switch. In a tree, every leaf has uplinks to the spines of its
pod, and every spine to the cores of its group, dealt as `topo.generators.trees.counts.deal` says. Sizes are those of
`topo.generators.trees.counts.sizes`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from topo.catalog import Catalog, Switch
from topo.errors import InputError, ParameterError, Problem, either
from topo.generators.family import Attached, Counts, Family, Wiring
from topo.generators.layout import breakout_of
from topo.generators.rule import by_tiers
from topo.generators.trees.counts.ports import LEAF_KEYS, RATIO, tier_ports
from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.counts.sizes import TreePorts, TreeSizes
from topo.generators.trees.form import TreeForm, homes_of, rail_of_planes, rails_in, seats_of, served_ends
from topo.generators.trees.homing import odd_homes
from topo.generators.trees.params import RailKeys, TreeParams
from topo.generators.trees.plan import TreePlan
from topo.generators.trees.symmetry import tree_symmetries
from topo.generators.trees.wire import PEER, Home, refuse_too_few_seats, seated, wire_tree
from topo.units import amount

SWITCH_KEYS = {"leaf": "switch", "spine": "spine_switch", "core": "core_switch"}


def tree_family(title: str, params: type[TreeParams], form: TreeForm) -> Family[Any]:
    """A family of trees."""

    def wire(keys: Any, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
        plan, homes = tree_plan(keys, ends, catalog, form)
        sizes = plan.sizes()
        at, port, plane = seated(sizes, homes, ends, keys)
        rail = rail_of_planes(homes, sizes.planes)
        own_rail = np.where(served_ends(ends), ends.nic, -1) if isinstance(sizes.seats, Rails) else ends.nic
        return wire_tree(sizes, plan.ports, form.names(sizes, prefix, rail), (at, port, plane, own_rail), keys)

    def counts(keys: Any, ends: Attached, catalog: Catalog) -> Counts:
        plan, homes = tree_plan(keys, ends, catalog, form)
        sizes = plan.sizes()
        refuse_too_few_seats(sizes, homes, ends)
        return tree_counts(sizes, plan.ports, keys, len(ends), form)

    return Family(title, params, wire, counts, tree_symmetries, rule=by_tiers)


def tree_plan(params: Any, ends: Attached, catalog: Catalog, form: TreeForm) -> tuple[TreePlan, list[Home]]:
    """What a tree's sizes follow from; raises ParameterError for speeds, parts or hosts that make no tree."""
    ports, problems = _tree_ports(params, ends, catalog)
    planes, of_one = form.planes(params, ends)
    homes = homes_of(ends, of_one)
    final = ends
    try:
        final = ends.grown(params.build_for_gpus) if params.build_for_gpus else ends
    except InputError as error:
        problems += error.problems
    wanted = params.rails_per_leaf if isinstance(params, RailKeys) else None
    by_rails = form.rails or (wanted is not None and wanted != rails_in(ends, homes)[0])
    odd = odd_homes(params, ends, homes, planes)
    dual = params.homing == "dual" and not odd
    now = seats_of(params, ends, homes, by_rails, dual)
    then = now if final is ends else seats_of(params, final, homes, by_rails, dual)
    tiers = getattr(params, "tiers", None) or form.tiers
    gpus = max((k.gpus for k in ends.kinds if len(k.one)), default=0)
    by_rail = getattr(params, "pods", "") == "rail"
    told = {problem.key for problem in odd}
    problems = [*(problem for problem in problems if problem.key not in told), *odd]
    return TreePlan(params, ports, planes, now, then, gpus, tiers, by_rail, form.lone, tuple(problems)), homes


def _tree_ports(params: TreeParams, ends: Attached, catalog: Catalog) -> tuple[TreePorts, list[Problem]]:
    """The ports of each tier, and what is asked of them that they are too few for: that is left out. Raises
    ParameterError for speeds or parts that make no tree."""
    speeds = ends.speeds()
    if len(speeds) != 1:
        raise ParameterError(
            "endpoint_gbps",
            ", ".join(f"{s:g}" for s in speeds) or "no NIC",
            "one tier of leaf ports needs one speed",
            hint="set endpoint_gbps, or give the hosts NICs for this network",
        )
    leaf = catalog.switch(params.switch, "switch")
    spine = catalog.switch(params.spine_switch, "spine_switch") if params.spine_switch else leaf
    core = catalog.switch(params.core_switch, "core_switch") if params.core_switch else spine
    down, up = speeds[0], params.uplink_gbps or speeds[0]
    kept, peers, problems = params.reserve_ports, params.peer_links or 0, list[Problem]()
    free = {}
    breakout_of(leaf, up, "switch")
    _refuse_speed_between({"switch": leaf, "spine_switch": spine, "core_switch": core}, up)
    for tier, part, n in (("leaf", leaf, kept.leaf), ("spine", spine, kept.spine), ("core", core, kept.core)):
        ports = part.cages * breakout_of(part, down if tier == "leaf" else up, SWITCH_KEYS[tier]).ports
        free[tier] = n if n <= ports - 2 else 0
        if n > ports - 2:
            message = f"leaves too few of the {amount(ports, 'port')} of {part.id}"
            problems.append(Problem(message, "reserve_ports", f"{tier}: {n}", f"{tier}: at most {ports - 2:,}"))
    most = leaf.cages * breakout_of(leaf, down, "switch").ports - free["leaf"] - 2
    if peers > most and params.homing != "dual":
        peers = 0  # that they need pairs of leaves is said where hosts are seated
    if peers > most:
        message = f"leave too few ports of {leaf.id}"
        problems.append(Problem(message, "peer_links", str(peers), f"at most {most:,}"))
        peers = 0
    result = TreePorts(
        tier_ports(leaf, down, up, free["leaf"] + peers, LEAF_KEYS, peers),
        tier_ports(spine, up, up, free["spine"], ("spine_switch", "spine_oversubscription")),
        tier_ports(spine, up, up, free["spine"], ("spine_switch", RATIO)),
        tier_ports(core, up, up, free["core"], ("core_switch", RATIO)),
    )
    return result, problems


def _refuse_speed_between(parts: dict[str, Switch], gbps: float) -> None:
    """Raises ParameterError, with the speeds that would do, at the first switch without ports of the speed between
    switches."""
    shared = set.intersection(*({b.gbps for b in part.breakouts} for part in parts.values()))
    for key, part in parts.items():
        try:
            breakout_of(part, gbps, key)
        except ParameterError as error:
            speeds = either([f"{speed:g}" for speed in sorted(shared)])
            hint = "`uplink_gbps` sets the speed between switches; "
            hint += f"all of them have {speeds}" if shared else "take switches that have one in common"
            raise InputError(replace(error.problems[0], hint=hint)) from None


def tree_counts(sizes: TreeSizes, ports: TreePorts, params: TreeParams, endpoints: int, form: TreeForm) -> Counts:
    """Closed-form counts of a tree network from its sizes alone."""
    switches, links = sizes.switches(), {"endpoint": endpoints, **sizes.links()}
    links |= {PEER: switches["leaf"] // 2 * ports.leaf.peers} if ports.leaf.peers else {}
    kept = params.reserve_ports
    each = {
        "leaf": ports.leaf.count(sizes.leaf[1]) - kept.leaf - ports.leaf.peers,
        "spine": ports.top.count(0) - kept.spine,
        "core": ports.core.count(0) - kept.core,
    }
    down = {"leaf": endpoints, "spine": links.get("leaf_spine", 0), "core": links.get("spine_core", 0)}
    up = {"leaf": links.get("leaf_spine", 0), "spine": links.get("spine_core", 0), "core": 0}
    spare = {t: n * each[t] - down[t] - up[t] for t, n in switches.items()}
    hops = 5 if sizes.cores and sizes.pods > 1 else 3 if sizes.spines and sizes.leaves > 1 else 1
    return Counts(switches, links, hops, form.formula, form.source, spare, sizes.notes, sizes.read)
