"""What the loss of any one group leaves that fails as a whole (a rack, a module, a pod), or of any two.

Keys: `fabric`, `network`, `switch_graph` (digest of the intact network), `question` (`of`, the kinds of groups by name;
`pairs`; `traffic`, `routing`; `families`), `generators`, `firsts`, `patterns` and `claim`. A family has a `key` and its
groups, as in `steady`. `generators` are permutations of the intact network; for pairs `firsts` has, for each unlike
first group, its `without` and the `generators` of what it leaves.

The checker sorts all groups (for pairs: for each class of first groups all second ones) into classes that verified
permutations exchange, and looks for a pattern of each class. A pattern has `without` and, as `proof`, the certificate
of the throughput that is left. Groups that take nothing away from the network are no failures of it.

`claim`: `cut_off` and `hosts_cut_off`, the most GPUs and hosts that a pattern cuts off, counted again; `lower` and
`upper`, within which the least throughput lies: the least of the proofs' lower and of their upper ends, a pattern
without a proof having a lower end of 0. Absent ends are unbounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from topo.certificates.kinds.failures import ROUTINGS, TRAFFICS
from topo.certificates.kinds.steady import first_groups, proved_of
from topo.certificates.kinds.throughput import claim_holds, traffic_words
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.groups import NOTHING, Broken, Groups, classes, groups_of, lost_by
from topo.certificates.reading.plain import Taken, taken_away
from topo.certificates.reading.question import Asked, only, routing_of, traffic_of
from topo.certificates.reading.whole import fraction, part, parts
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds `cut_off`, `hosts_cut_off`, and `lower` and `upper` where the throughput has them."""
    if fabric is not intact:
        raise CertificateError("what can fail is a question about the intact fabric")
    network, asked_for = str(certificate.get("network")), what_is_asked(certificate)
    claim = only(part(certificate, "claim"), "the claim", ("cut_off", "hosts_cut_off", "lower", "upper"))
    known: dict[Taken, Mapping[str, Any]] = {}
    for one in parts(certificate, "patterns"):
        key = taken_away(part(one, "without"))
        if key in known:
            raise CertificateError("a pattern is listed twice")
        known[key] = one
    stand_for = representatives(fabric, certificate)
    lost = [lost_by(fabric, network, key) for key in stand_for]
    result = {
        "cut_off": Fraction(max((one.gpus for one in lost), default=0)),
        "hosts_cut_off": Fraction(max((one.hosts for one in lost), default=0)),
    }
    for name, value in result.items():
        if type(claim.get(name)) is not int or claim[name] != value:
            raise CertificateError(f"the certificate claims {name} {claim.get(name)} and proves {value}")
    ends = [proved_of(fabric, network, asked_for, known[key], key) or (Fraction(0), None) for key in stand_for]
    for name, values in (("lower", [e[0] for e in ends]), ("upper", [e[1] for e in ends])):
        least = min((value for value in values if value is not None), default=None)
        claim_holds(name, fraction(claim[name], name) if name in claim else None, least)
        result |= {} if least is None else {name: least}
    return result


def representatives(fabric: Fabric, certificate: Mapping[str, Any]) -> list[Taken]:
    """The listed patterns that stand for every group, or for every two; raises CertificateError where some class of
    them has none."""
    network = str(certificate.get("network"))
    if certificate.get("switch_graph") != switch_graph(fabric, network).digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    question = part(certificate, "question")
    families = _families(question)
    listed = {taken_away(part(one, "without")) for one in parts(certificate, "patterns")}
    told = {taken_away(part(one, "without")) for one in parts(certificate, "firsts")}
    shown = told if question["pairs"] else listed
    singles = classes(fabric, network, families, certificate, shown)
    firsts = [(f, taken) for f, taken, _ in singles if taken != NOTHING]
    left = first_groups(certificate, [taken for _, taken in firsts] if question["pairs"] else ())
    if not question["pairs"]:
        return list(dict.fromkeys(taken for _, taken in firsts))
    result: dict[Taken, None] = {}
    for f, taken in firsts:
        one = only(left[taken], "a first group", ("without", "generators"))
        for _, both, _ in classes(fabric, network, families, one, listed, Broken(taken, f)):
            if both not in listed:
                raise CertificateError("a class of pairs has no pattern")
            result[both] = None
    return list(result)


def _families(question: Mapping[str, Any]) -> list[Groups]:
    result = []
    for one in parts(question, "families"):
        only(one, "a family", ("key", "spans", "sets"))
        result.append(groups_of(one))
    if type(question.get("pairs")) is not bool or not result:
        raise CertificateError("a question about groups has families, and says whether two fail")
    return result


def what_is_asked(certificate: Mapping[str, Any]) -> Asked:
    """The traffic and the routing; raises CertificateError for those that follow names."""
    keys = ("of", "pairs", "traffic", "routing", "families")
    question = only(part(certificate, "question"), "question", keys)
    result = Asked(traffic_of(question.get("traffic")), routing_of(question.get("routing")))
    if result.traffic.name not in TRAFFICS or result.routing.name not in ROUTINGS:
        raise CertificateError("no throughput of a traffic or routing that depends on names stands for others")
    if result.traffic.values.get("over") or result.traffic.values.get("within"):
        raise CertificateError("failures that are alike in one network are not in two, nor within domains")
    return result


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered, families as they are stated."""
    result, stated = what_is_asked(certificate), part(certificate, "question")
    question, words = traffic_words(result.traffic)
    of = stated.get("of")
    if not isinstance(of, list) or not all(isinstance(one, str) for one in of):
        raise CertificateError("a question about groups names their kinds")
    groups = sum(len(one.taken) for one in _families(stated))
    many = "two" if stated["pairs"] else "one"
    said = (
        f"after the loss of any {many} of {groups} groups ({', '.join(of)}), GPUs and hosts cut off and throughput of "
        f"{words} under {result.routing.text} routing"
    )
    own = {"of": of, "pairs": stated["pairs"], "families": stated["families"]}
    return {**question, "routing": result.routing.text, **own}, said


KEYS = ("switch_graph", "question", "generators", "firsts", "patterns", "claim")
kinds.add("together", Kind(check, asked, KEYS))
