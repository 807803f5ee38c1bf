"""Certificates of random failures: drawn again from the seeds, refused when anything is changed."""

import json

import pytest

import topo
from tests.certificates.common import changed, designed, less
from tests.slow import slow
from topo.analysis.failures import draws_proof, random_failures
from topo.certificates import verify_certificate
from topo.errors import CertificateError
from topo.fabric import Fabric


def proof_of(fabric: Fabric, what: str, count: int, seeds: range, routing: str = "adaptive") -> tuple[dict, tuple]:
    rows = random_failures(fabric, what, count, seeds, routing=routing).rows
    return json.loads(json.dumps(draws_proof(fabric, 0, seeds, rows))), rows


@pytest.mark.sampled(4)
@pytest.mark.parametrize("routing", ["adaptive", "spray"])
@pytest.mark.parametrize(("what", "count"), [("cable", 5), ("host", 2), ("leaf", 1), ("spine", 2)])
def test_draws(what, count, routing):
    fabric = designed("family: ft2", 512)
    certificate, rows = proof_of(fabric, what, count, range(3, 6), routing)
    bounds = verify_certificate(fabric, certificate).bounds
    assert float(bounds["lower"]) == min(row.lower for row in rows)
    assert float(bounds["upper"]) == min(row.upper for row in rows)
    assert bounds["cut_off"] == max(row.cut_off for row in rows)
    assert bounds["hosts_cut_off"] == max(len(row.lost.hosts) for row in rows)


@pytest.mark.parametrize("counted", [slow(1), 3, slow(4)])
def test_the_bounds_are_those_of_the_draws_that_count(counted):
    fabric = designed("family: ft2", 512)
    rows = random_failures(fabric, "leaf", 2, range(4)).rows + random_failures(fabric, "cable", 40, range(4)).rows
    for mine, what in ((rows[:4], "leaf"), (rows[4:], "cable")):
        proof = json.loads(json.dumps(draws_proof(fabric, 0, range(4), mine, counted)))
        bounds = verify_certificate(fabric, proof).bounds
        assert proof["question"]["what"] == what
        for key, values in (("lower", [r.lower for r in mine]), ("upper", [r.upper for r in mine])):
            assert float(bounds[key]) == sorted(values, reverse=True)[counted - 1]
        assert bounds["cut_off"] == sorted(r.cut_off for r in mine)[counted - 1]
        for wrong in (0, 5, "1"):
            with pytest.raises(CertificateError, match="cannot count"):
                verify_certificate(fabric, changed(proof, "question", "draws_that_count", wrong))


@pytest.mark.slow
def test_one_percent_of_cables_at_16384_gpus():
    """Ten draws of 328 of 32,768 cables on three tiers: 0.22 MB where weights arc by arc took 6.2."""
    fabric = designed("family: ft3", 16384)
    certificate, rows = proof_of(fabric, "cable", 328, range(10))
    assert len(json.dumps(certificate)) < 1_000_000
    bounds = verify_certificate(fabric, certificate).bounds
    assert float(bounds["upper"]) == min(row.upper for row in rows)
    assert float(bounds["lower"]) == pytest.approx(min(row.lower for row in rows), rel=1e-9)


def test_changes_are_refused():
    fabric = designed("family: ft2", 512)
    good, _ = proof_of(fabric, "cable", 4, range(2))
    verify_certificate(fabric, good)
    one, two = good["draws"]
    bad = [
        (changed(good, "draws", [two, one]), "not what its seed draws"),
        (changed(good, "draws", [one]), "1 draws of 2"),
        (changed(good, "draws", 0, "without", "links", [1, 2, 3, 4]), "not what its seed draws"),
        (changed(good, "draws", 0, "proof", two["proof"]), "another failure"),
        (changed(good, "draws", 0, less(one, "proof")), "claims lower"),
        (changed(good, "question", "seeds", [1, 2]), "not what its seed draws"),
        (changed(good, "question", "seeds", [0]), "seeds are"),
        (changed(good, "question", "count", 3), "not what its seed draws"),
        (changed(good, "question", "count", 10**6), "cannot be drawn"),
        (changed(good, "question", "what", "rack"), "nothing of kind"),
        (changed(good, "question", "traffic", "gpu-all-to-all"), "another question"),
        (changed(good, "claim", "lower", ["2", "2"]), "claims lower"),
        (changed(good, "claim", "upper", ["1/2", "1/2"]), "claims upper"),
        (changed(good, "claim", "cut_off", [0, 1]), "claims cut_off"),
        (changed(good, "claim", "cut_off", [0]), "for each draw"),
        (changed(good, "switch_graph", "x"), "another fabric"),
        (less(good, "claim"), "no part 'claim'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_the_requirement_carries_it():
    fabric = designed("family: ft2", 512)
    wanted = {"random_failures": {"any": "cable", "count": 3, "seeds": 4, "throughput_at_least": 0.5}}
    single = {"failure": {"any": "spine", "cut_off_at_most": 0}}
    report = topo.check(fabric, requirements=[wanted, single])
    assert [result.verdict for result in report.requirements] == ["held", "held"]
    assert [result.certificate["kind"] for result in report.requirements] == ["draws", "failures"]
    for result in report.requirements:
        verify_certificate(fabric, result.certificate)
    assert {row["what"] for row in report.to_json()["metrics"]["failures"]} == {"cable", "spine"}
