"""All-reduce: every rank ends with the sum over all.

`tree` runs two complementary binary trees over the domains for each GPU, as NCCL's double binary tree, with a chain
inside each domain; `binary-tree` runs the first of them alone. `sharp` has the switches sum.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.gathering import flat_ring, halving_doubling, hierarchical, rings
from topo.analysis.collectives.operation import Algorithm, Chain, Messages, Operation, joined, operations
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import both_ways, deepest, path, ring, tree_parents
from topo.errors import ParameterError


def _trees(many: int) -> Algorithm:
    def phases(ranks: Ranks, size: float) -> list[Messages]:
        width = ranks.per_domain
        part = size / (many * width)
        result: list[Messages] = []
        for parent in tree_parents(ranks.domains)[:many]:
            child = np.flatnonzero(parent >= 0)
            result += both_ways(ranks.blocks[child].ravel(), ranks.blocks[parent[child]].ravel(), part)
        if width > 1:
            # Each GPU's chain walks its domain from that GPU on: all but one of them take each hop, both ways.
            result += [ring(order, many * part * (width - 1)) for order in (ranks.blocks, ranks.blocks[:, ::-1])]
        return [joined(result)]

    def chains(ranks: Ranks) -> list[Chain]:
        domains = deepest(tree_parents(ranks.domains)[0])
        return [*path(ranks.blocks[domains, 0], 2), *path(ranks.blocks[0], 2)]

    return Algorithm(phases, chains)


def _flat_parent(n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    node = np.arange(n)
    return np.where(node > 0, (node - 1) // 2, -1)


def _flat_tree(ranks: Ranks, size: float) -> list[Messages]:
    child = np.arange(1, len(ranks))
    return [joined(both_ways(child, _flat_parent(len(ranks))[1:], size))]


def _no_messages(ranks: Ranks, size: float) -> list[Messages]:
    raise ParameterError(
        "algorithm",
        "sharp",
        "switches sum: there are no messages between ranks to write out",
        hint="ring, tree or hierarchical write out what the ranks send",
    )


operations.add(
    "all-reduce",
    Operation(
        {
            "ring": rings(2),
            "tree": _trees(2),
            "hierarchical": hierarchical(2),
            "binary-tree": _trees(1),
            "halving-doubling": halving_doubling(2),
            "flat-ring": flat_ring(2),
            "sharp": Algorithm(_no_messages, lambda ranks: [], in_network=True),
            "flat-tree": Algorithm(_flat_tree, lambda ranks: path(deepest(_flat_parent(len(ranks))), 2)),
        },
        lambda n: 2 * (n - 1) / n,
    ),
)
