"""`topo check --lft`: exit codes, messages, and the page that shows its output."""

from __future__ import annotations

import json
import re
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


def test_hostile_files_exit_with_2_and_their_line(tmp_path: Path) -> None:
    files = {
        "noise": bytes(range(256)) * 50,
        "control.csv": b"a_device,a_port,b_device,b_port\nh\x1b[2J,1,s,2\n",
        "cut.net": b'Switch\t64 "S-1"\t# "leaf"\n[1]\t"H-1"[1',
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        for command in (("audit", DESIGN, "--as-built"), ("lint-plan",)):
            found = run(*command, str(path))
            assert (found.returncode, found.stdout) == (2, ""), (command, name)
            assert re.search(rf"^error: {re.escape(str(path))}:[12]: ", found.stderr), found.stderr
            assert found.stderr.replace("\n", "").isprintable()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(files)
