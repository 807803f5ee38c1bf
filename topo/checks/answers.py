"""Answers that several requirements and the report share: each question is computed once per context."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from topo.checks.model import Context, Laid
from topo.errors import ParameterError

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection
    from topo.analysis.cost import Cost
    from topo.analysis.deadlock import Deadlock
    from topo.analysis.failures import FailureRow, HostedGraph
    from topo.analysis.hops import Hops
    from topo.analysis.latency import Latency
    from topo.analysis.power import PartSum
    from topo.analysis.reliability import Family, Interruptions, Steady
    from topo.analysis.throughput import Throughput
    from topo.fabric import Fabric
    from topo.fabric.model import FloatArray
    from topo.placement import Cabling

T = TypeVar("T")


def remembered(context: Context, question: tuple[Any, ...], answer: Callable[[], T]) -> T:
    """The answer to a question, computed where it is asked for the first time."""
    if question not in context.memory:
        context.memory[question] = answer()
    return cast(T, context.memory[question])


def hops(context: Context, network: str) -> Hops:
    """Switches on shortest paths between the endpoints of one network."""
    from topo.analysis.hops import hops as compute
    from topo.analysis.network import switch_network

    return remembered(context, ("hops", network), lambda: compute(switch_network(context.fabric, network)))


def hops_proof(context: Context, network: str) -> dict[str, Any]:
    """The certificate of `hops`."""
    from topo.analysis.hops import hops_proof as compute

    found = hops(context, network)
    return remembered(context, ("hops proof", network), lambda: compute(context.fabric, network, found))


def throughput(context: Context, network: str, traffic: str, routing: str) -> Throughput:
    """The throughput of a traffic under a routing in one network."""
    from topo.analysis.throughput import throughput as compute

    limit = context.time_limit_s

    def endpoints() -> Throughput:
        return throughput(context, network, "all-to-all", routing)

    return remembered(
        context,
        ("throughput", network, traffic, routing),
        lambda: compute(
            context.fabric,
            traffic,
            routing,
            network,
            time_limit_s=limit,
            endpoints=endpoints,
            certified=context.certified,
        ),
    )


def bisection(context: Context, network: str) -> Bisection:
    """The bisection of one network."""
    from topo.analysis.bisection import bisection as compute

    limit = context.time_limit_s
    return remembered(
        context, ("bisection", network), lambda: compute(context.fabric, network=network, time_limit_s=limit)
    )


def failures(context: Context, network: str, what: str, traffic: str, routing: str) -> tuple[FailureRow, ...]:
    """What each single failure of a kind leaves of one network: a row for each orbit of alike failures."""
    from topo.analysis.failures import single_failures

    def answer() -> tuple[FailureRow, ...]:
        limit, graph = context.time_limit_s, hosted(context, network)
        return single_failures(failing(context, what), [what], network, traffic, routing, None, limit, graph)

    return remembered(context, ("failures", network, what, traffic, routing), answer)


def failing(context: Context, what: str) -> Fabric:
    """The fabric in which things of a kind fail: where these are cables, it knows which links share one."""
    return cabled(context) if what == "cable" else context.fabric


def cabled(context: Context) -> Fabric:
    """The fabric that knows which links share a cable: those that are planned, or those it came with."""
    from topo.fabric import with_cables

    if context.fabric.cables is not None:
        return context.fabric

    def answer() -> Fabric:
        pairs = cabling(context).cable_links
        return with_cables(context.fabric, pairs.link, pairs.cable)

    return remembered(context, ("cabled",), answer)


def hosted(context: Context, network: str) -> HostedGraph:
    """The symmetry of a network with its hosts, which every kind of failure needs."""
    from topo.analysis.failures import hosted_graph

    row = context.fabric.network_row(network)
    return remembered(context, ("hosted graph", network), lambda: hosted_graph(context.fabric, row))


def random_failures(
    context: Context, network: str, what: str, count: int, seeds: range, traffic: str, routing: str
) -> tuple[FailureRow, ...]:
    """What `count` random failures of a kind leave of one network: a row for each seed."""
    from topo.analysis.failures import random_failures as draw

    limit = context.time_limit_s
    return remembered(
        context,
        ("draws", network, what, count, seeds, traffic, routing),
        lambda: draw(failing(context, what), what, count, seeds, network, traffic, routing, time_limit_s=limit).rows,
    )


def draws_proof(
    context: Context, network: str, what: str, count: int, seeds: range, traffic: str, routing: str, counted: int
) -> dict[str, Any]:
    """The certificate of `random_failures`, where `counted` of the draws count."""
    from topo.analysis.failures import draws_proof as compute

    rows = random_failures(context, network, what, count, seeds, traffic, routing)
    row = context.fabric.network_row(network)
    return remembered(
        context,
        ("draws proof", network, what, count, seeds, traffic, routing, counted),
        lambda: compute(failing(context, what), row, seeds, rows, counted),
    )


def failures_proof(context: Context, network: str, what: str, traffic: str, routing: str) -> dict[str, Any] | None:
    """The certificate of `failures`; None where there is nothing that could fail, or no proof."""
    from topo.analysis.failures import failures_proof as compute

    rows = failures(context, network, what, traffic, routing)
    row = context.fabric.network_row(network)
    return remembered(
        context,
        ("failures proof", network, what, traffic, routing),
        lambda: compute(failing(context, what), row, rows, hosted(context, network)) if rows else None,
    )


def families(context: Context, network: str) -> tuple[Family, ...]:
    """What fails in a network, by the keys of the design's `failure_rates`; nothing where it states none."""
    from topo.analysis.reliability import families_of
    from topo.analysis.reliability.groups import CABLED

    rates, fabric = context.rates, context.fabric
    if rates is None:
        return ()
    bought = any(key in CABLED or (key not in fabric.parts and key not in rates.groups) for key in rates.by_key)
    floor = laid(context)

    def answer() -> tuple[Family, ...]:
        cables = cabling(context) if bought else None
        return families_of(fabric, fabric.network_row(network), rates, cables, floor.places if floor else None)

    return remembered(context, ("families", network), answer)


