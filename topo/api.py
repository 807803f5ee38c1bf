"""The public calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from topo.catalog import Catalog, load_catalog
from topo.design import Design, cable, context_of, with_requirements
from topo.design import build as _build
from topo.design import load_design as _load_design
from topo.design.policy import policy_beside
from topo.errors import InputError, Problem
from topo.fabric import Fabric
from topo.files.reading import STDIN
from topo.report import Report, invalid, make_report

if TYPE_CHECKING:
    import networkx as nx

    from topo.analysis.bisection import Bisection
    from topo.analysis.money import Life
    from topo.analysis.throughput import Throughput
    from topo.audit import Audit
    from topo.audit.live import Live
    from topo.certificates import Proved
    from topo.checks import Context, Finding
    from topo.checks.policy import Policy
    from topo.importers.as_built import AsBuilt
    from topo.importers.somebody import Imported, Marks
    from topo.report.collectives import CollectiveOptions, Collectives
    from topo.report.difference import Difference
    from topo.report.growing import Grown
    from topo.report.routings import RoutingPage
    from topo.searching import Search

NO_DESIGN = {"policy.yaml"}
"""YAML files of a design folder that are no designs."""


def load_design(path: str | Path, catalog: Catalog | None = None) -> Design:
    """The design in a file; raises InputError with every problem found, each with its line."""
    return _load_design(path, catalog)


def import_fabric(
    paths: Sequence[Path], form: str = "", name: str = "", marks: Marks | None = None, **reading: Any
) -> Imported:
    """The fabric of somebody else's files (folders and patterns too), with what was guessed of it; `reading` as for
    `audit`. Raises InputError for files that cannot be read, and where nothing sends."""
    from topo.importers.as_built import files_of, read_as_built
    from topo.importers.somebody import fabric_of

    found = files_of(paths, "FILE")
    return fabric_of([read_as_built(p, form, **reading) for p in found], name or found[0].stem, marks)


def build(design: Design, cables: bool = False) -> Fabric:
    """The fabric of a design; raises InputError where it cannot be built. With `cables` it knows which links share a
    physical cable, so that the failure of a cable takes all of them away."""
    fabric = _build(design)
    if not cables:
        return fabric
    from topo.checks.questions import Cabled

    return context_of(design, fabric).ask(Cabled())


def check(
    subject: Design | Fabric,
    requirements: Sequence[Mapping[str, Any]] | None = None,
    *,
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    policy: Policy | None = None,
    today: date | None = None,
) -> Report:
    """Wiring, metrics and requirements of a design or a fabric.

    `requirements` have the form of a design's, such as `[{"hops": {"at_most": 3}}]`; a design's own are used where none
    are given, and a fabric without requirements gets wiring and metrics. A `policy` is judged as of `today`. Raises
    InputError for a wrong requirement.
    """
    return _checked(subject, requirements, catalog, time_limit_s, policy, today)[0]


def _checked(
    subject: Design | Fabric,
    requirements: Sequence[Mapping[str, Any]] | None = None,
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    policy: Policy | None = None,
    today: date | None = None,
) -> tuple[Report, Context]:
    """The report, and the context that remembers the answers it rests on."""
    from topo.checks import Context, requirements_from
    from topo.report.make import Question, questions_of

    if isinstance(subject, Design):
        context = context_of(subject, _build(subject), time_limit_s=time_limit_s)
        questions = questions_of(subject)
    else:
        context, questions = Context(subject, catalog or load_catalog(), time_limit_s=time_limit_s), ()
    if requirements is not None:
        found = requirements_from([dict(r) for r in requirements], context.fabric.networks)
        questions = tuple(Question(id_, kind, params) for id_, kind, params in found)
    design = subject if isinstance(subject, Design) else None
    return make_report(design, context, questions, policy, today), context


def check_file(
    path: Path, catalog: Catalog, today: date, time_limit_s: float = 60.0, require: Sequence[str] = ()
) -> Report:
    """The report of one design file under the `policy.yaml` beside it, waivers as of `today`; an invalid design or
    policy gives a report with verdict `invalid`."""
    try:
        policy = policy_beside(path)
        design = with_requirements(_load_design(path, catalog), require)
        return check(design, time_limit_s=time_limit_s, policy=policy, today=today)
    except InputError as error:
        return invalid(path, error)


def design_files(paths: Sequence[Path], leave: Callable[[Path, int], None] = lambda folder, n: None) -> list[Path]:
    """The designs that files and folders name, sorted within each folder: every `.yaml` and `.yml`, also behind linked
    folders, but for those in folders called `requests` and the exports of `topo build`, of which `leave` is told each
    folder and how many; `-` is standard input, alone. A folder that cannot be read is among them, for its error to be
    told. Raises InputError where there are none."""
    if len(paths) > 1 and Path(STDIN) in paths:
        raise InputError(Problem("standard input is one design, and checked alone", "DESIGN", STDIN))
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        left: dict[Path, int] = {}
        inside = sorted(_designs_below(path, set(), left))
        if not inside:
            hint = "its YAML files are exports of topo build; name the design that they were made of" if left else ""
            raise InputError(Problem("the folder holds no design", "DESIGN", str(path), "*.yaml, *.yml", hint))
        for folder, n in left.items():
            leave(folder, n)
        found += inside
    return found


def _designs_below(
    folder: Path, seen: set[Path], left: dict[Path, int], ours: frozenset[Path] = frozenset(), top: Path | None = None
) -> Iterator[Path]:
    """Designs in a folder and those inside it; each folder once, whatever links lead to it. `ours`: exports of a build
    into the folder `top`, which are counted in `left`."""
    from topo.exporters.folder import MANIFEST, files_written

    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    if folder / MANIFEST in entries:
        written = files_written(folder)
        found = folder / "search.json" in written
        ours, top = (frozenset[Path](), None) if found else (written, folder)
    for entry in entries:
        if entry.is_dir():
            skipped = entry.name in (".git", "requests")
            yield from () if skipped else _designs_below(entry, seen, left, ours, top)
        elif entry in ours and top is not None and not _may_be_design(entry):
            if entry.suffix.lower() in (".yaml", ".yml"):
                left[top] = left.get(top, 0) + 1
        elif entry.suffix.lower() in (".yaml", ".yml") and entry.name not in NO_DESIGN:
            yield entry


def _may_be_design(path: Path) -> bool:
    """Whether a file that a manifest names could be a design all the same, so that no manifest hides one: it has the
    words that every design has, or escapes that could spell them."""
    from topo.files import read_file
    from topo.yamlfile import MAX_BYTES

    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    try:
        content = read_file(path, MAX_BYTES)
    except InputError:
        return False
    return (b"gpus" in content and b"networks" in content) or b"\\" in content


def export(
    design: Design,
    folder: Path,
    names: Sequence[str] = (),
    done: Callable[[str], None] = lambda name: None,
    force: bool = False,
    leave: Callable[[str, str], None] = lambda name, why: None,
) -> dict[str, int]:
    """Writes exports (all by default) to a folder, whole or not at all; the size in bytes of each file by path. `done`
    is called once for each export asked for (for every one that there is, where none is named) when it is made or left
    out; `leave` with each that cannot hold this plan, and why.

    Raises InputError for an unknown export; without `force` for a folder that is neither new, empty nor ours, and for
    files of ours that were changed.
    """
    from topo.exporters import build_files, exporters, left_out, make_plan, whole_set, write_set

    for name in names:
        exporters.get(name, "--export")
    plan = make_plan(design)
    without = {} if names else left_out(plan)
    chosen = names or whole_set(plan)
    for name in () if names else sorted(set(exporters.names()) - set(chosen)):
        done(name)
    files = build_files(plan, chosen, done)
    write_set(folder, files, force)
    for name, why in without.items():
        leave(name, why)
    return {path: len(content) for path, content in sorted(files.items())}


def diff(
    old: Design,
    new: Design,
    folder: Path | None = None,
    *,
    today: date | None = None,
    done: Callable[[str], None] = lambda name: None,
    force: bool = False,
) -> Difference:
    """What changes between two designs; with a folder, the change plan is written there cable by cable.

    Each is judged under the `policy.yaml` beside it where `today` is given: the day on which waivers are judged. `done`
    is called as the change plan, the old and the new report are made. Raises InputError for a wrong policy.
    """
    from topo.exporters import change_files, change_plan, make_plan, write_set
    from topo.report.difference import Difference

    before, after = make_plan(old), make_plan(new)
    found = change_plan(before, after)
    if folder is not None:
        write_set(folder, change_files(before, after, found), force)
    done("change plan")

    def judged(design: Design) -> Report:
        policy = policy_beside(Path(design.path)) if today and design.path else None
        report = check(design, policy=policy, today=today)
        done(design.name)
        return report

    return Difference(judged(old), judged(new), found)


def grow(old: Design, gpus: int, path: str | Path, *, floor: float = 0.0, time_limit_s: float = 30.0) -> Grown:
    """The design of `gpus` GPUs that grows from `old` and would stand at `path` (nothing is written): its text, what it
    keeps beside the proved bound, the change plan and an order of work whose steps leave `floor` of line rate (or
    `.work.refused`). Raises InputError for sizes that are not larger or that the family does not have."""
    from topo.report.growing import grow as answer

    return answer(old, gpus, Path(path), floor, time_limit_s)


def write_plan(found: Grown, folder: Path, force: bool = False) -> None:
    """Writes the change plan of a growth to a folder, whole or not at all; raises InputError as `export`."""
    from topo.exporters import write_set

    write_set(folder, found.files(), force)


def audit(
    design: Design,
    as_built: Path | Sequence[Path],
    form: str = "",
    *,
    names: Sequence[Path] = (),
    propose: bool = False,
    **reading: Any,
) -> Audit:
    """What was found in a file, or in several (folders and patterns too), against what a design plans.

    `names`: files of planned and real names. Where they and the design's own say nothing of most devices (or with
    `propose`), a mapping is proposed from what is plugged into what; `Audit.names` tells it and the audit rests on it.
    `reading`: `sheet` and `columns` of tables, as `topo.importers.as_built.read_as_built` takes them. Raises InputError
    for files that cannot be read.
    """
    from topo.audit import audit as compare
    from topo.audit.propose import propose as proposed
    from topo.audit.propose import strange
    from topo.exporters import make_plan
    from topo.importers.as_built import files_of, read_as_built
    from topo.importers.site_names import SiteNames, named, read_names
    from topo.placement.numbers import numbers_of_links

    paths = files_of([as_built] if isinstance(as_built, Path) else as_built)
    files = [read_as_built(path, form, **reading) for path in paths]
    design, said = _as_files_show(design, files)
    plan = make_plan(design)
    fabric, other = plan.fabric, design.site.other_names() if design.site else {}
    for path in names:
        site = read_names(path)
        fabric, other = named(fabric, site), {**other, **site.other_names()}
    found = None
    if propose or (not names and not design.site and strange(fabric, files)):
        found = proposed(fabric, files)
        fabric = named(fabric, SiteNames(found.apart(fabric))) if found.real else fabric
    return compare(fabric, files, plan.places, other, found, said, numbers_of_links(plan.cabling))


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
            more = known_devices(_build(other), files) > known_devices(_build(chosen), files)
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
    return judge(_build(design), [read_forwarding_tables(path) for path in tables], time_limit_s, asked)


def lint_plan(path: Path, catalog: Catalog | None = None, form: str = "", **reading: Any) -> list[Finding]:
    """What is wrong in a cabling plan by itself, parts judged by a catalog (default: the shipped one).

    Raises InputError for a file that cannot be read.
    """
    return linted_plan(path, catalog, form, **reading)[0]


def linted_plan(
    path: Path, catalog: Catalog | None = None, form: str = "", **reading: Any
) -> tuple[list[Finding], AsBuilt]:
    """As `lint_plan`, with what was read."""
    from topo.audit import lint_plan as lint
    from topo.importers.as_built import read_as_built

    plan = read_as_built(path, form, **reading)
    return lint(plan, catalog or load_catalog()), plan


def draw(
    design: Design,
    path: Path,
    names: Sequence[str],
    *,
    network: str = "",
    plane: int = 0,
    pod: int = 0,
    rail: int = 0,
    host: str = "",
    pair: tuple[str, str] | None = None,
    traffic: str = "all-to-all",
    routing: str = "spray",
    fail: Sequence[str] = (),
    cut: str = "bisection",
) -> dict[Path, bytes]:
    """Drawings by file: `path` for one view; with several, the view's name stands before the ending.

    The rest says what is drawn: which network, plane, pod, rail or host (the first unless stated); a `pair` of GPUs as
    `HOST:GPU` for `path`; `traffic` and `routing` for `load`; devices, or ports as `DEVICE:PORT`, that `fail`; a `cut`
    as `pod=0`, `plane=0`, `rail=0` or a device. Raises ParameterError for a view, an ending or a part of the fabric
    that there is not.
    """
    from dataclasses import replace

    from topo.diagrams import FORMATS, DiagramInput, asked, render
    from topo.diagrams import draw as drawing_of
    from topo.errors import ParameterError

    ending = path.suffix.removeprefix(".")
    if ending not in FORMATS:
        raise ParameterError("-o", path, "no picture format has this ending", ", ".join(f".{f}" for f in FORMATS))
    fabric = _build(design)
    places = cable(design, fabric).places if design.file.floor is not None else None
    if network and network not in fabric.networks:
        raise ParameterError("--network", network, "the design has no such network", ", ".join(fabric.networks))
    row = fabric.network_row(network) if network else 0
    data = DiagramInput(fabric, design.title, row, plane, pod, rail, host, places=places)
    data = replace(data, pair=asked.pair_of(fabric, *pair) if pair else None)
    if fail:
        failed, failed_links = asked.failure_of(fabric, fail)
        data = replace(data, failed=failed, failed_links=failed_links)
    if "load" in names:
        load, title = asked.load_of(fabric, row, traffic, routing)
        data = replace(data, load=load, load_title=title)
    if "cut" in names and cut != "bisection":
        side, title = asked.cut_of(fabric, row, cut)
        data = replace(data, cut_side=side, cut_title=title)
    found = {}
    for name in names:
        target = path if len(names) == 1 else path.with_name(f"{path.stem}-{name}{path.suffix}")
        found[target] = render(drawing_of(name, data), ending)
    return found


def report_page(
    paths: Sequence[Path],
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    done: Callable[[str], None] = lambda name: None,
) -> tuple[bytes, list[Report]]:
    """One HTML page about a design, or about several side by side, and the reports it shows. `done` is called twice for
    each design, when it is checked and when its part of the page is made, and once for the page.

    A design that cannot be read or built is shown with its errors.
    """
    from topo.exporters import make_plan
    from topo.report.html import answers_of, gather, invalid_page, render_page

    parts = catalog or load_catalog()
    pages, reports = [], []
    for path in paths:
        try:
            design = _load_design(path, parts)
            found, context = _checked(design, time_limit_s=time_limit_s)
            done(f"{design.name} {found.verdict}")
            pages.append(gather(make_plan(design), found, answers_of(context), whole=len(paths) == 1))
        except InputError as error:
            found = invalid(path, error)
            pages.append(invalid_page(found))
        reports.append(found)
        done(f"{found.subject.name} drawn")
    content = render_page(pages)
    done("page")
    return content, reports


def search(
    request: str | Path | Mapping[str, Any],
    folder: str | Path | None = None,
    *,
    catalog: Catalog | None = None,
    jobs: int = 1,
    scheduler: str = "",
    top: int = 1,
    resume: bool = False,
    at_most: int = 100_000,
    time_limit_s: float = 60.0,
    say: Callable[[str], None] = lambda text: None,
) -> Search:
    """The cheapest fabric of a request (a file, or its keys as a mapping) that holds, and what proves it; with a
    folder, everything is written there, whole or not at all.

    `jobs` processes judge candidates, or the workers of a Dask `scheduler`. Raises InputError for a wrong request, an
    empty space, and one of more candidates than `at_most`.
    """
    from topo.searching.start import start

    return start(
        request, Path(folder) if folder else None, catalog or load_catalog(), jobs, scheduler, top, resume, at_most,
        time_limit_s, say,
    )  # fmt: skip


def cost(
    design: Design,
    *,
    years: float | None = None,
    sets: Mapping[str, Any] | None = None,
    price_book: str = "",
    time_limit_s: float = 10.0,
) -> Life:
    """Money by class and network over the life of a design: `.total`, `.capex`, `.per_gpu`, `.per_bisection_gbps` (low,
    expected and high, in US dollars), `.lines`, `.leaves_out`, `.unpriced`, `.to_json()`.

    `sets` changes keys of the design's `cost` for this question, such as {"discount.optics": 0.3}. Raises InputError
    for wrong keys and values, and where the price book lacks a part.
    """
    from topo.report.money import cost_page, what_if

    texts = [f"{key}={json.dumps(value)}" for key, value in (sets or {}).items()]
    book = design.catalog.price_book(price_book) if price_book else None
    return cost_page(what_if(design, texts, years), book, time_limit_s).life


def throughput(
    fabric: Fabric,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    *,
    unreachable: Literal["zero", "leave-out"] = "zero",
    network: str | int = 0,
    baseline: Fabric | None = None,
    time_limit_s: float = 60.0,
    certified: bool = True,
) -> Throughput:
    """The largest t such that t times the traffic can be routed in one network (row or name), as a certified interval.

    Pairs of endpoints that no path joins make it 0; `unreachable="leave-out"` asks for the other pairs alone, which is
    what `.certificate` proves either way. `.cut_off` names the endpoints that lost peers. `baseline` is the intact
    fabric whose normalisation a degraded one keeps. Raises InputError for an unknown traffic, routing or parameter,
    LimitReachedError where nothing is proved in time.
    """
    from topo.analysis.throughput import throughput as answer

    found = answer(fabric, traffic, routing, network, baseline, time_limit_s, certified=certified)
    return found.counted() if unreachable == "zero" else found


def collectives(design: Design, ops: Sequence[str] = (), **options: Unpack[CollectiveOptions]) -> Collectives:
    """Times and bandwidths of collectives over ranks on a design's GPUs; the options are those of
    `topo.report.collectives.collectives`. Raises InputError for what does not fit, with the nearest that does."""
    from topo.report.collectives import collectives as answer

    return answer(design, ops, **options)


def routing(
    design: Design,
    routing: str = "spray",
    traffic: str = "all-to-all",
    *,
    network: str = "",
    top: int = 10,
    time_limit_s: float = 60.0,
    done: Callable[[str], None] = lambda name: None,
) -> RoutingPage:
    """What a routing makes of a traffic: throughput, path lengths, loads with the `top` worst links, fair rates and
    freedom from deadlock; `done` is called with the name of each part. Raises InputError for unknown names and
    parameters, LimitReachedError where nothing is proved in time."""
    from topo.report.routings import routing_page

    return routing_page(design, routing, traffic, network, top, time_limit_s, done)


def bisection(
    fabric: Fabric, *, network: str | int = 0, time_limit_s: float = 60.0, baseline: Fabric | None = None
) -> Bisection:
    """The least capacity between two halves of the hosts of one network (row or name), as a certified interval.

    `baseline` is the intact fabric that `fabric` was made from by `without`. Raises KeyError for an unknown network."""
    from topo.analysis.bisection import bisection as answer

    return answer(fabric, network, time_limit_s, baseline)


def verify_certificate(fabric: Fabric, certificate: Mapping[str, Any]) -> Proved:
    """Checks a certificate against a fabric with numpy alone and returns the statement it has proved; raises
    CertificateError where it does not hold."""
    from topo.certificates import verify_certificate as answer

    return answer(fabric, dict(certificate))


def to_networkx(fabric: Fabric) -> nx.MultiGraph[Any]:
    """The fabric as a networkx MultiGraph."""
    from topo.exporters.networkx import to_networkx as answer

    return answer(fabric)


def from_networkx(graph: nx.Graph[Any]) -> Fabric:
    """A fabric from a switch graph; raises InputError for graphs that are none."""
    from topo.importers.networkx_graph import from_networkx as answer

    return answer(graph)


def _picture(fabric: Fabric) -> str:
    """The overview as SVG, for notebooks."""
    from topo.diagrams import DiagramInput, render
    from topo.diagrams import draw as drawing_of

    return render(drawing_of("overview", DiagramInput(fabric, fabric.name)), "svg").decode()


Fabric.picture = _picture
