"""All single failures of a kind: representatives that stand for all of them, and what each leaves.

Keys: `fabric`, `network`, `switch_graph` (digest of the intact network), `question` (`what`: cable, nic, host, leaf,
spine, core, switch (of any tier) or plane; `traffic`, `routing`), `cables`, `generators` (permutations of the switches
and then the classes of hosts, see `_hosted`), `representatives` and `claim`. A representative has `without` (`links` by
id, `devices` by name) and, as `proof`, the certificate of the throughput that is left. Every failure of the kind is
alike to one of them: the checker verifies the generators, counts all failures and looks for those that have no
representative.

A cable takes away all links that it carries. The fabric knows which share one; `cables` is the fingerprint of that, and
absent where each link of the network has its own, which is what a fabric says that knows of no cables.

`claim`: `cut_off` and `hosts_cut_off`, the most GPUs and hosts that one failure cuts off, counted again for each
representative and, where it leaves a plane in equal parts of which the first counts as the rest, for each failure like
it; `lower` and `upper`, within which the least throughput lies: the least of the proofs' lower and of their upper ends,
a representative without a proof having a lower end of 0. Absent ends are unbounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.kinds.throughput import claim_holds, traffic_words
from topo.certificates.reading.cut_off import CutOff, cut_off
from topo.certificates.reading.failing import KINDS, Failing, classes_of
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.hosted import alike, hosted
from topo.certificates.reading.plain import taken_away
from topo.certificates.reading.question import Asked, only, routing_of, traffic_of
from topo.certificates.reading.whole import fraction, part, parts
from topo.certificates.verify import Kind, kinds, verify_inner
from topo.errors import CertificateError
from topo.fabric import Fabric, cables_digest

PROVED_BY = ("ecmp", "permutations", "spray", "static", "throughput", "wcmp")
TRAFFICS, ROUTINGS = ("all-to-all", "gpu-all-to-all"), ("adaptive", "spray")
"""What follows any permutation of the fabric, so that one failure stands for those like it."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds `cut_off`, `hosts_cut_off`, and `lower` and `upper` where the throughput has them."""
    if fabric is not intact:
        raise CertificateError("what can fail is a question about the intact fabric")
    network = str(certificate.get("network"))
    asked_for = what_is_asked(certificate)
    if asked_for.traffic.name not in TRAFFICS or asked_for.routing.name not in ROUTINGS:
        raise CertificateError("no throughput of a traffic or routing that depends on names stands for others")
    claim = only(part(certificate, "claim"), "the claim", ("cut_off", "hosts_cut_off", "lower", "upper"))
    if asked_for.traffic.values.get("over"):
        raise CertificateError("failures that are alike in one network are not in two")
    if asked_for.traffic.values.get("within"):
        _gpus_hang_alike(fabric, network)
    representatives = parts(certificate, "representatives")
    failing = _failing(fabric, certificate)
    open_ = _without_representative(failing, certificate)
    if open_:
        raise CertificateError(f"{len(open_)} unlike failures have no representative, among them {open_[0]}")
    lost = [gone for one in representatives for gone in _lost_alike(fabric, network, failing, part(one, "without"))]
    result = {
        "cut_off": Fraction(max((one.gpus for one in lost), default=0)),
        "hosts_cut_off": Fraction(max((one.hosts for one in lost), default=0)),
    }
    for key, value in result.items():
        if type(claim.get(key)) is not int or claim[key] != value:
            raise CertificateError(f"the certificate claims {key} {claim.get(key)} and proves {value}")
    ends = [proved_by(fabric, network, asked_for, one) for one in representatives]
    lower = [one[0] for one in ends if one[0] is not None]
    upper = [one[1] for one in ends if one[1] is not None]
    for key, values in (("lower", lower), ("upper", upper)):
        least = min(values, default=None)
        claim_holds(key, fraction(claim[key], key) if key in claim else None, least)
        result |= {} if least is None else {key: least}
    return result


def _gpus_hang_alike(fabric: Fabric, network: str) -> None:
    """Hosts stand for their GPUs where those have the same links; raises CertificateError where some have others."""
    graph, ends = switch_graph(fabric, network), fabric.endpoints
    links: dict[int, dict[int, list[tuple[int, float, float]]]] = {}
    rows = zip(graph.endpoint.tolist(), graph.at.tolist(), graph.rate.tolist(), graph.attach.tolist(), strict=True)
    for row, at, rate, attach in rows:
        if ends.gpu_count[row] != 1:
            raise CertificateError("GPUs share a NIC: one failure does not stand for others within domains")
        of_host = links.setdefault(int(ends.host[row]), {})
        of_host.setdefault(int(ends.gpu_first[row]), []).append((at, rate, attach))
    for host, gpus in links.items():
        if len(gpus) != fabric.devices.gpus[host] or len({tuple(sorted(own)) for own in gpus.values()}) > 1:
            raise CertificateError("GPUs of a host hang on unlike switches: one failure does not stand for others")


