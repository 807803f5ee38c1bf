"""A cabled plan as its checks look at it, and what they say is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.catalog import Cable, Catalog, Transceiver
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.placement.cables.cabling import Cabling
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import Places


@dataclass(frozen=True)
class Fault:
    """What is wrong: the check's name, in words, how many (of `unit`: links, racks, trays and so on), and one of them.
    `undecided`: nothing wrong was seen, but what is not known could be."""

    check: str
    message: str
    count: int
    example: str
    unit: str = "link"
    undecided: bool = False


@dataclass(frozen=True)
class Plan:
    """What the checks look at."""

    fabric: Fabric
    catalog: Catalog
    cabling: Cabling
    places: Places | None = None
    floor: Floor | None = None

    def cable(self, part: int) -> Cable | None:
        """The cable of a row of `cabling.parts`; None for -1 and for other parts."""
        result = self._part("cable", part)
        return result if isinstance(result, Cable) else None

    def module(self, part: int) -> Transceiver | None:
        """The module of a row of `cabling.parts`."""
        result = self._part("transceiver", part)
        return result if isinstance(result, Transceiver) else None

    def _part(self, kind: str, part: int) -> object:
        name = self.cabling.parts[part] if part >= 0 else ""
        return self.catalog.get(kind, name) if name and self.catalog.path(kind, name) else None

    def end(self, end: str) -> tuple[IntArray, IntArray, IntArray]:
        """Ports, cage forms and the parts of modules or built-in optics (-1 without) at an end of every link; shape
        (links,) each."""
        c, links = self.cabling, self.fabric.links
        part = c.optics(end)
        return (links.a, c.form_a, part) if end == "a" else (links.b, c.form_b, part)

    def link_name(self, link: int) -> str:
        """Both ends of a link."""
        f = self.fabric
        a, b = (f.ports.device[p[link]] for p in (f.links.a, f.links.b))
        ports = f.port_name(np.array([f.links.a[link], f.links.b[link]]))
        return f"{f.devices.name[a]}:{ports[0]} to {f.devices.name[b]}:{ports[1]}"


def faults(plan: Plan, check: str, wrong: BoolArray, message: str) -> list[Fault]:
    """One fault for the links that a mask marks; none where there are none."""
    rows = np.flatnonzero(wrong)
    return [Fault(check, message, len(rows), plan.link_name(int(rows[0])))] if len(rows) else []
