"""On a terminal: colours, progress bars, tables and lines that fit; in a pipe none of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.terminal import ESCAPE, on_terminal
from tests.cli.test_contract import DESIGNS, run
from tests.report.test_formats import reports
from topo.cli.terminal import coloured
from topo.report.formats import text
from topo.report.look import Look
from topo.report.table import table

TINY = [DESIGNS / f"tiny-{name}.yaml" for name in ("ft2", "mpft", "mrft", "rail-only", "ft3")]
WIDE = [
    ["compare", *TINY[:3], "--routing", "spray"],
    ["catalog", "list"],
    ["show", DESIGNS / "mpft-16384.yaml"],
    ["example"],
    ["explain", "throughput"],
    ["check", TINY[0]],
    ["diff", TINY[0], TINY[0]],
    ["routing", DESIGNS / "tiny-dragonfly.yaml", "--routing", "ecmp"],
]
MAGENTA = "\x1b[1;35m"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("arguments", WIDE[1:5], ids=lambda arguments: arguments[0])
def test_tables_fit(arguments: list[str | Path], columns: int) -> None:
    shown = on_terminal(*arguments, columns=columns)
    assert shown.code == 0, shown.text
    lines = shown.lines()
    assert max(map(len, lines)) <= columns
    assert len(lines) > 10


@pytest.mark.sampled(2)
@pytest.mark.parametrize("arguments", [WIDE[0], *WIDE[5:]], ids=lambda arguments: arguments[0])
def test_the_rest_fits(arguments: list[str | Path]) -> None:
    test_tables_fit(arguments, 60)


def test_columns_overrides_the_terminal() -> None:
    wide = on_terminal("catalog", "list", columns=200).lines()
    assert max(map(len, wide)) > 80
    assert max(map(len, on_terminal("catalog", "list", columns=200, COLUMNS="70").lines())) <= 70


def test_folded_tables_keep_every_word() -> None:
    plain = run("catalog", "list", "switch").stdout.split()
    folded = [word for line in on_terminal("catalog", "list", "switch", columns=60).lines() for word in line.split()]
    for word in plain:
        assert word in folded or set(word) == {"-"} or "-" in word, word


def test_a_wide_comparison_is_dealt_out_to_several_tables() -> None:
    names = ["mpft-16384", "dragonfly-16384", "superpod-b200-16384", "ft3-65536", "slim-fly-16928", "hyperx-16384"]
    head, row = ["", *names], ["mean switches on a path (of all)", *(f"{n}.5" for n in range(1000, 1006))]
    lines = table(head, [row], indent="", look=Look(width=60))
    assert max(map(len, lines)) <= 60
    tables = "\n".join(lines).split("\n\n")
    assert len(tables) == 2
    assert [word for line in lines for word in line.split() if word.endswith(".5")] == row[1:]
    assert all("mean switches on a" in part for part in tables)
    assert table(head, [row], indent="", look=Look(width=200)) == table(head, [row], indent="")


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A folder with two designs that are refused at once, which saves the time of answers."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ngpus: 8\nhost: h800-nodes\nnetworks: {{}}\n")
    return tmp_path


def test_colours_on_a_terminal_only(wrong: Path) -> None:
    design = wrong / "one.yaml"
    assert f"{MAGENTA}INVALID" in on_terminal("check", design).text
    assert "\x1b" not in on_terminal("check", design, pipe=True).stdout


def test_each_verdict_has_its_colour_and_the_words_stay() -> None:
    plain, bright = (text.render(reports(), Look(colour)) for colour in (False, True))
    assert "\x1b[1;32mHELD" in bright
    assert "\x1b[1;31mBROKEN" in bright
    assert "\x1b[1;31m  BROKEN" in bright
    assert "\x1b[1;33m  UNDECIDED" in bright
    assert "\x1b" not in plain
    assert ESCAPE.sub("", bright) == plain


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("variables", "on_a_terminal", "in_a_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_who_gets_colours(
    variables: dict[str, str], on_a_terminal: bool, in_a_pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert coloured(Stream(True)) == on_a_terminal
    assert coloured(Stream(False)) == in_a_pipe


def test_no_color_and_force_color(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    design = wrong / "one.yaml"
    without = on_terminal("check", design, NO_COLOR="1").text
    assert not [code for code in ESCAPE.findall(without) if code.endswith("m") and code != "\x1b[0m"]
    assert "INVALID   one" in without
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert f"{MAGENTA}INVALID" in run("check", design).stdout
    assert "\x1b[1mOptions" in run("check", "--help").stdout
    assert "\x1b[1;31merror:" in run("check", "nowhere.yaml", "--format", "xls").stderr
    assert "\x1b" not in run("check", design, "--format", "github").stdout


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("arguments", "bar"),
    [
        (["check", *TINY[:2]], "2/2"),
        (["compare", *TINY[:2]], "6/6"),
        (["build", TINY[0], "-o", "out", "--export", "bom", "--export", "counts"], "2/2"),
        (["report", TINY[0], "-o", "report.html"], "3/3"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_a_bar_counts_what_is_done_and_goes_away(arguments: list[str | Path], bar: str, tmp_path: Path) -> None:
    shown = on_terminal(*arguments, cwd=tmp_path, columns=120)
    assert shown.code == 0, shown.text
    assert bar in shown.text
    assert bar not in "\n".join(shown.lines())


def test_the_bar_is_on_stderr(wrong: Path) -> None:
    shown = on_terminal("check", wrong, pipe=True)
    assert "2/2" in shown.text
    assert shown.stdout == run("check", wrong).stdout
