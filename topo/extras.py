"""Libraries that a few commands need and a plain installation leaves out."""

from __future__ import annotations

import sys
from pathlib import Path


def how_to_install(library: str) -> str:
    """The command that adds a library to the environment that this topo runs in: pipx and uv keep one for each tool,
    with a file of theirs in it."""
    here = Path(sys.prefix)
    if (here / "pipx_metadata.json").exists():
        return f"pipx inject {here.name} {library}"
    if (here / "uv-receipt.toml").exists():
        return f"uv pip install --python {here} {library}"
    return f"pip install {library}"
