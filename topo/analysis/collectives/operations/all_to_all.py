"""All-to-all: every rank has a part for every other.

`direct` sends all at once, `pairwise` the same messages in n - 1 rounds, to the rank so much further on in each. In
`hierarchical`, every GPU first hands to each GPU of its domain what is for that GPU's peers (same number) in the other
domains; the peers then exchange it, on one rail and plane each.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.operation import MOST_MESSAGES, Algorithm, Chain, Messages, Operation, operations
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import in_domain, inside
from topo.errors import ParameterError
from topo.units import amount

MOST_PAIRS = 1 << 20
"""Messages that are looked at for the slowest; of more, those of a spread of senders."""


def _direct(ranks: Ranks, size: float) -> list[Messages]:
    n = len(ranks)
    if n * n > MOST_MESSAGES:
        raise ParameterError(
            "ranks", n, f"{amount(n * n, 'message')} are too many to write out", f"at most {int(MOST_MESSAGES**0.5):,}"
        )
    src, dst = np.nonzero(~np.eye(n, dtype=np.bool_))
    return [Messages(src, dst, np.full(len(src), size / n))]


def _once(ranks: Ranks) -> list[Chain]:
    """Everybody to everybody at once: pairs of ranks that differ in host and switch stand for all."""
    first = np.unique(np.concatenate([ranks.grid[:, 0], ranks.grid[:, -1]]))
    most = max(int(MOST_PAIRS / len(ranks)), 1)
    some = first if len(first) <= most else first[np.linspace(0, len(first) - 1, most).astype(np.int64)]
    src, dst = np.repeat(some, len(ranks)), np.tile(np.arange(len(ranks)), len(some))
    return [Chain(src[src != dst], dst[src != dst], "max")]


def _rounds(ranks: Ranks) -> list[Chain]:
    """The slowest message, once for each round."""
    return [Chain(c.src, c.dst, "max", len(ranks) - 1) for c in _once(ranks)]


def _hierarchical(ranks: Ranks, size: float) -> list[Messages]:
    n, blocks = len(ranks), ranks.blocks
    domains, width = blocks.shape
    result = [inside(ranks, size / n * domains)] if width > 1 else []
    if domains > 1:
        first, second = np.nonzero(~np.eye(domains, dtype=np.bool_))
        if len(first) * width > MOST_MESSAGES:
            raise ParameterError(
                "ranks",
                n,
                f"{amount(len(first) * width, 'message')} are too many to write out",
                "fewer or larger domains",
            )
        here, there = blocks[first].ravel(), blocks[second].ravel()
        result.append(Messages(here, there, np.full(len(here), size / n * width)))
    return result


def _hierarchical_chains(ranks: Ranks) -> list[Chain]:
    peers = ranks.blocks[:, 0]
    across = [Chain(np.repeat(peers[:1], len(peers) - 1), peers[1:], "max")] if len(peers) > 1 else []
    return [*in_domain(ranks), *across]


operations.add(
    "all-to-all",
    Operation(
        {
            "direct": Algorithm(_direct, _once),
            "pairwise": Algorithm(_direct, _rounds),
            "hierarchical": Algorithm(_hierarchical, _hierarchical_chains),
        },
        lambda n: (n - 1) / n,
    ),
)
