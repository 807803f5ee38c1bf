"""`topo check --changed-since REV` checks what a change touches."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_contract import DESIGNS, ROOT, run


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with two designs that use different switches of its own catalog."""
    (tmp_path / "designs").mkdir()
    for name, switch in (("one", "switch-one"), ("two", "switch-two")):
        text = (DESIGNS / "tiny-ft2.yaml").read_text().replace("example-switch-4", switch).replace("tiny-ft2", name)
        (tmp_path / "designs" / f"{name}.yaml").write_text(text)
        (tmp_path / "parts" / "switch").mkdir(parents=True, exist_ok=True)
        part = (ROOT / "catalogs" / "switch" / "example-switch-4.yaml").read_text()
        (tmp_path / "parts" / "switch" / f"{switch}.yaml").write_text(
            part.replace("id: example-switch-4", f"id: {switch}")
        )
    git = shutil.which("git")
    assert git
    for args in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"]):
        subprocess.run([git, *args], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def names(checkout: Path) -> list[str]:
    args = ["check", "designs", "--catalog", "parts", "--changed-since", "HEAD", "--format", "json"]
    result = run(*args, cwd=checkout)
    assert result.returncode == 0, result.stderr
    return [report["design"]["name"] for report in json.loads(result.stdout)]


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_nothing_changed(checkout: Path) -> None:
    assert names(checkout) == []


def test_a_changed_design(checkout: Path) -> None:
    append(checkout / "designs" / "two.yaml", "# a word\n")
    assert names(checkout) == ["two"]


def test_a_changed_part_touches_the_designs_that_use_it(checkout: Path) -> None:
    append(checkout / "parts" / "switch" / "switch-one.yaml", "# a word\n")
    assert names(checkout) == ["one"]


def test_a_new_policy_touches_all(checkout: Path) -> None:
    rule = "rules:\n  - {id: short, require: {hops: {at_most: 3}}, reason: because paths are short}\n"
    (checkout / "designs" / "policy.yaml").write_text(rule)
    assert names(checkout) == ["one", "two"]


def test_an_unknown_revision_is_refused(checkout: Path) -> None:
    result = run("check", "designs", "--catalog", "parts", "--changed-since", "nowhere", cwd=checkout)
    assert result.returncode == 2
    assert "no such revision" in result.stderr
