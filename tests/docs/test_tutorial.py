"""The files and commands of the tutorial and of the how-to pages, run as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli import forks

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "howto").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LONG = {"size-a-cluster", "failures", "own-family", "price-book"}
"""Pages of a second and more; one that asks for the cheapest of all families takes a minute."""
WRITES = {
    "tutorial": {"cluster.svg", "racks.svg", "report.html", "two.html", "out"},
    "cable": {"out", "change", "racks.svg"},
    "failures": {"failure.svg"},
    "add-a-part": {"mine.yaml"},
}


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """`topo arguments`, or `python -c`, with hardly any variables."""
    env = {**forks.at_start(), "PYTHONPATH": str(DOCS.parent), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    if arguments[0] != "-c":
        return forks.run(arguments, folder, env)
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.slow] * (page.stem in LONG)) for page in PAGES],
    ids=lambda page: page.stem,
)
def test_page_runs(page: Path, tmp_path: Path) -> None:
    done = 0
    for language, rest, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "yaml":
            target = tmp_path / re.search(r'title="([^"]+)"', rest)[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, encoding="utf-8")
            continue
        if language == "python":
            found = run(["-c", body], tmp_path)
            assert (found.returncode, found.stderr) == (0, ""), body
            done += 1
            continue
        if language == "toml":
            assert tomllib.loads(body), body
            done += 1
            continue
        assert language == "sh"
        expected = int(m[1]) if (m := re.search(r"exit=(\d+)", rest)) else 0
        for line in body.splitlines():
            words, target = line.partition(" > ")[::2]
            program, *arguments = shlex.split(words)
            assert program == "topo"
            found = run(arguments, tmp_path)
            assert (found.returncode, found.stderr) == (expected, ""), line
            if target:
                (tmp_path / target).write_text(found.stdout, encoding="utf-8")
            done += 1
    assert done
    assert WRITES.get(page.stem, set()) <= {p.name for p in tmp_path.iterdir()}


@pytest.mark.slow
def test_site_builds(tmp_path: Path) -> None:
    pytest.importorskip("material")
    root = DOCS.parent
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "site" / "gallery.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 3 * len([p for p in (root / "designs").glob("*.yaml") if p.name != "policy.yaml"]) - 6
    formulas = (tmp_path / "site" / "mathematics.html").read_text(encoding="utf-8")
    assert formulas.count("<math") > 100
    assert "arithmatex" not in formulas
