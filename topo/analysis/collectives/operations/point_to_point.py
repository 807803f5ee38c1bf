"""The first rank to the last."""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.operation import Algorithm, Messages, Operation, operations
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import path


def _direct(ranks: Ranks, size: float) -> list[Messages]:
    return [Messages(np.array([0]), np.array([len(ranks) - 1]), np.array([size]))]


operations.add(
    "point-to-point",
    Operation({"direct": Algorithm(_direct, lambda ranks: path(np.array([0, len(ranks) - 1])))}, lambda n: 1.0),
)
