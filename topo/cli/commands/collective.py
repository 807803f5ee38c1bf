"""`topo collective`: how long collectives take on a design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, DesignPath, catalog_of, choice, progress

FORMATS = ("text", "json")


@command("collective")
def collective(
    design: DesignPath,
    op: Annotated[
        list[str],
        typer.Option(
            "--op",
            metavar="NAME",
            help="all-to-all, all-gather, reduce-scatter, all-reduce, broadcast, point-to-point, dispatch or combine; "
            "once per operation; default: all but the last two.",
        ),
    ] = [],  # noqa: B006
    algorithm: Annotated[
        str,
        typer.Option(metavar="NAME", help="ring, tree, hierarchical, pairwise, ... (docs/collectives.md)."),
    ] = "",
    size: Annotated[str, typer.Option(metavar="BYTES", help="Size as nccl-tests counts it.")] = "1GiB",
    ranks: Annotated[int | None, typer.Option(metavar="N", help="How many ranks; default: all GPUs.")] = None,
    per_host: Annotated[int | None, typer.Option(metavar="N", help="Ranks on each host; default: its GPUs.")] = None,
    order: Annotated[
        Literal["packed", "strided"], typer.Option(help="Rank numbers host by host, or GPU by GPU.")
    ] = "packed",
    every: Annotated[int, typer.Option(metavar="N", help="Take every N-th host.", min=1)] = 1,
    first_gpu: Annotated[int, typer.Option(metavar="N", help="First GPU of a host that takes part.", min=0)] = 0,
    routing: Annotated[str, typer.Option(metavar="NAME", help="spray, adaptive, ecmp, static.")] = "spray",
    forwarding: Annotated[
        Literal["rail", "plane", "none"],
        typer.Option(help="Forwarding inside a domain: to the receiver's rail, only across planes, or none."),
    ] = "plane",
    network: Annotated[str, typer.Option(metavar="NAME", help="Network; default: the main one.")] = "",
    latency: Annotated[
        str, typer.Option(metavar="ID", help="Latency model of the steps, or none; default: by protocol.")
    ] = "",
    experts: Annotated[int, typer.Option(help="Experts of dispatch and combine.", min=1)] = 256,
    expert_groups: Annotated[int, typer.Option(help="Groups of experts, one on each host.", min=1)] = 8,
    per_token: Annotated[int, typer.Option(help="Experts a token goes to.", min=1)] = 8,
    max_groups: Annotated[int, typer.Option(help="Groups, so hosts, a token goes to at most.", min=1)] = 4,
    tokens: Annotated[int, typer.Option(help="Tokens a GPU dispatches.", min=1)] = 4096,
    hidden: Annotated[int, typer.Option(help="Values of a token.", min=1)] = 7168,
    dispatch_bytes: Annotated[int, typer.Option(help="Bytes of a value in dispatch.", min=1)] = 1,
    combine_bytes: Annotated[int, typer.Option(help="Bytes of a value in combine.", min=1)] = 2,
    scale_up_planes_lost: Annotated[
        int, typer.Option(metavar="N", help="Switches of every scale-up domain that are gone.", min=0)
    ] = 0,
    trees: Annotated[
        bool, typer.Option("--trees", help="Seek schedules that reach the optimum, a minute an operation.")
    ] = False,
    certificates: Annotated[
        Path | None, typer.Option("--certificates", metavar="DIR", help="Write the optimum's certificates here.")
    ] = None,
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
) -> None:
    """How long collectives take over ranks of a design, and their bandwidths as nccl-tests defines them.

    Example: topo collective designs/mpft-16384.yaml --op all-reduce --ranks 2048 --size 256MiB
    """
    from topo import api
    from topo.analysis.collectives.experts import ExpertLayout
    from topo.cli.terminal import say
    from topo.errors import ParameterError
    from topo.exporters.folder import write_set
    from topo.report.answers.collectives import EXPERTS, Placement, Tokens
    from topo.report.answers.collectives_shown import as_json, as_text
    from topo.units import size_bytes

    choice(output, FORMATS, "--format")
    try:
        wanted = size_bytes(size)
    except ValueError as error:
        raise ParameterError("--size", size, str(error), "64B, 128MiB, 1GiB, 1GB, ...") from None
    file = api.load_design(design, catalog_of(catalog))
    layout = None
    if any(name in EXPERTS for name in op):
        width = per_host or file.groups[0].part.gpus - first_gpu
        layout = ExpertLayout(experts, expert_groups, per_token, max_groups, width)
    with progress(f"routing the messages of {design.name}"):
        value = api.collectives(
            file,
            op,
            algorithm=algorithm,
            placement=Placement(ranks, per_host, order, every, first_gpu),
            size=wanted,
            routing=routing,
            forwarding=forwarding,
            network=network,
            latency=latency,
            layout=layout,
            tokens=Tokens(tokens, hidden, dispatch_bytes, combine_bytes),
            trees=trees,
            scale_up_planes_lost=scale_up_planes_lost,
        )
    if certificates:
        files = {f"{name}.json": (json.dumps(proof) + "\n").encode() for name, proof in value.certificates.items()}
        write_set(certificates, files)
    say(as_json(value) if output == "json" else as_text(value))
