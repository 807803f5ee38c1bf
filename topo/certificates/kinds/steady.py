"""What is carried on average while groups of links and devices fail and are repaired, each for a known share of time.

Keys: `fabric`, `network`, `switch_graph` (digest of the intact network), `question` (`traffic`, `routing`; `families`,
`draws`, see below), `strata`, `patterns` and `claim`. A family has a `key`, `unavailable` (the share of time that each
of its groups is broken, independently of all others) and its groups: `spans` (runs of first link id and number, where
each group is one link) or `sets` of `links` by id and `devices` by name. `draws` are the first seed, how many patterns
are drawn, into how many parts the number of broken groups is cut, and how many are broken at least.

`strata` tells which patterns are weighed by their exact probabilities: `up_to` broken groups (`all`, 0, 1 or 2; -1:
none), with `generators` of the intact network and for two, for each unlike first group, its `without` and the
`generators` of what it leaves. The checker sorts all groups into classes that these permutations exchange, each
verified as in `failures`, and looks for a pattern of each class; it draws the patterns of every seed again. A pattern
has `without` and, as `proof`, the certificate of the throughput that is left; without a proof it carries anything
between nothing and line rate, as do all patterns that are not weighed.

`claim`: `lower` and `upper`, within which the mean lies by exact probabilities alone: a drawn pattern is proved, and
weighs nothing. Probabilities are sums of floating point, so the ends are 1e-9 wider.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from topo.certificates.kinds.failures import PROVED_BY
from topo.certificates.kinds.throughput import claim_holds, traffic_words
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.groups import NOTHING, Broken, Groups, apart, classes, groups_of, union
from topo.certificates.reading.plain import Taken, taken_away
from topo.certificates.reading.question import Asked, only, routing_of, traffic_of
from topo.certificates.reading.whole import fraction, number_list, part, parts
from topo.certificates.replays.chances import Chances, chances, strata
from topo.certificates.verify import Kind, kinds, verify_inner
from topo.errors import CertificateError
from topo.fabric import Fabric

EVERY_PATTERN = 10
"""Groups up to which all patterns may be weighed."""
MOST_DRAWS = 100_000
"""As many as a requirement may ask for; each is drawn again by the check."""
WIDER = Fraction(1, 10**9)
"""What floating point may be off in the sum of the patterns' weights."""
SYMMETRIC = (("all-to-all", "gpu-all-to-all"), ("adaptive", "spray"))


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds `lower` and `upper` of the mean."""
    if fabric is not intact:
        raise CertificateError("what fails over time is a question about the intact fabric")
    network = str(certificate.get("network"))
    asked_for = what_is_asked(certificate)
    weight = weights(fabric, certificate)
    low = high = 0.0
    seen: set[Taken] = set()
    for one in parts(certificate, "patterns"):
        key = taken_away(part(one, "without"))
        if key in seen:
            raise CertificateError("a pattern is listed twice")
        seen.add(key)
        ends = _carried(fabric, network, asked_for, one, key)
        low += weight.get(key, 0.0) * ends[0]
        high += weight.get(key, 0.0) * ends[1]
    high += max(1.0 - math.fsum(weight.values()), 0.0)
    result = {
        "lower": max(Fraction(low) - WIDER, Fraction(0)),
        "upper": min(Fraction(high) + WIDER, Fraction(1)),
    }
    claim = only(part(certificate, "claim"), "the claim", ("lower", "upper"))
    for end, value in result.items():
        claim_holds(end, fraction(claim.get(end), end), value)
    return result


def proved_of(
    fabric: Fabric, network: str, asked_for: Asked, one: Mapping[str, Any], key: Taken
) -> tuple[Fraction | None, Fraction | None] | None:
    """What the proof of a pattern says of the throughput, at least and at most; None for a pattern without a proof.
    Raises CertificateError for a proof of another question or pattern."""
    only(one, "a pattern", ("without", "proof"))
    if "proof" not in one:
        return None
    proof = part(one, "proof")
    if proof.get("kind") not in PROVED_BY:
        raise CertificateError("the proof of a pattern is of no throughput")
    result = verify_inner(fabric, proof)
    taken = tuple(result.without.get("links", ())), tuple(result.without.get("devices", ()))
    if result.network != network or apart(fabric, taken) != apart(fabric, key):
        raise CertificateError("the proof of a pattern is about another one")
    own = asked_for.traffic.name if result.kind == "permutations" else asked_for.traffic.text
    same = result.question.get("called", result.question["traffic"]), result.question["routing"]
    if same != (own, asked_for.routing.text):
        raise CertificateError("the proof of a pattern answers another question")
    return result.lower, result.upper


def _carried(fabric: Fabric, network: str, asked_for: Asked, one: Mapping[str, Any], key: Taken) -> tuple[float, float]:
    """What a pattern carries, at most line rate: at least, at most; nothing where all demands are cut off."""
    lower, upper = proved_of(fabric, network, asked_for, one, key) or (Fraction(0), None)
    if lower is None:  # unbounded, as there is nothing left to carry
        return 0.0, 0.0
    return min(float(lower), 1.0), (1.0 if upper is None else min(float(upper), 1.0))


def weights(fabric: Fabric, certificate: Mapping[str, Any]) -> dict[Taken, float]:
    """The exact probability of each pattern of the strata that are weighed, those that are alike told by the one that
    is listed. Raises CertificateError where one of them, or a drawn one, is not listed."""
    network = str(certificate.get("network"))
    if certificate.get("switch_graph") != switch_graph(fabric, network).digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    question = part(certificate, "question")
    families = [_groups(one) for one in parts(question, "families")]
    listed = {taken_away(part(one, "without")) for one in parts(certificate, "patterns")}
    odds = chances([len(f.taken) for f in families], [f.share for f in families])
    for taken in _drawn(families, odds, question):
        if taken not in listed:
            raise CertificateError("a drawn pattern is not listed")
    stated = only(part(certificate, "strata"), "strata", ("up_to", "generators", "firsts"))
    up_to = stated.get("up_to")
    if up_to != 2 and stated.get("firsts", []) != []:
        raise CertificateError("what a first broken group leaves is told, and no second one is weighed")
    if up_to in ("all", -1, 0) and stated.get("generators", []) != []:
        raise CertificateError("permutations are told, and no broken group stands for another")
    if up_to == "all":
        return _all(families, listed)
    if type(up_to) is not int or not -1 <= up_to <= 2:
        raise CertificateError("strata are weighed up to all, two, one, no broken groups, or not at all")
    result: dict[Taken, float] = {}
    if up_to >= 0:
        _add(result, NOTHING, odds.none, listed)
    if up_to >= 1:
        asked_for = what_is_asked(certificate)
        if asked_for.traffic.name not in SYMMETRIC[0] or asked_for.routing.name not in SYMMETRIC[1]:
            raise CertificateError("no throughput of a traffic or routing that depends on names stands for others")
        if asked_for.traffic.values.get("over") or asked_for.traffic.values.get("within"):
            raise CertificateError("failures that are alike in one network are not in two, nor within domains")
        firsts = list(classes(fabric, network, families, stated, listed))
        for f, taken, count in firsts:
            _add(result, taken, odds.none * odds.odds(f) * count, listed)
    if up_to == 2:
        left = first_groups(stated, [taken for _, taken, _ in firsts])
        for f, taken, count in firsts:
            base = odds.none * odds.odds(f) * count / 2
            if taken == NOTHING:
                # What takes nothing away leaves the intact network: the second is as a first one.
                rest = [(g, t, n - (g == f) if t == NOTHING else n) for g, t, n in firsts]
            else:
                if taken not in left:
                    raise CertificateError("what a first broken group leaves is not told")
                one = only(left[taken], "a first group", ("without", "generators"))
                rest = list(classes(fabric, network, families, one, listed, Broken(taken, f)))
            for g, both, n in rest:
                _add(result, both, base * odds.odds(g) * n, listed)
    return result


def first_groups(stated: Mapping[str, Any], weighed: Iterable[Taken]) -> dict[Taken, Mapping[str, Any]]:
    """What is told of each first broken group; raises CertificateError where one of them is not weighed, or told twice:
    nothing would read that."""
    told = parts(stated, "firsts")
    result = {taken_away(part(one, "without")): one for one in told}
    if len(result) < len(told) or not result.keys() <= {*weighed, NOTHING}:
        raise CertificateError("a first broken group is told twice, or is none of those that are weighed")
    return result


def _add(result: dict[Taken, float], taken: Taken, weight: float, listed: set[Taken]) -> None:
    if taken not in listed:
        raise CertificateError("a pattern that is weighed is not listed")
    result[taken] = result.get(taken, 0.0) + weight


def _groups(family: Mapping[str, Any]) -> Groups:
    only(family, "a family", ("key", "unavailable", "spans", "sets"))
    share = family.get("unavailable")
    if type(share) is not float or not 0.0 < share < 1.0:
        raise CertificateError("a group is broken for a share of time above 0 and below 1")
    return groups_of(family, share)


def _drawn(families: list[Groups], odds: Chances, question: Mapping[str, Any]) -> Iterator[Taken]:
    """The patterns of all seeds."""
    first, many, of, least = number_list(question.get("draws"), "draws", 4, 0)
    if not 0 <= many <= of <= MOST_DRAWS or first < 0 or first + many > 2**32 + MOST_DRAWS or least < 0:
        raise CertificateError("draws are a first seed, how many, of how many parts, and the least that is broken")
    if many and least >= len(odds.total):
        raise CertificateError("so many groups are never broken")
    for i, at in enumerate(strata(first, of)[:many]):
        rng = np.random.default_rng(first + i)
        drawn = odds.draw(rng, least, (at + rng.random()) / of)
        yield union([f.taken[g] for f, own in zip(families, drawn, strict=True) for g in own])


def _all(families: list[Groups], listed: set[Taken]) -> dict[Taken, float]:
    groups = [(f.share, taken) for f in families for taken in f.taken]
    if len(groups) > EVERY_PATTERN:
        raise CertificateError(f"all patterns of more than {EVERY_PATTERN} groups are too many")
    result: dict[Taken, float] = {}
    for down in product((False, True), repeat=len(groups)):
        weight = math.prod(s if d else 1 - s for (s, _), d in zip(groups, down, strict=True))
        _add(result, union([t for (_, t), d in zip(groups, down, strict=True) if d]), weight, listed)
    return result


def what_is_asked(certificate: Mapping[str, Any]) -> Asked:
    """The traffic and the routing."""
    question = only(part(certificate, "question"), "question", ("traffic", "routing", "families", "draws"))
    return Asked(traffic_of(question.get("traffic")), routing_of(question.get("routing")))


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered, families and draws as they are stated."""
    result, stated = what_is_asked(certificate), part(certificate, "question")
    question, words = traffic_words(result.traffic)
    groups = sum(len(_groups(one).taken) for one in parts(stated, "families"))
    routing = result.routing.text
    said = f"the mean throughput of {words} under {routing} routing while {groups} groups fail and are repaired"
    own = {"families": stated["families"], "draws": stated["draws"]}
    return {**question, "routing": routing, **own}, said


KEYS = ("switch_graph", "question", "strata", "patterns", "claim")
kinds.add("steady", Kind(check, asked, KEYS))
