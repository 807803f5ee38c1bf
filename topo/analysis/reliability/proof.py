"""The certificate of a steady state (read by `topo.certificates.kinds.steady`)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.analysis.failures import stated_generators
from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.steady import Replay, Steady, steady_state
from topo.errors import CertificateError, LimitReachedError
from topo.fabric import Fabric

if TYPE_CHECKING:
    from topo.analysis.throughput import Throughput

MOST_PATTERNS = 5000
"""Patterns that a certificate holds the proofs of."""
ROUNDED = Fraction(1, 10**12)
"""Claims are rounded to it, so that they are short: a thousandth of what `WIDER` gives away."""


def families_stated(fabric: Fabric, families: Sequence[Family]) -> list[dict[str, Any]]:
    """Families as a certificate states them."""
    return [_family(fabric, one) for one in families]


def _family(fabric: Fabric, family: Family) -> dict[str, Any]:
    head: dict[str, Any] = {"key": family.key, "unavailable": float(family.unavailable or 0.0)}
    ids = fabric.links.id[family.link]
    if not len(family.device) and len(ids) == family.size and len(np.unique(family.link_group)) == family.size:
        first = np.flatnonzero(np.diff(ids, prepend=-2) != 1)
        runs = np.stack([ids[first], np.diff(np.append(first, len(ids)))], axis=1)
        return {**head, "spans": runs.ravel().tolist()}
    rows = np.arange(family.size)
    links, devices = ([[] for _ in rows] for _ in range(2))  # type: tuple[list[list[Any]], list[list[Any]]]
    for group, link in zip(family.link_group.tolist(), ids.tolist(), strict=True):
        links[group].append(link)
    names = fabric.devices.name[family.device]
    for group, name in zip(family.device_group.tolist(), names.tolist(), strict=True):
        devices[group].append(str(name))
    sets = [
        {**({"links": sorted(a)} if a else {}), **({"devices": sorted(b)} if b else {})}
        for a, b in zip(links, devices, strict=True)
    ]
    return {**head, "sets": sets}


class _TooManyError(Exception):
    """More patterns than a certificate holds."""


def has_steady_proof(
    fabric: Fabric,
    network: int,
    families: Sequence[Family],
    traffic: str,
    routing: str,
    seeds: range,
) -> bool:
    """Whether whoever finds this steady state can prove it, however little time there is: all patterns that may be
    asked fit into a certificate, and the checker follows their classes. No pattern is solved."""
    asked = 0

    def given(links: tuple[int, ...], devices: tuple[str, ...]) -> Throughput:
        nonlocal asked
        asked += 1
        if asked > MOST_PATTERNS:
            raise _TooManyError
        raise LimitReachedError("not asked")

    question = (traffic, routing, len(seeds), seeds.start)
    try:
        result = steady_state(fabric, network, families, *question, replay=Replay(given, 2, len(seeds)))
    except _TooManyError:
        return False
    return steady_proof(fabric, network, families, result) is not None


def steady_proof(fabric: Fabric, network: int, families: Sequence[Family], result: Steady) -> dict[str, Any] | None:
    """The proof of every pattern that a steady state rests on, with the permutations behind its classes. None where
    there are too many patterns, or the checker cannot follow the classes (groups of several devices that are alike)."""
    from topo.certificates import steady_weights, switch_graph_digest

    looked, name = result.looked, fabric.networks[network]
    if looked is None or len(looked.proofs) > MOST_PATTERNS or not families:
        return None
    strata: dict[str, Any] = {"up_to": looked.up_to}
    if looked.symmetry is not None:
        strata["generators"] = stated_generators(looked.symmetry)
        strata["firsts"] = [
            {"without": _without(one.links, one.devices), "generators": stated_generators(graph)}
            for one, graph in (looked.firsts.items() if looked.up_to == 2 else ())
        ]
    first = result.seeds[0] if result.seeds else 0
    low, high = (Fraction(end) for end in result.proved)
    certificate: dict[str, Any] = {
        "kind": "steady",
        "fabric": fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(fabric, name),
        "question": {
            "traffic": result.traffic,
            "routing": result.routing,
            "families": families_stated(fabric, families),
            "draws": [first, looked.drawn, max(looked.draws, 1), looked.least],
        },
        "strata": strata,
        "patterns": [
            {"without": _without(one.links, one.devices), **({} if proof is None else {"proof": proof})}
            for one, proof in looked.proofs.items()
        ],
        "claim": {
            "lower": str(max(_rounded(low - 2 * WIDER), Fraction(0))),
            "upper": str(min(_rounded(high + 2 * WIDER), Fraction(1))),
        },
    }
    try:
        steady_weights(fabric, certificate)
    except CertificateError:
        return None
    return certificate


WIDER = Fraction(1, 10**9)
"""What floating point may be off, here and in the checker."""


def _rounded(end: Fraction) -> Fraction:
    return Fraction(round(end / ROUNDED)) * ROUNDED


def _without(links: Sequence[int], devices: Sequence[str]) -> dict[str, list[Any]]:
    return {"links": list(links), "devices": list(devices)}
