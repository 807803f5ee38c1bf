"""A file's name, or a name in a file, never becomes a line, a colour, a command or a verdict of topo's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import every
from tests.cli.test_contract import environment, run
from tests.slow import slow

NAMES = [
    "::stop-commands::x.yaml",
    "a\n::error::b.yaml",
    "\x1b[2Ja.yaml",
    "a\u202eb.yaml",
    "a\rHELD.yaml",
    "##[warning]a.yaml",
]


def seen(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in text), repr(text)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("output", ["text", "github", "junit", "sarif", "json"])
def test_names_of_files(output: str, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("name: [")
    done = run("check", ".", "--format", output, cwd=tmp_path)
    assert done.returncode == 2
    seen(done.stdout + done.stderr)
    if output == "github":
        for line in done.stdout.splitlines():
            assert line.lstrip().startswith("::error file=") or not line.lstrip().startswith("::"), line
            assert line.startswith("::error file=") or "##[" not in line
        assert done.stdout.count("\n::error ") + done.stdout.startswith("::error ") == len(NAMES)
        assert len(done.stdout.splitlines()) == 2 * len(NAMES)


@pytest.mark.sampled(66)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", every.registered())
def test_names_on_the_command_line(command: str, name: str, tmp_path: Path) -> None:
    if name != NAMES[1] and command not in ("check", "verify", "show"):
        pytest.skip("one name is enough")
    done = run(command, name, cwd=tmp_path)
    assert done.returncode == 2 or command == "schema"
    seen(done.stdout + done.stderr)
    assert not any(line.startswith("::") for line in (done.stdout + done.stderr).splitlines())


def test_a_report_says_nothing_in_our_name(tmp_path: Path) -> None:
    evil = "x\n\x1b[1;32mALL PROVED"
    report = {"schema": "topo.report/1", "design": {"name": evil}, "verdict": "held", "certificates": {}}
    (tmp_path / "report.json").write_text(json.dumps([report]))
    done = run("verify", "report.json", cwd=tmp_path)
    seen(done.stdout + done.stderr)
    assert not any(line.startswith("ALL PROVED") for line in (done.stdout + done.stderr).splitlines())


@pytest.mark.parametrize(
    ("design", "closed"),
    [
        ("small.yaml", 1),
        ("none.yaml", 2),
        *(slow("small.yaml", n) for n in (0, 2)),
        *(slow("none.yaml", n) for n in (0, 1)),
    ],
)
def test_a_closed_stream_changes_no_verdict(closed: int, design: str, tmp_path: Path) -> None:
    every.furnish(tmp_path)
    command = f'exec "$0" -m topo check {design} {closed}{"<" if closed == 0 else ">"}&-'
    done = subprocess.run(["sh", "-c", command, sys.executable], cwd=tmp_path, env=environment(), check=False)
    assert done.returncode == (2 if closed == 1 or design == "none.yaml" else 0)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("stream", [1, 2])
def test_a_full_device_is_no_error_of_topos(stream: int, tmp_path: Path) -> None:
    every.furnish(tmp_path)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "topo", "show", "small.yaml" if stream == 1 else "none.yaml"], cwd=tmp_path,
            env=environment(), check=False, stdout=full if stream == 1 else subprocess.PIPE,
            stderr=full if stream == 2 else subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 2
    if stream == 1:
        assert done.stderr == "error: standard output: cannot be written: No space left on device\n"


def test_nothing_is_left_after_sigterm(tmp_path: Path) -> None:
    """Neither temporary fonts nor a process at work."""
    every.furnish(tmp_path)
    (tmp_path / "tmp").mkdir()
    code = (
        "import os, signal, sys, topo.diagrams.written.engine as engine; from topo.cli import main\n"
        "before = engine._font_environment\n"
        "def fonts():\n    found = before(); os.kill(os.getpid(), signal.SIGTERM); return found\n"
        "engine._font_environment = fonts\n"
        "sys.argv = ['topo', 'diagram', 'small.yaml', '-o', 'x.png']; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True,
                          env={**environment(), "TMPDIR": str(tmp_path / "tmp")})  # fmt: skip
    assert done.returncode == 143, done.stderr
    assert os.listdir(tmp_path / "tmp") == []
    assert not (tmp_path / "x.png").exists()
