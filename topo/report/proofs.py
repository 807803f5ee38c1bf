"""Answers as certificates prove them, in the shape in which solvers give them: what a report is made of again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.certificates.reading.plain import taken_away
from topo.checks import Context, questions
from topo.errors import CertificateError, InputError, LimitReachedError
from topo.interval import UNBOUNDED, Interval

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection
    from topo.analysis.throughput import Throughput
    from topo.certificates import Proved
    from topo.fabric import Fabric

ENDS = ("lower", "upper", "network_lower", "network_upper")


@dataclass(frozen=True)
class Evidence:
    """A certificate that was verified."""

    certificate: Mapping[str, Any]
    proved: Proved


def refuse_another_question(context: Context, proof: questions.Proof, evidence: Evidence) -> None:
    """Raises CertificateError where a certificate answers another question than `proof` asks it for."""
    fabric = context.fabric
    proved, network = evidence.proved, proof.network
    asked = dict(proved.question)
    if proved.kind not in proof.kinds or proved.network != network or proved.without:
        raise CertificateError(f"the certificate proves something else: {proved.statement[:200]}")
    match proof:
        case (
            questions.ThroughputProof(_, of)
            | questions.FailuresProof(_, of)
            | questions.DrawsProof(_, of)
            | questions.SteadyProof(_, of)
            | questions.TogetherProof(_, of)
        ):
            _same_traffic(fabric, network, of.traffic, evidence)
            _same_routing(of.routing, asked)
    match proof:
        case questions.FailuresProof(_, of):
            if asked["what"] != of.what:
                raise CertificateError(f"the certificate is about the loss of a {asked['what']}, not of a {of.what}")
        case questions.DrawsProof(_, of, counted):
            own = (asked["what"], asked["count"], asked["seeds"], asked["draws_that_count"])
            if own != (of.what, of.count, [of.seeds.start, len(of.seeds)], counted):
                raise CertificateError("the certificate is about other draws")
        case questions.SteadyProof(_, of):
            from topo.analysis.reliability import families_stated

            own_families = families_stated(fabric, context.ask(questions.Families(network)))
            first, drawn, draws, _ = asked["draws"]
            if asked["families"] != own_families:
                raise CertificateError("the certificate is about other rates, repairs or groups than the design's")
            if drawn and (draws != max(of.draws, 1) or first != of.first_seed):
                raise CertificateError("the certificate is about other draws")
        case questions.TogetherProof(_, of):
            from topo.analysis.reliability import groups_stated

            stated = groups_stated(fabric, of.families(context))
            if (asked["of"], asked["pairs"], asked["families"]) != (list(of.of), of.pairs, stated):
                raise CertificateError("the certificate is about other groups than the design's")
        case questions.DeadlockProof(_, lanes, fixed):
            _same_routing(lanes.routing, asked)
            if fixed and not asked["fixed"]:
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


def remember(context: Context, proof: questions.Proof, evidence: Evidence) -> None:
    """Tells a context what a certificate proves, where checks and metrics look for the answer; the first of several
    that answer one question counts. What is counted again (`hops`, `connected`, `lanes`) is not told."""
    certificate = dict(evidence.certificate)
    match proof:
        case questions.ThroughputProof(network, of) if context.known(of) is None:
            from topo.analysis.throughput.apart import cut_off

            answer, fabric = throughput_of(certificate, of.traffic, of.routing), context.fabric
            apart = cut_off(fabric, of.traffic, fabric.network_row(network))
            context.remember(of, replace(answer, cut_off=apart))
        case questions.BisectionProof(network) if context.known(questions.Bisection(network)) is None:
            context.remember(questions.Bisection(network), bisection_of(context.fabric, network, certificate))
        case questions.FailuresProof(network, of) if context.known(of) is None:
            from topo.analysis.failures import single_failures

            fabric, graph = questions.failing(context, of.what), context.ask(questions.Hosted(network))
            asked = _of_parts(certificate["representatives"], of.traffic, of.routing)
            rows = single_failures(fabric, [of.what], network, of.traffic, of.routing, hosted=graph, asked=asked)
            context.remember(of, rows)
            context.remember(proof, certificate)
        case questions.DrawsProof(network, of) if context.known(of) is None:
            from topo.analysis.failures import random_failures

            fabric, asked = questions.failing(context, of.what), _of_parts(certificate["draws"], of.traffic, of.routing)
            drawn = random_failures(fabric, of.what, of.count, of.seeds, network, of.traffic, of.routing, asked=asked)
            context.remember(of, drawn.rows)
            context.remember(proof, certificate)

        case questions.SteadyProof(network, of) if context.known(of) is None:
            from topo.analysis.reliability import Replay, steady_state

            fabric, families = context.fabric, context.ask(questions.Families(network))
            given = _of_parts(certificate["patterns"], of.traffic, of.routing)
            replay = Replay(given, certificate["strata"]["up_to"], certificate["question"]["draws"][1])
            row, asked_of = fabric.network_row(network), (of.traffic, of.routing, of.draws, of.first_seed)
            context.remember(of, steady_state(fabric, row, families, *asked_of, replay=replay))
            context.remember(proof, certificate)

        case questions.TogetherProof(network, of) if context.known(of) is None:
            from topo.analysis.reliability import together

            fabric, given = context.fabric, _of_parts(certificate["patterns"], of.traffic, of.routing)
            groups = (fabric.network_row(network), of.families(context), of.pairs)
            context.remember(of, together(fabric, *groups, of.traffic, of.routing, asked_of=given))
            context.remember(proof, certificate)


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
        gbps=Interval(low * unit, high * unit),
        full_gbps=full_bisection_gbps(fabric, row),
        upper_method="",
        lower_method="",
        certificate=certificate,
        halves=halves,
        share=Interval(Fraction(share["lower"]), Fraction(share["upper"])) if share else UNBOUNDED,
        weakest=weakest,
        weakest_gbps=(joined, float(rate)),
    )
