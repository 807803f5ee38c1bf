"""A pull request that breaks a design is refused in CI, with the line that asked for what it breaks."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_changed_since import commit, git
from tests.cli.test_contract import DESIGNS, ROOT, environment, run

POLICY = """\
rules:
  - id: short-paths
    require: {hops: {at_most: 3}}
    reason: Latency of collectives, agreed with the users of the cluster.
  - id: room
    require: {spare_ports: {tier: leaf, at_least: 1}}
    severity: warning
    reason: A rack more is added every quarter.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's repository: a branch `main` on which all is well, and the action's own command to run."""
    (tmp_path / "designs").mkdir()
    for name in ("ft2", "mpft"):
        (tmp_path / "designs" / f"{name}.yaml").write_text((DESIGNS / f"tiny-{name}.yaml").read_text())
    (tmp_path / "designs" / "policy.yaml").write_text(POLICY)
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    git(tmp_path, "checkout", "-qb", "change")
    return tmp_path


def action(project: Path, tmp: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The last step of action.yml, as GitHub's runner runs it, with `topo` on the path; its summary is tmp/summary."""
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    assert step["shell"] == "bash"
    tmp.mkdir()
    program = tmp / "topo"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m topo "$@"\n')
    program.chmod(0o755)
    asked = {"DESIGNS": "designs/", "TOPO_CATALOG": "", "CHANGED_SINCE": "", "JOBS": "1", **inputs}
    assert {*asked} | {"PYTHONSAFEPATH"} == {*step["env"]}
    env = {**environment(), **asked, "PATH": f"{tmp}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": f"{tmp}/summary"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)


def annotations(text: str) -> list[tuple[str, str, int, str]]:
    """(level, file, line, message) of every workflow command."""
    found = re.findall(r"^::(\w+) file=([^,]+),line=(\d+),title=[^:]*::(.*)$", text, re.MULTILINE)
    assert len(found) == text.count("\n::") + text.startswith("::")
    return [(level, file, int(line), message) for level, file, line, message in found]


def line_of(path: Path, line: int) -> str:
    return path.read_text().splitlines()[line - 1]


@pytest.mark.slow
def test_all_is_well_on_main(project: Path, tmp_path: Path) -> None:
    result = action(project, tmp_path / "bin")
    assert result.returncode == 0, result.stdout + result.stderr
    assert not [a for a in annotations(result.stdout) if a[0] == "error"]


def test_a_change_that_breaks_a_requirement_and_a_policy(project: Path, tmp_path: Path) -> None:
    design = project / "designs" / "ft2.yaml"
    design.write_text(design.read_text().replace("family: ft2", "family: ft3"))
    commit(project)
    result = action(project, tmp_path / "bin", CHANGED_SINCE="main")
    assert result.returncode == 1
    summary = (tmp_path / "bin" / "summary").read_text()
    assert summary == "### topo check\n\n    tiny-ft2: broken\n\n"
    found = [a for a in annotations(result.stdout) if a[0] == "error"]
    assert {a[1] for a in found} == {"designs/ft2.yaml", "designs/policy.yaml"}
    asked = {line_of(project / file, line).strip() for _, file, line, _ in found}
    assert "- switches: {at_most: 6}" in asked
    assert "- hops: {at_most: 3}" in asked
    assert "- id: short-paths" in asked
    assert all(message.startswith("tiny-ft2: ") for *_, message in found)

    only = run("check", "designs", "--changed-since", "main", "--format", "json", cwd=project)
    assert only.returncode == 1
    assert [r["design"]["name"] for r in json.loads(only.stdout)] == ["tiny-ft2"]


def hook(project: Path, name: str, *changed: str) -> subprocess.CompletedProcess[str] | None:
    """What a commit of these files runs; None where the hook's pattern takes none of them."""
    (found,) = [h for h in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if h["id"] == name]
    if not any(re.search(found["files"], file) and (project / file).exists() for file in changed):
        return None
    program, *words = shlex.split(found["entry"])
    assert program == "topo"
    return run(*words, *found["args"], cwd=project)


