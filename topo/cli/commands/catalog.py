"""`topo catalog`: lint, list and show the parts."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of


@command("catalog")
def catalog(
    action: Annotated[str, typer.Argument(metavar="lint|list|show", help="What to do.")],
    part: Annotated[
        list[str], typer.Argument(metavar="[KIND] [ID]", help="For list: a kind. For show: a part's id.")
    ] = [],  # noqa: B006
    folders: Catalogs = [],  # noqa: B006
) -> None:
    """The parts: lint every file, list them by kind, show one with its source.

    Example: topo catalog show nvidia-qm9700
    """
    from topo.errors import ParameterError
    from topo.report import parts

    known = catalog_of(folders)
    if action == "lint":
        lines, clean = parts.lint_lines(known)
        typer.echo("\n".join(lines))
        raise typer.Exit(0 if clean else 1)
    if action == "list":
        typer.echo("\n".join(parts.list_lines(known, part[0] if part else "")))
    elif action == "show" and part:
        typer.echo("\n".join(parts.show_lines(known, part[-1])))
    else:
        raise ParameterError("catalog", " ".join([action, *part]), "no such action", "lint, list [KIND], show ID")
