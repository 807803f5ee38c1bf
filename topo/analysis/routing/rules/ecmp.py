"""ECMP: every flow takes one path, chosen hop by hop by a hash of its endpoints and queue pair.

The answer is a distribution over seeds. `lower` and `upper` are the worst and the best seed's throughput: what was
seen, not a bound on other seeds. The hash is written down in `_hashed`. With `split=port` (default) each of several
parallel links is a choice of its own, with `split=next-hop` a bundle is one choice and its links share evenly.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from topo.analysis.demand import Demand, Uniform
from topo.analysis.routing.channels import channels_of
from topo.analysis.routing.ends import ends_of, flows_of
from topo.analysis.routing.fair import FairRates, fair_rates, flows_in_turn
from topo.analysis.routing.hashed import Hash, flow_count, hashed_loads, hashed_paths
from topo.analysis.routing.loads import ChannelLoads
from topo.analysis.routing.paths import path_loads
from topo.analysis.routing.registry import routings
from topo.analysis.routing.targets import Targets, per_next_hop, per_port
from topo.analysis.routing.value import Replay, Routed, Routing, Samples, Work, by_switches
from topo.analysis.spec import spec_text
from topo.catalog.models import Strict
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.interval import UNBOUNDED, hull
from topo.units import amount

SEEDS = 10
"""The least, the mean and the best of them are told: of fewer the ends would say little."""
FLOWS = 1 << 28
"""Without `seeds`, ten seeds are tried, or as many as keep flows times seeds within this, but at least one."""
MOST_PATHS = 20_000_000
"""Flows that are followed, each with its path in memory."""
FLOWS_PER_S = 1.5e8
"""Flows that an idle core places in a second."""


class EcmpParams(Strict):
    """Parameters of ecmp."""

    qp: Annotated[int, Field(ge=1, le=1024)] = Field(1, description="queue pairs (flows) per pair of endpoints")
    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = Field(1, description="the first seed; the others follow it")
    seeds: Annotated[int, Field(ge=1, le=10_000)] | None = Field(None, description="how many seeds")
    split: Literal["port", "next-hop"] = Field("port", description="what the hash chooses among")
    polarised: bool = Field(False, description="all switches share one hash, as without a seed per switch")


def targets_of(fabric: Fabric, demand: Demand, params: EcmpParams) -> Targets:
    """What the hash chooses among."""
    channels = channels_of(fabric, demand.network)
    return per_next_hop(channels) if params.split == "next-hop" else per_port(channels)


def seeds_of(demand: Demand, params: EcmpParams) -> tuple[int, ...]:
    """The seeds to try."""
    flows = flow_count(demand)
    count = params.seeds or max(min(SEEDS, FLOWS // max(flows * params.qp, 1)), 1)
    return tuple(range(params.seed, params.seed + count))


def _once(fabric: Fabric, demand: Demand, targets: Targets, how: Hash) -> tuple[ChannelLoads, FloatArray]:
    if isinstance(demand.form, Uniform):
        return hashed_loads(targets, demand, ends_of(fabric, demand.network, demand.form), how)
    return path_loads(hashed_paths(targets, demand, flows_of(demand, MOST_PATHS), how))


def _route(fabric: Fabric, demand: Demand, params: EcmpParams) -> Routed:
    targets = targets_of(fabric, demand, params)
    seeds = seeds_of(demand, params)
    runs = [_once(fabric, demand, targets, Hash(seed, params.qp, params.polarised)) for seed in seeds]
    loads, by_length = runs[0]
    remark = f"hashed per {params.split}, {amount(params.qp, 'queue pair')}, seeds {seeds[0]} to {seeds[-1]}"
    result = [loads.carried for loads, _ in runs if loads.carried != UNBOUNDED]
    text = spec_text("ecmp", params)
    how = {"split": params.split, "queue_pairs": params.qp, "polarised": params.polarised}
    replay = Replay("ecmp", {**how, "seeds": [seeds[0], len(seeds)]}, tuple(result))
    if not result:
        return Routed(text, UNBOUNDED, loads, by_switches(by_length), remark=remark, replay=replay)
    samples = Samples(seeds, tuple(one.floats()[0] for one in result))
    return Routed(text, hull(result), loads, by_switches(by_length), samples, remark, replay)


def _work(fabric: Fabric, demand: Demand, params: EcmpParams) -> Work:
    flows, seeds = flow_count(demand) * params.qp, len(seeds_of(demand, params))
    return Work(float(flows) * seeds, FLOWS_PER_S, f"{amount(flows, 'flow')} under each of {amount(seeds, 'seed')}")


def _fair(fabric: Fabric, demand: Demand, params: EcmpParams) -> FairRates:
    targets = targets_of(fabric, demand, params)
    turns = flows_in_turn(demand, MOST_PATHS // params.qp)
    seeds = tuple(range(params.seed, params.seed + (params.seeds or SEEDS)))
    hashes = (Hash(s, params.qp, params.polarised) for s in seeds)
    runs = ((hashed_paths(targets, demand, flows, how) for flows in turns.parts) for how in hashes)
    return turns.stated(fair_rates(demand.network, seeds, runs))


routings.add("ecmp", Routing("each flow hashed to one path, hop by hop", EcmpParams, _route, _fair, _work))
