"""Groups that fail as a whole and pairs, against every one of them asked by itself."""

from __future__ import annotations

import itertools
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topo
from topo.analysis.failures import lost
from topo.analysis.reliability import Rate, Rates, families_of, together
from topo.analysis.throughput import throughput
from topo.catalog import load_catalog
from topo.checks import questions
from topo.design import build, context_of, parse_design
from topo.errors import InputError
from topo.fabric import LEAF, SPINE, Fabric
from topo.report.verify import Entry, sound, verified

FAMILIES = {
    "ft2": "gpus: 8\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-4}\n",
    "mpft": "gpus: 16\nhost: example-host-2\nnetworks:\n  compute: {family: mpft, switch: example-switch-4}\n",
    "dragonfly": "gpus: 6\nhost: example-host-1\n"
    "networks:\n  compute: {family: dragonfly, switch: example-switch-4, p: 1}\n",
}


def carried(fabric: Fabric, less: Fabric) -> tuple[float, float, int]:
    found = throughput(less, "all-to-all", "adaptive", 0, fabric)
    return found.lower, found.upper, lost(fabric, less, 0).gpus


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", FAMILIES)
def test_classes_of_pairs_are_all_pairs(name: str) -> None:
    fabric = topo.build(parse_design(f"name: d\n{FAMILIES[name]}"))
    families = [families_of(fabric, 0, Rates({key: Rate(afr=1)}))[0] for key in ("switch", "fabric_link")]
    rows = together(fabric, 0, families, True)
    switches = [str(n) for n, host in zip(fabric.devices.name, fabric.is_host, strict=True) if not host]
    links = [int(i) for i, end in zip(fabric.links.id, fabric.is_endpoint_link, strict=True) if not end]
    things: list[tuple[str | None, int | None]] = [*((n, None) for n in switches), *((None, i) for i in links)]
    every: dict[tuple[float, float, int], int] = {}
    for pair in itertools.combinations(things, 2):
        less = fabric.without(
            devices=[n for n, _ in pair if n is not None], links=[i for _, i in pair if i is not None]
        )
        low, high, off = carried(fabric, less)
        key = round(low, 9), round(high, 9), off
        every[key] = every.get(key, 0) + 1
    found: dict[tuple[float, float, int], float] = {}
    for row in rows:
        key = round(row.lower, 9), round(row.upper, 9), row.cut_off
        found[key] = found.get(key, 0) + row.stands_for
    assert found.keys() == every.keys()
    assert all(abs(found[key] - every[key]) <= len(rows) for key in every)
    assert rows[0].lower == min(row.lower for row in rows)


