"""`topo diagram`: draw a design."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, DesignPath, Force, catalog_of, output_file, progress, write_file
from topo.escape import one_line
from topo.registry import module_names

VIEWS = ", ".join(module_names("topo.diagrams.views"))


@command("diagram")
def diagram(
    design: DesignPath,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Ends in .svg, .png, .pdf or .dot.")],
    view: Annotated[
        list[str],
        typer.Option(
            "--view", help=f"Once per value; default: what the other options ask for, or overview. One of: {VIEWS}."
        ),
    ] = [],  # noqa: B006
    network: Annotated[str, typer.Option(help="Which network; default: the first.")] = "",
    plane: Annotated[int | None, typer.Option(help="Which plane; default: the first.", min=0)] = None,
    pod: Annotated[int | None, typer.Option(help="Which pod; default: the first.", min=0)] = None,
    rail: Annotated[int | None, typer.Option(help="Which rail; default: the first.", min=0)] = None,
    host: Annotated[str, typer.Option(help="Which host, by name; default: the first.")] = "",
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="HOST[:GPU] HOST[:GPU]", help="View path: between which GPUs; default: first and last host."
        ),
    ] = None,
    traffic: Annotated[str, typer.Option(help="View load: of which traffic.")] = "all-to-all",
    routing: Annotated[str, typer.Option(help="View load: adaptive, spray, ecmp, static, ...")] = "spray",
    fail: Annotated[
        list[str],
        typer.Option(
            metavar="DEVICE[:PORT]", help="View failure: what fails, once per device or link; default: a switch."
        ),
    ] = [],  # noqa: B006
    cut: Annotated[
        str, typer.Option(metavar="WHICH", help="View cut: bisection, pod=N, plane=N, rail=N or a device.")
    ] = "bisection",
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Draw a design. With several views, each file gets the view's name before its ending.

    Example:
      topo diagram designs/mpft-16384.yaml -o mpft.svg --view overview --view plane
      topo diagram designs/mpft-16384.yaml -o path.svg --pair host-00000:3 host-02047:7
      topo diagram designs/mpft-16384.yaml -o lost.svg --fail p3-leaf-007  # what one leaf takes with it
    """
    from topo import api
    from topo.cli.terminal import say

    output_file(output, "-o", (), "", force or len(view) > 1)
    with progress(f"drawing {design}"):
        value = api.load_design(design, catalog_of(catalog))
        drawn = api.draw(
            value,
            output,
            view or _implied(pair, (traffic, routing), fail, cut, host, {"plane": plane, "pod": pod, "rail": rail}),
            network=network,
            plane=plane or 0,
            pod=pod or 0,
            rail=rail or 0,
            host=host,
            pair=pair,
            traffic=traffic,
            routing=routing,
            fail=fail,
            cut=cut,
        )
    for path, content in drawn.items():
        say(one_line(f"{path}: {write_file(path, content, force=force):,} bytes"))


def _implied(
    pair: tuple[str, str] | None,
    load: tuple[str, str],
    fail: list[str],
    cut: str,
    host: str,
    parts: Mapping[str, int | None],
) -> list[str]:
    """The views that the options are about, where none is named: those of what is asked, else of the part (a plane, a
    pod, a rail) that is named, else the overview."""
    asked = {
        "path": pair is not None,
        "load": load != ("all-to-all", "spray"),
        "failure": bool(fail),
        "cut": cut != "bisection",
        "host": bool(host),
    }
    named = [name for name, wanted in asked.items() if wanted]
    return named or [name for name, number in parts.items() if number is not None] or ["overview"]
