"""The mathematics page: every formula can be shown, and it speaks of every certificate there is."""

from __future__ import annotations

import html
import re
import sys
from fractions import Fraction
from pathlib import Path

import markdown

from topo import api
from topo.certificates.bounds.walks import MOST_SLACK
from topo.certificates.verify import kinds

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import site_hooks  # noqa: E402

TEXT = (DOCS / "mathematics.md").read_text(encoding="utf-8")


def test_every_formula_becomes_mathml() -> None:
    extensions = ["tables", "pymdownx.arithmatex"]
    page = markdown.markdown(TEXT, extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}})
    formulas = page.count('class="arithmatex"')
    shown = site_hooks.on_page_content(page)
    assert formulas > 100
    assert shown.count("<math") == formulas
    seen = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<code>.*?</code>", "", shown)))
    assert "$" not in seen
    assert "\\" not in seen


def test_every_kind_of_certificate_has_its_row() -> None:
    table = TEXT.partition("| kind | holds |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE)) == set(kinds.names())
    for method in ("flows", "walks", "split"):
        assert f"`{method}`" in table


def test_figures_on_the_page_are_those_of_the_code() -> None:
    assert f"k \\le {MOST_SLACK}" in TEXT
    design = api.load_design(DOCS.parent / "designs" / "mpft-16384.yaml")
    found = api.throughput(api.build(design), traffic="gpu-all-to-all")
    assert found.lower == found.upper == float(Fraction(16383, 8 * 2047))
    assert "16383 / (8 \\cdot 2047)" in TEXT