def test_racks_fail_as_a_whole() -> None:
    text = (
        "name: d\ngpus: 256\nhost: h800-node\nfloor: {}\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    )
    report = topo.check(parse_design(text + "requirements: [{failure: {any: rack, cut_off_at_most: 40}}]\n"))
    (result,) = report.requirements
    assert result.verdict == "broken"
    assert result.measured == 256
    bare = text.replace("floor: {}\n", "")
    plain = parse_design(bare + "requirements: [{failure: {any: rack, cut_off_at_most: 4}}]\n")
    with pytest.raises(InputError, match="floor plan"):
        topo.check(plain)


def test_pairs_and_groups_are_requirements() -> None:
    text = (
        "name: d\ngpus: 256\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
        "risk_groups: {twins: {devices: [spine-000, spine-001]}}\nrequirements:\n"
        "- failure: {any: pair, of: [spine], throughput_at_least: 0.5}\n"
        "- failure: {any: group, of: [twins], throughput_at_least: 0.5}\n"
        "- failure: {any: pair, of: [spine], throughput_at_least: 0.6}\n"
    )
    report = topo.check(parse_design(text))
    assert [r.verdict for r in report.requirements] == ["held", "held", "broken"]
    pair, group, _ = report.requirements
    assert pair.measured == pytest.approx(group.measured)
    assert "6 in 1 class of" in pair.statement
    assert any("spine-000 and spine-001" in f.message for f in report.findings)


GROUPS = (
    "name: d\ngpus: 32\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-8}\n"
    "risk_groups: {twins: {devices: [spine-000, spine-001]}}\nrequirements:\n"
    "- failure: {any: pair, of: [spine], throughput_at_least: 0.01}\n"
    "- failure: {any: group, of: [twins], cut_off_at_most: 40}\n"
)


def test_what_pairs_leave_rests_on_its_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No solver is asked for it, and nothing that was changed passes: number, verdict, question, groups, proof."""
    (tmp_path / "d.yaml").write_text(GROUPS)
    reports = [topo.check(topo.load_design(tmp_path / "d.yaml")).to_json()]
    assert [one["verdict"] for one in reports[0]["requirements"]] == ["held", "held"]
    monkeypatch.setattr("topo.analysis.failures._single.throughput", lambda *_, **__: pytest.fail("it was asked"))

    def told(row: int, **change: Any) -> tuple[bool, dict[str, Entry]]:
        changed = json.loads(json.dumps(reports))
        changed[0]["requirements"][row].update(change)
        (tmp_path / "r.json").write_text(json.dumps(changed))
        found = verified(tmp_path / "r.json", load_catalog())
        return sound(found), {one.id: one for one in found}

    pair, group = (one["id"] for one in reports[0]["requirements"])
    holds, lines = told(0)
    assert holds
    assert (lines[pair].proved, lines[pair].rests_on) == (True, "certificate")
    assert (lines[group].proved, lines[group].rests_on) == (True, "recount")
    for row, change in (
        (0, {"verdict": "broken"}), (0, {"bound": 0.5}), (0, {"measured": 0.001}), (0, {"statement": "fine"}),
        (1, {"measured": 1.0}), (1, {"bound": 1}), (1, {"verdict": "broken"}), (1, {"statement": "fine"}),
    ):  # fmt: skip
        assert not told(row, **change)[0], change
    whole = reports[0]["requirements"][0].pop("certificate")
    holds, lines = told(0)
    assert not holds
    assert "taken away" in lines[pair].reason
    for key, value in (
        ("patterns", whole["patterns"][1:]),
        ("firsts", []),
        ("generators", [{"moved": [0], "to": [1]}]),
    ):
        assert not told(0, certificate={**whole, key: value})[0], key
    other = [{"key": "spine", "sets": whole["question"]["families"][0]["sets"][:-1]}]
    assert not told(0, certificate={**whole, "question": {**whole["question"], "families": other}})[0]


def test_a_class_that_no_checker_follows_is_told_to_rest_on_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "d.yaml").write_text(GROUPS)
    monkeypatch.setattr("topo.analysis.reliability.groups_proof.MOST_ROWS", 0)
    report = topo.check(topo.load_design(tmp_path / "d.yaml")).to_json()
    assert "certificate" not in report["requirements"][0]
    (tmp_path / "r.json").write_text(json.dumps([report]))
    found = verified(tmp_path / "r.json", load_catalog())
    assert sound(found)
    line = next(one for one in found if one.id == report["requirements"][0]["id"])
    assert (line.proved, line.rests_on) == (False, "nothing")


RACKS = (
    "name: d\ngpus: 64\nhost: dgx-h100\nnetworks:\n  compute: {family: mrft, switch: nvidia-qm9700}\n"
    "floor: {hosts_per_rack: 2}\nfailure_rates:\n  rack: {afr: 0.02, source: a test}\nrepair_hours: 24\n"
    "requirements:\n- failure: {any: rack, throughput_at_least: 0.5}\n"
    "- failure: {any: pair, of: [leaf, spine], throughput_at_least: 0.5}\n"
    "- failure: {any: module, throughput_at_least: 0.5}\n- expected_throughput: {at_least: 0.5}\n"
)


def test_racks_and_modules_carry_certificates_that_hold(tmp_path: Path) -> None:
    """Groups of several devices that are alike, and modules of which two take the same links."""
    (tmp_path / "d.yaml").write_text(RACKS)
    report = topo.check(topo.load_design(tmp_path / "d.yaml")).to_json()
    assert [("certificate" in one, one["verdict"]) for one in report["requirements"]] == [(True, "held")] * 4
    (tmp_path / "r.json").write_text(json.dumps([report]))
    found = verified(tmp_path / "r.json", load_catalog())
    assert [one.id for one in found if not one.proved] == ["metrics.spare.avoid.costs"]
    report["metrics"]["failure_rates"]["expected_throughput"]["lower"] = 0.99999999
    (tmp_path / "r.json").write_text(json.dumps([report]))
    assert not sound(verified(tmp_path / "r.json", load_catalog()))


def test_the_least_of_all_racks_and_pairs_is_that_of_every_one_by_itself(tmp_path: Path) -> None:
    """Against every rack, and every two of leaves and spines, taken away one by one without symmetry."""
    design = parse_design(RACKS)
    context = context_of(design, build(design))
    fabric = context.fabric
    racks = context.ask(questions.GroupsOf("compute", ("rack",)))[0]
    names = [set(fabric.devices.name[racks.devices_of(np.array([group]))].tolist()) for group in range(racks.size)]
    leaves = [{str(name)} for name in fabric.devices.name[fabric.devices.tier == LEAF]]
    spines = [{str(name)} for name in fabric.devices.name[fabric.devices.tier == SPINE]]
    every = {1: names, 2: [a | b for a, b in combinations([*leaves, *spines], 2)]}
    for many, of in ((1, ("rack",)), (2, ("leaf", "spine"))):
        asked = questions.Together("compute", of, many == 2)
        proved = topo.verify_certificate(fabric, context.ask(asked.proof()) or {})
        least = min(
            throughput(fabric.without(devices=gone), "all-to-all", "adaptive", "compute", fabric).lower
            for gone in every[many]
            if len(gone) < len(fabric.devices)
        )
        assert float(proved.lower or 0) == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize("row", [0, 1])
def test_too_many_groups_are_undecided(tmp_path: Path, row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d.yaml").write_text(GROUPS)
    monkeypatch.setattr("topo.analysis.failures._single.COUNTED_PER_S", 10.0)
    report = topo.check(topo.load_design(tmp_path / "d.yaml"), time_limit_s=5.0)
    assert report.requirements[row].verdict == "undecided"
    assert any("too many to look at each in 5 s" in finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("{any: group, throughput_at_least: 0.5}", "needs `of`"),
        ("{any: leaf, of: [x], throughput_at_least: 0.5}", "belongs to"),
        ("{any: group, of: [x], throughput_at_least: 0.5}", "no such risk group"),
        ("{any: pair, of: [lefa], throughput_at_least: 0.5}", "no such risk group"),
        ("{any: pair, of: [core], throughput_at_least: 0.5}", "has none"),
        ("{any: pair, of: [leaf], routing: ecmp, throughput_at_least: 0.5}", "depends on names"),
    ],
)
def test_wrong_groups_are_refused(asked: str, said: str) -> None:
    text = "name: d\ngpus: 64\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    with pytest.raises(InputError, match=said):
        _checked(f"{text}requirements:\n- failure: {asked}\n")


def _checked(text: str) -> None:
    topo.check(parse_design(text))
