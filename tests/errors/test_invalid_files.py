"""Invalid designs and catalogs, each beside the exact message that it must give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from run_cli import FOLDER, Run, catalog_runs, catalog_text, design_run, expected, names, run

from tests.slow import slow

PROJECT = FOLDER.parents[1]


def assert_refused(found: Run, output: Path) -> None:
    """Exit code 2, nothing on stdout, every line of stderr a problem with its facts, nothing written."""
    assert found.code == 2
    assert found.stdout == ""
    assert found.stderr.startswith("error: ")
    assert "Traceback" not in found.stderr
    assert found.stderr.isascii()
    assert not output.exists()
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("name", names("designs"))
def test_an_invalid_design(name: str, tmp_path: Path) -> None:
    found = design_run(name, str(tmp_path / "out"))
    assert_refused(found, tmp_path / "out")
    assert found.stderr == expected("designs", name)
    assert found.stderr.startswith(f"error: designs/{name}.yaml:")


@pytest.mark.parametrize("name", names("catalogs"))
def test_an_invalid_catalog(name: str) -> None:
    lint, show = catalog_runs(name)
    assert catalog_text(lint, show) == expected("catalogs", name)
    assert show.code == 2
    assert show.stdout == ""
    assert lint.code == (0 if name == "protocols-differ" else 2)
    assert lint.stderr == ""


def test_there_are_many_and_none_is_without_its_message() -> None:
    for kind, least in (("designs", 50), ("catalogs", 12)):
        assert len(names(kind)) >= least
        assert names(kind) == sorted(f.stem for f in (FOLDER / kind).glob("*.txt"))


def test_all_of_them_in_one_check() -> None:
    """A whole folder of invalid designs: each is an entry with its errors, and the exit code is 2."""
    found = run(["check", "designs", "--format", "json"])
    assert found.code == 2
    entries = json.loads(found.stdout)
    assert [entry["verdict"] for entry in entries] == ["invalid"] * len(names("designs"))
    for entry in entries:
        assert entry["errors"]
        for error in entry["errors"]:
            assert error["file"].startswith("designs/")
            assert error["line"] >= 1
            assert error["message"]


@pytest.mark.parametrize("name", ["binary", slow("everything-at-once"), slow("nested-deep")])
def test_the_program_itself_says_the_same(name: str, tmp_path: Path) -> None:
    """`python -m topo` in a process of its own, where a crash of the YAML library would show."""
    found = subprocess.run(
        [sys.executable, "-m", "topo", "build", f"designs/{name}.yaml", "-o", str(tmp_path / "out")],
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == expected("designs", name)
    assert not (tmp_path / "out").exists()


def sparse(path: Path) -> None:
    with open(path, "wb") as stream:
        stream.truncate(1 << 30)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (sparse, "the file is too large\n  value: 1,073,741,824 bytes\n  allowed: at most 1,000,000 bytes\n"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory\n  hint: name a file in it\n"),
        (lambda path: None, "cannot be read: No such file or directory\n"),
        (
            lambda path: path.symlink_to("/dev/zero"),
            "the file is too large\n  allowed: at most 1,000,000 bytes\n",
        ),
        (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links\n"),
    ],
    ids=["1-gigabyte", "folder", "absent", "endless", "symlink-to-itself"],
)
def test_files_that_are_no_text(tmp_path: Path, make: object, message: str) -> None:
    assert callable(make)
    (tmp_path / "in").mkdir()
    (tmp_path / "work").mkdir()
    path = tmp_path / "in" / "design.yaml"
    make(path)
    found = run(["build", str(path), "-o", str(tmp_path / "work" / "out")])
    assert_refused(found, tmp_path / "work" / "out")
    assert found.stderr == f"error: {path}: {message}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show"], "Missing argument"),
        (["shew", "x.yaml"], "No such command"),
        (["show", "uses-broken-parts.yaml", "--catalog", "nowhere"], "no such catalog folder"),
        (["build", "uses-broken-parts.yaml"], "Missing option"),
        (["check", "uses-broken-parts.yaml", "--format", "xls"], "unknown"),
        (["catalog", "show", "nvidia-qm97"], "did you mean"),
        (["catalog", "list", "switches"], "did you mean switch?"),
        (["catalog", "burn"], "lint, list"),
    ],
)
def test_wrong_command_lines(arguments: list[str], says: str) -> None:
    found = run(arguments)
    assert found.code == 2
    assert found.stdout == ""
    assert says in found.stderr
    assert "Traceback" not in found.stderr
