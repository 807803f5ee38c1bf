"""Writes the page: escaped text, inert data, and scripts that the content security policy knows by their digests."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from topo.diagrams.written.svg import DARK
from topo.report.html.facts import answers, certificate_text, failures, headline, tiles
from topo.report.html.gather import Page
from topo.report.html.loads import bars
from topo.report.html.rates import rates
from topo.report.html.side_by_side import comparison
from topo.report.words import number

HERE = Path(__file__).resolve().parent
SCRIPTS = ("vendor/panzoom.min.js", "vendor/uPlot.iife.min.js", "vendor/tabulator.min.js", "app.js")
STYLES = ("vendor/tabulator.min.css", "vendor/uPlot.min.css", "style.css")


def render_page(pages: Sequence[Page]) -> bytes:
    """The HTML of one design, or of several side by side, as UTF-8. The same pages give the same bytes."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(number=number, certificate=certificate_text)
    scripts = [asset(name) for name in SCRIPTS]
    style = "\n".join(asset(name) for name in STYLES)
    html = environment.get_template("page.html.j2").render(
        pages=pages,
        title=" and ".join(page.title for page in pages),
        policy=policy(scripts, style),
        scripts=scripts,
        style=style,
        data=packed({"pages": [_data(page) for page in pages]}),
        cables=_deflated(_cables(pages)),
        answers=answers,
        tiles=tiles,
        headline=headline,
        failures=failures,
        rates=rates,
        markup=_markup,
        comparison=comparison(pages) if len(pages) > 1 else (),
        inline_svg=inline_svg,
    )
    return html.encode()


def policy(scripts: Sequence[str], style: str) -> str:
    """Nothing from outside, no script but ours: each by its SHA-256."""

    def digest(text: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    known = " ".join(digest(s) for s in scripts)
    return (
        f"default-src 'none'; script-src {known}; style-src {digest(style)}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


@cache
def asset(name: str) -> str:
    """A script or style as it stands in the page: no source map, and nothing that would end its element."""
    text = (HERE / name).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$|/\*# sourceMappingURL=.*?\*/", "", text).strip()
    return text.replace("</script", "<\\/script").replace("</style", "<\\/style")


def packed(value: Any) -> str:
    """JSON, deflated and in base64: inert wherever it stands, and a tenth of its size."""
    return _deflated([_text(value)])


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _deflated(texts: Iterable[str]) -> str:
    """The texts, one after the other, as `packed` has them."""
    writer = zlib.compressobj(9)
    parts = [writer.compress(text.encode()) for text in texts]
    return b64encode(b"".join((*parts, writer.flush()))).decode()


def _data(page: Page) -> dict[str, Any]:
    return {
        "pictures": [
            {
                "view": p.view,
                "title": p.title,
                "svg": "" if p.view == "overview" else _bare(p.svg),
                "holds": dict(p.holds),
            }
            for p in page.pictures
        ],
        "loads": [
            {"kind": t.kind, "routings": [r.routing for r in t.rows], "bins": bars(t)[0], "counts": bars(t)[1]}
            for t in page.loads
        ],
        "devices": page.devices,
    }


def _cables(pages: Sequence[Page]) -> Iterator[str]:
    """The JSON of the cable tables of all pages, column by column: a table may have millions of rows."""
    yield '{"pages":['
    for i, page in enumerate(pages):
        yield ",[" if i else "["
        for j, c in enumerate(page.cables):
            head = _text({"title": c.title, "values": c.values})[:-1]
            yield f'{"," if j else ""}{head},"codes":'
            yield _text(c.codes.tolist())
            yield f',"number":{_text(c.is_number)}}}'
        yield "]"
    yield "]}"


def _bare(svg: str) -> str:
    """A drawing without its ids, which several in one page would share, its fixed size, and its own style: the page has
    a theme."""
    without = re.sub(r' id="[^"]*"', "", svg.replace(DARK, ""))
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', "<svg", without, count=1)


def _markup(svg: str) -> str:
    """A drawing of ours as it is; its texts are escaped where it is made."""
    from markupsafe import Markup

    return Markup(svg)


def inline_svg(page: Page) -> str:
    """The overview for the page itself, so that it shows without scripts."""
    from markupsafe import Markup

    result = [_bare(p.svg) for p in page.pictures if p.view == "overview"]
    return Markup(result[0]) if result else Markup("")
