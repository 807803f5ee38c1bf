"""Fat-trees of two and three tiers: what a tree family says of itself, and how one is sized, counted and wired.

A tree network is `planes` equal trees without a common switch. In a tree, every leaf has uplinks to the spines of its
pod, and every spine to the cores of its group, dealt as `topo.generators.tree_deal` says. Sizes are those of
`topo.generators.tree_sizes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from topo.catalog import Catalog
from topo.errors import ParameterError
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, Wiring
from topo.generators.hosts import OneHost
from topo.generators.layout import breakout_of
from topo.generators.rule import by_tiers
from topo.generators.tree_homing import even_places, odd_homes
from topo.generators.tree_params import RailKeys, TreeParams
from topo.generators.tree_ports import tier_ports
from topo.generators.tree_seats import Rails, WholeHosts
from topo.generators.tree_sizes import TreePlan, TreePorts, TreeSizes
from topo.generators.tree_symmetry import tree_symmetries
from topo.generators.tree_wire import PEER, Home, TreeNames, seated, wire_tree

SWITCH_KEYS = {"leaf": "switch", "spine": "spine_switch", "core": "core_switch"}
SOURCE = "Al-Fares et al., SIGCOMM 2008; DeepSeek-AI, arXiv 2505.09343, table 3"


@dataclass(frozen=True)
class TreeForm:
    """What tells one family of trees from another.

    `planes`: (params, ends) -> how many planes, and the plane of each endpoint of one host, by kind; raises
    ParameterError. `names`: (sizes, prefix, the NIC that each rail of each plane is) -> names of switches. `rails`:
    leaves hold whole rails. `tiers`: 2, 3 or None for two while they fit. `lone`: what one switch can hold is one.
    """

    planes: Callable[[Any, Attached], tuple[int, list[IntArray]]]
    names: Callable[[TreeSizes, str, IntArray], TreeNames]
    formula: str
    rails: bool = False
    tiers: int | None = 2
    lone: bool = False
    source: str = SOURCE


def tree_family(title: str, params: type[TreeParams], form: TreeForm) -> Family[Any]:
    """A family of trees."""

    def wire(keys: Any, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
        plan, homes = tree_plan(keys, ends, catalog, form)
        sizes = plan.sizes()
        at, port, plane = seated(sizes, homes, ends, keys)
        rail = rail_of_planes(homes, sizes.planes)
        own_rail = np.where(_served(ends), ends.nic, -1) if form.rails else ends.nic
        return wire_tree(sizes, plan.ports, form.names(sizes, prefix, rail), (at, port, plane, own_rail), keys)

    def counts(keys: Any, ends: Attached, catalog: Catalog) -> Counts:
        plan, _ = tree_plan(keys, ends, catalog, form)
        return tree_counts(plan.sizes(), plan.ports, keys, len(ends), form)

    return Family(title, params, wire, counts, tree_symmetries, rule=by_tiers)


def tree_plan(params: Any, ends: Attached, catalog: Catalog, form: TreeForm) -> tuple[TreePlan, list[Home]]:
    """What a tree's sizes follow from; raises ParameterError for speeds, parts or hosts that make no tree."""
    ports = _tree_ports(params, ends, catalog)
    planes, of_one = form.planes(params, ends)
    homes = _homes(ends, of_one)
    final = ends.grown(params.build_for_gpus) if params.build_for_gpus else ends
    wanted = params.rails_per_leaf if isinstance(params, RailKeys) else None
    by_rails = form.rails or (wanted is not None and wanted != _rails(ends, homes)[0])
    odd = odd_homes(params, ends, homes, planes)
    dual = params.homing == "dual" and not odd
    now = _seats(params, ends, homes, by_rails, dual)
    then = now if final is ends else _seats(params, final, homes, by_rails, dual)
    tiers = getattr(params, "tiers", None) or form.tiers
    gpus = max((k.gpus for k in ends.kinds if len(k.one)), default=0)
    by_rail = getattr(params, "pods", "") == "rail"
    return TreePlan(params, ports, planes, now, then, gpus, tiers, by_rail, form.lone, odd), homes


