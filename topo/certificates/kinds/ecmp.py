"""The throughput of flows that a stated hash sends along one path each: all of them placed again, seed by seed.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`, `split` port or next-hop, `queue_pairs`, `polarised`, `seeds`: the first and how many), `demand`
(`all-to-all`, `gpu-all-to-all` or `flows`) and `claim`: `lower` and `upper`, the worst and the best of these seeds, and
`samples`, for the network alone an interval for each seed; all as fractions, absent where nothing loads the network.
It proves the figures of these seeds, and nothing of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.loads import proved_throughput
from topo.certificates.kinds.throughput import CLAIMS, claims_hold, least_of, traffic_words
from topo.certificates.reading.channels import Channels, bundled, channels_of, distances
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.question import Named, asked_of
from topo.certificates.reading.whole import Whole, fraction, part, told
from topo.certificates.replays.end_demand import EndDemand, end_demand
from topo.certificates.replays.hash_paths import Hash, Placing, Room
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray

BLOCK = 1 << 25
"""Distances that are held at once."""
AT_ONCE = 1 << 26
"""Bytes in which the loads and words of several seeds are held at once."""
SEEDS, FLOWS = 10, 1 << 28
"""Without `seeds`, ten seeds are placed, or as many as keep flows times seeds within FLOWS, but at least one."""
MOST_PLACED = 1 << 36
"""Flows of all seeds that are placed again, in 20 minutes: a few characters could ask for years."""
KEYS = ("split", "queue_pairs", "polarised", "seeds")


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The worst and the best throughput over the seeds of the certificate, all of whose figures hold."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    asked_for = asked_of(certificate, "ecmp", *KEYS)
    demand = end_demand(fabric, graph, intact, certificate, asked_for.traffic)
    flows = _flows(graph.at, demand)
    seeds = _seeds(asked_for.routing, flows)
    if flows * int(asked_for.routing["qp"]) * len(seeds) > MOST_PLACED:
        raise CertificateError(f"{flows:,} flows are too many to place under {asked_for.routing.text}")
    _same_words(part(certificate, "question"), asked_for.routing, seeds)
    pairs, polarised = int(asked_for.routing["qp"]), asked_for.routing["polarised"] == "true"
    hashes = [Hash(seed, pairs, polarised) for seed in seeds]
    stated = _stated(part(certificate, "claim").get("samples"), len(hashes))
    channels = channels_of(fabric, graph)
    used = bundled(channels) if asked_for.routing["split"] == "next-hop" else channels
    result: list[Fraction | None] = []
    for load in _loads(used, graph.at, demand, hashes):
        result.append(proved_throughput(used, load, demand.unit / pairs))
        _sample(stated, hashes[len(result) - 1].seed, len(result) - 1, result[-1])
    if stated and all(value is None for value in result):
        raise CertificateError("there are samples where nothing loads the network")
    known = [value for value in result if value is not None]
    worst, best = min(known, default=None), max(known, default=None)
    ends = (least_of(worst, demand.limit), least_of(best, demand.limit), worst, best)
    claims_hold(certificate, dict(zip(CLAIMS, ends, strict=True)), "samples")
    return {key: value for key, value in zip(CLAIMS, ends, strict=True) if value is not None}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered: of these seeds, and of no others."""
    result, seeds = asked_of(certificate, "ecmp", *KEYS), list(part(certificate, "question")["seeds"])
    question, words = traffic_words(result.traffic)
    drawn = f"worst and best of {seeds[1]} seeds from {seeds[0]}"
    said = f"throughput of {words} under {result.routing.text} routing, {drawn}"
    return {**question, "routing": result.routing.text, "seeds": seeds}, said


def _flows(at: IntArray, demand: EndDemand) -> int:
    """How many flows there are, at one queue pair each."""
    if demand.flows is not None:
        return len(demand.flows[0])
    group = demand.group[at]
    return sum(int(n) ** 2 for n in np.bincount(group[group >= 0]).tolist())