def unlike(fabric: Fabric, certificate: Mapping[str, Any]) -> list[str]:
    """One name for each class of alike failures that has no representative; raises CertificateError for generators
    that are no automorphisms, and for a representative that is no failure of the kind."""
    return _without_representative(_failing(fabric, certificate), certificate)


def _without_representative(failing: Failing, certificate: Mapping[str, Any]) -> list[str]:
    covered = {failing.class_of(part(one, "without")) for one in parts(certificate, "representatives")}
    return sorted(set(failing.names) - covered)


def _lost_alike(fabric: Fabric, network: str, failing: Failing, without: Mapping[str, Any]) -> list[CutOff]:
    """Who is cut off by a failure; where it leaves a plane in equal parts, of which the first counts as the rest, by
    each that is alike, for which another may be the first."""
    own = lost_by(fabric, network, without)
    if not own.tied:
        return [own]
    selected = failing.class_of(without)
    like = [taken for taken, one in failing.of.items() if one == selected]
    return [lost_by(fabric, network, {"links": links, "devices": devices}) for links, devices in like]


def _failing(fabric: Fabric, certificate: Mapping[str, Any]) -> Failing:
    """Every failure of the kind by its class under the certificate's generators."""
    graph = switch_graph(fabric, str(certificate.get("network")))
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    what = part(certificate, "question").get("what")
    if what not in KINDS:
        raise CertificateError(f"nothing of kind {what!r} fails; known are {', '.join(KINDS)}")
    if what == "cable":
        same_cables(fabric, certificate)
    hosts = hosted(fabric, graph)
    return classes_of(fabric, hosts, alike(hosts, certificate), str(what))


def same_cables(fabric: Fabric, certificate: Mapping[str, Any]) -> None:
    """Raises CertificateError where the fabric's links share other cables than the certificate is about."""
    stated = certificate.get("cables", "")
    own = cables_digest(fabric, fabric.networks.index(str(certificate.get("network"))))
    if stated and not own:
        raise CertificateError("the certificate is about cables of several links, and the fabric knows of none")
    if stated != own:
        raise CertificateError("the certificate is about other cables than the fabric's")


def lost_by(fabric: Fabric, network: str, without: Mapping[str, Any]) -> CutOff:
    """Who is cut off where the listed links and devices are missing."""
    ids, names = taken_away(without)
    links = ~np.isin(fabric.links.id, np.array(ids, dtype=np.int64))
    devices = ~np.isin(fabric.devices.name, np.array(names, dtype=np.str_))
    return cut_off(fabric, fabric.networks.index(network), links, devices)


def proved_by(
    fabric: Fabric, network: str, asked_for: Asked, one: Mapping[str, Any]
) -> tuple[Fraction | None, Fraction | None]:
    """What the proof of a representative says of the throughput; without one at least nothing, at most anything."""
    only(one, "a representative", ("without", "proof"))
    if "proof" not in one:
        return Fraction(0), None
    proof = part(one, "proof")
    if proof.get("kind") not in PROVED_BY:
        raise CertificateError("the proof of a representative is of no throughput")
    result = verify_inner(fabric, proof)
    links, devices = taken_away(part(one, "without"))
    if result.network != network or result.without != {"links": links, "devices": devices}:
        raise CertificateError("the proof of a representative is about another failure")
    traffic = result.question.get("called", result.question["traffic"])
    own = asked_for.traffic.name if result.kind == "permutations" else asked_for.traffic.text
    if traffic != own or result.question["routing"] != asked_for.routing.text:
        raise CertificateError("the proof of a representative answers another question: no throughput of this one")
    return result.lower, result.upper


def what_is_asked(certificate: Mapping[str, Any], *more: str) -> Asked:
    """The traffic and the routing of a question about failures, which may have `more` keys beside `what`."""
    question = only(part(certificate, "question"), "question", ("what", "traffic", "routing", *more))
    return Asked(traffic_of(question.get("traffic")), routing_of(question.get("routing")))


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    result, what = what_is_asked(certificate), part(certificate, "question")["what"]
    question, words = traffic_words(result.traffic)
    said = f"after the loss of any one {what}, GPUs and hosts cut off and throughput of {words} under "
    return {"what": what, **question, "routing": result.routing.text}, f"{said}{result.routing.text} routing"


KEYS = ("switch_graph", "question", "cables", "generators", "representatives", "claim")
kinds.add("failures", Kind(check, asked, KEYS))
