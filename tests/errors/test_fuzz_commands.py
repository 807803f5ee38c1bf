"""Command lines put together at random from every command, its options, and good and bad values: none ends in a
traceback or with a code that the contract does not know, and what is wrong is said on stderr."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from run_cli import run
from test_fuzz import MARKS, SCALARS, a_design, at_most_seconds, shown_on_failure

from tests.slow import slow
from topo.cli import commands
from topo.cli.app import app
from topo.registry import module_names

DESIGNS = Path(__file__).resolve().parents[2] / "designs"
VALUES = [
    *("tiny-ft2.yaml", "tiny-mpft.yaml", "broken.yaml", "absent.yaml", "designs", "empty", "report.json", "cables.csv"),
    *(
        "-",
        "--",
        ".",
        "/dev/null",
        "0",
        "1",
        "-1",
        "64",
        "1e9",
        "nan",
        "x",
        "json",
        "text",
        "md",
        "csv",
        "sarif",
        "bom",
    ),
    *("overview", "path", "compute", "storage", "host-0000", "2026-01-01", "HEAD", "spray", "ecmp:seeds=1,qp=0"),
    *(
        "nvidia-qm9700",
        "h800-node",
        "mpft",
        "slim-fly",
        "switch",
        "list",
        "lint",
        "show",
        "out",
        "out/x.svg",
        "",
        "\u202e",
    ),
]
CODES = {0, 1, 2, 3}


def program() -> Any:
    for name in module_names(commands.__name__):
        __import__(f"{commands.__name__}.{name.replace('-', '_')}")
    return typer.main.get_command(app)


COMMANDS = program().commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "designs").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("tiny-ft2", "tiny-mpft"):
        for place in (tmp_path, tmp_path / "designs"):
            shutil.copy(DESIGNS / f"{name}.yaml", place)
    (tmp_path / "report.json").write_text('[{"schema": "topo.report/1", "design": {"name": "x", "path": 3}}]')
    (tmp_path / "cables.csv").write_text("a,b\n1,2\n")
    return tmp_path


def a_command_line(rnd: random.Random) -> list[str]:
    """A command, some of its options (or mistyped ones) and some values, most of them likely to be wrong."""
    name = rnd.choice(sorted(COMMANDS))
    words = [name]
    options = [p for p in COMMANDS[name].params if p.param_type_name == "option"]
    for param in rnd.sample(options, rnd.randint(0, min(3, len(options)))):
        option = rnd.choice(param.opts)
        words.append(option if rnd.random() < 0.95 else option[:-1])
        if not param.is_flag:
            words.append(rnd.choice(VALUES))
    for _ in range(rnd.randint(0, 3)):
        words.insert(rnd.randint(1, len(words)), rnd.choice(VALUES))
    if name in ("build", "report", "diagram") and rnd.random() < 0.7:
        words += ["-o", rnd.choice(["out", "out.svg", "out.html"])]
    return words


def run_lines(seed: int, count: int, folder: Path) -> set[int]:
    codes = set()
    for i in range(count):
        rnd = random.Random(seed * 1_000_003 + i)
        (folder / "broken.yaml").write_text(a_design(rnd), errors="replace")
        line = a_command_line(rnd)
        with shown_on_failure(f"{line}\n{(folder / 'broken.yaml').read_text()}"), at_most_seconds(120):
            found = run(line, folder)
            assert found.code in CODES
            assert "Traceback" not in found.stdout + found.stderr
            if found.code == 2:
                assert found.stderr.startswith("error: ") or "invalid" in found.stdout.lower() or line[0] == "catalog"
        codes.add(found.code)
    return codes


def run_policies(seed: int, count: int, folder: Path) -> int:
    """Broken policies beside a good design: `check` refuses the design with a place in the policy."""
    source = (DESIGNS / "policy.yaml").read_text()
    refused = 0
    for i in range(count):
        rnd = random.Random(seed * 7_000_003 + i)
        at = rnd.randrange(len(source))
        text = source[:at] + rnd.choice([*MARKS, *SCALARS]) + source[at + rnd.choice([0, 1, 4]) :]
        (folder / "designs" / "policy.yaml").write_text(text, errors="replace")
        with shown_on_failure(text), at_most_seconds(120):
            found = run(["check", "designs/tiny-ft2.yaml", "--format", "github"], folder)
            assert found.code in CODES
            if found.code == 2:
                assert "file=designs/policy.yaml" in found.stdout
                refused += 1
    return refused


@pytest.mark.parametrize("many", [40, slow(120)])
def test_random_command_lines(many: int, folder: Path) -> None:
    assert {0, 2} <= run_lines(1, many, folder)


@pytest.mark.parametrize("many", [10, slow(25)])
def test_random_policies(many: int, folder: Path) -> None:
    assert run_policies(1, many, folder) > many // 5


@pytest.mark.slow
def test_many_more_lines(folder: Path) -> None:
    assert {0, 2} <= run_lines(2, 300, folder)
