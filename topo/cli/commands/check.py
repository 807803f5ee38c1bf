"""`topo check`: verify designs against their requirements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.ending import debugging
from topo.cli.options import (
    Catalogs,
    DesignPaths,
    Force,
    Scheduler,
    TimeLimit,
    Today,
    catalog_of,
    choice,
    day_of,
    progress,
)
from topo.escape import one_line
from topo.registry import module_names
from topo.units import amount

FORMATS = module_names("topo.report.formats")


@command("check")
def check(
    designs: DesignPaths,
    output: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help=f"One of: {', '.join(FORMATS)}.", autocompletion=among(FORMATS)
        ),
    ] = "text",
    certificates: Annotated[
        Path | None, typer.Option("--certificates", metavar="DIR", help="Write every certificate to this folder.")
    ] = None,
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", metavar="N", help="Designs checked at once; random draws of a single one.", min=1),
    ] = 1,
    scheduler: Scheduler = "",
    today: Today = None,
    changed_since: Annotated[
        str, typer.Option(metavar="REV", help="Only designs that a change since this git revision touches.")
    ] = "",
    time_limit: TimeLimit = 60.0,
    require: Annotated[
        list[str],
        typer.Option("--require", metavar="TEXT", help="One more requirement, as in a design: 'hops: {at_most: 3}'."),
    ] = [],  # noqa: B006
    lft: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="Judge these forwarding tables of a live fabric (OpenSM's dump, dump_lfts)."),
    ] = [],  # noqa: B006
) -> None:
    """Verify designs against their requirements.

    Checks the wiring of every design, answers what its requirements ask, and judges the rules of the policy.yaml
    beside it. Each answer is a proved interval; a requirement inside it is undecided, never held. With several designs
    all are checked, and one that is invalid or makes topo fail does not keep the others from being checked.

    With --lft the routing of a live fabric is judged instead: link loads, unreachable pairs, loops, credit loops.

    Example:
      topo check designs/  # every design of a folder
      topo check designs/ --jobs 2 --format junit > report.xml  # for a CI server
      topo check mine.yaml --format json > report.json  # with every certificate, for `topo verify`
      topo check designs/ --changed-since origin/main --format github  # what a pull request touches
      topo check fabric.json --require 'hops: {at_most: 3}'  # a fabric that topo import wrote
      topo check mine.yaml --lft opensm-lfts.dump  # the routing of a live fabric

    Exit codes:
      The gravest counts: 2 a design is invalid, 1 a requirement is broken, 3 one is undecided, 0 all are held.
    """
    from dataclasses import replace
    from functools import partial

    from topo import api
    from topo.cli.terminal import left_out, look, say, tell
    from topo.report import exit_code, renderers
    from topo.report.formats import text
    from topo.report.many import check_many

    if lft:
        raise typer.Exit(_live(designs, lft, output, catalog, time_limit))
    render = renderers.get(output, "--format")
    parts = catalog_of(catalog)
    paths = api.design_files(designs, left_out)
    if changed_since:
        from topo.report.changed import touched

        paths = touched(paths, changed_since, parts)
        if not paths:
            tell(one_line(f"no design is touched by the change since {changed_since}"))
    with progress(f"checking {len(paths):,} design{'s' * (len(paths) != 1)}", len(paths)) as step:
        one = partial(api.check_file, catalog=parts, today=day_of(today), time_limit_s=time_limit, require=require)
        if debugging():
            reports = [one(path) for path in paths]
        else:
            reports = check_many(
                paths,
                one,
                jobs,
                lambda report: step(f"{report.subject.name} {report.verdict}"),
                scheduler,
                lambda path, spread: one(path, spread=spread),
            )
    if today is not None:
        reports = [replace(report, dated=day_of(today).isoformat()) for report in reports]
    if certificates:
        from topo.exporters import write_set
        from topo.report.certificate_files import certificate_files, same_names

        write_set(certificates, certificate_files(reports), force)
        for line in same_names(reports):
            tell(one_line(f"{line}; their certificates stand in folders with numbers"))
    say(text.render(reports, look()) if output == "text" else render(reports))
    raise typer.Exit(exit_code(reports))


def _live(designs: list[Path], tables: list[Path], output: str, catalog: list[Path], time_limit: float) -> int:
    from topo import api
    from topo.cli.terminal import say
    from topo.errors import ParameterError
    from topo.report.answers.live import live_json, live_text

    choice(output, ("text", "json"), "--format")
    if len(designs) != 1 or designs[0].is_dir():
        raise ParameterError("--lft", amount(len(designs), "design"), "tables belong to one fabric", "one design file")
    with progress(f"reading {', '.join(map(str, tables))}"):
        result = api.live_routing(api.load_design(designs[0], catalog_of(catalog)), tables, time_limit)
    say(live_json(result) if output == "json" else live_text(result))
    return 1 if result.broken else 0
