"""From a design and its fabric to racks, lengths and cables, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from topo.catalog.models import PriceBook
from topo.design.loader import placed
from topo.design.model import Design
from topo.design.stands import stands_of
from topo.design.wire import build
from topo.errors import InputError, ParameterError
from topo.fabric import Fabric
from topo.placement import Cabling, Floor, Places, assumed, cabling, keeping, patched, place, routed


@dataclass(frozen=True)
class Cabled:
    """Where the devices stand (None where the design has no floor), and the cables."""

    places: Places | None
    cabling: Cabling


def cable(design: Design, fabric: Fabric) -> Cabled:
    """Places and cables a fabric as its design says; raises InputError where the floor does not take it."""
    file, catalog = design.file, design.catalog.with_fibre(design.file.media or "")
    book = catalog.price_book(file.price_book) if file.price_book else None
    if file.placement is not None and (file.floor is None or file.floor.improve is not None):
        why = "needs a floor" if file.floor is None else "keeps what floor.improve would move"
        raise placed(ParameterError("keep", file.placement.keep, why), design.document, ("placement",))
    if file.floor is None:
        return Cabled(None, cabling(fabric, catalog, assumed(fabric, file.lengths_m), price_book=book))
    design = replace(design, catalog=catalog)
    try:
        places = _places(design, fabric, file.floor, book)
        stands = _stands(design.grown) if design.grown is not None and file.floor.improve is None else {}
        if file.placement is not None:
            stands |= stands_of(design, file.placement.keep)
        if stands:
            places = keeping(fabric, catalog, file.floor, places, stands)
        lengths = routed(fabric, catalog, file.floor, places)
        if file.floor.patch_panels is not None:
            return Cabled(*patched(fabric, catalog, file.floor, places, lengths, book))
    except InputError as error:
        raise placed(error, design.document, ("floor",)) from None
    return Cabled(places, cabling(fabric, catalog, lengths, price_book=book))


def _stands(old: Design) -> dict[str, tuple[str, int]]:
    """Rack and lowest unit by device of the design that another grows from."""
    if old.file.floor is None:
        return {}
    fabric = build(replace(old, site=None))
    places = cable(old, fabric).places
    if places is None:
        return {}
    racks = places.racks.name[places.rack].tolist()
    return dict(zip(fabric.devices.name.tolist(), zip(racks, places.ru.tolist(), strict=True), strict=True))


def _places(design: Design, fabric: Fabric, floor: Floor, book: PriceBook | None) -> Places:
    """Places by the floor's rule; with `room_for_gpus` those that the same devices have in the larger fabric.

    Raises ParameterError where that is smaller than the design, no whole number of hosts, or names devices otherwise.
    """
    gpus = floor.room_for_gpus
    if gpus is None or gpus == design.file.gpus:
        return place(fabric, design.catalog, floor, book)
    hosts, *others = design.groups
    if gpus < design.file.gpus or gpus % hosts.part.gpus:
        allowed = f"from {design.file.gpus:,}, a multiple of {hosts.part.gpus}"
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
