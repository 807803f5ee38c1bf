"""The throughput of a traffic that is split over all shortest next hops by the capacity left: computed again.

Keys as in `spray`; the `question` says `entries`, the table entries of a switch for all next hops towards one
destination. The weights follow from the network (see `bounds.weights`): the checker finds them with code of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.certificates.bounds.split import split_loads
from topo.certificates.bounds.weights import entries_towards
from topo.certificates.kinds.spray import posed
from topo.certificates.kinds.throughput import CLAIMS, claims_hold, least_of, traffic_words
from topo.certificates.reading.bundles import Bundles
from topo.certificates.reading.channels import FAR
from topo.certificates.reading.flow_graph import FlowGraph
from topo.certificates.reading.question import asked_of
from topo.certificates.reading.symmetry import VerifiedOrbits
from topo.certificates.reading.whole import part, whole
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The throughput of the weighted split, which lies within the bounds that the certificate claims."""
    question = asked_of(certificate, "wcmp", "entries")
    entries = question.routing["entries"]
    if part(certificate, "question").get("entries") != entries:
        raise CertificateError(f"tables of {question.routing.text} routing have another size")
    graph, limit, bundles, orbits = posed(fabric, intact, certificate, question.traffic)
    result = _throughput(graph, bundles, orbits, entries)
    both = least_of(result, limit)
    proved = dict(zip(CLAIMS, (both, both, result, result), strict=True))
    claims_hold(certificate, proved)
    return {key: value for key, value in proved.items() if value is not None}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    result = asked_of(certificate, "wcmp", "entries")
    question, words = traffic_words(result.traffic)
    return {**question, "routing": result.routing.text}, f"throughput of {words} under {result.routing.text} routing"


def _throughput(graph: FlowGraph, bundles: Bundles, orbits: VerifiedOrbits, entries: int) -> Fraction | None:
    speed, speed_unit = whole(bundles.slowest)
    capacity: IntArray = bundles.links.astype(np.int64) * speed

    def towards(node: int, hops: npt.NDArray[np.int16]) -> IntArray:
        return entries_towards(graph, hops, FAR, capacity, entries)

    load, divisor = split_loads(graph, orbits, capacity, towards)
    loaded = np.flatnonzero(load)
    columns = (load[loaded].tolist(), orbits.arc_size[loaded].tolist(), capacity[loaded].tolist())
    worst = max((Fraction(x, divisor * n * c) for x, n, c in zip(*columns, strict=True)), default=Fraction(0))
    return speed_unit / (graph.demand_unit * worst) if worst else None


kinds.add("wcmp", Kind(check, asked, ("switch_graph", "question", "demand", "generators", "claim")))
