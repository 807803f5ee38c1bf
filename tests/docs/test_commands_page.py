"""The page of commands is what the commands say, and the site's navigation names every page once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import write_reference  # noqa: E402


def test_the_committed_page_is_current() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == write_reference.commands_page(), "run `make reference`"


def test_the_navigation_names_every_page_once() -> None:
    navigation = (
        (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8").partition("nav:")[2].partition("exclude_docs")[0]
    )
    named = re.findall(r"[\w/.-]+\.md", navigation)
    there = [str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if "gallery" not in path.parts]
    assert sorted(named) == sorted({*there, "gallery.md"})
