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
from topo.certificates.kinds.throughput import CLAIMS, claim_holds, least_of, question_of
from topo.certificates.reading.bundles import Bundles, bundles_of
from topo.certificates.reading.flow_graph import FlowGraph, switch_graph
from topo.certificates.reading.symmetry import VerifiedOrbits, verified_orbits
from topo.certificates.reading.whole import fraction, part, whole
from topo.certificates.replays.gpu_divided import divided_gpus, divided_graph
from topo.certificates.verify import kinds
from topo.errors import CertificateError
from topo.fabric import Fabric


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The throughput of the equal split, which lies within the bounds that the certificate claims."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    split = part(certificate, "question").get("split")
    if split not in ("port", "next-hop"):
        raise CertificateError(f"nothing is split per {split!r}")
    if part(certificate, "demand").get("form") == "gpu-all-to-all":
        divided = divided_gpus(fabric, graph, intact, switch_graph(intact, network))
        flow_graph, limit = divided_graph(graph, divided), divided.limit
    else:
        flow_graph, limit = question_of(graph, switch_graph(intact, network), certificate)
    bundles = bundles_of(fabric, network, graph.device, flow_graph)
    found = _throughput(flow_graph, bundles, verified_orbits(flow_graph, certificate), split == "port")
    both = least_of(found, limit)
    proved = dict(zip(CLAIMS, (both, both, found, found), strict=True))
    claim = part(certificate, "claim")
    for key in CLAIMS:
        claim_holds(key, fraction(claim[key], key) if key in claim else None, proved[key])
    return {key: value for key, value in proved.items() if value is not None}


def _throughput(graph: FlowGraph, bundles: Bundles, orbits: VerifiedOrbits, per_port: bool) -> Fraction | None:
    """1 / the worst congestion; None where nothing is loaded."""
    for column in (bundles.links, bundles.slowest):
        if (column != column[orbits.arc]).any():
            raise CertificateError("a generator takes a bundle to one of other links")
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


kinds.add("spray", check)
