"""Numbers, intervals and sums of a report in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topo.interval import Words, span
from topo.report.model import Metrics, Report
from topo.units import count

NONE = "–"
"""What stands where a page has no figure."""


def number(value: float | int | None) -> str:
    """A number as a person reads it, with up to six figures; a dash for none."""
    if value is None:
        return NONE
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.6g}"


def rounded(value: float) -> str:
    """A number without what is behind its point."""
    return number(round(value))


def interval(ends: Mapping[str, Any]) -> str:
    """'1.000', or '0.900 to 1.000', or '0.900 or more'."""
    lower, upper = ends.get("lower"), ends.get("upper")
    return span(lower, upper, "{:.3f}".format, Words(at_least="{} or more", at_most="{} or less", nothing=NONE))


def cost_words(cost: Mapping[str, Any]) -> str:
    """A sum with all that it rests on: the book, what is none of the market, what has no price, what is left out."""
    basis = f" ({cost['basis']})" if cost.get("basis") else ""
    partly = "".join(
        f"; {words} {', '.join(cost[key])}"
        for key, words in (
            ("not_fitted", "not fitted to"),
            ("unpriced", "not complete, no price for"),
            ("leaves_out", "leaves out"),
        )
        if cost.get(key)
    )
    return f"cost {count(round(cost['total']))} USD by {cost['price_book']}{basis}{partly}"


def left_out(cost: Mapping[str, Any]) -> list[str]:
    """What the sum over all networks leaves out."""
    return [what for what in cost.get("leaves_out") or [] if not what.startswith("network ")]


def unpriced(report: Report) -> list[str]:
    """What has no price in any network."""
    return _of_all(report, "unpriced")


def beside_cost(report: Report) -> list[str]:
    """What has to stand beside a sum over all networks: what has no price, what is left out, what prices rest on."""
    cost, missing = report.metrics.cost_usd or {}, unpriced(report)
    result = [f"no price for {', '.join(missing)}"] if missing else []
    out, odd = left_out(cost), _of_all(report, "not_fitted")
    result += [f"leaves out {', '.join(out)}"] if out else []
    result += [f"not fitted to {', '.join(odd)}"] if odd else []
    return [*result, cost["basis"]] if cost.get("basis") else result


def _of_all(report: Report, key: str) -> list[str]:
    """What the costs of all networks list under a key, once each."""
    every: list[Metrics] = [report.metrics, *report.others.values()]
    return list(dict.fromkeys(what for m in every for what in (m.cost_usd or {}).get(key) or []))
