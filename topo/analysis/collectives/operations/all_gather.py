"""All-gather: every rank ends with the parts of all."""

from __future__ import annotations

from topo.analysis.collectives.gathering import flat_ring, halving_doubling, hierarchical, rings
from topo.analysis.collectives.operation import Operation, operations

operations.add(
    "all-gather",
    Operation(
        {
            "ring": rings(1),
            "hierarchical": hierarchical(1),
            "halving-doubling": halving_doubling(1),
            "flat-ring": flat_ring(1),
        },
        lambda n: (n - 1) / n,
    ),
)
