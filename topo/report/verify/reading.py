"""Reads reports and finds their designs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.design import Design, load_design
from topo.errors import InputError, Problem
from topo.files import not_json, read_text
from topo.report.model import SCHEMA
from topo.report.verify.difference import short

MOST_BYTES = 300_000_000
"""The largest report that is read: hundreds of certificates of 65,536 GPUs."""
MOVED = "--design FILE says where it is now"
AGAIN = "`topo check DESIGN --format json > report.json` writes a report of the design as it is now"
SHAPES: Mapping[str, type[list[Any]] | type[dict[Any, Any]] | type[str]] = {
    "requirements": list,
    "findings": list,
    "metrics": dict,
    "certificates": dict,
    "verdict": str,
}


def reports_of(path: Path) -> list[dict[str, Any]]:
    """The reports of a file; raises InputError for what is none, or of another shape."""
    try:
        value = json.loads(read_text(path, MOST_BYTES, "REPORT"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        hint = "`topo check DESIGN --format json > report.json` writes one"
        raise InputError(not_json(error, str(path), "REPORT", hint)) from None
    reports = value if isinstance(value, list) else [value]
    if not reports:
        raise InputError(Problem("holds no report", "REPORT", "[]", SCHEMA, file=str(path)))
    for i, report in enumerate(reports):
        if not isinstance(report, dict) or report.get("schema") != SCHEMA or not isinstance(report.get("design"), dict):
            raise InputError(Problem("is no topo report", f"[{i}].schema", allowed=SCHEMA, file=str(path)))
        for key, shape in SHAPES.items():
            if key not in report and report.get("verdict") != "invalid":
                raise InputError(Problem("is missing", f"[{i}].{key}", allowed=f"a {shape.__name__}", file=str(path)))
            stated = report.get(key, shape())
            rows = isinstance(stated, list) and all(isinstance(one, dict) for one in stated)
            if not (rows if shape is list else isinstance(stated, shape)):
                problem = Problem("has another shape", f"[{i}].{key}", short(stated), f"a {shape.__name__}")
                raise InputError(problem).at(str(path))
    return reports


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def design_of(
    report_path: Path, report: Mapping[str, Any], catalog: Catalog, other: Path | None, bound: bool = True
) -> Design:
    """A report's design, if `bound` the one of its `sha256`. Raises InputError where it is gone or has changed."""
    stated = report["design"].get("path", "")
    if not isinstance(stated, str) or "\0" in stated:
        raise InputError(Problem("is no path", "design.path", short(stated), hint=MOVED, file=str(report_path)))
    places = [other] if other else [Path(stated), report_path.parent / stated]
    result = next((p for p in places if (stated or other) and p.is_file()), None)
    if result is None:
        raise InputError(
            Problem("the report's design is not there", "design.path", stated, hint=MOVED, file=str(report_path))
        )
    design, stated_digest = load_design(result, catalog), short(report["design"].get("sha256"))
    if bound and design.sha256 != report["design"].get("sha256"):
        problem = Problem(
            "the design has changed since the report", "design.sha256", design.sha256, str(stated_digest), AGAIN
        )
        raise InputError(problem).at(str(report_path))
    return design
