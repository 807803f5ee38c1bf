"""The certificate of a worst permutation: what bounds all of them, and the permutation that is shown."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from topo.analysis.demand import Demand, Priced
from topo.analysis.throughput.ends import Ends
from topo.analysis.throughput.proof import generators_proof
from topo.analysis.traffic.worst import SYMMETRY_SHARE, arc_symmetry
from topo.certificates import permutations_bound
from topo.fabric import Fabric
from topo.interval import Interval, least
from topo.solvers.budget import Budget

SPLITS = {"spray": "port", "spray:split=next-hop": "next-hop", "static": "tables", "ecmp:seeds=1": "any"}
"""How a certificate calls the shares that cross an arc, by the routing that a permutation was made for."""
COUNTED_PER_S = 5e6
"""Arcs times switches with endpoints that the checker counts in a second (16,000 arcs and 1,000 switches: 4 s)."""
COUNTED = 1 << 30
"""Parts in which shares are counted where the permutation was made for another routing."""


def permutations_proof(
    fabric: Fabric, network: int, demand: Demand, shown: dict[str, Any], ends: Ends
) -> tuple[dict[str, Any], Ends]:
    """The certificate around that of the permutation `shown`, and the bounds it proves of all permutations: the upper
    ends that are given, of what this one reaches, and lower ends for any. For the routing that the permutation was made
    for, and where its shares bound another, those are the search's; else, and where time ended the search, what the
    checker counts."""
    worst = demand.worst
    assert worst is not None
    routing = str(shown["question"]["routing"])
    kept: dict[str, Any] = {key: shown[key] for key in ("fabric", "network", "switch_graph", "without") if key in shown}
    question = {"traffic": demand.traffic, "routing": routing}
    certificate: dict[str, Any] = {"kind": "permutations", **kept, "question": question, "shown": shown}
    split = _split(routing, SPLITS[worst.of])
    if split == SPLITS[worst.of] and (split != "tables" or routing == worst.of):
        certificate["lower"] = _lower(split, worst.priced)
        low = worst.lower if worst.priced.complete else _counted(fabric, certificate, demand)
    else:
        symmetry = worst.priced.symmetry
        if symmetry is None and split != "tables":
            symmetry = arc_symmetry(fabric, demand.network, network, SYMMETRY_SHARE * worst.time_limit_s)
        scale = COUNTED if split in ("port", "next-hop") else 1
        certificate["lower"] = _lower(split, Priced(scale, (), symmetry))
        low = _counted(fabric, certificate, demand)
    whole = Interval(least(low, worst.endpoint_lower), ends.whole.upper)
    proved = Ends(whole, Interval(low, ends.network.upper))
    return {**certificate, "claim": proved.claim()}, proved


def _counted(fabric: Fabric, certificate: dict[str, Any], demand: Demand) -> Fraction | None:
    """What the checker counts for every permutation; where the limit has no time for that, 0, and no proof of more."""
    worst, net = demand.worst, demand.network
    assert worst is not None
    work = 2.0 * net.edges * int((net.endpoints_at > 0).sum())
    if Budget(worst.time_limit_s).allows(work, COUNTED_PER_S):
        return permutations_bound(fabric, certificate)
    del certificate["lower"]
    return Fraction(0)


def _split(routing: str, made_for: str) -> str:
    """The shares to bound: the routing's own, but those that are already priced wherever they bound it too."""
    name = routing.partition(":")[0]
    if name == "spray":
        return made_for if made_for == "any" else SPLITS[routing]
    if name == "adaptive":
        return "port" if made_for == "tables" else made_for
    return "tables" if name == "static" else "any"


def _lower(split: str, priced: Priced) -> dict[str, Any]:
    generators = [] if priced.symmetry is None else generators_proof(priced.symmetry)
    prices = [list(row) for row in priced.prices]
    return {"split": split, "generators": generators, "scale": priced.scale, "prices": prices}
