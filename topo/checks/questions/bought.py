"""Questions about what is bought: cables and where they lie, money, power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topo.checks.model import Context, Question

if TYPE_CHECKING:
    from topo import placement
    from topo.analysis import money
    from topo.analysis.money import cost, power
    from topo.checks import model
    from topo.fabric.model import FloatArray


@dataclass(frozen=True)
class Laid(Question["model.Laid | None"]):
    """The fabric on its floor; None where the design has no floor plan."""

    def answer(self, context: Context) -> model.Laid | None:
        return None if context.laid is None else context.laid(context.fabric)


@dataclass(frozen=True)
class Cabling(Question["placement.Cabling"]):
    """The cables and modules of the fabric; raises ParameterError for parts that the catalog does not have."""

    def answer(self, context: Context) -> placement.Cabling:
        from topo.placement.cables.cabling import cabling

        on_floor = context.ask(Laid())
        if on_floor is not None:
            return on_floor.cabling
        return cabling(context.fabric, context.catalog, lengths_m=context.lengths_m, price_book=context.price_book)


@dataclass(frozen=True)
class PlacedLengths(Question["FloatArray | None"]):
    """Shape (fabric links,): the length of the cable of every link that is ordered for the floor plan, that of its
    route where no part fits; None where there is no floor plan."""

    def answer(self, context: Context) -> FloatArray | None:
        if context.laid is None:
            return None
        result = context.ask(Cabling())
        cable, sold_m = result.cable_of_link, result.cables.sold_m
        sold = np.where(cable >= 0, sold_m[cable], np.nan) if len(result.cables) else np.full(len(cable), np.nan)
        return np.where(np.isfinite(sold), sold, result.lengths.length_m)


@dataclass(frozen=True)
class Cost(Question["cost.Cost | None"]):
    """What one network costs by the context's price book; None where there is none."""

    network: str

    def answer(self, context: Context) -> cost.Cost | None:
        from topo.analysis.money.cost import network_cost

        book, row = context.price_book, context.fabric.network_row(self.network)
        if book is None:
            return None
        return network_cost(
            context.fabric, row, context.catalog, book, context.ask(Cabling()), context.spares_percent > 0
        )


@dataclass(frozen=True)
class Life(Question["money.Life | None"]):
    """What all networks cost over their life, without the bisection; None where there is no price book, or the design
    states no terms beside it."""

    def answer(self, context: Context) -> money.Life | None:
        from topo.analysis.money import Subject, life
        from topo.placement import bill_of_materials

        book, terms, spares = context.price_book, context.terms, context.spares_percent
        if book is None or terms is None:
            return None
        cables, on_floor, parts = context.ask(Cabling()), context.ask(Laid()), context.catalog
        bom = bill_of_materials(context.fabric, parts, cables, book, spares).lines if spares else ()
        places, floor = (on_floor.places, on_floor.floor) if on_floor else (None, None)
        return life(Subject(context.fabric, parts, book, cables, bom, places, floor), terms)


@dataclass(frozen=True)
class Power(Question["power.PartSum"]):
    """What one network draws: switches, modules and active cables."""

    network: str

    def answer(self, context: Context) -> power.PartSum:
        from topo.analysis.money.power import network_power_w

        row = context.fabric.network_row(self.network)
        return network_power_w(context.fabric, row, context.catalog, context.ask(Cabling()))
