"""The name and the number of a cable: what schedule, workbook, pull list, label, report and change plan call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement.cables.cabling import Cabling
from topo.placement.cables.labels import port_labels

Numbers = Mapping[str, int]
"""Numbers of cables by their names, all different, from 1."""


def cable_names(cabling: Cabling, names_a: Sequence[str]) -> list[str]:
    """A cable's name: end a of its first link, and /2, /3 for further cables of the same link. It says nothing of
    totals, so that growth renames no cable. `names_a`: `device:port` of end a by link row."""
    first = cabling.cables.first_link
    again = np.zeros(len(first), dtype=np.int64)
    if len(first):
        start = np.ones(len(first), dtype=np.bool_)
        start[1:] = first[1:] != first[:-1]
        rows = np.arange(len(first))
        again = rows - np.maximum.accumulate(np.where(start, rows, 0))
    names = [names_a[i] for i in first.tolist()]
    for row in np.flatnonzero(again).tolist():
        names[row] = f"{names[row]}/{again[row] + 1}"
    return names


def numbers_of(fabric: Fabric, cabling: Cabling) -> dict[str, int]:
    """The number of every cable by its name."""
    names = cable_names(cabling, port_labels(fabric, fabric.links.a))
    return dict(zip(names, cabling.cables.number.tolist(), strict=True))


def numbered(fabric: Fabric, cabling: Cabling, known: Numbers) -> Cabling:
    """The cabling whose cables of known names have their known numbers; all others follow after the highest of these,
    in order. A number goes with the name: a longer cable between the same ports has that of the one it replaces."""
    if not known:
        return cabling
    names = cable_names(cabling, port_labels(fabric, fabric.links.a))
    number: IntArray = np.array([known.get(name, 0) for name in names], dtype=np.int64)
    new = number == 0
    number[new] = max(known.values()) + 1 + np.arange(np.count_nonzero(new))
    return replace(cabling, cables=replace(cabling.cables, number=number))


def numbers_of_links(cabling: Cabling) -> IntArray:
    """Shape (links,): the number of the (last) cable of each link, 0 where it has none."""
    return np.asarray(np.append(cabling.cables.number, 0)[cabling.cable_of_link])
