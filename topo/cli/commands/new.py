"""`topo new`: write a first design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress, write_file
from topo.registry import module_names

FAMILIES = ", ".join(module_names("topo.generators"))


@command("new")
def new(
    output: Annotated[
        Path, typer.Argument(metavar="FILE", help="The design file to write, such as designs/mine.yaml.")
    ],
    family: Annotated[str, typer.Option(prompt="Topology family", help=f"One of: {FAMILIES}.")],
    gpus: Annotated[int, typer.Option(prompt="How many GPUs", help="Number of GPUs.")],
    host: Annotated[str, typer.Option(prompt="Host part", help="See `topo catalog list host`.")] = "h800-node",
    switch: Annotated[
        str, typer.Option(prompt="Switch part", help="See `topo catalog list switch`.")
    ] = "nvidia-qm9700",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Write a commented design whose requirements state what it can do, so that it checks green. Asks for what is
    not given.

    Example: topo new designs/mine.yaml --family mpft --gpus 4096 --host h800-node --switch nvidia-qm9700
    """
    from topo.errors import ParameterError
    from topo.report.new import first_design

    if output.exists():
        raise ParameterError("FILE", output, "exists already", hint="choose another name")
    with progress("measuring what it can do"):
        text = first_design(output.stem, family, gpus, host, switch, catalog_of(catalog))
    write_file(output, text.encode())
    typer.echo(f"{output}: written; next: topo check {output}")
