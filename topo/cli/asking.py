"""The questions of `topo new`: asked on a terminal, answered by defaults or refused elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from topo.errors import InputError, Problem, nearest
from topo.escape import one_line
from topo.units import amount, verb

if TYPE_CHECKING:
    from topo.catalog import Catalog
    from topo.report.outline import Outline

HOST, SWITCH = "h800-node", "nvidia-qm9700"
GPUS = "GPUs in all"


def answered(given: Outline, catalog: Catalog, *, silent: bool = False) -> Outline:
    """The outline with what is empty (0 GPUs) asked for on a terminal, a number of GPUs that cannot be built again.
    Elsewhere, or when `silent`, host and switch have defaults, and a missing family or number of GPUs raises
    InputError."""
    family, gpus, host, switch = given.family, given.gpus, given.host, given.switch
    if silent or not (sys.stdin.isatty() and sys.stderr.isatty()):
        missing = [name for name, given in (("--family", family), ("--gpus", gpus)) if not given]
        if missing:
            hint = "on a terminal, without --yes, `topo new FILE` asks for it"
            raise InputError([Problem("is missing", name, hint=hint) for name in missing])
        return replace(given, host=host or HOST, switch=switch or SWITCH)
    from topo.generators.family import families, spanning

    titles = {name: families.get(name).title for name in spanning()} if not family else {}
    hosts = {part: catalog.host(part).title for part in catalog.ids("host")} if not host else {}
    hosts = {part: title for part, title in hosts.items() if catalog.host(part).gpus}
    switches = {part: catalog.switch(part).title for part in catalog.ids("switch")} if not switch else {}
    family = family or _one_of("Topology family", titles, "mpft")
    asked = gpus or _number(GPUS)
    host = host or _one_of("Host", hosts, HOST)
    if not gpus:
        asked = _whole_hosts(asked, catalog.host(host, "--host").gpus)
    switch = switch or _one_of("Switch", switches, SWITCH)
    outline = replace(given, family=family, gpus=asked, host=host, switch=switch)
    return outline if gpus else _buildable(outline, catalog)


def _whole_hosts(gpus: int, of_a_host: int) -> int:
    """The number of GPUs, asked again until it is one of whole hosts."""
    while of_a_host and gpus % of_a_host:
        down = gpus // of_a_host * of_a_host
        near = " or ".join(f"{n:,}" for n in (down, down + of_a_host) if n)
        typer.echo(
            f"  {amount(gpus, 'GPU')} {verb(gpus, 'are')} no whole number of hosts of "
            f"{amount(of_a_host, 'GPU')}: {near}",
            err=True,
        )
        gpus = _number(GPUS)
    return gpus


def _buildable(outline: Outline, catalog: Catalog) -> Outline:
    """The outline, its GPUs asked again until they can be built; raises InputError for what no other number mends."""
    from topo.report.new import refused_size

    while why := refused_size(outline, catalog):
        typer.echo(f"  {one_line(why)}", err=True)
        outline = replace(outline, gpus=_number(GPUS))
    return outline


def _one_of(question: str, titles: dict[str, str], default: str) -> str:
    """A name that is one of those offered; asks again, with the nearest, for another."""
    widest = max(map(len, titles))
    for name, title in titles.items():
        typer.echo(f"  {name.ljust(widest)}  {title}", err=True)
    while True:
        name = str(typer.prompt(question, default=default, err=True)).strip()
        if name in titles:
            return name
        typer.echo(f"  {name} is not one of them{_meant(name, list(titles))}", err=True)


def _number(question: str) -> int:
    while True:
        text = str(typer.prompt(question, err=True)).replace(",", "").replace("_", "").strip()
        if text.isascii() and text.isdigit() and int(text):
            return int(text)
        typer.echo("  a whole number of GPUs, such as 4096", err=True)


def _meant(name: str, known: Sequence[str]) -> str:
    hint = nearest(name, known)
    return f": {hint}" if hint else ""
