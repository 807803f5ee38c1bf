"""Cables that carry several links fail as one: against taking every physical cable away, and against splitters of the
catalog."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

import topo
from tests.certificates.common import changed, less
from topo.analysis.failures import draws_proof, failures_proof, lost, random_failures, single_failures
from topo.certificates import verify_certificate
from topo.checks import questions
from topo.design import build, context_of, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric, carried, with_cables

from .test_single import small, values

SPLIT = """
name: split
gpus: {gpus}
host: example-host-1
networks:
  compute: {{family: ft2, switch: example-switch-4}}
lengths_m: {{endpoint: 2, leaf_spine: 2}}
requirements: []
"""


def split(gpus: int = 8) -> Fabric:
    """Splitters carry two links each, to hosts and between switches."""
    return topo.build(parse_design(SPLIT.format(gpus=gpus)), cables=True)


def physical(fabric: Fabric) -> list[list[int]]:
    """The ids of the links of each cable."""
    assert fabric.cables is not None
    own: dict[int, list[int]] = {}
    for link, cable in zip(fabric.cables.link.tolist(), fabric.cables.cable.tolist(), strict=True):
        own.setdefault(cable, []).append(link)
    return list(own.values())


def in_pairs(fabric: Fabric, seed: int) -> Fabric:
    """Links joined to cables of one to three at random."""
    rng = np.random.default_rng(seed)
    cable = np.repeat(np.arange(len(fabric.links)), rng.integers(1, 4, len(fabric.links)))[: len(fabric.links)]
    return with_cables(fabric, rng.permutation(len(fabric.links)), cable)


CASES: dict[str, Any] = {
    "splitters of the catalog": lambda: split(8),
    "splitters, one host fewer": lambda: split(7),
    "at random": lambda: in_pairs(small("ft2", 6, 8), 1),
    "at random, no scale-up": lambda: in_pairs(small("ft2", 6, 8, scale_up=False, nics=2), 2),
    "at random, domains": lambda: in_pairs(small("ft2", 8, 8, per_domain=2), 3),
    "at random, planes": lambda: in_pairs(small("mpft", 6, 6, nics=2), 4),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", CASES)
def test_every_physical_cable_is_stood_for(name: str) -> None:
    fabric = CASES[name]()
    rows = single_failures(fabric, ["cable"], routing="spray")
    truth = Counter(values(fabric, fabric.without(links=ids), "spray") for ids in physical(fabric))
    told: Counter[tuple[float, float, int, int]] = Counter()
    for row in rows:
        told[round(row.lower, 9), round(row.upper, 9), row.cut_off, len(row.lost.hosts)] += row.stands_for
    assert told == truth
    proof = failures_proof(fabric, 0, rows)
    assert proof is not None
    bounds = verify_certificate(fabric, json.loads(json.dumps(proof))).bounds
    assert bounds["cut_off"] == max(key[2] for key in truth)
    assert round(float(bounds["lower"]), 9) == min(key[0] for key in truth)


def test_hosts_on_one_cable_are_not_nics_of_one_host() -> None:
    """Two cables of two links each, alike but for whose they are: both links of one host, or one of each of two."""
    fabric = small("ft2", 4, 8, nics=4, scale_up=False)
    first, second, third = (np.flatnonzero(fabric.endpoints.host == h) for h in np.unique(fabric.endpoints.host)[:3])
    pairs = [first[:2], np.array([second[0], third[0]])]
    cable = np.arange(len(fabric.links)) + 10
    for number, ends in enumerate(pairs):
        cable[fabric.endpoint_link[ends]] = number
    found = with_cables(fabric, np.arange(len(cable)), cable)
    rows = [row for row in single_failures(found, ["cable"]) if len(row.links) == 2]
    assert sorted(len({name.split(":")[0] for name in row.lost.gpu_names}) for row in rows) == [1, 2]
    assert [row.stands_for for row in rows] == [1, 1]


def test_the_cables_of_the_plan_are_those_that_fail() -> None:
    """16 links on 12 cables by the plan; as single links one GPU is cut off, as cables two are."""
    design = parse_design(SPLIT.format(gpus=8))
    context = context_of(design, build(design))
    fabric = context.ask(questions.Cabled())
    plan = context.ask(questions.Cabling())
    assert (len(plan.cables), len(fabric.links)) == (12, 16)
    assert sorted(map(sorted, physical(fabric))) == sorted(
        fabric.links.id[plan.cable_of_link == c].tolist() for c in range(len(plan.cables))
    )
    assert max(row.cut_off for row in single_failures(context.fabric, ["cable"])) == 1
    rows = context.ask(questions.Failures("compute", "cable", "all-to-all", "adaptive"))
    assert max(row.cut_off for row in rows) == 2
    assert sum(row.stands_for for row in rows) == 12
    assert "and 1 more link of its cable" in max(rows, key=lambda row: row.cut_off).worst


def test_cables_survive_the_loss_of_parts() -> None:
    fabric = split(8)
    ids = physical(fabric)[0]
    left = fabric.without(links=ids[:1], devices=["spine-001"])
    row, cable = carried(left, np.arange(len(left.links)))
    assert np.array_equal(np.unique(row), np.arange(len(left.links)))
    kept = {tuple(sorted(left.links.id[row[cable == c]].tolist())) for c in np.unique(cable)}
    expected = {tuple(sorted(set(own) & set(left.links.id.tolist()))) for own in physical(fabric)} - {()}
    assert kept == expected


def test_a_fabric_whose_links_have_a_cable_each_is_as_before() -> None:
    fabric = small("ft2", 8, 8)
    assert with_cables(fabric, np.arange(len(fabric.links)), np.arange(len(fabric.links))) is fabric
    rows = single_failures(fabric, ["cable"])
    proof = failures_proof(fabric, 0, rows)
    assert proof is not None
    assert "cables" not in proof


def test_changed_cables_are_refused() -> None:
    fabric = split(8)
    proof = failures_proof(fabric, 0, single_failures(fabric, ["cable"]))
    assert proof is not None
    good = json.loads(json.dumps(proof))
    assert fabric.cables is not None
    other = with_cables(fabric, np.arange(16), np.roll(np.repeat(np.arange(8), 2), 1))
    alone = topo.build(parse_design(SPLIT.format(gpus=8)))
    of_links = failures_proof(alone, 0, single_failures(alone, ["cable"]))
    assert of_links is not None
    shared = [one for one in good["representatives"] if len(one["without"]["links"]) == 2]
    single = changed(shared[0], "without", "links", shared[0]["without"]["links"][:1])
    rest = [one for one in good["representatives"] if one is not shared[0]]
    bad = [
        (fabric, changed(good, "representatives", rest), "no representative"),
        (fabric, changed(good, "representatives", [*rest, single]), "no failure of this kind"),
        (fabric, changed(good, "cables", "0" * 64), "other cables"),
        (fabric, less(good, "cables"), "other cables"),
        (fabric, of_links, "other cables"),
        (fabric, changed(of_links, "cables", good["cables"]), "no failure of this kind|no representative"),
        (other, good, "other cables"),
        (alone, good, "knows of none"),
    ]
    verify_certificate(fabric, good)
    verify_certificate(alone, of_links)
    for subject, certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(subject, certificate)


def test_random_cables_take_all_their_links() -> None:
    fabric = split(8)
    found = random_failures(fabric, "cable", 2, seeds=range(4))
    inner = set(fabric.links.id[~fabric.is_endpoint_link].tolist())
    pool = sorted((sorted(own) for own in physical(fabric) if inner & set(own)), key=lambda own: own[0])
    for seed, row in enumerate(found.rows):
        drawn = np.random.default_rng(seed).choice(len(pool), 2, replace=False)
        assert sorted(row.links) == sorted(link for i in drawn for link in pool[i])
        gone = lost(fabric, fabric.without(links=row.links))
        assert row.cut_off == gone.gpus
    proof = json.loads(json.dumps(draws_proof(fabric, 0, range(4), found.rows)))
    verify_certificate(fabric, proof)
    for certificate in (less(proof, "cables"), changed(proof, "cables", "x")):
        with pytest.raises(CertificateError, match="other cables"):
            verify_certificate(fabric, certificate)
    with pytest.raises(CertificateError, match="knows of none"):
        verify_certificate(topo.build(parse_design(SPLIT.format(gpus=8))), proof)
