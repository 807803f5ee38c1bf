"""A report that was touched is refused: every leaf of it, one at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.slow import slow
from topo import api
from topo.catalog import load_catalog
from topo.errors import InputError
from topo.report.verify import Entry, sound, verified
from topo.report.verify import checked as checking

CATALOG = load_catalog()
"""One for all: a report is checked some hundreds of times."""
DESIGN = """name: touched
gpus: 16
host: example-host-1
networks:
  compute: {{family: {family}, switch: example-switch-8}}
requirements:
{requirements}
"""
ASKED = (
    "hops: {at_most: 9}",
    "connected: {}",
    "bisection: {at_least: 0.1}",
    "throughput: {traffic: all-to-all, routing: spray, at_least: 0.01}",
    "throughput: {traffic: permutation, routing: 'ecmp:seeds=2', at_least: 0.01}",
    "throughput: {traffic: worst-permutation, routing: adaptive, at_least: 0.01}",
    "failure: {any: leaf, cut_off_at_most: 16}",
    "failure: {any: cable, throughput_at_least: 0.01}",
    "random_failures: {any: cable, count: 1, seeds: 2, routing: static, throughput_at_least: 0.001}",
    "virtual_lanes: {routing: spray, at_most: 4}",
    "switches: {at_most: 1000}",
    "hops: {at_most: 1}",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("touched")
    design = folder / "touched.yaml"
    requirements = "\n".join(f"  - {line}" for line in ASKED)
    design.write_text(DESIGN.format(family="ft2", requirements=requirements), encoding="utf-8")
    report = json.loads(json.dumps([api.check(api.load_design(design)).to_json()]))
    report[0]["design"]["path"] = "touched.yaml"
    return folder / "report.json", report


def checked(path: Path, report: Any) -> list[Entry]:
    path.write_text(json.dumps(report), encoding="utf-8")
    return verified(path, CATALOG)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all leaves; inside a certificate of the first and the last of a list alone."""
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = list(value)
    elif isinstance(value, list):
        inner = list(range(len(value)))
        if "certificate" in at or "certificates" in at:
            inner = inner[:1] + inner[1:][-1:]
    if not inner:
        yield at
    for key in inner:
        yield from leaves(value[key], (*at, key))


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else ["x"]


def changed(report: Any, path: tuple[Any, ...], by: Any) -> Any:
    found = copy.deepcopy(report)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    if by is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = by
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def test_what_was_not_touched_follows(written: tuple[Path, Any]) -> None:
    path, report = written
    found = checked(path, report)
    assert sound(found), [one.text() for one in found if not one.proved]
    assert {one.rests_on for one in found if one.proved} == {"certificate", "recount"}
    assert [r["verdict"] for r in report[0]["requirements"]] == ["held"] * 11 + ["broken"]


def passed(written: tuple[Path, Any], inside: bool, taken: bool) -> list[Any]:
    """The places that can be changed (`taken` away) although all that is shown still follows."""
    path, report = written
    found = []
    for place in leaves(report):
        if ("certificate" in place or "certificates" in place) != inside or "costs" in place:
            continue
        try:
            lines = checked(path, changed(report, place, None if taken else other(at(report, place))))
        except InputError:
            continue
        found += [(place, [(one.id, one.statement) for one in lines])] if sound(lines) else []
    return found


def of_design(name: str, folder: Path) -> tuple[Path, Any]:
    design = Path(__file__).parents[2] / "designs" / f"{name}.yaml"
    return folder / "report.json", json.loads(json.dumps([api.check(api.load_design(design)).to_json()]))


