"""`topo check`: verify designs against their requirements."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress
from topo.registry import module_names

FORMATS = ", ".join(module_names("topo.report.formats"))


@command("check")
def check(
    designs: Annotated[list[Path], typer.Argument(metavar="DESIGN|FOLDER...", help="Design files or folders of them.")],
    output: Annotated[str, typer.Option("--format", help=f"One of: {FORMATS}.")] = "text",
    certificates: Annotated[
        Path | None, typer.Option("--certificates", metavar="DIR", help="Write every certificate to this folder.")
    ] = None,
    catalog: Catalogs = [],  # noqa: B006
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Designs checked at once.", min=1)] = 1,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which a policy's waivers are judged.")
    ] = None,
    changed_since: Annotated[
        str, typer.Option(metavar="REV", help="Only designs that a change since this git revision touches.")
    ] = "",
    time_limit: Annotated[float, typer.Option(help="Seconds for one hard question; then undecided.", min=0)] = 60.0,
    lft: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="Judge these forwarding tables of a live fabric (OpenSM's dump, dump_lfts)."),
    ] = [],  # noqa: B006
) -> None:
    """Verify designs against their requirements; the exit code is the gravest verdict.

    With --lft the routing of a live fabric is judged instead: link loads, unreachable pairs, loops, credit loops.

    Example: topo check designs/ --format json
    """
    from datetime import date
    from functools import partial

    from topo import api
    from topo.report import exit_code, renderers
    from topo.report.many import check_many

    if lft:
        raise typer.Exit(_live(designs, lft, output, catalog, time_limit))
    render = renderers.get(output, "--format")
    parts = catalog_of(catalog)
    day = today.date() if today else date.today()
    paths = api.design_files(designs)
    if changed_since:
        from topo.report.changed import touched

        paths = touched(paths, changed_since, parts)
        if not paths:
            typer.echo(f"no design is touched by the change since {changed_since}", err=True)
    with progress(f"checking {len(paths)} design{'s' if len(paths) > 1 else ''}"):
        reports = check_many(paths, partial(api.check_file, catalog=parts, today=day, time_limit_s=time_limit), jobs)
    if certificates:
        from topo.exporters import write_set
        from topo.report.certificate_files import certificate_files

        write_set(certificates, certificate_files(reports))
    typer.echo(render(reports))
    raise typer.Exit(exit_code(reports))


def _live(designs: list[Path], tables: list[Path], output: str, catalog: list[Path], time_limit: float) -> int:
    from topo import api
    from topo.errors import ParameterError
    from topo.report.audits import chosen
    from topo.report.live import live_json, live_text

    render = chosen(output, live_text, live_json)
    if len(designs) != 1 or designs[0].is_dir():
        raise ParameterError("--lft", f"{len(designs)} designs", "tables belong to one fabric", "one design file")
    with progress(f"reading {', '.join(map(str, tables))}"):
        found = api.live_routing(api.load_design(designs[0], catalog_of(catalog)), tables, time_limit)
    typer.echo(render(found))
    return 1 if found.broken else 0
