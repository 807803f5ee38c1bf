"""What was built: somebody else's fabrics, audits, forwarding tables, cabling plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from topo.catalog import Catalog, load_catalog
from topo.design import Design, build
from topo.errors import InputError

if TYPE_CHECKING:
    from topo.audit import Audit
    from topo.audit.live import Live
    from topo.checks import Finding
    from topo.importers.as_built import AsBuilt, Reading
    from topo.importers.somebody import Imported, Marks


def import_fabric(
    paths: Sequence[Path], form: str = "", name: str = "", marks: Marks | None = None, **reading: Unpack[Reading]
) -> Imported:
    """The fabric of somebody else's files (folders and patterns too), with what was guessed of it; `reading` as for
    `audit`. Raises InputError for files that cannot be read, and where nothing sends."""
    from topo.importers.as_built import files_of, read_as_built
    from topo.importers.somebody import fabric_of

    result = files_of(paths, "FILE")
    return fabric_of([read_as_built(p, form, **reading) for p in result], name or result[0].stem, marks)


def audit(
    design: Design,
    as_built: Path | Sequence[Path],
    form: str = "",
    *,
    names: Sequence[Path] = (),
    propose: bool = False,
    **reading: Unpack[Reading],
) -> Audit:
    """What was found in a file, or in several (folders and patterns too), against what a design plans.

    `names`: files of planned and real names. Where they and the design's own say nothing of most devices (or with
    `propose`), a mapping is proposed from what is plugged into what; `Audit.names` tells it and the audit rests on it.
    `reading`: `sheet`, `columns` and `step`, as `topo.importers.as_built.read_as_built` takes them. Raises InputError
    for files that cannot be read.
    """
    from topo.audit import audit as compare
    from topo.audit.propose import propose as proposed
    from topo.audit.propose import strange
    from topo.exporters import make_plan
    from topo.importers.as_built import files_of, read_as_built
    from topo.importers.site_names import SiteNames, named, read_names
    from topo.placement.cables.numbers import numbers_of_links

    paths = files_of([as_built] if isinstance(as_built, Path) else as_built)
    files = [read_as_built(path, form, **reading) for path in paths]
    design, said = _as_files_show(design, files)
    plan = make_plan(design)
    fabric, other = plan.fabric, design.site.other_names() if design.site else {}
    for path in names:
        site = read_names(path)
        fabric, other = named(fabric, site), {**other, **site.other_names()}
    result = None
    if propose or (not names and not design.site and strange(fabric, files)):
        result = proposed(fabric, files)
        fabric = named(fabric, SiteNames(result.apart(fabric))) if result.real else fabric
    return compare(fabric, files, plan.places, other, result, said, numbers_of_links(plan.cabling))


def _as_files_show(design: Design, files: Sequence[AsBuilt]) -> tuple[Design, str]:
    """The design with one rail a leaf, where it leaves `rails_per_leaf` open and more of the files' devices are then in
    the plan; and words for that."""
    from dataclasses import replace

    from topo.audit.propose import known_devices

    chosen, said = design, ""
    for i, network in enumerate(design.networks):
        if getattr(network.params, "rails_per_leaf", 0) is not None:
            continue
        params = network.params.model_copy(update={"rails_per_leaf": 1})
        networks = (*chosen.networks[:i], replace(network, params=params), *chosen.networks[i + 1 :])
        other = replace(chosen, networks=networks)
        try:
            more = known_devices(build(other), files) > known_devices(build(chosen), files)
        except InputError:
            continue
        if more:
            chosen = other
            said = f"the files show leaves of one rail in the {network.name} network, whose rails_per_leaf the design "
            said += "leaves open: judged so; state `rails_per_leaf: 1`"
    return chosen, said


def live_routing(design: Design, tables: Sequence[Path], time_limit_s: float = 60.0) -> Live:
    """What the forwarding tables of a live fabric (files of `opensm-lfts.dump` or `dump_lfts` form, one or several) do
    on a design's fabric; raises InputError for files that cannot be read or are not of this fabric."""
    from topo.audit.live import Asked
    from topo.audit.live import live_routing as judge
    from topo.checks.requirements.throughput import ThroughputParams
    from topo.importers.forwarding_tables import read_forwarding_tables

    asked = [
        Asked(r.id, r.params.network, r.params.routing, r.params.at_least)
        for r in design.requirements
        if isinstance(r.params, ThroughputParams) and r.params.traffic == "all-to-all" and r.params.level == "endpoint"
    ]
    return judge(build(design), [read_forwarding_tables(path) for path in tables], time_limit_s, asked)


def lint_plan(path: Path, catalog: Catalog | None = None, form: str = "", **reading: Unpack[Reading]) -> list[Finding]:
    """What is wrong in a cabling plan by itself, parts judged by a catalog (default: the shipped one).

    Raises InputError for a file that cannot be read.
    """
    return linted_plan(path, catalog, form, **reading)[0]


def linted_plan(
    path: Path, catalog: Catalog | None = None, form: str = "", **reading: Unpack[Reading]
) -> tuple[list[Finding], AsBuilt]:
    """As `lint_plan`, with what was read."""
    from topo.audit import lint_plan as lint
    from topo.importers.as_built import read_as_built

    plan = read_as_built(path, form, **reading)
    return lint(plan, catalog or load_catalog()), plan
