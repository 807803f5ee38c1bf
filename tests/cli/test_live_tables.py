"""`topo check --lft`: exit codes, messages, and the page that shows its output."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_contract import ROOT, run

DESIGN = "designs/tiny-ft3.yaml"
MINHOP = "tests/data/opensm/tiny-ft3-minhop.opensm-lfts.dump"


def test_the_documentation_shows_what_is_printed() -> None:
    found = run("check", DESIGN, "--lft", MINHOP)
    assert found.returncode == 0
    page = (ROOT / "docs" / "as-built.md").read_text()
    shown = page.split("--lft opensm-lfts.dump\n", 1)[1].split("\n| finding |")[0]
    lines = [line.removeprefix("    ").rstrip() for line in shown.splitlines() if line.startswith("    ")]
    assert len(lines) > 15
    assert " ".join(found.stdout.split()).count(" ".join(lines[-2].split())) == 1
    assert all(line in found.stdout for line in lines[:-2])


def test_broken_tables_exit_with_1_and_files_that_are_none_with_2(tmp_path: Path) -> None:
    text = (ROOT / MINHOP).read_text()
    lost = text.split("Unicast lids", 2)
    (tmp_path / "part.dump").write_text("Unicast lids" + lost[1])
    found = run("check", DESIGN, "--lft", str(tmp_path / "part.dump"), "--format", "json")
    assert found.returncode == 1
    assert json.loads(found.stdout)["verdict"] == "broken"
    (tmp_path / "noise.dump").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "cut.dump").write_text(text[:5000])
    for arguments, message in (
        ((DESIGN, "--lft", str(tmp_path / "noise.dump")), "noise.dump:1: is no forwarding table"),
        ((DESIGN, "--lft", str(tmp_path / "cut.dump")), "cut.dump:73: "),
        ((DESIGN, "--lft", "none.dump"), "none.dump: cannot be read"),
        ((DESIGN, DESIGN, "--lft", MINHOP), "--lft: tables belong to one fabric"),
        (("designs", "--lft", MINHOP), "--lft: tables belong to one fabric"),
        ((DESIGN, "--lft", MINHOP, "--format", "sarif"), "--format: unknown format"),
        (("designs/tiny-mpft.yaml", "--lft", MINHOP), "no switch of the file is one of the design"),
    ):
        found = run("check", *arguments)
        assert (found.returncode, found.stdout) == (2, ""), arguments
        assert message in found.stderr, found.stderr
        assert "Traceback" not in found.stderr
