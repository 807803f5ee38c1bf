"""Random failures: the draws of stated seeds, drawn again, and what each leaves.

Keys: `fabric`, `network`, `switch_graph` (digest of the intact network), `question` (`what`: cable, host, leaf, spine,
core or switch; `count`, how many at once; `seeds`, the first and how many; `draws_that_count`, in how many of them a
bound has to hold, all where absent; `traffic`, `routing`), `draws` and `claim`.
A draw has `without` (`links` by id, `devices` by name) and, as `proof`, the certificate of the throughput that is left.
The draw of a seed is `numpy.random.default_rng(seed).choice(n, count, replace=False)`, positions among the n cables
between switches (by first active link; one link each, unless the fabric knows that they share cables, whose fingerprint
is then `cables`), the hosts, or the switches of a tier (`switch`: of any), in the order of their rows. It proves what
these draws leave, and nothing of others. `claim` has lists with an entry for each draw: `cut_off` and `hosts_cut_off`,
counted again, and `lower` and `upper`, fractions within what the proofs prove, None for what is unbounded; without a
proof `lower` is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.kinds.failures import lost_by, proved_by, same_cables, what_is_asked
from topo.certificates.kinds.throughput import claim_holds, traffic_words
from topo.certificates.reading.failing import TIERS, switches_of_kind
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.plain import taken_away
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import fraction, part, parts
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric, carried

KINDS = ("cable", "host", *TIERS)
DRAWS_AT_MOST = 10_000
"""Ten times what a requirement may ask for."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """What holds in the draws that count: of so many draws the most GPUs `cut_off` and `hosts_cut_off`, and the least
    throughput, between `lower` and `upper`. Every entry of the claim is checked, whether it counts or not."""
    if fabric is not intact:
        raise CertificateError("what can fail is a question about the intact fabric")
    network = str(certificate.get("network"))
    if certificate.get("switch_graph") != switch_graph(fabric, network).digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    asked_for = what_is_asked(certificate, "count", "seeds", "draws_that_count")
    question = part(certificate, "question")
    claim = only(part(certificate, "claim"), "the claim", ("cut_off", "hosts_cut_off", "lower", "upper"))
    wanted = _drawn(fabric, network, certificate)
    draws = parts(certificate, "draws")
    if len(draws) != len(wanted):
        raise CertificateError(f"there are {len(draws)} draws of {len(wanted)} seeds")
    columns = {key: claim.get(key) for key in ("cut_off", "hosts_cut_off", "lower", "upper")}
    for key, column in columns.items():
        if not isinstance(column, list) or len(column) != len(draws):
            raise CertificateError(f"{key} is not claimed for each draw")
    counted = question.get("draws_that_count", len(draws))
    if type(counted) is not int or not 0 < counted <= len(draws):
        raise CertificateError(f"{counted} of {len(draws)} draws cannot count")
    result: dict[str, list[Fraction | None]] = {key: [] for key in columns}
    for i, (one, (links, devices)) in enumerate(zip(draws, wanted, strict=True)):
        without = part(one, "without")
        if taken_away(without) != (tuple(links), tuple(devices)):
            raise CertificateError(f"draw {i} is not what its seed draws")
        lost = lost_by(fabric, network, without)
        ends = proved_by(fabric, network, asked_for, one)
        for key, value in (("cut_off", lost.gpus), ("hosts_cut_off", lost.hosts)):
            stated: Any = columns[key]
            if type(stated[i]) is not int or stated[i] != value:
                raise CertificateError(
                    f"draw {i}: the certificate claims {key} {str(stated[i])[:80]} and proves {value}"
                )
            result[key].append(Fraction(value))
        for key, end in zip(("lower", "upper"), ends, strict=True):
            stated = columns[key]
            claim_holds(key, None if stated[i] is None else fraction(stated[i], key), end)
            result[key].append(end)
    decisive = {key: _ordered(values, "cut" not in key)[counted - 1] for key, values in result.items()}
    return {key: value for key, value in decisive.items() if value is not None}


def _ordered(values: list[Fraction | None], falling: bool) -> list[Fraction | None]:
    """In order, the unbounded (None) taken for the greatest."""
    bounded = sorted((v for v in values if v is not None), reverse=falling)
    unbounded: list[Fraction | None] = [None] * (len(values) - len(bounded))
    return [*unbounded, *bounded] if falling else [*bounded, *unbounded]


def _drawn(fabric: Fabric, network: str, certificate: Mapping[str, Any]) -> list[tuple[list[int], list[str]]]:
    """What each seed takes away: link ids and device names, sorted."""
    question = part(certificate, "question")
    what, count, seeds = question.get("what"), question.get("count"), question.get("seeds")
    if what not in KINDS:
        raise CertificateError(f"nothing of kind {what!r} is drawn; known are {', '.join(KINDS)}")
    if not isinstance(seeds, list) or len(seeds) != 2 or not all(type(s) is int and 0 <= s < 2**32 for s in seeds):
        raise CertificateError("the seeds are the first and how many")
    if what == "cable":
        same_cables(fabric, certificate)
    if len(parts(certificate, "draws")) != seeds[1]:
        raise CertificateError(f"there are {len(parts(certificate, 'draws'))} draws of {seeds[1]} seeds")
    pool = _pool(fabric, fabric.networks.index(network), str(what))
    if type(count) is not int or not 0 < count <= len(pool) or seeds[1] > DRAWS_AT_MOST:
        raise CertificateError(f"{count} of {len(pool)} cannot be drawn {seeds[1]} times")
    result: list[tuple[list[int], list[str]]] = []
    for seed in range(seeds[0], seeds[0] + seeds[1]):
        own = [pool[i] for i in np.random.default_rng(seed).choice(len(pool), count, replace=False).tolist()]
        links = {link for ids, _ in own for link in ids}
        result.append((sorted(links), sorted(name for _, names in own for name in names)))
    return result


def _pool(fabric: Fabric, network: int, what: str) -> list[tuple[list[int], list[str]]]:
    """(link ids, device names) of each thing to draw from."""
    if what == "cable":
        rows, cable = carried(fabric, np.flatnonzero((fabric.links.network == network) & fabric.links.active))
        every = np.split(rows, np.flatnonzero(np.diff(cable)) + 1) if len(rows) else []
        return [(fabric.links.id[own].tolist(), []) for own in every if not fabric.is_endpoint_link[own].all()]
    if what == "host":
        selected = np.unique(fabric.endpoints.host[fabric.endpoints.network == network])
    else:
        selected = np.flatnonzero(fabric.switches_in(network) & switches_of_kind(fabric.devices.tier, what))
    return [([], [str(name)]) for name in fabric.devices.name[selected].tolist()]


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered: of these draws, and of no others."""
    result, stated = what_is_asked(certificate, "count", "seeds", "draws_that_count"), part(certificate, "question")
    question, words = traffic_words(result.traffic)
    first, many = stated["seeds"]
    counted = stated.get("draws_that_count", many)
    own = {"what": stated["what"], "count": stated["count"], "seeds": [first, many], "draws_that_count": counted}
    said = (
        f"after the loss of {stated['count']} of kind {stated['what']}, in {counted} of {many} draws from seed {first} "
        f"on, GPUs and hosts cut off and throughput of {words} under {result.routing.text} routing"
    )
    return {**own, **question, "routing": result.routing.text}, said


KEYS = ("switch_graph", "question", "cables", "draws", "claim")
kinds.add("draws", Kind(check, asked, KEYS))
