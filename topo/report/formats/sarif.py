"""SARIF 2.1.0: one run, a result per thing that is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topo.report.model import Report
from topo.report.problems import Row, rows, told_once
from topo.report.registry import renderers
from topo.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(reports: Sequence[Report]) -> str:
    """The reports as a SARIF log."""
    result = [(report, row) for report in told_once(reports) for row in rows(report)]
    rules = sorted({row.rule for _, row in result})
    driver = {
        "name": "topo",
        "version": __version__,
        "rules": [{"id": rule, "shortDescription": {"text": f"topo: {rule}"}} for rule in rules],
    }
    results = [_result(report, row, rules.index(row.rule)) for report, row in result]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _result(report: Report, row: Row, rule: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(row.path)}}
    if row.line:
        place["region"] = {"startLine": row.line}
    located = [{"physicalLocation": place}] if row.path else []
    return {
        "ruleId": row.rule,
        "ruleIndex": rule,
        "level": row.level,
        "message": {"text": f"{report.subject.name}: {row.message}"},
        "locations": located,
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())


renderers.add("sarif", render)
