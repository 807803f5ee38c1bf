"""Reduce-scatter: every rank ends with the sum of its part over all."""

from __future__ import annotations

from topo.analysis.collectives.gathering import (
    flat_ring,
    halving_doubling,
    hierarchical,
    reversed_messages,
    rings,
)
from topo.analysis.collectives.operation import Operation, operations

operations.add(
    "reduce-scatter",
    Operation(
        {
            "ring": rings(1),
            "hierarchical": hierarchical(1),
            "halving-doubling": reversed_messages(halving_doubling(1)),
            "flat-ring": flat_ring(1),
        },
        lambda n: (n - 1) / n,
    ),
)
