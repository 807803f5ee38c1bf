"""Holds a JSON report against what its certificates prove and what its design asks: everything that it shows is made
again from these two, and what differs does not follow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.checks import Context
from topo.design import Design
from topo.errors import InputError
from topo.report.verify.checked import Checked
from topo.report.verify.difference import first_difference
from topo.report.verify.entry import Entry, sound
from topo.report.verify.reading import MOST_BYTES, design_of, reports_of

__all__ = ["MOST_BYTES", "Entry", "first_difference", "proved_answers", "sound", "verified"]


def verified(path: Path, catalog: Catalog, design: Path | None = None, whole: bool = True) -> list[Entry]:
    """All that the reports of a file show. Designs are looked for at the path in the report, from the current folder
    and then from the report's, or at `design`. Unless `whole`, a report may show less than a design asks: what it
    shows has to follow. Raises InputError for a file that is no report, or whose designs are
    gone or have changed since."""
    result: list[Entry] = []
    for report in reports_of(path):
        name = str(report["design"].get("name", "?"))[:200]
        if report.get("verdict") in ("invalid", "error"):
            result.append(_invalid(path, report, catalog, name, design))
            continue
        result += Checked(design_of(path, report, catalog, design), report, name, whole).found()
    return result


def proved_answers(design: Design, report: Mapping[str, Any]) -> tuple[list[Entry], Context]:
    """The certificates of a report, each checked, and a context that answers by them alone: whatever else a solver
    would have to be asked raises LimitReachedError there."""
    one = Checked(design, report, str(report["design"].get("name", "?"))[:200], whole=False)
    one.certificates()
    return one.lines, one.context


def _invalid(path: Path, report: Mapping[str, Any], catalog: Catalog, name: str, other: Path | None) -> Entry:
    """A report that shows nothing but why a design is none."""
    try:
        design_of(path, report, catalog, other, bound=False)
    except InputError as error:
        same = report.get("verdict") == "invalid"
        return Entry("verdict", "the design is invalid", same, "recount", "" if same else str(error)[:200], name)
    said = f"the verdict is {report['verdict']}"
    return Entry("verdict", said, False, "recount", "the design can be read", name)
