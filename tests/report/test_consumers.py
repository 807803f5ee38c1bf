"""The CI formats, read by programs that others wrote for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from junitparser import Error, Failure, JUnitXml
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from xmlschema import XMLSchema

from topo.report.registry import renderers

from .test_formats import reports

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"


def validator() -> Draft4Validator:
    return Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.4.json").read_text(encoding="utf-8")))


def test_sarif_is_accepted_by_the_published_schema() -> None:
    log = json.loads(renderers.get("sarif")(reports()))
    assert [error.message for error in validator().iter_errors(log)] == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator().is_valid(log)


def test_junit_is_accepted_by_the_schema_of_jenkins() -> None:
    schema = XMLSchema(SCHEMAS / "junit-10.xsd")
    text = renderers.get("junit")(reports())
    assert [error.reason for error in schema.iter_errors(text)] == []
    assert not schema.is_valid(text.replace("<testcase name=", "<testcase nam="))


def test_sarif_is_accepted_by_models_generated_from_the_published_schema() -> None:
    text = renderers.get("sarif")(reports())
    log = Sarif.model_validate_json(text)
    (run,) = log.runs
    assert run.results is not None
    assert [result.ruleId for result in run.results] == ["switches", "bisection", "speeds", "design"]


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0].update(unknown=1),
        lambda log: log["runs"][0]["results"][0].update(level="fatal"),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
    ],
)
def test_those_models_refuse_what_the_schema_refuses(change: Any) -> None:
    log = json.loads(renderers.get("sarif")(reports()))
    change(log)
    with pytest.raises(ValidationError):
        Sarif.model_validate(log)


def test_junit_is_read_by_junitparser() -> None:
    root = JUnitXml.fromstring(renderers.get("junit")(reports()).encode())
    kinds = {suite.name: [[type(r) for r in case.result] for case in suite] for suite in root}
    assert kinds == {"good": [[], []], "bad": [[Failure], [], [Failure], [Error]], "wrong": [[Error]]}
    before = [(s.tests, s.failures, s.errors, s.skipped) for s in root]
    for suite in root:
        suite.update_statistics()
    assert [(s.tests, s.failures, s.errors, s.skipped) for s in root] == before
