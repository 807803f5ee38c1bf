"""`topo schema`: JSON Schema of the design file."""

from __future__ import annotations

from topo.cli.app import command


@command("schema")
def schema() -> None:
    """JSON Schema of the design file, for completion in an editor.

    Name it in the first line of a design, `# yaml-language-server: $schema=topo.schema.json`, and an editor with the
    YAML language server completes keys and marks mistakes while you type.

    Example:
      topo schema > topo.schema.json
    """
    import json

    from topo.cli.terminal import say
    from topo.design.schema import schema as design_schema

    say(json.dumps(design_schema(), indent=2))
