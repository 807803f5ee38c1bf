"""The questions of `topo new`: asked on a terminal, answered by defaults or refused elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from topo.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from topo.catalog import Catalog

HOST, SWITCH = "h800-node", "nvidia-qm9700"


@dataclass(frozen=True)
class Wish:
    """What a first design is made of."""

    family: str
    gpus: int
    host: str
    switch: str


def answered(family: str, gpus: int, host: str, switch: str, catalog: Catalog, *, silent: bool = False) -> Wish:
    """The wish with what is empty (0 GPUs) asked for on a terminal. Elsewhere, and when `silent`, host and switch have
    defaults, and a missing family or number of GPUs raises InputError."""
    if silent or not (sys.stdin.isatty() and sys.stderr.isatty()):
        missing = [name for name, given in (("--family", family), ("--gpus", gpus)) if not given]
        if missing:
            hint = "on a terminal, without --yes, `topo new FILE` asks for it"
            raise InputError([Problem("is missing", name, hint=hint) for name in missing])
        return Wish(family, gpus, host or HOST, switch or SWITCH)
    from topo.generators.family import families, spanning

    titles = {name: families.get(name).title for name in spanning()} if not family else {}
    hosts = {part: catalog.host(part).title for part in catalog.ids("host")} if not host else {}
    hosts = {part: title for part, title in hosts.items() if catalog.host(part).gpus}
    switches = {part: catalog.switch(part).title for part in catalog.ids("switch")} if not switch else {}
    return Wish(
        family or _one_of("Topology family", titles, "mpft"),
        gpus or _number("GPUs in all"),
        host or _one_of("Host", hosts, HOST),
        switch or _one_of("Switch", switches, SWITCH),
    )


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
