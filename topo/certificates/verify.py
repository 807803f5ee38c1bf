"""Kinds of certificates, one module each, and the one call that checks any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from topo.errors import CertificateError, InputError
from topo.fabric import Fabric
from topo.registry import Registry


@dataclass(frozen=True)
class Proved:
    """What a certificate proves: bounds by name (`lower`, `upper`, ...), each an exact fraction. A bound that is absent
    does not exist: what carries nothing is unbounded."""

    kind: str
    bounds: Mapping[str, Fraction]


Check = Callable[[Fabric, Fabric, Mapping[str, Any]], Mapping[str, Fraction]]
"""(fabric, intact fabric, certificate) -> bounds; raises CertificateError. Both fabrics are the same object unless the
certificate says what the fabric is `without`."""

kinds: Registry[Check] = Registry("certificate kind", "topo.certificates.kinds")


def verify_certificate(fabric: Fabric, certificate: Mapping[str, Any]) -> Proved:
    """Checks a certificate against a fabric (the intact one, where the certificate is about one with parts missing).

    Raises CertificateError where it does not prove what it claims, is malformed or belongs to another fabric.
    """
    kind = certificate.get("kind")
    if not isinstance(kind, str) or kind not in kinds.names():
        raise CertificateError(f"no certificate kind is called {kind!r}; known are {', '.join(kinds.names())}")
    less = fabric
    lost = certificate.get("without")
    if lost is not None:
        if not isinstance(lost, Mapping):
            raise CertificateError("`without` lists links and devices")
        try:
            less = fabric.without(links=lost.get("links", ()), devices=lost.get("devices", ()))
        except (InputError, TypeError, ValueError) as error:
            raise CertificateError(f"the fabric has not what the certificate takes away: {error}") from error
    return Proved(kind, kinds.get(kind)(less, fabric, certificate))
