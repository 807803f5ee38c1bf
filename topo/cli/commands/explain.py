"""`topo explain`: what a finding or requirement means."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command


def _codes(incomplete: str) -> list[str]:
    from topo.report.meanings import known_codes

    return [code for code in known_codes() if code.startswith(incomplete)]


HANG = 2
"""Columns by which what goes on in a next line is indented."""


@command("explain")
def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help="A code such as uplink-spread; without it all are listed.", autocompletion=_codes
        ),
    ] = "",
) -> None:
    """What a finding or requirement means, and what to do about it.

    Example:
      topo explain  # every code
      topo explain uplink-spread
      topo explain random_failures
    """
    from topo.cli.terminal import look, say
    from topo.report.meanings import explained, known_codes

    lines = explained(code).splitlines() if code else known_codes()
    say("\n".join(part for line in lines for part in look().fold(line, HANG)))
