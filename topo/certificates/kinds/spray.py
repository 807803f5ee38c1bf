"""The throughput of a traffic that is split equally over all shortest next hops: computed again, in whole numbers.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`, `split` port or next-hop), `demand` as in `throughput` (`gpu-all-to-all` divided, see `_gpu_divided`),
`generators` of a symmetry group, which only save work, and `claim`: the bounds as fractions; absent ones are unbounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.split import split_loads
from topo.certificates.kinds.throughput import CLAIMS, claims_hold, least_of, question_of, traffic_words
from topo.certificates.reading.bundles import Bundles, bundles_of
from topo.certificates.reading.flow_graph import FlowGraph, switch_graph
from topo.certificates.reading.question import Named, asked_of, demand_of
from topo.certificates.reading.symmetry import VerifiedOrbits, verified_orbits
from topo.certificates.reading.whole import part, whole
from topo.certificates.replays.gpu_divided import divided_gpus, divided_graph
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The throughput of the equal split, which lies within the bounds that the certificate claims."""
    question = asked_of(certificate, "spray", "split")
    split = question.routing["split"]
    if part(certificate, "question").get("split") != split:
        raise CertificateError(f"nothing is split so by {question.routing.text} routing")
    flow_graph, limit, bundles, orbits = posed(fabric, intact, certificate, question.traffic)
    result = _throughput(flow_graph, bundles, orbits, split == "port")
    both = least_of(result, limit)
    proved = dict(zip(CLAIMS, (both, both, result, result), strict=True))
    claims_hold(certificate, proved)
    return {key: value for key, value in proved.items() if value is not None}


def posed(
    fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any], traffic: Named
) -> tuple[FlowGraph, Fraction | None, Bundles, VerifiedOrbits]:
    """What a routing that leaves no choice is asked to carry: the network and its demand, the limit of the endpoint
    links, the bundles, which are alike on an orbit, and the verified orbits."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    if traffic.name == "gpu-all-to-all":
        demand_of(certificate, traffic)
        if traffic["over"]:
            raise CertificateError("nothing is divided over two networks by a fixed rule")
        divided = divided_gpus(fabric, graph, intact, switch_graph(intact, network), traffic["within"] == "domain")
        flow_graph, limit = divided_graph(graph, divided), divided.limit
    else:
        flow_graph, limit = question_of(fabric, graph, intact, certificate, traffic)
    bundles, orbits = bundles_of(fabric, network, graph.device, flow_graph), verified_orbits(flow_graph, certificate)
    for column in (bundles.links, bundles.slowest):
        if (column != column[orbits.arc]).any():
            raise CertificateError("a generator takes a bundle to one of other links")
    return flow_graph, limit, bundles, orbits


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    result = asked_of(certificate, "spray", "split")
    question, words = traffic_words(result.traffic)
    return {**question, "routing": result.routing.text}, f"throughput of {words} under {result.routing.text} routing"


def _throughput(graph: FlowGraph, bundles: Bundles, orbits: VerifiedOrbits, per_port: bool) -> Fraction | None:
    """1 / the worst congestion; None where nothing is loaded."""
    part_of = bundles.links.astype(np.int64) if per_port else np.ones(len(graph.tail), dtype=np.int64)
    load, divisor = split_loads(graph, orbits, part_of)
    loaded = np.flatnonzero(load)
    speed, speed_unit = whole(bundles.slowest)
    congestion = max(
        (
            Fraction(x, divisor * n * s * v)
            for x, n, s, v in zip(
                load[loaded].tolist(),
                orbits.arc_size[loaded].tolist(),
                bundles.links[loaded].tolist(),
                speed[loaded].tolist(),
                strict=True,
            )
        ),
        default=Fraction(0),
    )
    return speed_unit / (graph.demand_unit * congestion) if congestion else None


kinds.add("spray", Kind(check, asked, ("switch_graph", "question", "demand", "generators", "claim")))
