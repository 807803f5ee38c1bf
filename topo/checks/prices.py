"""Whether a price book speaks of the parts that a design has."""

from __future__ import annotations

from topo.checks.model import Context, Finding


def price_notes(context: Context) -> list[Finding]:
    """A warning where the price book prices parts by a class that was fitted to others."""
    from topo.analysis.money.cost import not_fitted

    book = context.price_book
    odd = not_fitted(context.fabric, book) if book is not None and context.fabric.origins else ()
    if not odd or book is None:
        return []
    message = f"the price book {book.id} was not fitted to {', '.join(odd)}, and prices them as what it was fitted to"
    hint = "a price of their own under parts_usd of a book of yours, or ranges {low, high}"
    return [Finding("price-not-fitted", "warning", message, odd, hint)]
