"""Help reads like a manual page; mistyped commands and options are told what was meant."""

from __future__ import annotations

import importlib
import shlex
from typing import Any

import pytest
import typer

from tests.cli.test_contract import ROOT, run
from topo.cli import commands
from topo.cli.app import app
from topo.cli.help import GROUPS, split
from topo.registry import module_names


def program() -> Any:
    for name in module_names(commands.__name__):
        importlib.import_module(f"{commands.__name__}.{name.replace('-', '_')}")
    return typer.main.get_command(app)


PROGRAM = program()
NAMES = tuple(sorted(PROGRAM.commands))


def page(command: Any, width: int = 80) -> str:
    context = command.make_context(command.name, ["--help"], resilient_parsing=True)
    context.terminal_width = width
    return str(command.get_help(context))


def examples(command: Any) -> list[str]:
    return [line for title, lines in split(command.help)[1] if title == "Example" for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_page(name: str) -> None:
    text = page(PROGRAM.commands[name])
    titles = [line.rstrip(":") for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert text.startswith("Usage: ")
    assert titles[-1] in ("Example", "Exit codes")
    assert "Options" in titles
    assert "Example" in titles
    assert "<" not in text.replace("<!--", "")


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_commands_that_parse(name: str) -> None:
    found = examples(PROGRAM.commands[name])
    assert found
    for line in found:
        words = shlex.split(line.partition(" > ")[0], comments=True)
        assert words[:1] == ["topo"]
        command = PROGRAM.commands[words[1]]
        command.make_context(words[1], words[2:])
        for word in words:
            if word.startswith("designs/") and "mine" not in word:
                assert (ROOT / word).exists(), line


def test_the_own_command_is_in_its_examples() -> None:
    for name in NAMES:
        assert any(line.startswith(f"topo {name} ") for line in examples(PROGRAM.commands[name])), name


@pytest.mark.parametrize("width", [58, 78])
def test_help_fits(width: int) -> None:
    for command in [PROGRAM, *PROGRAM.commands.values()]:
        text = page(command, width).partition("Example:")[0]
        assert max(map(len, text.splitlines())) <= width + 2


def test_the_front_page_names_every_command_once_with_a_whole_sentence() -> None:
    text = page(PROGRAM).partition("\nDesign:")[2]
    for name in NAMES:
        assert text.count(f"\n  {name} ") == 1
    assert "..." not in text.partition("Options:")[0].replace("[ARGS]...", "")
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == set(NAMES)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("chekc x", "did you mean check?"),
        ("verfy r.json", "did you mean verify?"),
        ("check x --fromat json", "did you mean --format?"),
        ("build x --ouput out", "did you mean --output?"),
        ("--versoin", "did you mean --version?"),
        ("check x --format jsn", "did you mean json?"),
        ("show x --format jso", "did you mean json?"),
        ("compare x --format markdwn", "text, json, csv, md"),
        ("catalog lst", "did you mean list?"),
        ("catalog list swich", "did you mean switch?"),
        ("catalog show nvidia-qm97000", "did you mean nvidia-qm9700?"),
        ("build designs/tiny-ft2.yaml -o nowhere/out --export bon", "did you mean bom?"),
        ("diagram designs/tiny-ft2.yaml -o nowhere/x.svg --view overwiew", "did you mean overview?"),
        ("new x.yaml --family mptf --gpus 64", "did you mean mpft?"),
        ("new x.yaml --family mpft --gpus 64 --host h80-node", "did you mean h800-node?"),
        ("new x.yaml --family mpft --gpus 64 --switch nvidia-qm97000", "did you mean nvidia-qm9700?"),
        ("routing designs/tiny-ft2.yaml --routing statc", "did you mean static?"),
        ("compare designs/tiny-ft2.yaml --routing adaptiv", "did you mean adaptive?"),
    ],
)
def test_did_you_mean(line: str, meant: str) -> None:
    from tests.errors.run_cli import run as run_here

    result = run_here(line.split(), ROOT)
    assert result.code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert meant in result.stderr
    assert "Traceback" not in result.stderr


def test_topo_alone_is_a_wrong_command_line_and_shows_the_front_page() -> None:
    result = run()
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Prove and audit:" in result.stderr
