"""What a command writes never replaces, unasked, what it reads, what somebody else made, or what somebody changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli import every
from topo.cli.app import app
from topo.cli.program import program

COMMANDS = list(every.OUTPUTS)


def topo(*arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command line, in this process."""
    program()
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    every.furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_that_writes_is_here() -> None:
    front = program()
    forced = {name for name, command in front.commands.items() if "force" in [p.name for p in command.params]}
    forced.remove("audit")  # it writes with --write-names alone, see tests/audit/test_site_names.py
    assert forced == set(every.OUTPUTS) == every.FOLDERS | set(every.ENDINGS)


@pytest.mark.parametrize("command", COMMANDS)
def test_inputs_and_files_of_others_are_kept(command: str, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    ending = every.ENDINGS.get(command, "")
    for name in ("small.yaml", "other.yaml", "report.json", f"theirs{ending}"):
        if name.startswith("theirs"):
            (folder / name).write_text("<p>my own notes, with commas</p>")
            before[folder / name] = (folder / name).read_bytes()
        code, said = topo(command, *every.OUTPUTS[command], name)
        assert code == 2, (name, said)
        assert name in said
        assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.sampled(2)
@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ("new", "example")])
def test_again_is_fine_changed_is_kept_and_force_replaces(command: str, folder: Path) -> None:
    target = folder / f"out{every.ENDINGS.get(command, '')}"
    arguments = (command, *every.OUTPUTS[command], target.name)
    for _ in range(2):
        code, said = topo(*arguments)
        assert code == 0, said
    written = target if target.is_file() else next(p for p in target.rglob("*") if p.is_file() and p.name[0] != "m")
    original = written.read_bytes()
    written.write_bytes(original + b"<!-- mine -->")
    code, said = topo(*arguments)
    assert code == 2
    assert "--force" in said
    assert written.read_bytes() == original + b"<!-- mine -->"
    code, said = topo(*arguments, "--force")
    assert code == 0, said
    assert written.read_bytes() == original


@pytest.mark.parametrize(
    ("command", "name"), [("report", "x.pdf"), ("report", "x.yaml"), ("compare", "x.png"), ("routing", "x.html")]
)
def test_an_ending_of_another_format_is_refused(command: str, name: str, folder: Path) -> None:
    code, said = topo(command, *every.OUTPUTS[command], name)
    assert code == 2
    assert "the ending of another format" in said
    assert not (folder / name).exists()


def test_designs_of_one_name_get_a_folder_each(folder: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(every.DESIGN)
    code, said = topo("check", "a.yaml", "b.yaml", "small.yaml", "--certificates", "proofs")
    assert code == 0, said
    assert "a.yaml, b.yaml, small.yaml: designs of one name, small" in said
    assert sorted(p.name for p in (folder / "proofs").iterdir() if p.is_dir()) == ["small", "small-2", "small-3"]
