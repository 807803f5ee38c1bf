"""What is written of designs: exports, change plans, drawings, the page of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from topo.api.designs import check, checked
from topo.catalog import Catalog, load_catalog
from topo.design import Design, build, cable, load_design
from topo.design.policy import policy_beside
from topo.errors import InputError
from topo.report import Report, invalid

if TYPE_CHECKING:
    from topo.exporters import Plan
    from topo.report.difference import Difference
    from topo.report.growing import Grown
    from topo.report.html import Answers


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
    result = change_plan(before, after)
    if folder is not None:
        write_set(folder, change_files(before, after, result), force)
    done("change plan")

    def judged(design: Design) -> Report:
        policy = policy_beside(Path(design.path)) if today and design.path else None
        report = check(design, policy=policy, today=today)
        done(design.name)
        return report

    return Difference(judged(old), judged(new), result)


def grow(old: Design, gpus: int, path: str | Path, *, floor: float = 0.0, time_limit_s: float = 30.0) -> Grown:
    """The design of `gpus` GPUs that grows from `old` and would stand at `path` (nothing is written): its text, what it
    keeps beside the proved bound, the change plan and an order of work whose steps leave `floor` of line rate (or
    `.work.refused`). Raises InputError for sizes that are not larger or that the family does not have."""
    from topo.report.growing import grow as answer

    return answer(old, gpus, Path(path), floor, time_limit_s)


def write_plan(result: Grown, folder: Path, force: bool = False) -> None:
    """Writes the change plan of a growth to a folder, whole or not at all; raises InputError as `export`."""
    from topo.exporters import write_set

    write_set(folder, result.files(), force)


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

    from topo.diagrams import FORMATS, DiagramInput, asked
    from topo.diagrams import draw as drawing_of
    from topo.diagrams.written.render import render
    from topo.errors import ParameterError

    ending = path.suffix.removeprefix(".")
    if ending not in FORMATS:
        raise ParameterError("-o", path, "no picture format has this ending", ", ".join(f".{f}" for f in FORMATS))
    fabric = build(design)
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
    result = {}
    for name in names:
        target = path if len(names) == 1 else path.with_name(f"{path.stem}-{name}{path.suffix}")
        result[target] = render(drawing_of(name, data), ending)
    return result


def report_page(
    paths: Sequence[Path],
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    done: Callable[[str], None] = lambda name: None,
    dated: date | None = None,
) -> tuple[bytes, list[Report]]:
    """One HTML page about a design, or about several side by side, and the reports it shows. `done` is called twice for
    each design, when it is checked and when its part of the page is made, and once for the page.

    A design that cannot be read or built is shown with its errors. The page says the day where one is given (`dated`).
    """
    from dataclasses import replace

    from topo.report.html import gather, invalid_page, render_page

    parts = catalog or load_catalog()
    pages, reports = [], []
    for path in paths:
        try:
            design = load_design(path, parts)
            result, plan, answers = _examined(design, time_limit_s)
            result = replace(result, dated=dated.isoformat() if dated else "")
            done(f"{design.name} {result.verdict}")
            pages.append(gather(plan, result, answers, len(paths) == 1, time_limit_s))
            del plan, answers
        except InputError as error:
            result = invalid(path, error)
            pages.append(invalid_page(result))
        reports.append(result)
        done(f"{result.subject.name} drawn")
    content = render_page(pages)
    done("page")
    return content, reports


def _examined(design: Design, time_limit_s: float) -> tuple[Report, Plan, Answers]:
    """The report of a design, the plan of the same fabric, and what of the check's answers a page shows again; the
    others are let go."""
    from topo.exporters import make_plan
    from topo.report.html import answers_of

    result, context = checked(design, time_limit_s=time_limit_s)
    return result, make_plan(design, context.fabric), answers_of(context)
