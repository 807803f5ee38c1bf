"""Failures over time in the report: every figure with its interval, and the plot of its strata."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import topo
from topo.analysis.reliability import control, proof
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.report.formats.text import render
from topo.report.html.rates import plot
from topo.report.verify import Entry, sound, verified

TEXT = """name: d
gpus: 64
host: h800-node
networks:
  compute: {family: ft2, switch: nvidia-qm9700}
repair_hours: 100
failure_rates:
  leaf: {afr: 0.1, source: "<b>ours</b>"}
  endpoint_link: {afr: 0.2}
"""


def test_text_and_plot_show_what_the_json_holds() -> None:
    report = topo.check(parse_design(TEXT))
    found = report.to_json()["metrics"]["failure_rates"]
    said = render([report])
    state = found["expected_throughput"]
    assert f"{found['broken_per_month']:.4g} things break a month" in said
    assert f"{state['lower']:.4g} to {state['upper']:.4g} of line rate on average, proved" in said
    assert "no rate is stated of any module" in said
    root = ElementTree.fromstring(plot(state))
    titles = [e.text for e in root.iter() if e.tag.endswith("title")]
    assert len(titles) == len(state["strata"])
    assert re.match(r"0 broken, [\d.]+% of the time: mean 1 to 1, least 1, by classes", titles[0] or "")
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    heights = [float(c.get("cy", "0")) for c in circles]
    means = [s["lower"] for s in state["strata"]]
    by_mean = [height for _, height in sorted(zip(means, heights, strict=True), key=lambda both: -both[0])]
    assert by_mean == sorted(heights)
    assert plot(None) == ""


DRAWN = TEXT.replace("gpus: 64", "gpus: 64\ntitle: many failures").replace("afr: 0.2", "mtbf_hours: 900")
RACKS = TEXT + "floor: {hosts_per_rack: 2}\n"


def reporter(text: str, tmp_path: Path) -> Callable[..., tuple[bool, dict[str, Entry]]]:
    """Verifies the report of a design, changed or as it is."""
    path = tmp_path / "d.yaml"
    path.write_text(text)
    reports = [topo.check(topo.load_design(path)).to_json()]
    stated = tmp_path / "report.json"

    def told(change: Callable[[dict[str, Any]], None] = lambda report: None) -> tuple[bool, dict[str, Entry]]:
        changed = json.loads(json.dumps(reports))
        change(changed[0])
        stated.write_text(json.dumps(changed))
        found = verified(stated, load_catalog())
        return sound(found), {one.id: one for one in found}

    return told


STATE, ASKED = "metrics.failure_rates.expected_throughput", "requirements:\n  - expected_throughput: {at_least: 0.5"


def rates(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = report["metrics"]["failure_rates"]
    return found


@pytest.fixture(autouse=True)
def few_patterns_of_the_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mean is taken anew by every verification; which numbers follow from which does not hang on how many."""
    monkeypatch.setattr(control, "MANY", 100)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("text", "more"), [(TEXT, "}\n"), (DRAWN, ", draws: 6}\n"), (DRAWN, ", draws: 6, but_for: 0.2}\n")]
)
def test_a_steady_state_rests_on_its_certificate(text: str, more: str, tmp_path: Path) -> None:
    told = reporter(text + ASKED + more + "  - spares: {of: leaf, at_most: 99}\n", tmp_path)
    holds, lines = told()
    assert holds, [one.text() for one in lines.values() if not one.proved]
    first = next(name for name in lines if name.startswith("expected_throughput"))
    for name in (first, STATE):
        assert (lines[name].proved, lines[name].rests_on) == (True, "certificate")
    for change in (
        {"lower": 0.9999999},
        {"upper": 0.5},
        {"none_broken": 0.9999},
        {"groups": 3},
        {"quantiles": {"0.1": {"lower": 1.0, "upper": 1.0}}},
        {"hours_below": {}},
        {"gpus_cut_off": {"lower": 0.0, "upper": 0.0}},
        {"seeds": [5]},
        {"confidence": 0.999},
    ):
        assert not told(lambda r, change=change: rates(r)["expected_throughput"].update(change))[0], change
    assert not told(lambda r: rates(r).pop("expected_throughput"))[0]
    assert not told(lambda r: rates(r).update(broken_per_month=0.1))[0]
    for key, value in (("measured", 0.4), ("bound", 0.4), ("verdict", "broken"), ("statement", "all is well")):
        assert not told(lambda r, key=key, value=value: r["requirements"][0].update({key: value}))[0], key
    assert not told(lambda r: r.update(verdict="broken"))[0]

    def other_rates(report: dict[str, Any]) -> None:
        report["requirements"][0]["certificate"]["question"]["families"][0]["unavailable"] *= 2

    assert not told(other_rates)[0]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("text", "more"), [(TEXT, "}\n"), (DRAWN, ", draws: 6}\n"), (TEXT, None), (DRAWN, None)])
def test_a_certificate_that_was_taken_away_is_missed(text: str, more: str | None, tmp_path: Path) -> None:
    """Also where what is shown was made better, of a requirement and of a metric that nobody asked for."""
    told = reporter(text + (ASKED + more if more else ""), tmp_path)

    def taken(report: dict[str, Any]) -> None:
        for one in report["requirements"]:
            one.pop("certificate")
            one["measured"] = 0.9999999
        report.get("certificates", {}).pop("compute/steady/all-to-all/adaptive", None)
        rates(report)["expected_throughput"].update(lower=0.9999999, upper=1.0)

    holds, lines = told(taken)
    assert not holds
    names = [name for name in lines if name.startswith("expected_throughput")] + [STATE]
    assert len(names) == 1 + bool(more)
    for name in names:
        assert "its certificate was taken away" in lines[name].reason


def test_a_steady_state_of_more_patterns_than_a_certificate_holds_is_told_to_rest_on_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MOST_PATTERNS", 5)
    told = reporter(TEXT + ASKED + "}\n", tmp_path)
    holds, lines = told()
    first = next(name for name in lines if name.startswith("expected_throughput"))
    assert not lines[first].proved
    assert lines[first].rests_on == "nothing"
    assert lines[STATE].rests_on == "nothing"
    assert "without certificates" in lines[STATE].reason
    assert holds


def test_a_metric_that_nobody_asked_for_carries_its_certificate(tmp_path: Path) -> None:
    told = reporter(TEXT, tmp_path)
    holds, lines = told()
    assert holds, [one.text() for one in lines.values() if not one.proved]
    assert (lines[STATE].proved, lines[STATE].rests_on) == (True, "certificate")
    assert lines["compute/steady/all-to-all/adaptive"].proved


def test_racks_that_are_alike_have_no_certificate_and_are_told_so(tmp_path: Path) -> None:
    told = reporter(RACKS.replace('  leaf: {afr: 0.1, source: "<b>ours</b>"}\n', "  rack: {afr: 0.5}\n"), tmp_path)
    holds, lines = told()
    assert holds, [one.text() for one in lines.values() if not one.proved]
    assert (lines[STATE].proved, lines[STATE].rests_on) in ((False, "nothing"), (True, "certificate"))
    assert not told(lambda r: rates(r)["expected_throughput"].update(none_broken=0.9999))[0]
    assert not told(lambda r: rates(r)["expected_throughput"].update(groups=3))[0]
    assert not told(lambda r: rates(r)["expected_throughput"].update(lower=0.9, upper=0.8))[0]
