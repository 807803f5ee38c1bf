"""What checks and analyses look at, from a design."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.analysis.reliability.rates import Rate
from topo.catalog import PriceBook
from topo.checks import Context, Laid, questions
from topo.design.cable import cable
from topo.design.model import Design
from topo.design.placed import placed
from topo.design.wire import closed_forms
from topo.errors import InputError, ParameterError, Problem
from topo.fabric import Fabric
from topo.yamlfile import Keys

ANY = Rate(afr=1.0)
"""Stands for a rate where only the members of a group are wanted."""
NO_PART = ("switches without a part", "links that no part joins")
"""What `Cost.unpriced` names beside parts and classes: no price book could price it."""


def context_of(
    design: Design, fabric: Fabric, price_book: PriceBook | None = None, time_limit_s: float = 60.0
) -> Context:
    """The context of a design's fabric; `price_book` instead of the design's own.

    Raises InputError where the price book has no price for a part of the design.
    """
    file, catalog = design.file, design.catalog
    book = price_book or (catalog.price_book(file.price_book) if file.price_book else None)
    put = (lambda whole: _laid(design, whole)) if file.floor is not None else None
    context = Context(
        fabric, catalog, closed_forms(design), book, file.lengths_m, time_limit_s, put,
        spares_percent=file.spares_percent, terms=file.cost,
    )  # fmt: skip
    if file.rates is not None:
        context = replace(context, rates=file.rates)
        _refuse_hollow(design, context)
    if book is not None:
        _refuse_negative(design, fabric, book, "--price-book" if price_book else "price_book")
    if book is not None and not _prices_all(book):
        _refuse_unpriced(design, context, book, "--price-book" if price_book else "price_book")
    return context


def _laid(design: Design, fabric: Fabric) -> Laid:
    cabled = cable(design, fabric)
    assert design.file.floor is not None
    assert cabled.places is not None
    return Laid(design.file.floor, cabled.places, cabled.cabling)


def _some_names(fabric: Fabric) -> str:
    """The first device of each tier."""
    rows = np.unique(fabric.devices.tier, return_index=True)[1]
    return ", ".join(str(fabric.devices.name[row]) for row in rows.tolist())


def _refuse_hollow(design: Design, context: Context) -> None:
    """Raises InputError for rates of what no network has, and for groups that nothing says the members of."""
    rates = design.file.rates
    if rates is None:
        return
    every = replace(context, rates=replace(rates, by_key={**dict.fromkeys(rates.groups, ANY), **rates.by_key}))
    try:
        result = {family.key for name in every.fabric.networks for family in every.ask(questions.Families(name))}
    except ParameterError as error:
        problem = error.problems[0]
        at: Keys = ("risk_groups",) if problem.key in rates.groups else ("failure_rates",)
        raise placed(error, design.document, at) from None
    problems = []
    for key in (*rates.by_key, *(key for key in rates.groups if key not in rates.by_key)):
        if key not in result:
            block = "failure_rates" if key in rates.by_key else "risk_groups"
            message = "no network of the design has anything of this kind, or narrower rates have taken all of it"
            allowed = ", ".join(sorted(result))
            if key in rates.groups:
                allowed = f"names such as {_some_names(every.fabric)}"
            line = design.document.line((block, key))
            problems.append(Problem(message, f"{block}.{key}", key, allowed, "", design.path, line))
    if problems:
        raise InputError(problems)


def _refuse_negative(design: Design, fabric: Fabric, book: PriceBook, key: str) -> None:
    """Raises InputError where the formula of a book gives a switch of the design a price below zero."""
    catalog, problems = design.catalog, []
    for name in fabric.parts:
        part = catalog.switch(name) if name and catalog.path("switch", name) else None
        usd = book.switch_price_usd(name, part.ports) if part else None
        if usd is not None and usd < 0:
            file, line = (design.path, design.document.line((key,))) if key == "price_book" else ("", 0)
            message = f"prices {name} at {usd:,.2f} USD"
            hint = "switch_usd_per_port x ports + switch_base_usd must not be below zero"
            problems.append(Problem(message, key, book.id, "0 or more", hint, file, line))
    if problems:
        raise InputError(problems)


def _refuse_unpriced(design: Design, context: Context, book: PriceBook, key: str) -> None:
    lacking = _lacking(context, book)
    if not lacking:
        return
    books = [one for one in map(design.catalog.price_book, design.catalog.ids("price-book")) if one is not book]
    enough = [one.id for one in books if not _lacking(context, one)]
    hint = f"price {'them' if len(lacking) > 1 else 'it'} under parts_usd of {book.id}, or name a book that has all"
    file, line = (design.path, design.document.line((key,))) if key == "price_book" else ("", 0)
    raise InputError(
        [Problem(f"has no price for {part}", key, book.id, ", ".join(enough), hint, file, line) for part in lacking]
    )


def _prices_all(book: PriceBook) -> bool:
    """Every switch and every link has a price by its class or length."""
    switches = book.switch_usd is not None or book.switch_usd_per_port is not None
    by_class = book.optical_link_usd is not None and book.electric_link_usd is not None
    by_length = book.optical_link_usd is None and book.electric_link_usd is None and book.prices_links
    return switches and (by_class or by_length)


def _lacking(context: Context, book: PriceBook) -> list[str]:
    """Parts and classes of all networks that a book does not price."""
    from topo.analysis.money.cost import network_cost

    fabric, cabling = context.fabric, context.ask(questions.Cabling())
    result: dict[str, None] = {}
    for row in range(len(fabric.networks)):
        result |= dict.fromkeys(network_cost(fabric, row, context.catalog, book, cabling).unpriced)
    return [part for part in result if part not in NO_PART]