def test_commits_of_a_policy_alone_are_checked(project: Path) -> None:
    policy = project / "designs" / "policy.yaml"
    policy.write_text(policy.read_text().replace("{hops: {at_most: 3}}", "{hops: {at_most: 2}}"))
    broken = hook(project, "topo-check", "designs/policy.yaml")
    assert broken is not None
    assert broken.returncode == 1


@pytest.mark.slow
def test_commits_of_a_part_alone_and_of_a_yml_are_checked(project: Path, tmp_path: Path) -> None:
    part = project / "catalogs" / "switch" / "example-switch-4.yaml"
    part.parent.mkdir(parents=True)
    part.write_text((ROOT / "catalogs" / "switch" / "example-switch-4.yaml").read_text().replace("source:", "sauce:"))
    for name in ("topo-check", "topo-catalog-lint"):
        assert hook(project, name, "README.md") is None
        assert hook(project, name, "catalogs/switch/example-switch-4.yaml") is not None
    wrong = hook(project, "topo-catalog-lint", "catalogs/switch/example-switch-4.yaml")
    assert wrong is not None
    assert wrong.returncode == 2
    assert "did you mean source?" in wrong.stdout
    of_the_repository = action(project, tmp_path / "bin")
    assert of_the_repository.returncode == 2
    assert "did you mean source?" in of_the_repository.stdout
    (project / "designs" / "three.yml").write_text("name: three\n")
    invalid = hook(project, "topo-check", "designs/three.yml")
    assert invalid is not None
    assert invalid.returncode == 2


@pytest.mark.sampled(2)
@pytest.mark.parametrize("output", ["github", "text", "sarif"])
def test_an_invalid_policy_is_told_once(output: str, project: Path) -> None:
    (project / "designs" / "policy.yaml").write_text(POLICY.replace("at_most: 3", "at_mots: 3"))
    result = run("check", "designs", "--format", output, cwd=project)
    assert result.returncode == 2
    assert result.stdout.count("did you mean at_most?") == 1
    if output == "text":
        assert result.stdout.count("designs/policy.yaml: as told above") == 1


@pytest.mark.slow
def test_a_change_that_makes_a_design_invalid(project: Path, tmp_path: Path) -> None:
    design = project / "designs" / "mpft.yaml"
    design.write_text(design.read_text().replace("gpus:", "gpuz:"))
    result = action(project, tmp_path / "bin")
    assert result.returncode == 2
    found = {line_of(project / file, line): message for level, file, line, message in annotations(result.stdout)}
    (unknown,) = [message for text, message in found.items() if text.startswith("gpuz:")]
    assert "did you mean gpus?" in unknown


def test_a_rule_of_lower_severity_is_a_warning_on_its_line(project: Path) -> None:
    result = run("check", "designs", "--format", "github", cwd=project)
    warnings = [a for a in annotations(result.stdout) if a[0] == "warning"]
    assert warnings
    assert {line_of(project / file, line).strip() for _, file, line, _ in warnings} == {"- id: room"}


def test_the_comment_of_diff_says_what_breaks(project: Path) -> None:
    old = project / "old.yaml"
    design = project / "designs" / "ft2.yaml"
    (project / "policy.yaml").write_text(POLICY)
    old.write_text(design.read_text())
    design.write_text(design.read_text().replace("family: ft2", "family: ft3"))
    result = run("diff", "old.yaml", "designs/ft2.yaml", "--format", "md", cwd=project)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("### tiny-ft2: held → broken\n")
    rows = [line for line in result.stdout.splitlines() if line.startswith("| :x: |")]
    assert any("policy `short-paths`" in row and "held: 3 switches | **broken: 5 switches** |" in row for row in rows)
    assert any("at most 6 switches" in row and "**broken: " in row for row in rows)
    plain = run("diff", "old.yaml", "designs/ft2.yaml", "--format", "json", cwd=project)
    judged = json.loads(plain.stdout)["requirements"]
    assert {"id": "policy-short-paths", "verdict": "broken", "measured": 5} in [row.get("new") for row in judged]