def test_every_leaf_of_a_small_report(tmp_path: Path, once: None) -> None:
    written = of_design("tiny-mpft", tmp_path)
    assert sound(checked(*written))
    assert not passed(written, inside=False, taken=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tiny-jellyfish", "tiny-dragonfly", "tiny-slim-fly"])
def test_every_leaf_of_other_reports(name: str, tmp_path: Path, once: None) -> None:
    written = of_design(name, tmp_path)
    for taken in (False, True):
        assert not passed(written, inside=False, taken=taken)


OVER_TIME = """name: over-time
gpus: 16
host: example-host-1
networks:
  compute: {family: ft2, switch: example-switch-8}
floor: {racks_per_row: 4}
cost: {years: 5, discount: 0.2, maintenance_per_year: 0.08, usd_per_kwh: {low: 0.08, high: 0.14}, pue: 1.3}
price_book: slim-fly-method
repair_hours: 100
failure_rates:
  leaf: {afr: 0.1, source: ours}
  endpoint_link: {afr: 0.2}
requirements:
  - hops: {at_most: 9}
  - spares: {of: leaf, at_most: 9}
"""
DRAWN = ("expected_throughput", "more_expected_throughput")


@pytest.mark.slow
@pytest.mark.parametrize("taken", [False, True])
def test_every_leaf_of_money_and_rates(tmp_path: Path, once: None, taken: bool) -> None:
    """What passes, if anything, is of steady states that no certificate holds, and is told so."""
    design = tmp_path / "over-time.yaml"
    design.write_text(OVER_TIME, encoding="utf-8")
    written = tmp_path / "report.json", json.loads(json.dumps([api.check(api.load_design(design)).to_json()]))
    known = checked(*written)
    assert sound(known), [one.text() for one in known if not one.proved]
    assert {"lifetime_cost", "failure_rates", "rack_units"} <= {*written[1][0]["metrics"]}
    open_ = [place for place, _ in passed(written, inside=False, taken=taken)]
    assert all(set(DRAWN) & set(place) for place in open_), open_


@pytest.mark.slow
def test_every_leaf(written: tuple[Path, Any], once: None) -> None:
    assert not passed(written, inside=False, taken=False)


@pytest.mark.slow
def test_every_leaf_taken_away(written: tuple[Path, Any], once: None) -> None:
    assert not passed(written, inside=False, taken=True)


@pytest.mark.slow
@pytest.mark.parametrize("taken", [False, True])
def test_every_leaf_of_a_certificate(written: tuple[Path, Any], once: None, taken: bool) -> None:
    """Another proof of the same statement may come of it, and no other statement."""
    path, report = written
    known = [(one.id, one.statement) for one in checked(path, report)]
    for place, lines in passed(written, inside=True, taken=taken):
        assert lines == known, place


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates are checked once each, which is all that differs."""
    known: dict[str, Any] = {}
    true = checking.verify_certificate

    def remembered(fabric: Any, certificate: Any) -> Any:
        text = json.dumps(certificate)
        if text not in known:
            known[text] = true(fabric, certificate)
        return known[text]

    monkeypatch.setattr(checking, "verify_certificate", remembered)


@pytest.mark.parametrize("step", [3, slow(1)])
def test_what_a_review_could_do(step: int, written: tuple[Path, Any], once: None) -> None:
    path, report = written
    rows = range(0, len(report[0]["requirements"]), step)
    for row in rows:
        own = report[0]["requirements"][row]
        for edit in ({"verdict": "held", "measured": 99}, {"bound": 0.0}, {"statement": "The network is good"}):
            if any(own[key] != value for key, value in edit.items()):
                touched = changed(report, (0, "requirements", row), {**own, **edit})
                assert not sound(checked(path, touched)), (row, edit)
        if "certificate" in own:
            assert not sound(checked(path, changed(report, (0, "requirements", row, "certificate"), None)))
            hops = report[0]["requirements"][0]["certificate"]
            if not own["id"].startswith("hops"):
                touched = changed(report, (0, "requirements", row, "certificate"), hops)
                assert not sound(checked(path, touched)), row
        assert not sound(checked(path, changed(report, (0, "requirements", row), None)))
    for name in [*report[0]["certificates"]][::step]:
        assert not sound(checked(path, changed(report, (0, "certificates", name), None)))
    for name in [*report[0]["metrics"]][::step]:
        assert not sound(checked(path, changed(report, (0, "metrics", name), None)))
    assert not sound(checked(path, changed(report, (0, "proved"), True)))


POLICY = """rules:
  - {id: few-hops, require: {hops: {at_most: 1}}, reason: only one switch on any path}
  - {id: joined, require: {connected: {}}, reason: all can talk to all others}
"""


def test_what_a_policy_requires_cannot_be_left_out(tmp_path: Path) -> None:
    """A rule that is broken, its finding, and then all that tells of the policy, taken away from a report."""
    design = tmp_path / "ruled.yaml"
    design.write_text(
        DESIGN.format(family="ft2", requirements="  - connected: {}").replace("touched", "ruled"), "utf-8"
    )
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    good = json.loads(json.dumps(api.check_file(design, load_catalog(), date(2026, 1, 1)).to_json()))
    good["design"]["path"] = "ruled.yaml"
    path = tmp_path / "report.json"
    assert sound(checked(path, [good]))
    assert [one["id"] for one in good["requirements"]][1:] == ["policy-few-hops", "policy-joined"]
    assert good["verdict"] == "broken"
    own = [one for one in good["requirements"] if not one["id"].startswith("policy-")]
    findings = [one for one in good["findings"] if not str(one.get("requirement")).startswith("policy-")]
    findings = [one for one in findings if one["code"] != "hops"]
    bare = {**good, "requirements": own, "findings": findings, "verdict": "held"}
    for edit in (
        {"requirements": own},
        {"requirements": [*own, good["requirements"][2]], "findings": findings, "verdict": "held"},
        bare,
        {**bare, "policy": {"sha256": "0" * 64}},
        {**bare, "policy": {}},
    ):
        assert not sound(checked(path, [{**good, **edit}])), edit
    for kept in (good, {**bare, "requirements": good["requirements"]}):
        assert not sound(checked(path, [{key: value for key, value in kept.items() if key != "policy"}]))
    silent = checked(path, [{key: value for key, value in bare.items() if key != "policy"}])
    assert [one.rests_on for one in silent if one.id == "policy"] == ["nothing"]
    (tmp_path / "policy.yaml").write_text(POLICY.replace("at_most: 1", "at_most: 9"), encoding="utf-8")
    assert not sound(checked(path, [good]))
    (tmp_path / "policy.yaml").unlink()
    assert not sound(checked(path, [good]))


@pytest.mark.parametrize(
    ("key", "value"),
    [("requirements", {}), ("requirements", [1]), ("metrics", []), ("certificates", []), ("findings", [None]),
     ("verdict", 1), ("design", {"path": 1}), ("design", {"path": "\0"})],
)  # fmt: skip
def test_shapes_are_refused_with_the_place(written: tuple[Path, Any], key: str, value: Any) -> None:
    path, report = written
    with pytest.raises(InputError) as refused:
        checked(path, changed(report, (0, key), value))
    assert any(key in problem.key for problem in refused.value.problems)


def test_keys_stand_once(written: tuple[Path, Any]) -> None:
    path, report = written
    path.write_text(json.dumps(report).replace('"verdict": "broken"', '"verdict": "broken", "verdict": "held"', 1))
    with pytest.raises(InputError, match="twice"):
        verified(path, load_catalog())


def test_exit_codes_and_json(written: tuple[Path, Any]) -> None:
    path, report = written
    checked(path, report)
    import topo.cli.commands.verify

    alone = typer.Typer()
    alone.command()(topo.cli.commands.verify.verify)
    answer = CliRunner().invoke(alone, [str(path), "--format", "json"])
    assert answer.exit_code == 0
    entries = json.loads(answer.stdout)
    assert set(entries[0]) >= {"id", "statement", "proved", "rests_on", "reason"}
    checked(path, changed(report, (0, "requirements", 1, "measured"), 5))
    answer = CliRunner().invoke(alone, [str(path), "--design", str(path.parent / "touched.yaml")])
    assert answer.exit_code == 1
    assert "measured is 5" in answer.stdout