def _tree_ports(params: TreeParams, ends: Attached, catalog: Catalog) -> TreePorts:
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
    down, kept, peers = speeds[0], params.reserve_ports, params.peer_links or 0
    up = params.uplink_gbps or down
    found = TreePorts(
        tier_ports(leaf, down, up, kept.leaf + peers, "switch", peers=peers),
        tier_ports(spine, up, up, kept.spine, "spine_switch", "spine_oversubscription"),
        tier_ports(spine, up, up, kept.spine, "spine_switch"),
        tier_ports(core, up, up, kept.core, "core_switch"),
    )
    for tier, part, n in (("leaf", leaf, kept.leaf), ("spine", spine, kept.spine), ("core", core, kept.core)):
        ports = part.cages * breakout_of(part, down if tier == "leaf" else up, SWITCH_KEYS[tier]).ports
        if n > ports - 2:
            raise ParameterError(
                "reserve_ports", f"{tier}: {n}", f"leaves too few of the {ports} ports of {part.id}",
                f"{tier}: at most {ports - 2}",
            )  # fmt: skip
    most = leaf.cages * breakout_of(leaf, down, "switch").ports - kept.leaf - 2
    if peers > most:
        raise ParameterError("peer_links", peers, f"leave too few ports of {leaf.id}", f"at most {most}")
    return found


def _homes(ends: Attached, of_one: list[IntArray]) -> list[Home]:
    any_gpu = any((k.one.gpu_count > 0).any() for k in ends.kinds if k.count)
    pairs = zip(of_one, ends.kinds, strict=True)
    return [_home(plane.astype(np.int64).tobytes(), k.one, any_gpu) for plane, k in pairs]


@lru_cache(maxsize=1024)
def _home(planes: bytes, one: OneHost, any_gpu: bool) -> Home:
    plane: IntArray = np.frombuffer(planes, dtype=np.int64)
    rail, place, slot = (np.zeros(len(plane), dtype=np.int64) for _ in range(3))
    for p in set(plane.tolist()):
        mine = np.flatnonzero(plane == p)
        slot[mine] = np.arange(len(mine))
        nics, local = np.unique(one.nic[mine], return_inverse=True)
        rail[mine] = local
        for n in range(len(nics)):
            of_nic = mine[local == n]
            place[of_nic] = np.arange(len(of_nic))
    served: BoolArray = np.asarray(one.gpu_count > 0) if any_gpu else np.ones(len(plane), dtype=np.bool_)
    return Home(plane, one.nic, rail, place, slot, served)


def _rails(ends: Attached, homes: list[Home]) -> tuple[int, int]:
    """Rails within a plane, and the ports of a NIC in it."""
    served = [(h.rail[h.served], h.place[h.served]) for h, k in zip(homes, ends.kinds, strict=True) if k.count]
    return (
        max((int(rail.max(initial=-1)) + 1 for rail, _ in served), default=1),
        max((int(place.max(initial=-1)) + 1 for _, place in served), default=1),
    )


def _seats(params: TreeParams, ends: Attached, homes: list[Home], by_rails: bool, dual: bool) -> Rails | WholeHosts:
    cap, balanced = params.hosts_per_leaf, params.packing == "balanced"
    kinds = list(zip(homes, ends.kinds, strict=True))
    if by_rails:
        rails, wide = _rails(ends, homes)
        own = [h for h, k in kinds if k.count and h.served.any()]
        twin = 2 if dual and all(even_places(h) for h in own) else 1
        apart = min((len(np.unique(h.rail)) for h in own), default=2) if dual and twin == 1 else 0
        hosts = sum(k.count for h, k in kinds if h.served.any())
        others = sum(k.count * int(((h.plane == 0) & ~h.served).sum()) for h, k in kinds)
        wanted = params.rails_per_leaf if isinstance(params, RailKeys) else None
        return Rails(hosts, rails, wide // twin, others, wanted, cap, balanced, twin, apart, params.min_leaves or 1)
    twin = 2 if dual else 1
    widths = [(k.count, int((h.plane == 0).sum()) // twin) for h, k in kinds]
    kept = tuple((n, w) for n, w in widths if n and w)
    return WholeHosts(kept, cap, balanced, twin, params.min_leaves or 1)


def _served(ends: Attached) -> Any:
    with_gpu = ends.gpu_count > 0
    return with_gpu if with_gpu.any() else np.ones(len(ends), dtype=np.bool_)


def rail_of_planes(homes: list[Home], planes: int) -> IntArray:
    """Shape (planes, rails of a plane): the NIC of a host that each rail is."""
    rails = max((int(h.rail.max(initial=-1)) + 1 for h in homes), default=1)
    found = np.full((planes, rails), -1)
    for h in homes:
        found[h.plane, h.rail] = np.maximum(found[h.plane, h.rail], h.nic)
    return found


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
    return Counts(switches, links, hops, form.formula, form.source, spare, sizes.notes)


def one_plane(params: Any, ends: Attached) -> tuple[int, list[IntArray]]:
    """All endpoints in plane 0."""
    return 1, [np.zeros(len(k.one), dtype=np.int64) for k in ends.kinds]
