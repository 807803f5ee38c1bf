"""MkDocs hooks: the gallery is drawn before the site is built, and formulas become MathML, which needs no script."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</(?:span|div)>', re.DOTALL)


def on_pre_build(config: Any) -> None:
    """Writes docs/gallery.md and docs/gallery/*.svg."""
    sys.path.insert(0, str(HERE))
    from write_gallery import write_gallery

    write_gallery(HERE.parent / "designs", HERE)


def on_page_content(content: str, **_: Any) -> str:
    """The page with every formula as MathML, which browsers show by themselves."""
    return FORMULA.sub(_as_mathml, content)


def _as_mathml(found: re.Match[str]) -> str:
    from latex2mathml.converter import convert

    return str(convert(html.unescape(found[2]).strip(), display="block" if found[1] == "div" else "inline"))
