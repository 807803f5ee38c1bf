"""`topo new` writes designs that check green; many designs give the same result in parallel as in sequence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_contract import DESIGNS, run
from topo.report.many import check_many
from topo.report.model import Report, Subject

CASES = [
    ("ft2", 2048, "h800-node", "nvidia-qm9700"),
    ("mpft", 4096, "h800-node", "nvidia-qm9700"),
    ("slim-fly", 36, "example-host-1", "example-switch-8"),
    ("rail-only", 512, "h800-node", "nvidia-qm9700"),
]


@pytest.mark.parametrize(("family", "gpus", "host", "switch"), CASES)
def test_a_new_design_checks_green(family: str, gpus: int, host: str, switch: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    given = ["--family", family, "--gpus", str(gpus), "--host", host, "--switch", switch]
    made = run("new", path, *given)
    assert made.returncode == 0, made.stderr
    checked = run("check", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    again = run("new", path, *given)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_a_new_design_that_cannot_be_is_refused_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    result = run("new", path, "--family", "ft2", "--gpus", "4096", "--host", "h800-node", "--switch", "nvidia-qm9700")
    assert result.returncode == 2
    assert "at most 2,048" in result.stderr
    assert not path.exists()


def test_parallel_equals_sequence() -> None:
    tiny = sorted(DESIGNS.glob("tiny-*.yaml"))
    one = run("check", *tiny, "--format", "json")
    two = run("check", *tiny, "--format", "json", "--jobs", "2")
    assert one.returncode == two.returncode == 0, one.stderr
    assert one.stdout == two.stdout


def test_a_crash_is_that_designs_error() -> None:
    def check(path: Path) -> Report:
        if path.name == "bad.yaml":
            raise ZeroDivisionError("division by zero")
        return Report(Subject(path.stem), "held")

    good, bad = check_many([Path("good.yaml"), Path("bad.yaml")], check)
    assert good.verdict == "held"
    assert bad.verdict == "error"
    assert "ZeroDivisionError" in bad.errors[0].message
