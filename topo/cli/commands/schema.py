"""`topo schema`: JSON Schema of the design file."""

from __future__ import annotations

import typer

from topo.cli.app import command


@command("schema")
def schema() -> None:
    """JSON Schema of the design file, for completion in an editor.

    Example: topo schema > topo.schema.json
    """
    import json

    from topo.design.schema import schema as design_schema

    typer.echo(json.dumps(design_schema(), indent=2))
