"""What happens when something fails: who is cut off, and what the rest still carries."""

from topo.analysis.failures._graph import HostedGraph, hosted_graph
from topo.analysis.failures._lost import Lost, lost
from topo.analysis.failures._proof import draws_proof, failures_proof, least_ends, stated_generators
from topo.analysis.failures._random import RandomFailures, Spread, random_failures
from topo.analysis.failures._rerouted import AnyLink, after_any_link
from topo.analysis.failures._rows import FailureRow
from topo.analysis.failures._single import (
    KINDS,
    Asked,
    Asking,
    Failure,
    examined,
    is_symmetric,
    kinds_of,
    refuse_many,
    single_failures,
)
from topo.analysis.failures._things import Thing, alike_device_sets, alike_link_sets, unlike_cables

__all__ = [
    "KINDS",
    "AnyLink",
    "Asked",
    "Asking",
    "Failure",
    "FailureRow",
    "HostedGraph",
    "Lost",
    "RandomFailures",
    "Spread",
    "Thing",
    "after_any_link",
    "alike_device_sets",
    "alike_link_sets",
    "draws_proof",
    "examined",
    "failures_proof",
    "hosted_graph",
    "is_symmetric",
    "kinds_of",
    "least_ends",
    "lost",
    "random_failures",
    "refuse_many",
    "single_failures",
    "stated_generators",
    "unlike_cables",
]
