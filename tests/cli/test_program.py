"""The program imports the command that is asked for; where a word may be a mistake or is to be completed, all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from topo.cli import commands, program
from topo.cli.app import app
from topo.registry import module_names


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["show", "a.yaml"], ("show",)),
        (["--debug", "lint-plan"], ("lint-plan",)),
        (["import", "a.json"], ()),
        (["shwo", "a.yaml"], ()),
        (["--help", "show"], ()),
        (["--debug", "--debug", "show"], ()),
        (["--debug"], ()),
        (["lint_plan"], ()),
        (["import-fabric"], ("import-fabric",)),
        ([], ()),
    ],
)
def test_one_command_is_imported_where_the_first_word_is_its_name(words: Sequence[str], found: tuple[str, ...]) -> None:
    assert program._asked(words) == found


def test_a_shell_that_completes_gets_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(program.COMPLETING, "complete_bash")
    assert program._asked(["show"]) == ()


def test_a_command_stands_in_the_module_of_its_name() -> None:
    front = program.program()
    for name in set(module_names(commands.__name__)) & set(front.commands):
        function = next(info.callback for info in app.registered_commands if info.name == name)
        assert function is not None
        assert function.__module__ == f"{commands.__name__}.{name.replace('-', '_')}"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A command line in a process of its own, which prints the commands it has imported before it ends."""
    read = (
        "import sys; from topo.cli import program; sys.argv = ['topo', *sys.argv[1:]]\n"
        "try: program.main()\n"
        f"finally: print(sorted(m for m in sys.modules if m.startswith('{commands.__name__}.')), file=sys.stderr)"
    )
    return subprocess.run([sys.executable, "-c", read, *words], capture_output=True, text=True, check=False)


def test_only_the_command_that_runs_is_imported() -> None:
    done = run("schema", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: topo schema")
    assert done.stderr == "['topo.cli.commands.schema']\n"


@pytest.mark.parametrize(("word", "hint"), [("chek", "check"), ("import-fabric", "import"), ("lint_plan", "lint-plan")])
def test_a_mistaken_command_is_answered_with_the_nearest(word: str, hint: str) -> None:
    done = run(word)
    assert done.returncode == 2
    assert f"did you mean {hint}?" in done.stderr
