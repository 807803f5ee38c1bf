"""More than a thousand command lines with one mistake each: exit code 2, a message with the place, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from run_cli import Run, run
from test_fuzz import at_most_seconds, shown_on_failure

from tests.cli import every
from tests.errors.mistakes import ANY, Mistake, furnish, mistakes, state
from topo.cli.program import program

ALL = list(mistakes())
SAMPLE = ALL[:: len(ALL) // 40]
FREE = {
    "--output",
    "--out",
    "-o",
    "--certificates",
    "--plan",
    "--write-names",
    "--chart",
    "--loads",
    "--sheet",
    "--name",
}
"""Options whose value may be anything that names a file or a thing of the user's."""
VALUES = ("x", "-1", "\u202ex", "a\nb", "/dev/null/x", "=", "a=", "1e400")
NUMBERS = {"--time-limit": ("1e400",)}
"""Values that are none of a mistake: a limit may be as long as one likes."""
MORE_WORDS: dict[str, list[str]] = {
    "catalog": ["list"],
    "compare": ["small.yaml", "other.yaml", "--chart", "chart.svg"],
}


def judged(words: Sequence[str], folder: Path) -> Run:
    """What a command does that has nothing to do; whatever it is, it writes nothing and shows no traceback."""
    before = state(folder)
    with at_most_seconds(120):
        found = run(list(words), folder)
    said = found.stdout + found.stderr
    assert found.code == 2, said
    assert "Traceback" not in said
    assert "internal error" not in said
    assert len(said) < 20_000
    assert state(folder) == before
    if words[0] != "check":  # an invalid design is an entry of its report
        assert found.stderr.startswith("error: ")
        assert not found.stdout or words[0] in ("catalog", "compare", "verify")
    return found


def wrong_files(cases: Sequence[Mistake], folder: Path) -> None:
    """Tries every one in a folder of its own."""
    for number, case in enumerate(cases):
        here = folder / str(number)
        here.mkdir()
        furnish(here)
        if case.file != "policy.yaml":
            (here / "policy.yaml").unlink()
        case.spoil(here / case.file)
        with shown_on_failure(case.name):
            found = judged(case.words, here)
            said = found.stdout + found.stderr
            assert case.file in said
            assert not case.line or f"{case.file}:" in said
            assert case.told in said


def test_there_are_many() -> None:
    assert len(ALL) > 1000
    assert {case.words[0] for case in ALL} >= set(every.RUNS) - {"example", "explain", "new", "schema"}
    assert {case.name.rpartition(": ")[2] for case in ALL} >= set(ANY)


def test_a_sample_of_broken_files(tmp_path: Path) -> None:
    wrong_files(SAMPLE, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted({case.words[0] for case in ALL}))
def test_every_broken_file(command: str, tmp_path: Path) -> None:
    wrong_files([case for case in ALL if case.words[0] == command], tmp_path)


def options() -> list[tuple[str, Any]]:
    """Every option that takes a value, with its command."""
    return [
        (name, param)
        for name, command in sorted(program().commands.items())
        for param in command.params
        if param.param_type_name == "option" and not param.is_flag and not FREE & set(param.opts)
    ]


def wrong_values(cases: Sequence[tuple[str, Any, str]], folder: Path) -> None:
    """Tries every one in a folder that nothing may change."""
    furnish(folder)
    (folder / "policy.yaml").unlink()
    for command, param, value in cases:
        words = [command, *MORE_WORDS.get(command, every.RUNS[command][0])]
        option = param.opts[-1]
        if option in words:
            words[words.index(option) + 1] = value
        else:
            words += [option, value, *([value] if param.nargs == 2 else [])]
        with shown_on_failure(f"{words}"):
            judged(words, folder)


CASES = [
    (command, param, value)
    for command, param in options()
    for value in VALUES
    if not {value} & set(NUMBERS.get(param.opts[0], ()))
]


def test_a_sample_of_wrong_values(tmp_path: Path) -> None:
    wrong_values(CASES[:: len(CASES) // 40], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted({command for command, _, _ in CASES}))
def test_every_wrong_value(command: str, tmp_path: Path) -> None:
    wrong_values([case for case in CASES if case[0] == command], tmp_path)
