"""Switches on the shortest paths between endpoints: all distances found again, breadth first.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric) and `claim`: `max`, the
switches on the longest shortest path between two endpoints that are joined (1 for two on one switch), and `mean`, a
fraction, over all ordered pairs of these. Nothing is claimed where no two endpoints are joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.channels import FAR, channels_of, distances
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import fraction, part, told
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric

BLOCK = 1 << 23
"""Distances that are held at once."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """`lower` and `upper`, both the longest shortest path, and `mean`."""
    graph = switch_graph(fabric, str(certificate.get("network")))
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    channels = channels_of(fabric, graph)
    at = np.bincount(graph.at, minlength=channels.switches)
    used = np.flatnonzero(at)
    pairs: dict[int, int] = {1: -int(at.sum())}
    step = max(BLOCK // max(channels.switches, 1), 1)
    for first in range(0, len(used), step):
        block = used[first : first + step]
        far = distances(channels, block)[:, used]
        for links in np.unique(far[far < FAR]).tolist():
            joined = int(((far == links) @ at[used]) @ at[block])
            pairs[links + 1] = pairs.get(links + 1, 0) + joined
    met = {switches: count for switches, count in pairs.items() if count}
    claim = only(part(certificate, "claim"), "the claim", ("max", "mean"))
    if not met:
        if claim:
            raise CertificateError("no two endpoints are joined")
        return {}
    longest = max(met)
    mean = Fraction(sum(switches * count for switches, count in met.items()), sum(met.values()))
    stated = claim.get("max")
    if type(stated) is not int or stated != longest or fraction(claim.get("mean"), "mean") != mean:
        raise CertificateError(f"the longest shortest path crosses {longest} switches, the mean is {told(mean)}")
    return {"lower": Fraction(longest), "upper": Fraction(longest), "mean": mean}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    return {"what": "hops"}, "switches on the shortest paths between endpoints that are joined"


kinds.add("hops", Kind(check, asked, ("switch_graph", "claim")))
