"""`topo schema`: JSON Schema of the design file."""

from __future__ import annotations

from topo.cli.app import command


@command("schema")
def schema() -> None:
    """JSON Schema of the design file, for completion in an editor.

    Name it in the first line of a design, `# yaml-language-server: $schema=topo.schema.json` (a path from the design's
    folder; `topo new` writes both), and an editor with the YAML language server completes keys and marks mistakes.

    Example:
      topo schema > topo.schema.json
    """
    from topo.cli.terminal import say
    from topo.design.schema import schema_text

    say(schema_text().removesuffix("\n"))
