"""The README shows what topo prints: every block under an `output:` marker is the command's own.

`python -m tests.test_readme` writes the blocks anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli.test_contract import ROOT, run

README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- output: topo (?P<command>[^>]+?) -->\n(?:```\n(?P<shown>.*?)```\n)?", re.DOTALL)


def shown() -> list[tuple[str, str]]:
    return [(m["command"], m["shown"] or "") for m in BLOCK.finditer(README.read_text())]


@pytest.mark.parametrize(("command", "text"), shown())
def test_output_is_current(command: str, text: str) -> None:
    assert run(*command.split()).stdout == text


def test_every_picture_and_link_is_there() -> None:
    text = README.read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def write() -> None:
    def block(match: re.Match[str]) -> str:
        return f"<!-- output: topo {match['command']} -->\n```\n{run(*match['command'].split()).stdout}```\n"

    Path(README).write_text(BLOCK.sub(block, README.read_text()))


if __name__ == "__main__":
    sys.exit(write())
