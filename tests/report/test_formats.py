"""The CI formats, read back by parsers of their own."""

from __future__ import annotations

import json
from xml.etree import ElementTree as Xml

from topo.checks import Finding
from topo.errors import Problem
from topo.report.model import Report, RequirementResult, Subject, exit_code
from topo.report.registry import renderers

HOSTILE = 'a<b>&"c"\x01%,:\nsecond'


def reports() -> list[Report]:
    held = RequirementResult("hops-1", "at most 3 switches", "held", 3, 3, "switches", None, 7)
    broken = RequirementResult("switches-2", f"at most 5 switches {HOSTILE}", "broken", 6, 5, "switches", None, 8)
    unsure = RequirementResult("bisection-3", "bisection at least 1", "undecided", 0.9, 1, "", None, 9)
    finding = Finding("speeds", "error", f"leaf-000 1/1 {HOSTILE}", ("leaf-000 1/1",))
    problem = Problem("unknown key", "gpuz", "1", "gpus", "did you mean gpus?", "designs/c.yaml", 3)
    return [
        Report(Subject("good", "designs/a.yaml"), "held", (held,)),
        Report(Subject("bad", "designs/b.yaml"), "broken", (held, broken, unsure), (finding,)),
        Report(Subject("wrong", "designs/c.yaml"), "invalid", errors=(problem,)),
    ]


def test_junit_counts_and_escapes() -> None:
    root = Xml.fromstring(renderers.get("junit")(reports()))
    assert root.tag == "testsuites"
    suites = {s.get("name"): s for s in root}
    assert {name: (s.get("tests"), s.get("failures"), s.get("errors")) for name, s in suites.items()} == {
        "good": ("2", "0", "0"),
        "bad": ("4", "2", "1"),
        "wrong": ("1", "0", "1"),
    }
    assert root.get("tests") == "7"
    cases = [case.get("name") for case in suites["bad"]]
    assert cases == ["wiring", "hops-1", "switches-2", "bisection-3"]
    failure = suites["bad"].find("testcase[@name='switches-2']/failure")
    assert failure is not None
    assert 'a<b>&"c"?%,:' in (failure.get("message") or "")


def test_sarif_points_at_the_line() -> None:
    log = json.loads(renderers.get("sarif")(reports()))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    found = {}
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        line = place.get("region", {}).get("startLine")
        found[result["ruleId"]] = (result["level"], place["artifactLocation"]["uri"], line)
    assert found == {
        "switches": ("error", "designs/b.yaml", 8),
        "bisection": ("warning", "designs/b.yaml", 9),
        "speeds": ("error", "designs/b.yaml", None),
        "design": ("error", "designs/c.yaml", 3),
    }


def test_github_annotations_stay_on_one_line() -> None:
    lines = renderers.get("github")(reports()).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == 4
    assert commands[0].startswith("::error file=designs/b.yaml,line=8,title=topo%3A switches::bad: at most 5")
    assert "%0Asecond" in commands[0]
    assert lines[-1] == "wrong: invalid"


def test_text_names_the_verdict_first() -> None:
    text = renderers.get("text")(reports())
    assert text.startswith("HELD ")
    assert text.endswith("3 designs: 1 held, 1 broken, 1 invalid")


def test_the_gravest_verdict_is_the_exit_code() -> None:
    subject = Subject("x")
    codes = {"held": 0, "broken": 1, "invalid": 2, "undecided": 3}
    for verdict, code in codes.items():
        assert exit_code([Report(subject, "held"), Report(subject, verdict)]) == code
    assert exit_code([Report(subject, "undecided"), Report(subject, "broken")]) == 1
    assert exit_code([Report(subject, "broken"), Report(subject, "invalid")]) == 2


def test_a_broken_requirement_is_one_fault_in_every_format() -> None:
    """However many findings explain it: one annotation, one result, one failure, and the wiring is not blamed."""
    result = RequirementResult("hops-1", "at most 2 switches", "broken", 5, 2, "switches", None, 8)
    why = tuple(Finding("hops", "error", f"pair {i} is 5 apart", line=8, requirement="hops-1") for i in range(128))
    report = Report(Subject("far", "far.yaml"), "broken", (result,), why)
    lines = renderers.get("github")([report]).splitlines()
    assert len([line for line in lines if line.startswith("::")]) == 1
    assert "pair 0 is 5 apart (and 127 more)" in lines[0]
    (run,) = json.loads(renderers.get("sarif")([report]))["runs"]
    assert len(run["results"]) == 1
    root = Xml.fromstring(renderers.get("junit")([report]))
    assert (root.get("failures"), root.get("errors")) == ("1", "0")
    assert [case.get("name") for case in root.iter("testcase") if len(case)] == ["hops-1"]


def test_what_is_not_known_is_an_open_question_in_every_format() -> None:
    finding = Finding("floor-rack-limits", "undecided", "nobody knows")
    report = Report(Subject("far", "far.yaml"), "undecided", (), (finding,))
    assert renderers.get("github")([report]).startswith("::warning ")
    root = Xml.fromstring(renderers.get("junit")([report]))
    assert (root.get("failures"), root.get("errors")) == ("0", "1")
