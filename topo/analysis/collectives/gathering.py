"""The algorithms that all-gather, reduce-scatter and all-reduce share: a reduce-scatter is an all-gather turned round,
an all-reduce both, so `turns` is 1 or 2."""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.operation import Algorithm, Chain, Messages, joined
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import around, domain_rings, in_domain, inside, ring, ring_messages, share
from topo.fabric.model import IntArray


def rings(turns: int) -> Algorithm:
    """A ring for each GPU of a domain."""

    def phases(ranks: Ranks, size: float) -> list[Messages]:
        return [joined(ring_messages(ranks, turns * share(len(ranks), size) / ranks.per_domain))]

    return Algorithm(phases, lambda ranks: around(domain_rings(ranks, 1)[0], turns))


def flat_ring(turns: int) -> Algorithm:
    """One ring in the order of rank numbers."""

    def phases(ranks: Ranks, size: float) -> list[Messages]:
        return [ring(np.arange(len(ranks)), turns * share(len(ranks), size))]

    return Algorithm(phases, lambda ranks: around(np.arange(len(ranks)), turns))


def hierarchical(turns: int) -> Algorithm:
    """Exchanges inside the domains, and rings of each GPU's peers in the other domains."""

    def phases(ranks: Ranks, size: float) -> list[Messages]:
        part = size / ranks.per_domain
        across = [ring(ranks.blocks.T, turns * share(ranks.domains, part))] if ranks.domains > 1 else []
        within = [inside(ranks, turns * part)] if ranks.per_domain > 1 else []
        return [*within, *across]

    def chains(ranks: Ranks) -> list[Chain]:
        return [*in_domain(ranks, turns), *around(ranks.blocks[:, 0], turns)]

    return Algorithm(phases, chains)


def halving_doubling(turns: int) -> Algorithm:
    """Recursive halving and doubling over rank numbers, near peers exchanging the large parts (Rabenseifner,
    "Optimization of collective reduction operations", ICCS 2004). Ranks beyond a power of two hand what they have to a
    neighbour first and get the whole from it in the end."""

    def phases(ranks: Ranks, size: float) -> list[Messages]:
        active, folded, partner = _fold(len(ranks))
        many = len(active)
        result = []
        distance, part = 1, size / 2
        while distance < many:
            to = active[np.arange(many) ^ distance]
            result.append(Messages(active, to, np.full(many, turns * part)))
            distance, part = 2 * distance, part / 2
        if len(folded):
            first = size / len(ranks) if turns == 1 else size
            result.append(Messages(folded, partner, np.full(len(folded), first)))
            result.append(Messages(partner, folded, np.full(len(folded), size)))
        return [joined(result)]

    def chains(ranks: Ranks) -> list[Chain]:
        active, folded, partner = _fold(len(ranks))
        many = len(active)
        steps = [Chain(active, active[np.arange(many) ^ (1 << k)], "max", turns) for k in range(many.bit_length() - 1)]
        return [*steps, *([Chain(folded, partner, "max", 2)] if len(folded) else [])]

    return Algorithm(phases, chains)


def _fold(n: int) -> tuple[IntArray, IntArray, IntArray]:
    """A power of two of ranks that take part, those that do not, and the neighbour of each of these."""
    extra = n - (1 << (n.bit_length() - 1))
    folded = np.arange(extra) * 2
    return np.setdiff1d(np.arange(n), folded), folded, folded + 1


def reversed_messages(algorithm: Algorithm) -> Algorithm:
    """The same with every message turned round: a scatter of what was a gather."""

    def phases(ranks: Ranks, size: float) -> list[Messages]:
        return [Messages(m.dst, m.src, m.size) for m in reversed(algorithm.phases(ranks, size))]

    return Algorithm(phases, algorithm.chains)
