"""Answers as certificates prove them, in the shape in which solvers give them: what a report is made of again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.certificates.reading.plain import taken_away
from topo.checks import Context, answers
from topo.errors import CertificateError, InputError, LimitReachedError

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection
    from topo.analysis.throughput import Throughput
    from topo.certificates import Proved
    from topo.fabric import Fabric

ENDS = ("lower", "upper", "network_lower", "network_upper")
SOLVED = ("throughput", "bisection", "failures", "draws")
"""Kinds of answers that only a certificate gives here."""
THROUGHPUTS = ("ecmp", "permutations", "spray", "static", "throughput", "wcmp")
Key = tuple[Any, ...]
"""A question as `answers` remembers it: kind, network, and the rest."""


class Memory(dict[Any, Any]):
    """What certificates answer. Of all else no solver is asked: it is not known."""

    def __contains__(self, question: object) -> bool:
        return super().__contains__(question) or (isinstance(question, tuple) and question[0] in SOLVED)

    def __missing__(self, question: Key) -> Any:
        raise LimitReachedError("no certificate of the report answers this")


@dataclass(frozen=True)
class Evidence:
    """A certificate that was verified."""

    certificate: Mapping[str, Any]
    proved: Proved


def refuse_another_question(fabric: Fabric, key: Key, evidence: Evidence) -> None:
    """Raises CertificateError where a certificate answers another question than `key`."""
    proved, kind, network = evidence.proved, key[0], key[1]
    asked = dict(proved.question)
    kinds = THROUGHPUTS if kind == "throughput" else (kind,)
    if proved.kind not in kinds or proved.network != network or proved.without:
        raise CertificateError(f"the certificate proves something else: {proved.statement[:200]}")
    if kind in ("throughput", "failures", "draws"):
        _same_traffic(fabric, network, key[-2] if kind != "draws" else key[5], evidence)
        _same_routing(key[-1] if kind != "draws" else key[6], asked)
    if kind == "failures" and asked["what"] != key[2]:
        raise CertificateError(f"the certificate is about the loss of a {asked['what']}, not of a {key[2]}")
    if kind == "draws":
        own = (asked["what"], asked["count"], asked["seeds"], asked["draws_that_count"])
        if own != (key[2], key[3], [key[4].start, len(key[4])], key[7]):
            raise CertificateError("the certificate is about other draws")
    if kind == "lanes":
        _same_routing(key[2], asked)
        if key[3] and not asked["fixed"]:
            raise CertificateError("the certificate is not about lanes that packets keep")


def _same_traffic(fabric: Fabric, network: str, traffic: str, evidence: Evidence) -> None:
    from topo.certificates.reading.question import traffic_of

    asked, wanted = evidence.proved.question, traffic_of(traffic)
    name = wanted.name if evidence.proved.kind == "permutations" else wanted.text
    if asked.get("called", asked["traffic"]) != name:
        raise CertificateError(f"the certificate is about {asked.get('called', asked['traffic'])}, not {traffic}")
    if asked["traffic"] == "listed" and "demand" in evidence.certificate:
        from topo.analysis.throughput.answer import stated_demand
        from topo.analysis.traffic import demand_of

        try:
            own = stated_demand(demand_of(fabric, traffic, network))
        except InputError as error:
            raise CertificateError(f"{traffic} cannot be read again: {error}") from None
        if own != evidence.certificate["demand"]:
            raise CertificateError(f"the flows that the certificate lists are not those of {traffic}")


def _same_routing(routing: str, asked: Mapping[str, Any]) -> None:
    from topo.certificates.reading.question import routing_of

    if asked["routing"] != routing_of(routing).text:
        raise CertificateError(f"the certificate is about {asked['routing']} routing, not {routing}")


def remember(context: Context, key: Key, evidence: Evidence) -> None:
    """Puts what a certificate proves where checks and metrics look for the answer."""
    memory, certificate = context.memory, dict(evidence.certificate)
    kind, network, *rest = key
    if kind == "throughput":
        memory[key] = throughput_of(certificate, *rest)
    elif kind == "bisection":
        memory[key] = bisection_of(context.fabric, network, certificate)
    elif kind == "failures":
        from topo.analysis.failures import single_failures

        what, traffic, routing = rest
        fabric, graph = answers.failing(context, what), answers.hosted(context, network)
        asked = _of_parts(certificate["representatives"], traffic, routing)
        memory[key] = single_failures(fabric, [what], network, traffic, routing, hosted=graph, asked=asked)
        memory["failures proof", *key[1:]] = certificate
    elif kind == "draws":
        from topo.analysis.failures import random_failures

        what, count, seeds, traffic, routing, _ = rest
        asked = _of_parts(certificate["draws"], traffic, routing)
        fabric = answers.failing(context, what)
        memory[key[:-1]] = random_failures(fabric, what, count, seeds, network, traffic, routing, asked=asked).rows
        memory["draws proof", *key[1:]] = certificate


def _of_parts(
    parts: list[Mapping[str, Any]], traffic: str, routing: str
) -> Callable[[tuple[int, ...], tuple[str, ...]], Throughput]:
    """What is left after a failure, by what it takes away."""
    known = {taken_away(one["without"]): one.get("proof") for one in parts}

    def asked(links: tuple[int, ...], devices: tuple[str, ...]) -> Throughput:
        proof = known.get((tuple(sorted(links)), tuple(sorted(devices))))
        if proof is None:
            raise LimitReachedError("no certificate of the report answers this")
        return throughput_of(proof, traffic, routing)

    return asked


def throughput_of(certificate: Mapping[str, Any], traffic: str, routing: str) -> Throughput:
    """The throughput that a certificate claims, which is no more than it proves."""
    from topo.analysis.throughput import Throughput

    claim = certificate["claim"]
    ends = [Fraction(claim[key]) if key in claim else None for key in ENDS]
    drawn = certificate.get("shown", certificate)["claim"].get("samples")
    shown = certificate.get("shown", {})
    inner = shown["claim"] if shown.get("kind", "throughput") != "throughput" else claim
    met = [of.get(a) == of.get(b) for of in (claim, inner) for a, b in (ENDS[:2], ENDS[2:])]
    a, b, c, d = (math.inf if end is None else float(end) for end in ends)
    samples = None
    if drawn:
        values = [float(Fraction(low)) for low, _ in drawn]
        samples = {"seeds": len(values), "mean": fmean(values), "min": min(values), "p50": median(values)}
    return Throughput(traffic, routing, a, b, c, d, all(met) and not drawn, dict(certificate), samples)


def bisection_of(fabric: Fabric, network: str, certificate: dict[str, Any]) -> Bisection:
    """The bisection that a certificate proves, with the halves it shows."""
    from topo.analysis.bisection import Bisection
    from topo.analysis.full_bisection import full_bisection_gbps
    from topo.certificates.bounds.share import host_rates
    from topo.certificates.reading.cut import cut_graph, mask_of

    row = fabric.networks.index(network)
    unit, low, high = Fraction(certificate["unit_gbps"]), certificate["lower"], certificate["upper"]
    share = certificate.get("share", {})
    hosts = np.unique(fabric.endpoints.host[fabric.endpoints.network == row])
    names, devices = fabric.devices.name[hosts], len(fabric.devices)
    sides = [mask_of(one["hosts"], devices)[hosts] for one in (certificate, share) if "hosts" in one]
    halves, weakest = ((names[side], names[~side]) for side in (sides[0], sides[-1]))
    rate = host_rates(fabric, row, cut_graph(fabric, row)).weaker(sides[-1])
    joined = float(Fraction(share["upper"]) * rate) if share else float(high * unit)
    return Bisection(
        lower_gbps=float(low * unit),
        upper_gbps=float(high * unit),
        full_gbps=full_bisection_gbps(fabric, row),
        exact=low == high,
        upper_method="",
        lower_method="",
        certificate=certificate,
        halves=halves,
        share_lower=float(Fraction(share["lower"])) if share else math.inf,
        share_upper=float(Fraction(share["upper"])) if share else math.inf,
        weakest=weakest,
        weakest_gbps=(joined, float(rate)),
    )
