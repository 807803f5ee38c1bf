"""How many endpoints of a network are cut off: counted again.

Keys: `fabric`, `network`, `without` (absent for the intact fabric) and `claim`: `endpoints`, those without a link or
outside the largest set (by line rate) of endpoints of their plane that reach each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.cut_off import cut_off
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import part
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """`lower` and `upper`, both the number of endpoints."""
    network = certificate.get("network")
    if not isinstance(network, str) or network not in fabric.networks:
        raise CertificateError(f"the fabric has no network {network!r}")
    everything = (np.ones(len(table), dtype=np.bool_) for table in (fabric.links, fabric.devices))
    result = cut_off(fabric, fabric.networks.index(network), *everything).endpoints
    stated = only(part(certificate, "claim"), "the claim", ("endpoints",)).get("endpoints")
    if type(stated) is not int or stated != result:
        raise CertificateError(f"{result} endpoints are cut off")
    return {"lower": Fraction(result), "upper": Fraction(result)}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    return {"what": "connected"}, "endpoints that are cut off from the rest of their plane"


kinds.add("connected", Kind(check, asked, ("claim",)))
