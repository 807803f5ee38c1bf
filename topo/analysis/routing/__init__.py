"""Routings: one file each, registered in `routings`. `adaptive`, the optimum, is the business of `throughput`."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.analysis.routing.channels import Channels, channels_of
    from topo.analysis.routing.ends import leaf_order
    from topo.analysis.routing.fair import FairRates
    from topo.analysis.routing.hashed import words as hash_words
    from topo.analysis.routing.loads import ChannelLoads, WorstLink
    from topo.analysis.routing.registry import routings
    from topo.analysis.routing.routed import fair_rates, route, routing_name
    from topo.analysis.routing.spread import split_divisor
    from topo.analysis.routing.tables import ForwardingTables, given_tables
    from topo.analysis.routing.value import Replay, Routed, Routing, Samples

__all__ = [
    "ChannelLoads",
    "Channels",
    "FairRates",
    "ForwardingTables",
    "Replay",
    "Routed",
    "Routing",
    "Samples",
    "WorstLink",
    "channels_of",
    "fair_rates",
    "given_tables",
    "hash_words",
    "leaf_order",
    "route",
    "routing_name",
    "routings",
    "split_divisor",
]

__getattr__ = at_first_use(
    __name__,
    {
        "channels": "Channels, channels_of",
        "ends": "leaf_order",
        "fair": "FairRates",
        "hashed": "words as hash_words",
        "loads": "ChannelLoads, WorstLink",
        "registry": "routings",
        "routed": "fair_rates, route, routing_name",
        "spread": "split_divisor",
        "tables": "ForwardingTables, given_tables",
        "value": "Replay, Routed, Routing, Samples",
    },
)
