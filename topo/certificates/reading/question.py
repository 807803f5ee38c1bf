"""The question that a certificate answers, read from its names: `ecmp:qp=4,seeds=10`, `permutation:seed=3`.

The checker knows what each name means, so that what a certificate says beside it is compared and never believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from topo.certificates.reading.whole import part
from topo.errors import CertificateError

SEED_BELOW = 2**32
"""Seeds of numpy's generators are 32-bit words."""


@dataclass(frozen=True)
class Key:
    """A parameter: its default, and what it may be: a range of whole numbers, words, or any text."""

    default: Any
    allowed: range | tuple[str, ...] | None = None


_SEED = Key(1, range(SEED_BELOW))
ROUTINGS: Mapping[str, Mapping[str, Key]] = {
    "adaptive": {"paths": Key("any", ("any", "minimal"))},
    "ecmp": {
        "qp": Key(1, range(1, 1025)),
        "seed": _SEED,
        "seeds": Key(None, range(1, 10_001)),
        "split": Key("port", ("port", "next-hop")),
        "polarised": Key("false", ("false", "true")),
    },
    "spray": {"split": Key("port", ("port", "next-hop"))},
    "static": {"rule": Key("auto", ("auto", "ftree", "minhop"))},
    "wcmp": {"entries": Key(64, range(1, 65537))},
}
TRAFFICS: Mapping[str, Mapping[str, Key]] = {
    "all-to-all": {},
    "gpu-all-to-all": {"within": Key("", ("", "domain")), "over": Key("")},
    "hot-spot": {"count": Key(1, range(1, 2**31))},
    "listed": {},
    "longest-matching": {},
    "matrix": {"file": Key(""), "scale": Key("given", ("given", "line-rate"))},
    "permutation": {"seed": _SEED},
    "shift": {"k": Key(1, range(1, 2**31)), "order": Key("host", ("host", "leaf"))},
    "storage": {"direction": Key("read", ("read", "write"))},
    "worst-permutation": {"of": Key("spray", ("spray", "spray-next-hop", "static", "ecmp"))},
}
"""`listed` is what a certificate lists flow by flow, whatever it is called."""


@dataclass(frozen=True)
class Named:
    """A name with all of its parameters."""

    name: str
    values: Mapping[str, Any]
    known: Mapping[str, Key]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def text(self) -> str:
        """The shortest text that means the same."""
        given = [f"{key}={self.values[key]}" for key, of in self.known.items() if self.values[key] != of.default]
        return f"{self.name}:{','.join(given)}" if given else self.name


def named(text: object, what: str, known: Mapping[str, Mapping[str, Key]]) -> Named:
    """The name and parameters that a text gives; raises CertificateError for what the checker does not know."""
    if not isinstance(text, str):
        raise CertificateError(f"the {what} is no name")
    name, colon, rest = text.partition(":")
    if name not in known:
        raise CertificateError(f"the checker knows no {what} {name[:80]!r}; known are {', '.join(known)}")
    keys = known[name]
    values: dict[str, Any] = {key: of.default for key, of in keys.items()}
    seen: set[str] = set()
    for one in rest.split(",") if colon else ():
        key, _, value = one.partition("=")
        if key not in keys or key in seen or not value:
            raise CertificateError(f"{name} has no parameter {one[:80]!r}, or has it twice")
        seen.add(key)
        values[key] = _value(f"{key} of {name}", value, keys[key])
    return Named(name, values, keys)


def _value(what: str, text: str, key: Key) -> Any:
    if key.allowed is None:
        return text
    if isinstance(key.allowed, range):
        if re.fullmatch(r"[0-9]{1,10}", text) and int(text) in key.allowed:
            return int(text)
    elif text in key.allowed:
        return text
    raise CertificateError(f"{what} cannot be {text[:80]!r}")


def traffic_of(text: object) -> Named:
    """A traffic by its name."""
    return named(text, "traffic", TRAFFICS)


def routing_of(text: object) -> Named:
    """A routing by its name."""
    return named(text, "routing", ROUTINGS)


@dataclass(frozen=True)
class Asked:
    """The traffic and the routing of a certificate."""

    traffic: Named
    routing: Named


def asked_of(certificate: Mapping[str, Any], routing: str, *more: str) -> Asked:
    """The traffic and the routing that a certificate's `question` names. Raises CertificateError where the routing is
    another than the kind's, and for keys other than these two and `more`."""
    question = only(part(certificate, "question"), "question", ("traffic", "routing", *more))
    result = Asked(traffic_of(question.get("traffic")), routing_of(question.get("routing")))
    if result.routing.name != routing:
        raise CertificateError(f"a certificate of this kind is about {routing} routing, not {result.routing.name}")
    return result


def demand_of(certificate: Mapping[str, Any], traffic: Named) -> Mapping[str, Any]:
    """The part `demand`, whose form is one that a traffic of this name has; raises CertificateError."""
    demand = part(certificate, "demand")
    form = demand.get("form")
    own = traffic.name in ("all-to-all", "gpu-all-to-all")
    if traffic.name == "worst-permutation":
        raise CertificateError("one traffic proves nothing of all permutations: that is the kind permutations")
    if form not in ((traffic.name,) if own else ("flows", "pairs")):
        raise CertificateError(
            f"no demand has the form {str(form)[:40]!r}, no demand between endpoints of {traffic.name}"
        )
    keys = {"flows": ("src", "dst", "gbps"), "pairs": ("src", "dst", "gbps", "endpoint_limit")}.get(str(form), ())
    return only(demand, "demand", ("form", *keys))


def only(value: Mapping[str, Any], what: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    """The mapping, where it has no keys but these: what nobody reads must not be there to be believed."""
    for key in value:
        if key not in keys:
            raise CertificateError(f"{what} has a key {str(key)[:80]!r} that nothing reads; known: {', '.join(keys)}")
    return value
