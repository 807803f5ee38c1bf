"""`topo catalog`: lint, list and show the parts, and make one of a NetBox device type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from topo.catalog import Catalog

from topo.cli.app import command
from topo.cli.complete import among, part
from topo.cli.options import Catalogs, catalog_of, choice, write_file

ACTIONS = ("lint", "list", "show", "import")


@command("catalog")
def catalog(
    action: Annotated[
        str, typer.Argument(metavar="lint|list|show|import", help="What to do.", autocompletion=among(ACTIONS))
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="KIND|ID|FILE",
            help="For list: a kind. For show: a part. For import: a file.",
            autocompletion=part(""),
        ),
    ] = "",
    folders: Catalogs = [],  # noqa: B006
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="For import: the catalog folder to write into.")
    ] = None,
) -> None:
    """The parts: lint every file, list them by kind, show one with its source, import one.

    Import reads a NetBox device type (YAML of its community library) as a switch, and lists what is missing.

    Example:
      topo catalog list switch  # every switch
      topo catalog show nvidia-qm9700  # one part with its sources
      topo catalog lint --catalog my-parts  # what is wrong in my own files
      topo catalog import SN2201.yaml -o my-parts  # a NetBox device type as a part

    Exit codes:
      0, or 2 where a part is wrong.
    """
    from topo.cli.terminal import look, say
    from topo.errors import ParameterError
    from topo.report.answers import parts

    choice(action, ACTIONS, "action")
    if out is not None and action != "import":
        raise ParameterError("out", str(out), f"catalog {action} writes nothing", hint="leave out -o")
    known = catalog_of(folders)
    if action == "import":
        _import(known, name, out)
        return
    if action == "lint" and name:
        raise ParameterError(
            "ID", name, "catalog lint looks at all parts", hint=f"--catalog {name} adds a folder of parts"
        )
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


def _import(catalog: Catalog, name: str, out: Path | None) -> None:
    """The part on stdout, or in its place in a folder; what is missing on stderr."""
    from topo.catalog.netbox import imported
    from topo.cli.terminal import say, tell
    from topo.errors import ParameterError

    if not name:
        raise ParameterError("FILE", "", "which device type?", hint="topo catalog import FILE")
    part = imported(Path(name), catalog.forms)
    if out is None:
        say(part.text.rstrip())
    else:
        place = out / "switch" / f"{part.id}.yaml"
        if place.exists():
            raise ParameterError("out", str(place), "this part is there already", hint="take another folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_file(place, part.text.encode(), "--out", False)
        say(f"wrote {place}")
    for words in part.missing:
        tell(f"missing: {words}")
