"""The page of the plan is what topo writes today."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import write_plan  # noqa: E402


def test_the_page_of_the_plan_is_current() -> None:
    page, picture = write_plan.written()
    assert (DOCS / "plan.md").read_text(encoding="utf-8") == page, "python docs/write_plan.py"
    assert (DOCS / "pictures" / "plan-racks.svg").read_bytes() == picture, "python docs/write_plan.py"
