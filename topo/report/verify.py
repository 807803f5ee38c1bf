"""Checks every certificate of a JSON report against the fabric that its design describes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.certificates import verify_certificate
from topo.checks.answers import cabled
from topo.design import Design, build, context_of, load_design
from topo.errors import CertificateError, InputError, Problem
from topo.files import read_text
from topo.report.model import SCHEMA

MAX_BYTES = 2_000_000_000


def verify_report(path: Path, catalog: Catalog) -> tuple[list[str], bool]:
    """One line per certificate, and whether all of them hold. Designs are looked for at the path in the report, from
    the current folder and then from the report's. Raises InputError for a file that is no report, or whose designs
    are gone or have changed since."""
    lines: list[str] = []
    sound = True
    for report in _reports(path):
        name = report["design"].get("name", "?")
        certificates = list(_certificates(report))
        if not certificates:
            lines.append(f"{name}: no certificates")
            continue
        design = _design(path, report, catalog)
        fabric = cabled(context_of(design, build(design)))
        for what, certificate in certificates:
            try:
                verify_certificate(fabric, dict(certificate))
                lines.append(f"{name}: {what}: proved")
            except CertificateError as error:
                sound = False
                lines.append(f"{name}: {what}: NOT PROVED: {error}")
    return lines, sound


def _reports(path: Path) -> list[dict[str, Any]]:
    try:
        value = json.loads(read_text(path, MAX_BYTES, "REPORT"))
    except (ValueError, RecursionError) as error:
        hint = "`topo check DESIGN --format json > report.json` writes one"
        raise InputError(Problem(f"is no JSON: {error}", "REPORT", hint=hint, file=str(path))) from None
    reports = value if isinstance(value, list) else [value]
    for report in reports:
        if not isinstance(report, dict) or report.get("schema") != SCHEMA or not isinstance(report.get("design"), dict):
            raise InputError(Problem("is no topo report", "schema", allowed=SCHEMA, file=str(path)))
    return reports


def _certificates(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for requirement in report.get("requirements", []):
        if requirement.get("certificate"):
            yield requirement["id"], requirement["certificate"]
    yield from report.get("certificates", {}).items()


def _design(report_path: Path, report: Mapping[str, Any], catalog: Catalog) -> Design:
    stated = report["design"].get("path", "")
    found = next((p for p in (Path(stated), report_path.parent / stated) if stated and p.is_file()), None)
    if found is None:
        raise InputError(Problem("the report's design is not there", "design.path", stated, file=str(report_path)))
    design = load_design(found, catalog)
    if design.sha256 != report["design"].get("sha256"):
        problem = Problem("the design has changed since the report", "design.sha256", design.sha256)
        raise InputError(problem).at(str(report_path))
    return design
