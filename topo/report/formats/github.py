"""Workflow commands of GitHub Actions: annotations on the line that asks for what is broken."""

from __future__ import annotations

from collections.abc import Sequence

from topo.escape import one_line, workflow_line
from topo.report.model import Report
from topo.report.problems import rows, told_once
from topo.report.registry import renderers

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(reports: Sequence[Report]) -> str:
    """One command per thing that is wrong, then a line per design."""
    lines = []
    for report in told_once(reports):
        for row in rows(report):
            line = f",line={row.line}" if row.line else ""
            place = f"file={_property(row.path)}{line},title={_property(f'topo: {row.rule}')}"
            lines.append(f"::{LEVELS[row.level]} {place}::{_data(f'{report.subject.name}: {row.message}')}")
        lines.append(workflow_line(f"{report.subject.name}: {report.verdict}"))
    return "\n".join(lines)


def _data(text: str) -> str:
    """Text of a command: what would end it as the runner reads it, all else that is not seen as its escape."""
    ends = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return one_line(ends)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


renderers.add("github", render)
