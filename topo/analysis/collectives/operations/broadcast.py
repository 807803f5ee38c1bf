"""Broadcast: every rank ends with what the first one has.

`hierarchical` scatters over the root's domain; each GPU passes its part on from domain to domain, and gathers the other
parts from its own domain.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.operation import Algorithm, Chain, Messages, Operation, joined, operations
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import deepest, in_domain, inside, path, tree_parents


def _hierarchical(ranks: Ranks, size: float) -> list[Messages]:
    blocks, width = ranks.blocks, ranks.per_domain
    part = size / width
    result = []
    if width > 1:
        first = blocks[0]
        result.append(Messages(np.repeat(first[:1], width - 1), first[1:], np.full(width - 1, part)))
        gathered = inside(ranks, part)
        kept = gathered.dst != first[0]
        result.append(Messages(gathered.src[kept], gathered.dst[kept], gathered.size[kept]))
    if ranks.domains > 1:
        here, there = blocks[:-1].ravel(), blocks[1:].ravel()
        result.insert(min(1, len(result)), Messages(here, there, np.full(len(here), part)))
    return result


def _hierarchical_chains(ranks: Ranks) -> list[Chain]:
    return [*in_domain(ranks, 2), *path(ranks.blocks[:, 0])]


def _chain(ranks: Ranks, size: float) -> list[Messages]:
    order = np.arange(len(ranks))
    return [Messages(order[:-1], order[1:], np.full(len(order) - 1, size))]


def _tree(ranks: Ranks, size: float) -> list[Messages]:
    parent = tree_parents(len(ranks))[0]
    child = np.flatnonzero(parent >= 0)
    return [joined([Messages(parent[child], child, np.full(len(child), size))])]


operations.add(
    "broadcast",
    Operation(
        {
            "hierarchical": Algorithm(_hierarchical, _hierarchical_chains),
            "binary-tree": Algorithm(_tree, lambda ranks: path(deepest(tree_parents(len(ranks))[0]))),
            "chain": Algorithm(_chain, lambda ranks: path(np.arange(len(ranks)))),
        },
        lambda n: 1.0,
    ),
)
