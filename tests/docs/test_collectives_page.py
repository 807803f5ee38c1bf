"""The pictures and the table of the page on collectives are those of the code."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    sys.path.insert(0, str(DOCS))
    try:
        from write_collectives import pages
    finally:
        sys.path.remove(str(DOCS))
    for name, content in pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == content, "python docs/write_collectives.py"
