"""The tutorial's files and commands, run as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_tutorial_runs(tmp_path: Path) -> None:
    commands = 0
    for language, rest, body in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if language == "yaml":
            (tmp_path / re.search(r'title="([^"]+)"', rest)[1]).write_text(body, encoding="utf-8")
            continue
        assert language == "sh"
        expected = int(m[1]) if (m := re.search(r"exit=(\d+)", rest)) else 0
        for line in body.splitlines():
            words, target = line.partition(" > ")[::2]
            program, *arguments = shlex.split(words)
            assert program == "topo"
            run = subprocess.run(
                [sys.executable, "-m", "topo", *arguments],
                cwd=tmp_path,
                env={"PYTHONPATH": str(TUTORIAL.parents[1]), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
                capture_output=True,
                text=True,
            )
            assert (run.returncode, run.stderr) == (expected, ""), line
            if target:
                (tmp_path / target).write_text(run.stdout, encoding="utf-8")
            commands += 1
    assert commands >= 9
    written = {p.name for p in tmp_path.iterdir()}
    assert {"cluster.svg", "racks.svg", "report.html", "two.html", "out"} <= written


@pytest.mark.slow
def test_site_builds(tmp_path: Path) -> None:
    pytest.importorskip("material")
    root = TUTORIAL.parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "site" / "gallery.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 3 * len([p for p in (root / "designs").glob("*.yaml") if p.name != "policy.yaml"]) - 6
