"""Kinds of certificates, one module each, and the one call that checks any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from topo.certificates.reading.plain import refuse_what_is_not_plain, taken_away
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import told
from topo.errors import CertificateError, InputError, LimitReachedError
from topo.fabric import Fabric
from topo.registry import Registry


@dataclass(frozen=True)
class Proved:
    """What a certificate proves: of which network, without what, to which question (in the checker's own words: names
    in their shortest form), and bounds by name (`lower`, `upper`, ...), each an exact fraction. A bound that is absent
    does not exist: what carries nothing is unbounded."""

    kind: str
    bounds: Mapping[str, Fraction]
    network: str = ""
    question: Mapping[str, Any] = field(default_factory=dict)
    without: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    claim: str = ""

    @property
    def lower(self) -> Fraction | None:
        """The proved lower end; None where nothing is proved from below, or nothing bounds it."""
        return self.bounds.get("lower")

    @property
    def upper(self) -> Fraction | None:
        """The proved upper end; None where nothing is proved from above, or nothing bounds it."""
        return self.bounds.get("upper")

    @property
    def statement(self) -> str:
        """The statement in words."""
        ends = ", ".join(f"{key} {told(value)}" for key, value in self.bounds.items())
        lost = [*(f"link {link}" for link in self.without.get("links", ())), *self.without.get("devices", ())]
        away = f" without {', '.join(map(str, lost[:8]))}{f' and {len(lost) - 8} more' if lost[8:] else ''}"
        return f"network {self.network}{away if lost else ''}: {self.claim}: {ends or 'unbounded'}"


Check = Callable[[Fabric, Fabric, Mapping[str, Any]], Mapping[str, Fraction]]
"""(fabric, intact fabric, certificate) -> bounds; raises CertificateError. Both fabrics are the same object unless the
certificate says what the fabric is `without`."""


@dataclass(frozen=True)
class Kind:
    """How a kind of certificate is checked; `asked` tells, of the fabric less what is taken away, which question it has
    answered then, and that in words; `keys` are those it may have beside the common ones."""

    check: Check
    asked: Callable[[Fabric, Mapping[str, Any]], tuple[Mapping[str, Any], str]]
    keys: tuple[str, ...]


kinds: Registry[Kind] = Registry("certificate kind", "topo.certificates.kinds")
COMMON = ("kind", "fabric", "network", "without")


def verify_certificate(fabric: Fabric, certificate: Mapping[str, Any]) -> Proved:
    """Checks a certificate against a fabric (the intact one, where the certificate is about one with parts missing).

    Raises CertificateError where it does not prove what it claims, is malformed or belongs to another fabric.
    """
    if not isinstance(certificate, Mapping):
        raise CertificateError("a certificate is a mapping")
    refuse_what_is_not_plain(certificate)
    return verify_inner(fabric, certificate)


def verify_inner(fabric: Fabric, certificate: Mapping[str, Any]) -> Proved:
    """`verify_certificate` of a certificate inside one that is known to be plain data."""
    name = certificate.get("kind")
    if not isinstance(name, str) or name not in kinds.names():
        raise CertificateError(f"no certificate kind is called {str(name)[:80]!r}; known: {', '.join(kinds.names())}")
    kind = kinds.get(name)
    only(certificate, "the certificate", (*COMMON, *kind.keys))
    if certificate.get("fabric", fabric.name) != fabric.name:
        raise CertificateError(f"the certificate is about another fabric than {fabric.name!r}")
    network = certificate.get("network")
    if not isinstance(network, str) or network not in fabric.networks:
        raise CertificateError(f"the fabric has no network {str(network)[:80]!r}")
    less, lost = _without(fabric, certificate)
    try:
        bounds = kind.check(less, fabric, certificate)
        question, claim = kind.asked(less, certificate)
    except LimitReachedError as error:
        raise CertificateError(f"the certificate cannot be counted: {error}") from error
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MemoryError, RecursionError) as error:
        # Every reader names what is wrong; what one of them overlooks must refuse too, and never end the program.
        raise CertificateError(f"the certificate cannot be read: {type(error).__name__}: {str(error)[:200]}") from error
    return Proved(name, bounds, network, question, lost, claim)


def _without(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Fabric, Mapping[str, tuple[Any, ...]]]:
    """The fabric without what a certificate takes away, and that."""
    if certificate.get("without") is None:
        return fabric, {}
    links, devices = taken_away(certificate["without"])
    try:
        return fabric.without(links=links, devices=devices), {"links": links, "devices": devices}
    except InputError as error:
        raise CertificateError(f"the fabric has not what the certificate takes away: {error}") from error
