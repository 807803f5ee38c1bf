"""Writes docs/reference.md and docs/commands.md: `python docs/write_reference.py`, from the project's folder."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parent


def commands_page() -> str:
    """The help of every command, as the terminal shows it."""
    from topo.cli.app import pages

    lines = [
        "# Commands",
        "",
        "What `topo COMMAND --help` prints. Exit codes and results are a contract; texts are not.",
        "",
    ]
    for name, text in pages(width=100).items():
        lines += [f"## {name}", "", "```", text.rstrip(), "```", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    from topo.design.reference import reference_page

    (DOCS / "reference.md").write_text(reference_page(), encoding="utf-8")
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