def _seeds(routing: Named, flows: int) -> range:
    """The seeds that a routing asks for; where it does not say how many, ten or as many as keep the flows within
    2^28, at least one."""
    count = routing["seeds"] or max(min(SEEDS, FLOWS // max(flows * int(routing["qp"]), 1)), 1)
    return range(int(routing["seed"]), int(routing["seed"]) + int(count))


def _same_words(question: Mapping[str, Any], routing: Named, seeds: range) -> None:
    """Raises CertificateError where what the question says beside the routing's name is something else."""
    pairs, polarised = question.get("queue_pairs"), question.get("polarised")
    if question.get("split") not in ("port", "next-hop"):
        raise CertificateError(f"no hash chooses per {str(question.get('split'))[:40]!r}")
    if type(pairs) is not int or pairs < 1:
        raise CertificateError("queue pairs are a whole number from 1 on")
    if not isinstance(polarised, bool):
        raise CertificateError("`polarised` is true or false")
    own = {
        "split": routing["split"],
        "queue_pairs": routing["qp"],
        "polarised": routing["polarised"] == "true",
        "seeds": [seeds.start, len(seeds)],
    }
    for key, value in own.items():
        stated = question.get(key)
        same = type(stated) is type(value) and stated == value
        if not same or (key == "seeds" and any(type(n) is not int for n in question["seeds"])):
            raise CertificateError(f"{key} of the question is not that of {routing.text}: it reaches other figures")


def _loads(channels: Channels, at: IntArray, demand: EndDemand, hashes: list[Hash]) -> Iterator[Whole]:
    """Shape (channels,) for each hash: units carried. As many seeds at once as AT_ONCE bytes hold."""
    total = demand.total * hashes[0].queue_pairs
    kind = np.int64 if total < 2**62 else object
    ends = at if demand.flows is None else at[demand.flows[1]]
    if demand.flows is None:
        ends = np.where(demand.weight > 0, ends, -1)
    order = np.argsort(ends, kind="stable")
    targets, begin = np.unique(ends[order], return_index=True)
    groups = np.split(order, begin[1:])
    kept = [i for i, target in enumerate(targets.tolist()) if target >= 0]
    room = Room(at, demand.weight)
    many = max(AT_ONCE // (8 * (len(at) + channels.switches + len(channels)) + 1), 1)
    step = max(BLOCK // max(channels.switches, 1), 1)
    for start in range(0, len(hashes), many):
        placings = [Placing(channels, at, how, room) for how in hashes[start : start + many]]
        loads: list[Whole] = [np.zeros(len(channels), dtype=kind) for _ in placings]
        for first in range(0, len(kept), step):
            block = kept[first : first + step]
            for i, far in zip(block, distances(channels, targets[block]), strict=True):
                for placing, load in zip(placings, loads, strict=True):
                    if demand.flows is None:
                        placing.all_to_all(demand, groups[i], far, load)
                    else:
                        placing.flows(groups[i], demand, int(targets[i]), far, load)
        yield from loads


def _stated(samples: object, seeds: int) -> list[Any]:
    """The interval that is stated for each seed; empty where there is none, as where nothing loads the network."""
    if samples is None:
        return []
    if not isinstance(samples, list) or len(samples) not in (0, seeds):
        raise CertificateError("the samples are not one for each seed")
    return samples


def _sample(stated: list[Any], seed: int, row: int, value: Fraction | None) -> None:
    """A seed's interval holds what was found for it."""
    if value is None and not stated:
        return
    interval = stated[row] if stated else None
    if not isinstance(interval, list) or len(interval) != 2 or value is None:
        raise CertificateError(f"seed {seed} has no interval")
    if not fraction(interval[0], "sample") <= value <= fraction(interval[1], "sample"):
        raise CertificateError(f"seed {seed} reaches {told(value)}, which is not what is claimed")


kinds.add("ecmp", Kind(check, asked, ("switch_graph", "question", "demand", "claim")))
