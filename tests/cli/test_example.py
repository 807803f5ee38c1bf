"""`topo example` lists every shipped design and writes any of them as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_contract import ROOT, run

DESIGNS = sorted(path.stem for path in (ROOT / "designs").glob("*.yaml") if path.stem != "policy")


def test_every_design_is_listed_with_its_title() -> None:
    rows = run("example").stdout.splitlines()
    assert [row.split()[0] for row in rows] == DESIGNS
    assert all(len(row.split()) > 1 for row in rows)


def test_an_example_is_written_and_never_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "mine.yaml"
    assert run("example", "tiny-ft2", "-o", str(target)).returncode == 0
    assert target.read_bytes() == (ROOT / "designs" / "tiny-ft2.yaml").read_bytes()
    target.write_text("mine")
    again = run("example", "tiny-ft2", "-o", str(target))
    assert (again.returncode, target.read_text()) == (2, "mine")
    assert "exists already" in again.stderr


def test_an_unknown_name_is_told_the_nearest() -> None:
    told = run("example", "mpft-16348")
    assert told.returncode == 2
    assert "mpft-16384" in told.stderr
