"""`topo example`: the designs that travel with topo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Force, write_file


def _names(incomplete: str) -> list[str]:
    from topo.design.shipped import shipped_designs

    return [name for name in shipped_designs() if name.startswith(incomplete)]


@command("example")
def example(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A shipped design; without it they are listed.", autocompletion=_names)
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write. Default: NAME.yaml in this folder."),
    ] = None,
    force: Force = False,
) -> None:
    """List the shipped designs, or write one to start from.

    Each states its requirements and checks green. A file that exists already is left alone.

    Example:
      topo example  # what there is
      topo example mpft-16384  # writes mpft-16384.yaml
      topo example tiny-ft2 -o mine.yaml
    """
    from topo.cli.terminal import look, say
    from topo.design.shipped import shipped_design, shipped_designs, title_of
    from topo.errors import ParameterError

    if not name:
        result = shipped_designs()
        widest = max(map(len, result), default=0)
        rows = [f"{each.ljust(widest)}  {title_of(path)}".rstrip() for each, path in result.items()]
        say("\n".join(part for row in rows for part in look().fold(row, widest + 2)))
        return
    source = shipped_design(name)
    target = output or Path(f"{name}.yaml")
    if target.exists() and not force:
        raise ParameterError("-o", target, "exists already", hint="choose another name with -o; --force replaces it")
    write_file(target, source.read_bytes(), force=force)
    say(f"{target}: written; next: topo check {target}")
