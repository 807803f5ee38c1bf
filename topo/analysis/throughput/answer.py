"""The public question: a traffic, a routing, and the interval that is proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, Sparse
from topo.analysis.gpus.joint import joint_proposals
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import Routed, route, routing_name
from topo.analysis.spec import GpuParams, params_of, spec_text, split_spec
from topo.analysis.symmetry import switch_proposals
from topo.analysis.throughput.apart import GPU_ALL_TO_ALL, gpu_classes
from topo.analysis.throughput.before import Before
from topo.analysis.throughput.bounds import bounds
from topo.analysis.throughput.ends import Ends, limited
from topo.analysis.throughput.gpu_problem import gpu_problem
from topo.analysis.throughput.nearby import Start
from topo.analysis.throughput.prices import permutations_proof
from topo.analysis.throughput.problem import Problem, switch_problem
from topo.analysis.throughput.replay import ROUNDED, replayed
from topo.analysis.throughput.shortcut import split_and_cut
from topo.analysis.throughput.value import Throughput
from topo.analysis.throughput.way import Near
from topo.analysis.traffic import demand_of
from topo.catalog.models import Strict
from topo.errors import LimitReachedError, ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.interval import Interval, least
from topo.units import amount

DERIVED = ("hot-spot", "permutation", "shift", "storage")
MOST_STATED_FLOWS = 100_000
"""Flows between endpoints that a certificate lists where their traffic's name tells the checker which they are; more
are then summed by switches."""


class AdaptiveParams(Strict):
    """Keys of adaptive routing."""

    paths: Literal["any", "minimal"] = Field("any", description="all paths, or shortest ones (in hops) only")


@dataclass(frozen=True)
class _Case:
    """One network (row) of a fabric that was made from `intact`, or is it; and what the question may take, with where
    many questions about degraded fabrics start."""

    fabric: Fabric
    intact: Fabric
    network: int
    time_limit_s: float
    before: Before | None

    @property
    def degraded(self) -> bool:
        """Whether something is lost."""
        return self.intact is not self.fabric

    @property
    def least_s(self) -> float:
        """The least that the limit counts as."""
        return self.before.least_s if self.before is not None else 0.0


def throughput(
    fabric: Fabric,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    network: str | int = 0,
    baseline: Fabric | None = None,
    time_limit_s: float = 60.0,
    endpoints: Callable[[], Throughput] | None = None,
    certified: bool = True,
    before: Before | None = None,
) -> Throughput:
    """The largest t such that t times the traffic can be routed in one network.

    `traffic` and `routing` are names, with parameters as in "permutation:seed=3" and "ecmp:qp=4". `baseline` is the
    intact fabric whose normalisation a degraded one keeps. `endpoints` tells the all-to-all of the same network under
    the same routing, where it is at hand: that of the GPUs starts there. Unless `certified`, a routing without a choice
    writes no certificate, but for the worst permutation, whose lower end rests on one. `before` (of `before_failures`)
    says where the optimum of a degraded fabric starts. Raises InputError for unknown names and parameters, and
    LimitReachedError where nothing is proved within `time_limit_s`.
    """
    row = fabric.network_row(network) if isinstance(network, str) else network
    case = _Case(fabric, baseline or fabric, row, time_limit_s, before)
    name, values = routing_name(routing), split_spec(routing, "routing")[1]
    if name == "adaptive" and split_spec(traffic, "traffic")[0] == GPU_ALL_TO_ALL:
        params = params_of(AdaptiveParams, name, values, "routing")
        return _adaptive_gpus(case, traffic, params, endpoints)
    demand = demand_of(fabric, traffic, row, baseline, time_limit_s)
    if name == "adaptive":
        params = params_of(AdaptiveParams, name, values, "routing")
        return _adaptive(case, demand, params)
    result = route(fabric, demand, routing, time_limit_s)
    result = result if certified or demand.worst is not None else replace(result, replay=None)
    return _routed(case, demand, result)


def before_failures(fabric: Fabric, network: int, traffic: str, routing: str, limit_s: float) -> Before | None:
    """What many questions about degraded fabrics share, found within about `limit_s`; None where there is nothing."""
    name, values = split_spec(routing, "routing")
    asked = "all-to-all" if split_spec(traffic, "traffic")[0] == GPU_ALL_TO_ALL else traffic
    if name != "adaptive" or asked != "all-to-all":
        return None
    minimal = params_of(AdaptiveParams, name, values, "routing").paths == "minimal"
    return Before(fabric, network, asked, minimal, limit_s)


def _routed(case: _Case, demand: Demand, result: Routed) -> Throughput:
    """The answer of a routing that leaves no choice."""
    fabric, network = case.fabric, case.network
    own = limited(result.carried.widened(ROUNDED if demand.rounded else Fraction(0)), demand.endpoint_limit)
    drawn = result.samples
    samples: dict[str, Any] | None = None
    if drawn is not None:
        samples = {"seeds": len(drawn.seeds), "mean": drawn.mean, "min": drawn.least, "p50": drawn.p50}
    worst = tuple(link.text() for link in result.worst(fabric))
    proof, ends = None, own
    if result.replay is not None:
        proof = {
            **_of(case),
            "demand": stated_demand(demand),
            **replayed(fabric, network, demand, result, own),
        }
    if demand.worst is not None:
        proof, ends = _of_all_permutations(case, demand, proof, own, result.samples is not None)
    return Throughput(
        demand.traffic, result.routing, **ends.floats(), exact=result.exact and ends.exact, certificate=proof,
        samples=samples, cut_off=demand.cut_off, worst_links=worst, routed=result, demand=demand,
    )  # fmt: skip


def _adaptive(case: _Case, demand: Demand, params: AdaptiveParams) -> Throughput:
    fabric, network = case.fabric, case.network
    minimal = params.paths == "minimal"
    result = split_and_cut(fabric, demand)
    if result is None:
        problem = switch_problem(demand, switch_proposals(fabric, demand.network, network), minimal)

        def before() -> Start | tuple[Problem, IntArray] | None:
            if case.before is not None:
                return case.before.start(demand.network.name)
            return _before(case.intact, demand, network, minimal)

        uniform = case.degraded and not isinstance(demand.form, Sparse)
        result = bounds(problem, case.time_limit_s, before if uniform else None, case.least_s)
    own = limited(result.carried, demand.endpoint_limit)
    answer = _certified(case, demand, params, own, {"network": result.proof}, stated_demand(demand))
    if demand.worst is not None and answer.certificate is not None:
        proof, ends = _of_all_permutations(case, demand, answer.certificate, own, False)
        answer = replace(answer, **ends.floats(), exact=ends.exact, certificate=proof)
    worst = _worst(demand.network, result.use)
    return replace(answer, worst_links=worst, arc_use=result.use, walks=result.walks, demand=demand)


def _before(intact: Fabric, demand: Demand, network: int, minimal: bool) -> tuple[Problem, IntArray]:
    """The question of the intact fabric, and the row of each of its switches now, -1 where it is lost."""
    whole = demand_of(intact, demand.traffic, network)
    problem = switch_problem(whole, switch_proposals(intact, whole.network, network), minimal)
    names = demand.network.name
    order = np.argsort(names)
    at = np.minimum(np.searchsorted(names[order], whole.network.name), max(len(names) - 1, 0))
    row = order[at] if len(names) else at
    known = names[row] == whole.network.name if len(names) else np.zeros(len(at), dtype=np.bool_)
    return problem, np.where(known, row, -1)


def _adaptive_gpus(
    case: _Case, traffic: str, params: AdaptiveParams, known: Callable[[], Throughput] | None
) -> Throughput:
    """GPUs that use any NIC of their host: the endpoint links are part of the program."""
    fabric, network = case.fabric, case.network
    asked = params_of(GpuParams, *split_spec(traffic, "traffic"), "traffic")
    if asked.over and params.paths == "minimal":
        raise ParameterError("routing", "adaptive:paths=minimal", "over two networks no path is shortest", "adaptive")
    classes = gpu_classes(fabric, network, asked, case.intact if case.degraded else None)
    if asked.over:
        proposals = joint_proposals(fabric, network, asked.over)
    else:
        proposals = switch_proposals(fabric, classes.network, network)
    alone = bool(asked.within or asked.over)
    minimal, proofs, carried = params.paths == "minimal", {}, {}
    worst: tuple[str, ...] = ()
    use: FloatArray | None = None

    def endpoints() -> Start | tuple[Problem, IntArray] | None:
        """The all-to-all of endpoints is near by: between the switches much the same has to be carried."""
        if case.before is not None:
            return case.before.start(classes.network.name)
        demand = demand_of(fabric, "all-to-all", network)
        if not case.degraded:
            quarter = replace(case, time_limit_s=case.time_limit_s / 4)
            try:
                result = known() if known else _adaptive(quarter, demand, params)
            except LimitReachedError:
                return None
            if result.walks is not None:
                return result.walks
        return _before(case.intact, demand, network, minimal)

    near: Near | None = None if alone else endpoints
    for scope, with_endpoints in (("network", False), ("endpoints", True)):
        problem = gpu_problem(classes, proposals, with_endpoints, minimal)
        result = bounds(problem, case.time_limit_s / 2, near, case.least_s)
        carried[scope] = result.carried
        proofs[scope] = result.proof
        worst = worst or _worst(classes.network, result.use)
        near = result.walks or (None if alone else endpoints)
        use = result.use if use is None and result.use is not None else use
    whole = carried["endpoints"]
    if whole.upper is not None:
        whole = replace(whole, lower=least(whole.lower, classes.forwarding_limit))
    empty = Sparse(*(np.zeros(0, dtype=np.int64),) * 2, np.zeros(0))
    demand = Demand(classes.network, spec_text(GPU_ALL_TO_ALL, asked), empty, None, classes.cut_off)
    stated = {"form": GPU_ALL_TO_ALL}
    answer = _certified(case, demand, params, Ends(whole, carried["network"]), proofs, stated)
    arcs = None if use is None or asked.over else use[: 2 * classes.network.edges]
    return replace(answer, worst_links=worst, arc_use=arcs)


def _worst(net: SwitchNetwork, use: FloatArray | None, most: int = 10) -> tuple[str, ...]:
    """The most loaded arcs between switches, worst first: one line for all arcs with the same share in use."""
    if use is None:
        return ()
    share = np.round(use[: 2 * net.edges], 9)
    lines = []
    for value in np.unique(share)[::-1][:most].tolist():
        arcs = np.flatnonzero(share == value)
        first = arcs[0]
        others = f" and {amount(len(arcs) - 1, 'other')}" if len(arcs) > 1 else ""
        lines.append(
            f"{net.name[net.tail[first]]} -> {net.name[net.head[first]]}{others}: "
            f"{value * net.capacity[first]:,.6g} Gb/s at t = 1, {value:.4g} of its speed"
        )
    return tuple(lines)


def _of_all_permutations(
    case: _Case, demand: Demand, proof: dict[str, Any] | None, ends: Ends, seeds: bool
) -> tuple[dict[str, Any] | None, Ends]:
    """Bounds of a permutation and its certificate as those of all permutations, where the demand is the worst of some
    routing. What this one reaches bounds the worst from above, with several `seeds` what it reaches with the worst."""
    whole, alone = ends.whole, ends.network
    reached = Ends(replace(whole, upper=whole.lower), replace(alone, upper=alone.lower)) if seeds else ends
    if proof is None:
        return None, Ends(*(Interval(Fraction(0), one.upper) for one in (reached.whole, reached.network)))
    return permutations_proof(case.fabric, case.network, demand, proof, reached)


def _certified(
    case: _Case,
    demand: Demand,
    params: AdaptiveParams,
    ends: Ends,
    proofs: dict[str, Any],
    stated: dict[str, Any],
) -> Throughput:
    routing = spec_text("adaptive", params)
    certificate = {
        "kind": "throughput",
        **_of(case),
        "question": {"traffic": demand.traffic, "routing": routing, "paths": params.paths},
        "demand": stated,
        "proofs": proofs,
        "claim": ends.claim(),
    }
    return Throughput(
        demand.traffic, routing, **ends.floats(), exact=ends.exact, certificate=certificate, cut_off=demand.cut_off
    )


def _of(case: _Case) -> dict[str, Any]:
    """What a certificate says of the fabric that it is about."""
    from topo.certificates import switch_graph_digest

    name = case.fabric.networks[case.network]
    return {
        "fabric": case.fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(case.fabric, name),
        **lost_parts(case.fabric, case.intact),
    }


def stated_demand(demand: Demand) -> dict[str, Any]:
    """The demand as a certificate says it: by its name where that is enough, else number by number."""
    name = split_spec(demand.traffic, "traffic")[0]
    if not isinstance(demand.form, Sparse) or name == GPU_ALL_TO_ALL:
        return {"form": name}
    flows, derived = demand.flows, split_spec(demand.traffic, "traffic")[0] in DERIVED
    if flows is not None and (len(flows.src) <= MOST_STATED_FLOWS or not derived):
        columns = {"src": flows.src.tolist(), "dst": flows.dst.tolist(), "gbps": flows.gbps.tolist()}
        return {"form": "flows", **columns}
    limit = {} if demand.endpoint_limit is None else {"endpoint_limit": str(demand.endpoint_limit)}
    pairs = demand.form
    columns = {"src": pairs.src.tolist(), "dst": pairs.dst.tolist(), "gbps": pairs.gbps.tolist()}
    return {"form": "pairs", **columns, **limit}


def lost_parts(fabric: Fabric, intact: Fabric) -> dict[str, Any]:
    """`without` of a certificate: devices and links that the intact fabric has and this one has not."""
    if fabric is intact:
        return {}
    names = intact.devices.name[~np.isin(intact.devices.name, fabric.devices.name)]
    gone = np.isin(intact.devices.name, names)
    links = ~np.isin(intact.links.id, fabric.links.id) & ~gone[intact.link_a] & ~gone[intact.link_b]
    return {"without": {"links": intact.links.id[links].tolist(), "devices": names.tolist()}}
