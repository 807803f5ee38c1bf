"""Writes search.html: the look, the content security and the scripts' rules of the report's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from topo.report.html.page import asset, packed, policy
from topo.searching.bounds.anything import gap
from topo.searching.candidates.objectives import OBJECTIVES, figure
from topo.searching.output.page.chart import chart_data, front_svg
from topo.searching.output.render import within_limits
from topo.searching.record.result import Search

HERE = Path(__file__).resolve().parent


def search_page(search: Search) -> bytes:
    """The HTML of a search as UTF-8. The same search gives the same bytes."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = (HERE / "search.js").read_text(encoding="utf-8").strip()
    style = asset("style.css") + "\n" + (HERE / "search.css").read_text(encoding="utf-8").strip()
    winner = search.winner
    over = {}
    for key in ("switches", "cost_usd"):
        value = winner.values.get(key) if winner else None
        share = gap(value, search.lower_bound, key) if value is not None else None
        if share is not None:
            over[key] = f"{100 * share:.3g} %"
    return (
        environment.get_template("search.html.j2")
        .render(
            search=search,
            space=search.space,
            policy=policy([script], style),
            style=style,
            script=script,
            data=packed(chart_data(search)),
            picture=Markup(front_svg(search)),
            names=[name for name in search.request.objectives if name != "switches"],
            objectives=OBJECTIVES,
            figure=figure,
            over=over,
            verdict={0: "held", 1: "broken", 3: "undecided"}[search.exit_code],
            rows=_rows(search),
            limits=within_limits(search),
            stages=search.to_json().get("winner", {}).get("stages", []),
        )
        .encode()
    )


def _rows(search: Search) -> list[dict[str, Any]]:
    """The designs of the front, and those of `top` that are not on it."""
    points = {p.row.number: p for p in (*search.front, *search.top)}
    return [{"point": p, "front": p in search.front, "words": p.row.candidate.text} for p in points.values()]
