"""JSON: one object per design, in a list; a requirement, a metric or a certificate a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from topo.report.model import Report
from topo.report.registry import renderers

OPEN_LEVELS = 3
"""The list, the report, and what it holds stand on lines of their own; everything deeper is compact."""


def render(reports: Sequence[Report]) -> str:
    """The reports as the contract's JSON."""
    return _lines([report.to_json() for report in reports], OPEN_LEVELS, "\n")


def _lines(value: Any, levels: int, newline: str) -> str:
    if not levels or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, allow_nan=False)
    inner = newline + " "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {_lines(item, levels - 1, inner)}" for key, item in value.items()]
        return "{" + inner + f",{inner}".join(rows) + newline + "}"
    return "[" + inner + f",{inner}".join(_lines(item, levels - 1, inner) for item in value) + newline + "]"


renderers.add("json", render)
