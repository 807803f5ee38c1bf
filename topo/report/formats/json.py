"""JSON: one object per design, in a list."""

from __future__ import annotations

import json
from collections.abc import Sequence

from topo.report.model import Report
from topo.report.registry import renderers


def render(reports: Sequence[Report]) -> str:
    """The reports as the contract's JSON."""
    return json.dumps([report.to_json() for report in reports], indent=1, allow_nan=False)


renderers.add("json", render)
