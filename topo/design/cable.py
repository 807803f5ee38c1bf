"""From a design and its fabric to racks, lengths and cables, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import dataclass

from topo.design.loader import placed
from topo.design.model import Design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.placement import Cabling, Places, assumed, cabling, place, routed


@dataclass(frozen=True)
class Cabled:
    """Where the devices stand (None where the design has no floor), and the cables."""

    places: Places | None
    cabling: Cabling


def cable(design: Design, fabric: Fabric) -> Cabled:
    """Places and cables a fabric as its design says; raises InputError where the floor does not take it."""
    file, catalog = design.file, design.catalog
    book = catalog.price_book(file.price_book) if file.price_book else None
    if file.floor is None:
        return Cabled(None, cabling(fabric, catalog, assumed(fabric, file.lengths_m), price_book=book))
    try:
        places = place(fabric, catalog, file.floor, book)
        lengths = routed(fabric, catalog, file.floor, places)
    except InputError as error:
        raise placed(error, design.document, ("floor",)) from None
    return Cabled(places, cabling(fabric, catalog, lengths, price_book=book))
