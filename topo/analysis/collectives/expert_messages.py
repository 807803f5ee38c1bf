"""Dispatch and combine over ranks: which hosts hold the groups of experts, their messages and their steps."""

from __future__ import annotations

import numpy as np

from topo.analysis.collectives.experts import ExpertLayout, Split, gpu_reached, reached
from topo.analysis.collectives.operation import Chain, Messages, joined
from topo.analysis.collectives.ranks import Ranks
from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.units import amount

NODE_LIMITED = "node-limited"
"""The algorithm of dispatch and combine."""


def host_sets(ranks: Ranks, layout: ExpertLayout) -> IntArray:
    """Shape (sets, groups): rows of `ranks.grid` of the hosts that hold all experts, set by set, hosts in
    a row.

    Raises ParameterError where the ranks are no whole number of sets.
    """
    hosts, width = layout.groups, ranks.per_host
    if width != layout.gpus_per_host:
        raise ParameterError("per_host", width, "experts lie on all of these GPUs of a host", str(layout.gpus_per_host))
    if ranks.hosts % hosts:
        step = hosts * width
        near = sorted({max(n * step, step) for n in (len(ranks) // step, -(-len(ranks) // step))})
        message = f"{amount(hosts, 'group')} of experts on as many hosts take a multiple of {amount(step, 'rank')}"
        raise ParameterError("ranks", len(ranks), message, " or ".join(f"{n:,}" for n in near))
    return np.arange(ranks.hosts).reshape(-1, hosts)


def splits(ranks: Ranks, layout: ExpertLayout) -> list[Split]:
    """How the groups of each set of hosts lie on scale-up domains."""
    result = []
    for rows in host_sets(ranks, layout):
        _, first, count = np.unique(ranks.domain[ranks.grid[rows, 0]], return_index=True, return_counts=True)
        result.append(tuple(count[np.argsort(first)].tolist()))
    return result


def expert_messages(ranks: Ranks, layout: ExpertLayout, gpu_bytes: float, back: bool = False) -> Messages:
    """Dispatch of `gpu_bytes` of tokens a GPU in every set of hosts (see `experts`); `back` turns all around, to
    combine. Raises ParameterError as `host_sets` does."""
    result: list[Messages] = []
    each = gpu_reached(layout)
    kinds: dict[Split, list[IntArray]] = {}
    for rows, split in zip(host_sets(ranks, layout), splits(ranks, layout), strict=True):
        kinds.setdefault(split, []).append(rows)
    for split, sets in kinds.items():
        cuts = np.cumsum(split)[:-1]
        # Shape (sets, GPUs of the domain) for each domain.
        homes = [np.reshape(ranks.grid[part], (len(sets), -1)) for part in np.split(np.stack(sets), cuts, axis=1)]
        for b, there in enumerate(homes):
            n = there.shape[1]
            arrivals = np.zeros(n)
            for a, here in enumerate(homes):
                at = np.arange(here.shape[1]) % n
                arrivals += np.bincount(at, minlength=n)
                if a != b:
                    result.append(_messages(here, there[:, at], gpu_bytes * reached(layout, split[b])))
            if n > 1:
                first, second = np.nonzero(~np.eye(n, dtype=np.bool_))
                # Every token that is at a GPU is handed to each other GPU there with an expert of it.
                handed = np.tile(gpu_bytes * each * arrivals[first], len(sets))
                result.append(Messages(there[:, first].ravel(), there[:, second].ravel(), handed))
    if not result:
        empty = np.zeros(0, np.int64)
        return Messages(empty, empty, np.zeros(0))
    sent = joined(result)
    return Messages(sent.dst, sent.src, sent.size) if back else sent


def _messages(here: IntArray, there: IntArray, size: float) -> Messages:
    return Messages(here.ravel(), there.ravel(), np.full(here.size, size))


def expert_chains(ranks: Ranks, layout: ExpertLayout) -> list[Chain]:
    """Over the network to the GPU of the same number, then inside the domain (combining: the other way round)."""
    rows = host_sets(ranks, layout)[0]
    domain = ranks.domain[ranks.grid[rows, 0]]
    mates = ranks.grid[rows[domain == domain[0]]].ravel()
    _, first = np.unique(domain, return_index=True)
    far = ranks.grid[rows[np.sort(first)[1:]], 0]
    inside = [Chain(mates[:1], mates[1:2], "max")] if len(mates) > 1 else []
    across = [Chain(np.repeat(mates[:1], len(far)), far, "max")] if len(far) else []
    return [*inside, *across]
