"""The generated pages of the reference are what the code says, and the site's navigation names every page once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import write_reference  # noqa: E402

import topo  # noqa: E402


def test_every_committed_page_is_current() -> None:
    for name, text in write_reference.pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run `make reference`"


def test_every_public_call_has_its_text() -> None:
    page = write_reference.python_page()
    for name in topo.__all__:
        section = page.partition(f"### topo.{name}\n")[2].partition("\n##")[0]
        assert name.startswith("_") or len(section.partition("-> ")[2].split()) > 5, name
    assert " at 0x" not in page


def test_the_navigation_names_every_page_once() -> None:
    navigation = (
        (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8").partition("nav:")[2].partition("exclude_docs")[0]
    )
    named = re.findall(r"[\w/.-]+\.md", navigation)
    there = [str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if "gallery" not in path.parts]
    assert sorted(named) == sorted({*there, "gallery.md"})
