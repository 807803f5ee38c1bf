"""What is no file with an end, no text, or too large is refused by every command that reads it, at once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.cli import every, forks
from tests.cli.test_contract import environment
from tests.cli.test_outputs import folder, topo

__all__ = ["folder"]
INPUTS = sorted(
    (command, i)
    for command, runs in every.RUNS.items()
    for i, word in enumerate(runs[0])
    if word in ("small.yaml", "other.yaml", "lldp.json", "report.json")
)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def socket_like(path: Path) -> None:
    path.symlink_to("/dev/zero")


def no_text(path: Path) -> None:
    path.write_bytes(b"name: \xff\xfe")


def empty(path: Path) -> None:
    path.touch()


def large(path: Path) -> None:
    with open(path, "wb") as stream:
        stream.truncate(3_000_000_000)


def many_mistakes(path: Path) -> None:
    path.write_text("".join(f"k{i}: 1\n" for i in range(20_000)))


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


@pytest.mark.sampled(42)
@pytest.mark.parametrize("make", [pipe, socket_like, no_text, empty, large, many_mistakes, deep])
@pytest.mark.parametrize(("command", "place"), INPUTS)
def test_bad_inputs_are_refused(command: str, place: int, make: object, folder: Path) -> None:
    assert callable(make)
    arguments = list(every.RUNS[command][0])
    (folder / arguments[place]).unlink()
    make(folder / arguments[place])
    before = {path: path.lstat().st_mtime_ns for path in folder.iterdir()}
    signal.alarm(60)  # a hang ends the test
    code, said = topo(command, *arguments)
    signal.alarm(0)
    assert code == 2, said
    assert len(said.splitlines()) < 400
    assert {path: path.lstat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.sampled(4)
@pytest.mark.parametrize("ending", ["\r", "\r\n"])
@pytest.mark.parametrize("command", ["show", "check", "diff", "audit", "lint-plan"])
def test_line_ends_of_any_kind_are_read(command: str, ending: str, folder: Path) -> None:
    for name in ("small.yaml", "other.yaml", "lldp.json"):
        (folder / name).write_bytes((folder / name).read_text().replace("\n", ending).encode())
    code, said = topo(command, *every.RUNS[command][0])
    assert code in (0, 1), said


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_hyphen_is_standard_input(command: str, folder: Path) -> None:
    (folder / "policy.yaml").write_text("is no policy")
    done = forks.run([command, "-"], folder, environment(), every.DESIGN)
    assert (done.returncode, done.stderr) == (0, "")
    code, said = topo("check", "-", "small.yaml")
    assert code == 2
    assert "checked alone" in said


def test_no_design_of_a_folder_is_passed_over(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "far.yaml").write_text("name: far")
    (folder / "designs").mkdir()
    (folder / "designs" / "near.yml").write_text("name: near")
    (folder / "designs" / "link").symlink_to(elsewhere)
    (folder / "designs" / "loop").symlink_to(folder / "designs")
    (folder / "designs" / "gone.yaml").symlink_to("nowhere.yaml")
    from topo.api import design_files

    found = [str(path) for path in design_files([Path("designs")])]
    assert found == ["designs/gone.yaml", "designs/link/far.yaml", "designs/near.yml"]
    assert topo("check", "designs")[0] == 2


def test_a_folder_that_cannot_be_read_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "designs" / "secret").mkdir(parents=True)
    (folder / "designs" / "one.yaml").write_text(every.DESIGN)
    inside = Path.iterdir

    def refused(path: Path) -> object:
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return inside(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert topo("check", "designs")[0] == 2


def test_exports_are_no_designs_and_hide_none(folder: Path) -> None:
    """YAML that topo build wrote is left out and told; a design that a manifest names is a design all the same."""
    import json
    from hashlib import sha256

    from topo.api import design_files

    def manifest(*paths: str) -> None:
        files = [{"path": p, "sha256": sha256((folder / "made" / p).read_bytes()).hexdigest()} for p in paths]
        (folder / "made" / "manifest.json").write_text(json.dumps({"schema": "topo.manifest/1", "files": files}))

    (folder / "made" / "slurm").mkdir(parents=True)
    (folder / "made" / "slurm" / "topology.yaml").write_text("- topology: default\n")
    (folder / "made" / "other.yml").write_text("a: b\n")
    (folder / "made" / "real.yaml").write_text(every.DESIGN)
    (folder / "made" / "spelt.yaml").write_text(every.DESIGN.replace("gpus", '"\\u0067pus"'))
    (folder / "made" / "mine.yaml").write_text("name: mine\n")
    told: list[tuple[str, int]] = []
    manifest("slurm/topology.yaml", "other.yml", "real.yaml", "spelt.yaml")
    found = design_files([Path("made")], lambda path, n: told.append((str(path), n)))
    assert [path.name for path in found] == ["mine.yaml", "real.yaml", "spelt.yaml"]
    assert told == [("made", 2)]
    for name in ("real.yaml", "spelt.yaml", "mine.yaml"):
        (folder / "made" / name).unlink()
    code, said = topo("check", "made")
    assert code == 2
    assert "holds no design" in said
    assert "exports of topo build" in said
    manifest("slurm/topology.yaml")
    assert [path.name for path in design_files([Path("made")])] == ["other.yml"]


def test_a_page_does_not_tell_how_its_path_was_typed(folder: Path) -> None:
    from topo import api
    from topo.catalog import load_catalog

    (folder / "one.yaml").write_text(every.DESIGN)
    (folder / "inside").mkdir()
    typed = ("one.yaml", "./one.yaml", "inside/../one.yaml", str(folder / "one.yaml"))
    pages = {api.report_page([Path(p)], load_catalog())[0] for p in typed}
    assert len(pages) == 1
