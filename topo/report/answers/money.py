"""What `topo cost` says: money by class and network over the life of a design."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from topo import yamlfile
from topo.analysis.money import Amount, CostTerms, Life
from topo.catalog import PriceBook
from topo.checks import Context, questions
from topo.design import Design, build, context_of
from topo.errors import InputError, LimitReachedError, Problem, nearest, shown
from topo.report.look import PLAIN, Look
from topo.report.table import table

SCHEMA = "topo.cost/1"
DEFAULT_BOOK = "published-fabric-links"
"""Where the design names no price book; a calibration, and the page says so."""
OF_DESIGN = ("price_book", "spares_percent")
"""Keys of a design, beside those of its `cost`, that a what-if may set."""
FORMATS = ("text", "json", "csv", "md")


@dataclass(frozen=True)
class CostPage:
    """A design and what it costs over its life. `assumed` says what the design does not."""

    design: str
    life: Life
    assumed: tuple[str, ...] = ()


def what_if(design: Design, sets: Sequence[str], years: float | None = None) -> Design:
    """The design with keys of its `cost` (dots lead into mappings), its `price_book` or `spares_percent` set to other
    values, each given as KEY=VALUE. Raises InputError, without a line, for what is no key or not allowed."""
    terms = _plain(design.document.value.get("cost")) if design.file.cost else {}
    whole: dict[str, Any] = {}
    problems: list[Problem] = []
    if years is not None and not years > 0:
        raise InputError(Problem("is out of range", "--years", f"{years:g}", "above 0"))
    for text in [*sets, *([f"years={years:g}"] if years is not None else [])]:
        key, equals, value = text.partition("=")
        steps = key.strip().removeprefix("cost.").split(".")
        known = (*CostTerms.model_fields, *OF_DESIGN)
        if not equals or steps[0] not in known or "" in steps or len(steps) > 2:
            allowed = "KEY=VALUE with KEY one of " + ", ".join(known)
            problems.append(
                Problem("is nothing that can be set", "--set", shown(text), allowed, _set_hint(steps[0], equals, known))
            )
            continue
        try:
            read = yamlfile.parse(f"value: {value}\n", "--set").value
        except InputError as error:
            problems += [replace(p, file="", line=0, key="--set", value=shown(text)) for p in error.problems]
            continue
        if list(read) != ["value"]:
            problems.append(Problem("is not one value", "--set", shown(text), "KEY=VALUE"))
        elif steps[0] in OF_DESIGN:
            whole[steps[0]] = read["value"]
        elif len(steps) == 1:
            terms[steps[0]] = read["value"]
        else:
            inner = terms.get(steps[0], {})
            inner = dict(inner) if isinstance(inner, Mapping) else {"all": inner}
            terms[steps[0]] = {**inner, steps[1]: read["value"]}
    if problems:
        raise InputError(problems)
    if not sets and years is None:
        return design
    document = yamlfile.parse(json.dumps({**design.document.value, **whole, "cost": terms}, indent=1), "--set")
    try:
        file = yamlfile.validated(type(design.file), document)
    except InputError as error:
        moved = [replace(p, file="", line=0, key=f"--set {p.key.removeprefix('cost.')}") for p in error.problems]
        raise InputError(moved) from None
    if file.price_book:
        design.catalog.price_book(file.price_book, "--set price_book")
    return replace(design, file=file)


def _set_hint(key: str, equals: str, known: Sequence[str]) -> str:
    """What was probably meant by a text that sets nothing."""
    return f"{key}=VALUE" if key in known and not equals else nearest(key, known)


def _plain(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def cost_page(design: Design, book: PriceBook | None = None, time_limit_s: float = 10.0) -> CostPage:
    """Builds the design and sums its money; the bisection is sought for at most `time_limit_s`. Raises InputError where
    it cannot be built, or its price book lacks a part."""
    assumed = []
    if book is None and design.file.price_book is None:
        book = design.catalog.price_book(DEFAULT_BOOK)
        assumed.append(f"price book {DEFAULT_BOOK}, as the design names none (price_book)")
    if design.file.cost is None:
        assumed.append("no terms beside prices, as the design states none (cost)")
    fabric = build(design)
    context = context_of(design, fabric, book, time_limit_s)
    result = whole_life(replace(context, terms=context.terms or CostTerms()))
    assert result is not None, "a price book was chosen"
    return CostPage(design.name, result, tuple(assumed))


def whole_life(context: Context) -> Life | None:
    """The money over the life of all networks, with the bisection of the main one where it is known; None where there
    is no price book, or the design states no terms."""
    result = context.ask(questions.Life())
    if result is None:
        return None
    try:
        halves = context.ask(questions.Bisection(context.fabric.networks[0]))
    except LimitReachedError:
        return result
    return replace(result, bisection_gbps=(halves.lower_gbps, halves.upper_gbps))


def figure(value: Life, amount: Amount | None, digits: int = 0) -> str:
    """An amount for people: the expected one, with its range where it is one."""
    if amount is None:
        return "-"
    shown_ = value.shown(amount)
    low, high = f"{shown_.low:,.{digits}f}", f"{shown_.high:,.{digits}f}"
    return low if low == high else f"{shown_.expected:,.{digits}f} ({low} to {high})"


HEAD = ("network", "class", "pieces", "list price", "discount", "paid", "maintenance/year", "energy/year",
        "racks/year", "over life")  # fmt: skip


def _rows(value: Life) -> list[list[str]]:
    rows = [
        [
            line.network,
            line.kind,
            f"{line.count:,.10g}" if line.count else "",
            "unknown" if line.is_unknown else figure(value, line.list_price),
            f"{line.discount:.0%}" if line.discount else "",
            "unknown" if line.is_unknown else figure(value, line.paid),
            figure(value, line.maintenance),
            figure(value, line.energy),
            figure(value, line.housing),
            "unknown" if line.is_unknown and not line.watts else figure(value, line.over(value.terms.years)),
        ]
        for line in value.lines
    ]
    yearly = [figure(value, value.yearly(what)) for what in ("maintenance", "energy", "housing")]
    return [*rows, ["all", "total", "", "", "", figure(value, value.capex), *yearly, figure(value, value.total)]]


def _notes(page: CostPage) -> list[str]:
    """The sums, what they rest on, and everything they leave out."""
    value, years, unit = page.life, page.life.terms.years, page.life.terms.currency
    lines = [
        f"Over {years:g} years: {figure(value, value.total)} {unit}, of which {figure(value, value.capex)} paid once."
    ]
    if value.per_gpu is not None:
        lines.append(f"{figure(value, value.per_gpu)} {unit} a GPU")
    each = value.per_bisection_gbps
    if each is not None:
        lines[-1] += f"; {figure(value, each, 2)} {unit} a Gb/s of bisection (main network)"
    lines.append(f"Price book {value.price_book}{f': {value.basis}' if value.basis else ''}.")
    if value.not_fitted:
        odd = ", ".join(value.not_fitted)
        lines.append(f"Warning: the price book was not fitted to {odd}; it prices them as others.")
    lines += [f"No price is known for {', '.join(value.unpriced)}: the sum is without."] if value.unpriced else []
    lines += [f"Left out: {', '.join(value.leaves_out)}."] if value.leaves_out else []
    lines += [f"Assumed: {', '.join(page.assumed)}."] if page.assumed else []
    return [*lines, f"Stated: {'; '.join(value.stated)}."]


def as_text(page: CostPage, look: Look = PLAIN) -> str:
    """A table by network and class, and all that the sums rest on."""
    used = [i for i in range(len(HEAD)) if i < 3 or any(row[i] not in ("", "-") for row in _rows(page.life))]
    rows = [[row[i] for i in used] for row in _rows(page.life)]
    lines = look.heading(f"{page.design}: money over its life, {page.life.terms.currency}")
    lines += table([HEAD[i] for i in used], rows, left=2, look=look)
    return "\n".join([*lines, "", *(folded for note in _notes(page) for folded in look.fold(note, 2))])


def as_markdown(page: CostPage) -> str:
    """The same as a Markdown table."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|" + "---:|" * (len(HEAD) - 2)]
    lines += [f"| {' | '.join(row)} |" for row in _rows(page.life)]
    return "\n".join([*lines, "", *(f"{note}\n" for note in _notes(page))])


