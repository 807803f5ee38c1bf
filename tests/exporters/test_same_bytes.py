"""The same design gives the same bytes, whatever the time zone, the language, the order of sets, the current folder
and how a path was typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import every
from tests.cli.test_contract import ROOT
from tests.errors.mistakes import state

WORLDS = (
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "LANGUAGE": "de", "COLUMNS": "40"},
)
RUNS = (
    ["build", "{here}small.yaml", "-o", "built"],
    ["report", "{here}small.yaml", "-o", "page.html"],
    ["diagram", "{here}small.yaml", "-o", "drawn.pdf"],
    ["diagram", "{here}small.yaml", "-o", "drawn.png"],
    ["compare", "{here}small.yaml", "{here}other.yaml", "--jobs", "1", "--chart", "chart.svg"],
    ["diff", "{here}small.yaml", "{here}other.yaml", "-o", "change"],
    ["check", "{here}small.yaml", "--certificates", "proofs"],
)


@pytest.mark.slow
def test_the_world_around_changes_no_byte(tmp_path: Path) -> None:
    found = []
    for number, world in enumerate(WORLDS):
        folder = tmp_path / f"folder {number}"
        folder.mkdir()
        every.furnish(folder)
        for words in RUNS:
            typed = [word.replace("{here}", "" if not number else f"../{folder.name}/./") for word in words]
            done = subprocess.run(
                [sys.executable, "-P", "-m", "topo", *typed], cwd=folder, check=False, capture_output=True, text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT), **world},
            )  # fmt: skip
            assert done.returncode == 0, (typed, done.stderr)
        found.append(state(folder))
    assert len(found[0]) > 30
    assert {name for name in {*found[0], *found[1]} if found[0].get(name) != found[1].get(name)} == set()
