"""Names of users and files do nothing where they are shown."""

from __future__ import annotations

import re

import pytest

from topo.errors import Problem
from topo.escape import markdown, one_line, spreadsheet, terminal, workflow_line
from topo.report.look import STYLES

EVIL = [
    "a\nALL PROVED",
    "a\rHELD",
    "\x1b[2J\x1b[1;1Hb",
    "\x1b]0;t\x07",
    "a\u202egpj.exe",
    "\u2066x\u2069",
    "a\u2028b",
    "\x9b31m",
    "a\x00b",
    "\u200b\u200f",
    "::stop-commands::x",
    "x%0A::error::y",
    "##[add-path]/x",
    "=1+1",
    "@SUM(A1)",
    "\t=1",
    "a\x85b",
]


@pytest.mark.parametrize("text", EVIL)
def test_one_line_is_one_line(text: str) -> None:
    assert one_line(text).isprintable()
    assert len(terminal(text).splitlines()) <= 1 + text.count("\n")
    assert all(c.isprintable() or c in "\n\t" for c in terminal(text))
    lines = Problem(text, text, text, text, text, text, 3).text().split("\n")
    assert [line[:8] for line in lines[1:]] == ["  value:", "  allowe", "  hint: "]
    assert all(line.isprintable() for line in lines)


def test_the_own_colours_reach_the_terminal_and_no_others() -> None:
    for code in STYLES.values():
        assert terminal(f"\x1b[{code}mheld\x1b[0m") == f"\x1b[{code}mheld\x1b[0m"
    assert terminal("\x1b[8mhidden") == "\\x1b[8mhidden"
    assert terminal("plain\ntext\twith é") == "plain\ntext\twith é"


@pytest.mark.parametrize("text", EVIL)
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    cell = spreadsheet(text)
    assert cell.isprintable()
    assert cell[0] not in "=+-@\t\r"


@pytest.mark.parametrize(
    "text", ["@octocat", "fixes #12", "org/repo#3", "GH-12", "https://x.example", "www.x.example", "a@b"]
)
def test_markdown_calls_nobody(text: str) -> None:
    shown = markdown(text)
    assert not re.search(r"[@#]\w|GH-\d|://(?<!<!-- -->://)|www\.", shown)
    assert markdown("[x](y) <b> `c` |") == r"\[x\](y) \<b\> \`c\` \|"


@pytest.mark.parametrize("text", EVIL)
def test_the_runner_obeys_no_name(text: str) -> None:
    line = workflow_line(text)
    assert line.isprintable()
    assert not line.lstrip().startswith("::")
    assert "##[" not in line
