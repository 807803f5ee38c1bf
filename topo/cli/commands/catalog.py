"""`topo catalog`: lint, list and show the parts."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among, part
from topo.cli.options import Catalogs, catalog_of, choice

ACTIONS = ("lint", "list", "show")


@command("catalog")
def catalog(
    action: Annotated[str, typer.Argument(metavar="lint|list|show", help="What to do.", autocompletion=among(ACTIONS))],
    name: Annotated[
        str, typer.Argument(metavar="KIND|ID", help="For list: a kind. For show: a part.", autocompletion=part(""))
    ] = "",
    folders: Catalogs = [],  # noqa: B006
) -> None:
    """The parts: lint every file, list them by kind, show one with its source.

    Example:
      topo catalog list switch  # every switch
      topo catalog show nvidia-qm9700  # one part with its sources
      topo catalog lint --catalog my-parts  # what is wrong in my own files

    Exit codes:
      0, or 2 where a part is wrong.
    """
    from topo.cli.terminal import look, say
    from topo.errors import ParameterError
    from topo.report import parts

    choice(action, ACTIONS, "action")
    known = catalog_of(folders)
    if action == "lint":
        lines, clean = parts.lint_lines(known)
        say("\n".join(lines))
        raise typer.Exit(0 if clean else 2)
    if action == "list":
        say("\n".join(parts.list_lines(known, name, look())))
    elif name:
        say("\n".join(parts.show_lines(known, name)))
    else:
        raise ParameterError("ID", "", "which part?", hint="`topo catalog list` names them all")