def as_csv(page: CostPage) -> str:
    """One line for each network, class and figure, with its ends, as precise as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", "class", "figure", "unit", "low", "expected", "high", "note"])
    value, unit = page.life.to_json(), page.life.terms.currency
    per_year = ("maintenance_per_year", "energy_per_year", "rack_and_floor_per_year")
    notes = [f"unpriced: {', '.join(value['unpriced'])}"] if value["unpriced"] else []
    notes += [f"leaves out: {', '.join(value['leaves_out'])}"] if value["leaves_out"] else []
    notes += [f"not fitted to: {', '.join(value['not_fitted'])}"] if "not_fitted" in value else []
    whole = {"network": "all", "class": "all", **value, "unpriced": notes}
    for row in (*value["rows"], whole):
        note = "; ".join(row.get("unpriced", ()))
        for key in ("list_price", "capex", *per_year, "total", "per_gpu", "per_bisection_gbps"):
            if key in row:
                ends = [row[key][end] for end in ("low", "expected", "high")]
                each = f"{unit}/year" if key in per_year else unit
                writer.writerow([row["network"], row["class"], key, each, *ends, note])
    return out.getvalue()


def as_json(page: CostPage) -> str:
    """The same for programs."""
    assumed = {"assumed": list(page.assumed)} if page.assumed else {}
    return json.dumps({"schema": SCHEMA, "design": page.design, **page.life.to_json(), **assumed}, indent=1)


def render(page: CostPage, form: str, look: Look = PLAIN) -> str:
    """The page in one of FORMATS, without a last line end."""
    if form == "text":
        return as_text(page, look)
    return {"json": as_json, "csv": as_csv, "md": as_markdown}[form](page).rstrip("\n")
