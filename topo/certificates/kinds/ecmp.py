"""The throughput of flows that a stated hash sends along one path each: all of them placed again, seed by seed.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`, `split` port or next-hop, `queue_pairs`, `polarised`, `seeds`: the first and how many), `demand`
(`all-to-all`, `gpu-all-to-all` or `flows`) and `claim`: `lower` and `upper`, the worst and the best of these seeds, and
`samples`, for the network alone an interval for each seed; all as fractions, absent where nothing loads the network.
It proves the figures of these seeds, and nothing of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.loads import proved_throughput
from topo.certificates.kinds.throughput import CLAIMS, claim_holds, least_of
from topo.certificates.reading.channels import Channels, bundled, channels_of, distances
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.whole import Whole, fraction, part
from topo.certificates.replays.end_demand import EndDemand, end_demand
from topo.certificates.replays.hash_paths import Hash, Placing
from topo.certificates.verify import kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray

BLOCK = 1 << 25
"""Distances that are held at once."""
SEEDS_AT_MOST, PAIRS_AT_MOST = 10_000, 1024


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The worst and the best throughput over the seeds of the certificate, all of whose figures hold."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    demand = end_demand(fabric, graph, intact, switch_graph(intact, network), certificate)
    split, hashes = _question(part(certificate, "question"))
    channels = channels_of(fabric, graph)
    used = bundled(channels) if split == "next-hop" else channels
    unit = demand.unit / hashes[0].queue_pairs
    found = [proved_throughput(used, load, unit) for load in _loads(used, graph.at, demand, hashes)]
    claim = part(certificate, "claim")
    _samples(claim.get("samples"), hashes, found)
    known = [value for value in found if value is not None]
    worst, best = min(known, default=None), max(known, default=None)
    ends = (least_of(worst, demand.limit), least_of(best, demand.limit), worst, best)
    for key, proved in zip(CLAIMS, ends, strict=True):
        claim_holds(key, fraction(claim[key], key) if key in claim else None, proved)
    return {key: value for key, value in zip(CLAIMS, ends, strict=True) if value is not None}


def _question(question: Mapping[str, Any]) -> tuple[str, list[Hash]]:
    split, seeds, pairs = question.get("split"), question.get("seeds"), question.get("queue_pairs")
    if split not in ("port", "next-hop"):
        raise CertificateError(f"no hash chooses per {split!r}")
    if type(pairs) is not int or not 1 <= pairs <= PAIRS_AT_MOST:
        raise CertificateError(f"queue pairs are a whole number from 1 to {PAIRS_AT_MOST}")
    if not isinstance(seeds, list) or len(seeds) != 2 or not all(type(s) is int and s >= 0 for s in seeds):
        raise CertificateError("the seeds are the first and how many")
    if not 1 <= seeds[1] <= SEEDS_AT_MOST:
        raise CertificateError(f"there are 1 to {SEEDS_AT_MOST} seeds")
    polarised = question.get("polarised")
    if not isinstance(polarised, bool):
        raise CertificateError("`polarised` is true or false")
    return str(split), [Hash(seed, pairs, polarised) for seed in range(seeds[0], seeds[0] + seeds[1])]


def _loads(channels: Channels, at: IntArray, demand: EndDemand, hashes: list[Hash]) -> list[Whole]:
    """Shape (channels,) for each hash: units carried."""
    total = demand.total * hashes[0].queue_pairs
    if demand.flows is None and total >= 2**62:
        raise CertificateError("the demand is too large to be counted in whole numbers")
    kind = np.int64 if total < 2**62 else object
    ends = at if demand.flows is None else at[demand.flows[1]]
    if demand.flows is None:
        ends = np.where(demand.weight > 0, ends, -1)
    order = np.argsort(ends, kind="stable")
    targets, begin = np.unique(ends[order], return_index=True)
    groups = np.split(order, begin[1:])
    kept = [i for i, target in enumerate(targets.tolist()) if target >= 0]
    placings = [Placing(channels, at, how, demand.weight) for how in hashes]
    loads: list[Whole] = [np.zeros(len(channels), dtype=kind) for _ in hashes]
    step = max(BLOCK // max(channels.switches, 1), 1)
    for first in range(0, len(kept), step):
        block = kept[first : first + step]
        for i, far in zip(block, distances(channels, targets[block]), strict=True):
            for placing, load in zip(placings, loads, strict=True):
                if demand.flows is None:
                    placing.all_to_all(demand, groups[i], far, load)
                else:
                    placing.flows(groups[i], demand, int(targets[i]), far, load)
    return loads


def _samples(stated: object, hashes: list[Hash], found: list[Fraction | None]) -> None:
    """Each seed's interval holds what was found for it."""
    if all(value is None for value in found) and stated is None:
        return
    if not isinstance(stated, list) or len(stated) != len(hashes):
        raise CertificateError("the samples are not one for each seed")
    for how, interval, value in zip(hashes, stated, found, strict=True):
        if not isinstance(interval, list) or len(interval) != 2 or value is None:
            raise CertificateError(f"seed {how.seed} has no interval")
        if not fraction(interval[0], "sample") <= value <= fraction(interval[1], "sample"):
            raise CertificateError(f"seed {how.seed} reaches {float(value):.9g}, which is not what is claimed")


kinds.add("ecmp", check)