def together(
    context: Context, network: str, of: tuple[str, ...], pairs: bool, traffic: str, routing: str
) -> tuple[FailureRow, ...]:
    """What groups leave that fail as a whole, alone or two at a time; raises ParameterError for what there is not."""
    from topo.analysis.reliability import Rate, Rates, families_of
    from topo.analysis.reliability import together as ask

    fabric, row, floor = context.fabric, context.fabric.network_row(network), laid(context)
    free = context.rates.groups if context.rates else {}
    limit = context.time_limit_s

    def answer() -> tuple[FailureRow, ...]:
        found: list[Family] = []
        for key in of:
            one = Rates({key: Rate(afr=1.0)}, None, dict(free))
            mine = families_of(fabric, row, one, cabling(context), floor.places if floor else None)
            if not mine:
                raise ParameterError("of", key, f"the {network} network has none")
            found += mine
        return ask(fabric, row, found, pairs, traffic, routing, limit)

    return remembered(context, ("together", network, of, pairs, traffic, routing), answer)


def steady(context: Context, network: str, traffic: str, routing: str, draws: int = 100, first_seed: int = 0) -> Steady:
    """What is carried while things fail and are repaired; raises ParameterError where their repair is not known."""
    from topo.analysis.reliability import steady_state

    row, limit = context.fabric.network_row(network), context.time_limit_s
    return remembered(
        context,
        ("steady", network, traffic, routing, draws, first_seed),
        lambda: steady_state(
            context.fabric, row, families(context, network), traffic, routing, draws, first_seed, limit
        ),
    )


