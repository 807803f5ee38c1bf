"""What an exporter takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from topo.analysis.money.cost import link_lines
from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.design import Design, build, cable, closed_forms, context_of
from topo.errors import InputError, ParameterError, Problem
from topo.exporters.links import LinkRows, link_rows
from topo.fabric import Fabric
from topo.generators import Counts
from topo.placement import Bom, Cabling, Places, bill_of_materials
from topo.registry import Registry


@dataclass(frozen=True)
class Plan:
    """A design, what is built, how it is cabled, its closed-form counts by network name, and where the devices stand
    (None where the design has no floor)."""

    design: Design
    fabric: Fabric
    catalog: Catalog
    cabling: Cabling
    counts: Mapping[str, Counts]
    price_book: PriceBook | None
    places: Places | None = None

    @property
    def title(self) -> str:
        """One line for people."""
        return self.design.title or self.design.name

    @cached_property
    def bom(self) -> Bom:
        """The bill of materials."""
        spares, book = self.design.file.spares_percent, self.price_book
        links = link_lines(self.fabric, self.catalog, book, self.cabling) if book and book.prices_links else ()
        return bill_of_materials(self.fabric, self.catalog, self.cabling, book, spares, links, self.places)

    @cached_property
    def links(self) -> LinkRows:
        """The one table of link ends that every cabling format is written from."""
        return link_rows(self.fabric, self.catalog, self.cabling, self.places)


@dataclass(frozen=True)
class Exporter:
    """A format: its files by relative path, and in words what the format cannot carry. `refuses` says, in words, why a
    plan cannot be written in this format, and nothing where it can; `on_request` formats are no part of a whole set."""

    title: str
    write: Callable[[Plan], dict[str, bytes]]
    cannot: str
    refuses: Callable[[Plan], str] = lambda plan: ""
    on_request: bool = False


exporters: Registry[Exporter] = Registry("export", "topo.exporters.formats")


def make_plan(design: Design, fabric: Fabric | None = None) -> Plan:
    """The plan of a design; `fabric` saves building it again. Raises InputError where it cannot be built,
    or where its price book lacks a part."""
    fabric = fabric or build(design)
    book = context_of(design, fabric).price_book
    cabled = cable(design, fabric)
    return Plan(design, fabric, design.catalog, cabled.cabling, closed_forms(design), book, cabled.places)


def left_out(plan: Plan) -> dict[str, str]:
    """Why each format that a whole set would have cannot hold this plan, by name."""
    result = ((name, exporters.get(name)) for name in exporters.names())
    reasons = {name: exporter.refuses(plan) for name, exporter in result if not exporter.on_request}
    return {name: reason for name, reason in reasons.items() if reason}


def whole_set(plan: Plan) -> tuple[str, ...]:
    """The names of all formats that this plan can be written in, without those on request."""
    without = left_out(plan)
    return tuple(n for n in exporters.names() if n not in without and not exporters.get(n).on_request)


def build_files(plan: Plan, names: Iterable[str], done: Callable[[str], None] = lambda name: None) -> dict[str, bytes]:
    """The files of the named exporters by relative path, in order of name; `done` is called with each name whose files
    are made. Raises ParameterError for an unknown name or a format that this plan cannot be written in, InputError
    where two exporters write the same path."""
    files: dict[str, bytes] = {}
    for name in sorted(set(names)):
        exporter = exporters.get(name, "export")
        reason = exporter.refuses(plan)
        if reason:
            raise ParameterError("export", name, reason)
        written = exporter.write(plan)
        for path, data in written.items():
            if not isinstance(data, bytes):
                raise TypeError(f"the export {name} gives {path} as {type(data).__name__}, not as bytes")
        both = sorted(files.keys() & written.keys())
        if both:
            raise InputError(Problem("two exports write this file", "export", both[0], hint=f"{name} is the second"))
        files.update(written)
        done(name)
    return files
