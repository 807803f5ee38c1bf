"""Static: one next hop per switch and destination endpoint, from forwarding tables.

`rule=ftree` is destination-mod-k, as InfiniBand subnet managers route fat-trees: with d the place of the destination
among the endpoints of its component, leaf by leaf in port order, a leaf takes uplink d mod h, a spine uplink
(d div h) mod h', a core and a spine the parallel link downwards by the same digits, so that a destination is reached by
one spine and one core from everywhere; h is the largest number of uplinks of a leaf. `rule=minhop` takes shortest next
hop d mod n of n at every switch. The default is ftree where the switches have tiers, else minhop. Where links are
missing, both count the shortest next hops that are left.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, Uniform, components
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing.alike import joined_lengths, joined_loads, unlike_parts
from topo.analysis.routing.channels import Channels, channels_of
from topo.analysis.routing.ends import Ends, ends_of
from topo.analysis.routing.fair import FairRates, fair_rates, flows_in_turn
from topo.analysis.routing.registry import routings
from topo.analysis.routing.tables import MOST_PATHS, ForwardingTables, table_loads, table_paths
from topo.analysis.routing.value import Replay, Routed, Routing, Work, by_switches
from topo.analysis.spec import spec_text
from topo.catalog.models import Strict
from topo.errors import ParameterError
from topo.fabric import CORE, LEAF, Fabric
from topo.fabric.model import IntArray
from topo.units import amount

ENTRIES_PER_S = 3e7
"""Table entries that an idle core fills and follows in a second."""


class StaticParams(Strict):
    """Parameters of static."""

    rule: Literal["auto", "ftree", "minhop"] = Field("auto", description="how the tables are made")


def static_tables(fabric: Fabric, network: str | int = 0, rule: str = "auto") -> ForwardingTables:
    """The forwarding tables of a network; raises ParameterError for `ftree` on switches without tiers."""
    return _tables(fabric, switch_network(fabric, network), rule)


def _tables(fabric: Fabric, net: SwitchNetwork, rule: str) -> ForwardingTables:
    channels, ends = channels_of(fabric, net), ends_of(fabric, net)
    rule, divisor = _rule(fabric, net, channels, rule)
    return _made(fabric, net, channels, ends, rule, divisor)


def _rule(fabric: Fabric, net: SwitchNetwork, channels: Channels, rule: str) -> tuple[str, IntArray]:
    """The name of the rule, and what it divides the place of an endpoint by at each channel."""
    tier = fabric.devices.tier[net.device]
    tiered = bool(((tier >= LEAF) & (tier <= CORE)).all())
    if rule == "ftree" and not tiered:
        raise ParameterError("rule", rule, "needs a fabric whose switches have tiers", "minhop")
    rule = ("ftree" if tiered else "minhop") if rule == "auto" else rule
    return rule, _divisors(channels, tier) if rule == "ftree" else np.ones(len(channels), dtype=np.int64)


def _made(
    fabric: Fabric, net: SwitchNetwork, channels: Channels, ends: Ends, rule: str, divisor: IntArray
) -> ForwardingTables:
    rank = ends.rank(components(net))

    def rows(positions: IntArray) -> IntArray:
        from topo.analysis.routing.table_kernel import fill_tables

        order = np.argsort(net.at[positions], kind="stable")
        result = np.full((len(positions), net.switches), -1, dtype=np.int32)
        at, place = net.at[positions][order].astype(np.int64), rank[positions][order]
        fill_tables(channels.start, channels.head, at, place, divisor, result)
        if (np.diff(order) == 1).all():
            return result
        placed = np.empty_like(result)
        placed[order] = result
        return placed

    return ForwardingTables(fabric, net, channels, ends, rule, rows)


def _divisors(channels: Channels, tier: IntArray) -> IntArray:
    """Shape (channels,): the product of the largest numbers of uplinks of the tiers below the channel's lower end."""
    low = np.minimum(tier[channels.tail], tier[channels.head])
    up = tier[channels.head] > tier[channels.tail]
    product = np.ones(len(channels), dtype=np.int64)
    for level in range(LEAF, CORE):
        uplinks = np.bincount(channels.tail[up & (tier[channels.tail] == level)], minlength=1)
        product[low > level] *= max(int(uplinks.max()), 1)
    return product


def _route(fabric: Fabric, demand: Demand, params: StaticParams) -> Routed:
    net = demand.network
    channels, ends = channels_of(fabric, net), ends_of(fabric, net)
    rule, divisor = _rule(fabric, net, channels, params.rule)
    tables = _made(fabric, net, channels, ends, rule, divisor)
    parts = unlike_parts(channels, demand, ends, divisor) if isinstance(demand.form, Uniform) else []
    if sum(len(part.alike) for part in parts) > 1:
        own = [
            _made(fabric, p.network, p.channels, ends_of(fabric, p.network), rule, divisor[p.channel]) for p in parts
        ]
        results = [table_loads(one, part.demand) for one, part in zip(own, parts, strict=True)]
        loads = joined_loads(channels, parts, [one for one, _ in results])
        by_length = joined_lengths(parts, [lengths for _, lengths in results])
    else:
        loads, by_length = table_loads(tables, demand)
    remark = f"forwarding tables by {tables.rule}"
    text, replay = spec_text("static", params), Replay("static", {})
    return Routed(text, loads.carried, loads, by_switches(by_length), remark=remark, replay=replay, tables=tables)


def _work(fabric: Fabric, demand: Demand, params: StaticParams) -> Work:
    net = demand.network

    def merged() -> float:
        channels = channels_of(fabric, net)
        parts = unlike_parts(channels, demand, ends_of(fabric, net), _rule(fabric, net, channels, params.rule)[1])
        return float(sum(part.network.switches * len(part.network.at) for part in parts))

    what = f"{amount(net.switches, 'table')} of {amount(len(net.at), 'endpoint')}"
    several = isinstance(demand.form, Uniform) and int(net.component.max(initial=0)) > 0
    return Work(float(net.switches) * len(net.at), ENTRIES_PER_S, what, merged if several else None)


def _fair(fabric: Fabric, demand: Demand, params: StaticParams) -> FairRates:
    tables = _tables(fabric, demand.network, params.rule)
    turns = flows_in_turn(demand, MOST_PATHS)
    return turns.stated(fair_rates(demand.network, (0,), [(table_paths(tables, flows) for flows in turns.parts)]))


routings.add("static", Routing("forwarding tables, one next hop per destination", StaticParams, _route, _fair, _work))
