"""From a design and its fabric to racks, lengths and cables, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from topo.catalog.models import PriceBook
from topo.design.model import Design
from topo.design.placed import placed
from topo.design.stands import Standing, stands_of
from topo.design.wire import build
from topo.errors import InputError, ParameterError
from topo.fabric import Fabric
from topo.placement import Cabling, Floor, Places, assumed, keeping, patched, place, routed
from topo.placement.cables.cabling import cabling
from topo.placement.cables.numbers import numbered, numbers_of


@dataclass(frozen=True)
class Cabled:
    """Where the devices stand (None where the design has no floor), and the cables."""

    places: Places | None
    cabling: Cabling


def cable(design: Design, fabric: Fabric) -> Cabled:
    """Places, cables and numbers a fabric as its design says; raises InputError where the floor does not take it."""
    file, catalog = design.file, design.catalog.with_fibre(design.file.media or "")
    book = catalog.price_book(file.price_book) if file.price_book else None
    if file.placement is not None and (file.floor is None or file.floor.improve is not None):
        why, hint = "needs a floor", "state the `floor` whose places are kept"
        if file.floor is not None:
            why, hint = "keeps what floor.improve would move", "leave one of both away"
        raise placed(ParameterError("keep", file.placement.keep, why, "", hint), design.document, ("placement",))
    if file.floor is None:
        result = Cabled(None, cabling(fabric, catalog, assumed(fabric, file.lengths_m), price_book=book))
        return Cabled(None, numbered(fabric, result.cabling, _before(design).numbers))
    design = replace(design, catalog=catalog)
    try:
        places = _places(design, fabric, file.floor, book)
        before = _before(design)
        if before.places:
            places = keeping(fabric, catalog, file.floor, places, before.places)
        lengths = routed(fabric, catalog, file.floor, places)
        if file.floor.patch_panels is not None:
            result = Cabled(*patched(fabric, catalog, file.floor, places, lengths, book))
        else:
            result = Cabled(places, cabling(fabric, catalog, lengths, price_book=book))
    except InputError as error:
        raise placed(error, design.document, ("floor",)) from None
    return Cabled(result.places, numbered(fabric, result.cabling, before.numbers))


def _before(design: Design) -> Standing:
    """What stands already: of the design that this one grows from (not where `floor.improve` moves everything anyway),
    and before that of the file that it keeps."""
    file, places, numbers = design.file, dict[str, tuple[str, int]](), dict[str, int]()
    if design.grown is not None and (file.floor is None or file.floor.improve is None):
        fabric = build(replace(design.grown, site=None))
        old = cable(design.grown, fabric)
        numbers = numbers_of(fabric, old.cabling)
        if old.places is not None:
            racks = old.places.racks.name[old.places.rack].tolist()
            at = zip(racks, old.places.ru.tolist(), strict=True)
            places = dict(zip(fabric.devices.name.tolist(), at, strict=True)) if file.floor is not None else {}
    if file.placement is None:
        return Standing(places, numbers)
    kept = stands_of(design, file.placement.keep)
    return Standing(places | kept.places, kept.numbers or numbers)


def _places(design: Design, fabric: Fabric, floor: Floor, book: PriceBook | None) -> Places:
    """Places by the floor's rule; with `room_for_gpus` those that the same devices have in the larger fabric.

    Raises ParameterError where that is smaller than the design, no whole number of hosts, or names devices otherwise.
    """
    gpus = floor.room_for_gpus
    if gpus is None or gpus == design.file.gpus:
        return place(fabric, design.catalog, floor, book)
    hosts, *others = design.groups
    if gpus < design.file.gpus or gpus % hosts.part.gpus:
        allowed = f"from {design.file.gpus:,}, a multiple of {hosts.part.gpus:,}"
        raise ParameterError("room_for_gpus", gpus, "the fabric does not grow to this size", allowed)
    groups = (replace(hosts, count=gpus // hosts.part.gpus), *others)
    grown = build(replace(design, groups=groups, file=design.file.model_copy(update={"gpus": gpus})))
    row = np.array([grown.device_row.get(str(name), -1) for name in fabric.devices.name], dtype=np.int64)
    if (row < 0).any():
        first = str(fabric.devices.name[int(np.argmax(row < 0))])
        raise ParameterError(
            "room_for_gpus", gpus, f"the fabric of this size has no device {first}", "", "leave it out"
        )
    return place(grown, design.catalog, floor, book).only(row, [n for pair in floor.rack_pairs for n in pair.racks])
