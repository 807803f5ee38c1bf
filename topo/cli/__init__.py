"""The command line: one file per command in `topo.cli.commands`. Nothing heavy is imported before it is needed."""

from topo.cli.program import main

__all__ = ["main"]