def interruptions(context: Context, network: str, gpus: int | None = None) -> Interruptions:
    """How often a job on the first `gpus` GPUs (all, by default) is interrupted."""
    from topo.analysis.reliability import interruptions as count

    row = context.fabric.network_row(network)
    return remembered(
        context,
        ("interruptions", network, gpus),
        lambda: count(context.fabric, row, families(context, network), gpus),
    )


def deadlock(context: Context, network: str, routing: str) -> Deadlock:
    """Whether a routing can deadlock in one network, and how many virtual lanes suffice."""
    from topo.analysis.deadlock import deadlock as compute

    return remembered(context, ("deadlock", network, routing), lambda: compute(context.fabric, network, routing))


def deadlock_proof(context: Context, network: str, routing: str, fixed: bool) -> dict[str, Any] | None:
    """The certificate of `deadlock`, with `fixed` that of one lane for each pair of switches."""
    from topo.analysis.deadlock_proof import deadlock_proof as compute

    found = deadlock(context, network, routing)
    return remembered(
        context,
        ("deadlock proof", network, routing, fixed),
        lambda: compute(context.fabric, network, found, fixed),
    )


def cabling(context: Context) -> Cabling:
    """The cables and modules of the fabric; raises ParameterError for parts that the catalog does not have."""
    from topo.placement import cabling as choose

    def answer() -> Cabling:
        on_floor = laid(context)
        if on_floor is not None:
            return on_floor.cabling
        return choose(context.fabric, context.catalog, lengths_m=context.lengths_m, price_book=context.price_book)

    return remembered(context, ("cabling",), answer)


def laid(context: Context) -> Laid | None:
    """The fabric on its floor; None where the design has no floor plan."""
    put = context.laid
    return None if put is None else remembered(context, ("laid",), lambda: put(context.fabric))


def placed_lengths_m(context: Context) -> FloatArray | None:
    """Shape (fabric links,): the length of the cable of every link that is ordered for the floor plan, that of its
    route where no part fits; None where there is no floor plan."""
    if context.laid is None:
        return None
    found = cabling(context)
    cable = found.cable_of_link
    sold = (
        np.where(cable >= 0, found.cables.sold_m[cable], np.nan) if len(found.cables) else np.full(len(cable), np.nan)
    )
    return np.where(np.isfinite(sold), sold, found.lengths.length_m)


def latency(context: Context, network: str) -> Latency | None:
    """Latencies of short messages between the endpoints of a network, with the cables where there is a floor plan; None
    where the parts do not say which protocol they speak, or differ."""
    from topo.analysis.latency import default_model, endpoint_latency
    from topo.analysis.network import switch_network

    row = context.fabric.network_row(network)

    def answer() -> Latency | None:
        model = default_model(context.fabric, row, context.catalog)
        if model is None:
            return None
        counted, length_m = hops(context, network), placed_lengths_m(context)
        return endpoint_latency(context.fabric, switch_network(context.fabric, row), model, 0, length_m, counted)

    return remembered(context, ("latency", network), answer)


def cost(context: Context, network: str) -> Cost | None:
    """What one network costs by the context's price book; None where there is none."""
    from topo.analysis.cost import network_cost

    book = context.price_book
    if book is None:
        return None
    row = context.fabric.network_row(network)
    return remembered(
        context,
        ("cost", network),
        lambda: network_cost(context.fabric, row, context.catalog, book, cabling(context), context.spares),
    )


def power(context: Context, network: str) -> PartSum:
    """What one network draws: switches, modules and active cables."""
    from topo.analysis.power import network_power_w

    row = context.fabric.network_row(network)
    return remembered(
        context,
        ("power", network),
        lambda: network_power_w(context.fabric, row, context.catalog, cabling(context)),
    )


def asked(context: Context, kind: str, network: str) -> dict[tuple[Any, ...], Any]:
    """What has been answered of one kind for one network: the rest of the question -> the answer."""
    return {q[2:]: a for q, a in context.memory.items() if q[:2] == (kind, network)}
