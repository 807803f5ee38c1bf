"""The CI formats, read by programs that others wrote for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from topo.report.registry import renderers

from .test_formats import reports


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
